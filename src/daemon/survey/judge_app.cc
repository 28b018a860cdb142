#include <algorithm>

#include "src/base/join.h"
#include "src/base/time_text.h"
#include "src/daemon/survey/judge.h"

namespace spillway::daemon {
namespace {

// A finding about something that is either there, gone, or can't be seen.
Finding Present(const std::string& check, const std::string& app, const std::string& about, const std::string& fine,
                const std::optional<Error>& failure, const std::string& fix_missing) {
  Finding finding{app, check + " " + about, Grade::kOk, fine, ""};
  if (!failure) return finding;
  finding.evidence = failure->what;
  const bool gone = failure->code == Code::kMissing;
  finding.verdict = gone || failure->code == Code::kDenied ? Grade::kFailed : Grade::kUnknown;
  finding.fix = gone ? fix_missing : "See the checks of its server first; then run doctor again.";
  return finding;
}

void JudgeSite(const AppFacts& app, const SiteFacts& site, std::vector<Finding>& out) {
  out.push_back(Present("Deployment of", app.app, site.site, site.deployment + " is there", site.deployment_failure,
                        "Make the Deployment, or mend namespace and deployment of the site in the configuration."));
  if (!site.overflow) return;
  Finding scalers{app.app, "other autoscalers of " + site.site, Grade::kOk, "nothing else scales " + site.deployment,
                  ""};
  if (site.scalers_failure) {
    scalers.verdict = Grade::kUnknown;
    scalers.evidence = site.scalers_failure->what;
    scalers.fix = "Let spillwayd list horizontalpodautoscalers there, or look by hand: kubectl get hpa -A.";
  } else if (!site.scalers.empty()) {
    scalers.verdict = Grade::kFailed;
    scalers.evidence = "HorizontalPodAutoscaler " + Joined(site.scalers, ", ") + " scales " + site.deployment + " too";
    scalers.fix =
        "Delete it, or set selectPolicy: Disabled both ways so that it only observes: two who scale undo each other.";
  }
  out.push_back(std::move(scalers));
}

void JudgeOwner(const AppFacts& app, const avi::ServiceSeen& service, std::vector<Finding>& out) {
  Finding owner{app.app, "owner of " + service.name, Grade::kOk, "nobody else is known to write it", ""};
  if (!service.owner_why.empty()) {
    owner.verdict = Grade::kFailed;
    owner.evidence = service.owner_why;
    owner.fix = "Take the service away from that owner, or make one of its own for Spillway.";
  } else if (!service.mark_why.empty()) {
    owner.verdict = Grade::kWarning;
    owner.evidence = service.mark_why;
    owner.fix = "Keep groups out of what that tool manages (Terraform: lifecycle ignore_changes), then drop the mark.";
  }
  out.push_back(std::move(owner));
}

// What Examine() tells of a service that is watched.
void JudgeSettings(const AppFacts& app, const avi::ServiceSeen& service, std::vector<Finding>& out) {
  Finding ttl{app.app, "TTL", Grade::kOk, "answers may be kept for " + DurationText(service.ttl), ""};
  if (service.ttl > kAnswerTtlMost) {
    ttl.verdict = Grade::kWarning;
    ttl.evidence += ", longer than " + DurationText(kAnswerTtlMost);
    ttl.fix = "Set the service's ttl to 30 or less: nothing that Spillway shifts is felt before it has run out.";
  }
  out.push_back(std::move(ttl));
  Finding ratios{app.app, "ratios mean something", Grade::kOk, "nothing keeps ratios from ruling", ""};
  if (!service.ratios_void.empty()) {
    ratios.verdict = Grade::kFailed;
    ratios.evidence = Joined(service.ratios_void, "; ");
    ratios.fix =
        "Set it back in the GSLB service or site: num_dns_ip 1, no ratio of a site, no persistence, no topology, round "
        "robin.";
  }
  out.push_back(std::move(ratios));
}

void JudgeMonitor(const AppFacts& app, const avi::ServiceSeen& service, std::vector<Finding>& out) {
  Finding monitor{app.app, "monitor of " + service.name, Grade::kOk, "it has a health monitor", ""};
  if (!service.monitored) {
    monitor.verdict = Grade::kFailed;
    monitor.evidence = "it has no health monitor, so that Avi would answer with members that do not work";
    monitor.fix = "Add one that asks the application itself (health_monitor_refs, of a federated monitor).";
  }
  out.push_back(std::move(monitor));
}

void JudgeName(const AppFacts& app, const NameFacts& name, std::vector<Finding>& out) {
  Finding finding{app.app, "name " + name.name, Grade::kOk, "", ""};
  const auto ours = [&](const std::string& address) {
    return std::find(app.member_ips.begin(), app.member_ips.end(), address) != app.member_ips.end();
  };
  if (name.failure) {
    const bool nobody = name.failure->code == Code::kRetry;
    finding.verdict = nobody ? Grade::kUnknown : Grade::kFailed;
    finding.evidence = name.failure->what;
    finding.fix = nobody ? "Check the resolver of this machine, or name yours in controller.resolver."
                         : "Delegate the name to Avi's DNS service in your own DNS: clients don't find it either.";
  } else {
    finding.evidence = "resolves to " + Joined(name.addresses, ", ");
    if (!app.member_ips.empty() && std::none_of(name.addresses.begin(), name.addresses.end(), ours)) {
      finding.verdict = Grade::kWarning;
      finding.evidence += ", none of which is a member's ip in the configuration";
      finding.fix =
          "Something else answers the name, or members have public addresses: look whether Avi is asked at all.";
    }
  }
  out.push_back(std::move(finding));
}

}  // namespace

void JudgeApp(const AppFacts& app, bool before_start, std::vector<Finding>& out) {
  out.push_back(Present("autoscaler:", app.app, app.autoscaler, "it is there", app.autoscaler_failure,
                        "Make it, or mend home.demand in the configuration: without it nothing tells the demand."));
  for (const SiteFacts& site : app.sites) JudgeSite(app, site, out);
  if (!app.service) {
    out.push_back({app.app, "GSLB service", Grade::kUnknown, "no Avi controller can be asked",
                   "See the checks of Avi first; then run doctor again."});
    return;
  }
  const avi::ServiceSeen& service = *app.service;
  out.push_back(Present("GSLB service", app.app, service.name, "it and its members are found", service.failure,
                        "Mend gslbService, avi.tenant or the sites' member in the configuration."));
  if (service.failure) return;
  JudgeOwner(app, service, out);
  JudgeMonitor(app, service, out);
  if (before_start) JudgeSettings(app, service, out);
  for (const NameFacts& name : app.names) JudgeName(app, name, out);
}

}  // namespace spillway::daemon
