#include "src/daemon/doctor.h"

#include <algorithm>

#include "src/base/time_text.h"
#include "src/daemon/json_out.h"
#include "src/daemon/picture.h"

namespace spillway::daemon {
namespace {

// Chosen: an input is confirmed at least each minute; twice that without news is worth a word.
constexpr Duration kAgeMost = 120s;

class Examination {
 public:
  Examination(const AppView& view, Instant now) : view_(view), now_(now) {}

  void Add(std::string check, Grade verdict, std::string evidence, std::string fix = "") {
    if (verdict == Grade::kOk) fix.clear();
    findings_.push_back({view_.config->name, std::move(check), verdict, std::move(evidence), std::move(fix)});
  }

  // What can be read at all, and how old it is.
  void Input(const InputState& input, const std::string& check, const std::string& fix) {
    if (input.failure) return Add(check, Grade::kFailed, input.failure->what, fix);
    if (!input.seen) return Add(check, Grade::kUnknown, "it was not read yet", "Ask again in some seconds.");
    const std::string age =
        "read " + DurationText(std::chrono::floor<std::chrono::seconds>(now_ - *input.seen)) + " ago";
    Add(check, now_ - *input.seen > kAgeMost ? Grade::kWarning : Grade::kOk, age,
        "Nothing was heard for long; see spillwayd's log.");
  }

  std::vector<Finding> Take() { return std::move(findings_); }

 private:
  const AppView& view_;
  Instant now_;
  std::vector<Finding> findings_;
};

constexpr char kCluster[] =
    "Check network, certificate, credentials and rights (k8s/README.md has the role), and the names in the "
    "configuration.";

void ExamineInputs(const AppView& view, Examination& out) {
  for (const InputState& input : Inputs(view.config->policy, view.observation)) {
    if (input.name == "gslb") {
      out.Input(input, "Avi and the GSLB service",
                "Check the controllers' addresses, caFile, password, the tenant, and gslbService (avi/README.md has "
                "the role).");
    } else if (input.name == "demand") {
      out.Input(input, "home's autoscaler", kCluster);
    } else {
      out.Input(input, input.name, kCluster);
    }
  }
}

void ExamineDemand(const AppView& view, Examination& out) {
  const auto& home = view.observation.home_demand.seen;
  if (!home) return;
  const HomeDemand& demand = home->value;
  const std::string range = std::to_string(demand.replicas_min) + " to " + std::to_string(demand.replicas_max);
  out.Add("home's maximum", demand.replicas_max > 0 ? Grade::kOk : Grade::kFailed, "it scales from " + range,
          "Give home's autoscaler a maximum; what is beyond it is what bursts.");
  out.Add("home's metric", demand.load ? Grade::kOk : Grade::kWarning,
          demand.load ? "its load is told" : "only a count of replicas is told, rounded up",
          "Scale home on a metric that its autoscaler shows; a count makes the demand coarse.");
  for (const auto& [site, seen] : view.observation.sites) {
    if (!seen.observer.seen || !seen.observer.seen->value.enforced) continue;
    out.Add("autoscaler of " + site, Grade::kFailed, "it scales the Deployment by itself",
            "Take it away or let it only recommend; two who scale one Deployment undo each other's work.");
  }
}

void ExamineGslb(const AppView& view, Examination& out) {
  const auto& seen = view.observation.traffic.seen;
  if (!seen) return;
  const TrafficState& traffic = seen->value;
  out.Add("GSLB leader", traffic.writable ? Grade::kOk : Grade::kFailed,
          traffic.writable ? "known, and takes writes" : traffic.unwritable_why,
          "See docs/runbooks/avi-not-writable.md.");
  const std::string ttl = DurationText(traffic.ttl);
  out.Add("TTL", traffic.ttl > kAnswerTtlMost ? Grade::kWarning : Grade::kOk, ttl,
          "Give the GSLB service a TTL of at most 5m (30s is usual); clients follow a change after three of them.");
  for (const std::string& setting : traffic.ratios_void) {
    out.Add("ratios mean something", Grade::kFailed, setting,
            "Take this setting away; with it, answers do not follow the members' ratios.");
  }
  if (traffic.ratios_void.empty()) out.Add("ratios mean something", Grade::kOk, "no setting overrules them");
  out.Add("every DNS site", traffic.in_force ? Grade::kOk : Grade::kWarning,
          traffic.in_force ? "has the present layout" : "some still answer an older layout",
          "Look at replication between the controllers (Infrastructure, GSLB).");
  for (const auto& [site, member] : traffic.members) {
    const bool monitored = member.health != Health::kUnknown;
    out.Add("health of " + site, monitored ? Grade::kOk : Grade::kFailed,
            monitored ? "Avi says that it is " + std::string(member.health == Health::kUp ? "up" : "down")
                      : "Avi does not know whether it is up",
            "Give the GSLB service a health monitor, or let the member's controller report its virtual service.");
    out.Add(
        "traffic of " + site, member.requests_per_second ? Grade::kOk : Grade::kWarning,
        member.requests_per_second ? "measured" : "not measured",
        "Let Avi show the virtual service's metrics; without them a drain waits by the clock, not for the clients.");
  }
}

void ExamineOverflow(const AppView& view, const LeaderView& leader, Examination& out) {
  out.Add("leader", leader.leads || !leader.holder.empty() ? Grade::kOk : Grade::kWarning,
          leader.leads            ? "this process may write"
          : leader.holder.empty() ? "nobody is known to lead"
                                  : leader.holder,
          "See docs/runbooks/no-leader.md.");
  for (const OverflowPolicy& site : view.config->policy.overflow) {
    out.Add("maximum of " + site.site, site.replicas_max > 0 ? Grade::kOk : Grade::kFailed,
            std::to_string(site.replicas_max) + " replicas", "Give the site a maxReplicas above 0.");
  }
  for (const Problem& problem : view.problems) {
    out.Add("writes to " + problem.about, Grade::kFailed, problem.detail,
            "If it is a right that is missing: k8s/README.md and avi/README.md have the roles.");
  }
  if (!view.decision) return;
  for (const ConditionState& condition : view.decision->conditions) {
    if (condition.name != ConditionName::kForeignPlacement) continue;
    out.Add("one owner", Grade::kFailed, condition.detail, "See docs/runbooks/foreign-writer.md.");
  }
}

int Count(const std::vector<Finding>& findings, Grade verdict) {
  return static_cast<int>(
      std::count_if(findings.begin(), findings.end(), [&](const Finding& each) { return each.verdict == verdict; }));
}

}  // namespace

std::vector<Finding> Examine(const AppView& view, const LeaderView& leader, Instant now) {
  Examination out(view, now);
  ExamineInputs(view, out);
  ExamineDemand(view, out);
  ExamineGslb(view, out);
  ExamineOverflow(view, leader, out);
  return out.Take();
}

std::string FindingsText(const std::vector<Finding>& findings) {
  std::string text, app;
  for (const Finding& finding : findings) {
    if (finding.app != app) text += (app = finding.app) + "\n";
    const bool fine = finding.verdict == Grade::kOk || finding.verdict == Grade::kUnknown;
    std::string verdict = finding.verdict == Grade::kFailed ? "FAILED" : std::string(Word(finding.verdict));
    verdict.resize(9, ' ');
    text += (fine ? "  " : "! ") + verdict + finding.check + ": " + finding.evidence + "\n";
    if (!finding.fix.empty()) text += "           -> " + finding.fix + "\n";
  }
  return text + std::to_string(findings.size()) + " checks, " + std::to_string(Count(findings, Grade::kFailed)) +
         " failed, " + std::to_string(Count(findings, Grade::kWarning)) + " warnings\n";
}

std::string FindingsJson(const std::vector<Finding>& findings, std::optional<WallTime> surveyed) {
  JsonOut out;
  out.Begin().BeginList("checks");
  for (const Finding& finding : findings) {
    out.Begin().Put("app", finding.app).Put("check", finding.check).Put("verdict", Word(finding.verdict));
    out.Put("evidence", finding.evidence);
    if (!finding.fix.empty()) out.Put("fix", finding.fix);
    out.End();
  }
  out.EndList().Put("failed", Count(findings, Grade::kFailed)).Put("warnings", Count(findings, Grade::kWarning));
  if (surveyed) out.Put("surveyed", Rfc3339(*surveyed));
  out.End();
  return out.Take();
}

}  // namespace spillway::daemon
