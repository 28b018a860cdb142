#include "src/daemon/survey/judge.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "src/base/join.h"

namespace spillway::daemon {
namespace {

std::string SecondsText(Duration d) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f s", std::abs(Seconds(d)));
  return text;
}

// Why a server can't be used, by what the caller of it can do.
std::string FixOfReaching(const Error& error, const std::string& files) {
  switch (error.code) {
    case Code::kDenied:
      return "Mend " + files + ": the server was reached and either its certificate or our credentials were refused.";
    case Code::kMissing:
      return "Put the file that is named there, or mend its path in the configuration.";
    case Code::kRejected:
      return "Mend " + files + ", as the evidence says.";
    default:
      return "Check address, port and firewalls between this machine and the server.";
  }
}

void JudgeRights(const ClusterFacts& cluster, std::vector<Finding>& out) {
  Finding finding{"", "rights in cluster " + cluster.name, Grade::kOk, "", ""};
  std::string missing, later, unasked;
  for (const RightFact& fact : cluster.rights) {
    if (fact.failure) {
      if (unasked.empty()) unasked = fact.failure->what;
    } else if (!fact.allowed) {
      std::string& list = fact.only_at_first ? later : missing;
      Join(list, k8s::RightText(fact.right), ", ");
    }
  }
  finding.evidence = "all " + std::to_string(cluster.rights.size()) + " rights that are needed are there";
  if (!missing.empty()) {
    finding.verdict = Grade::kFailed;
    finding.evidence = "not allowed: " + missing;
    finding.fix = "Add them to the Role that spillwayd is bound to (k8s/README.md has it whole).";
  } else if (!unasked.empty()) {
    finding.verdict = Grade::kUnknown;
    finding.evidence = unasked;
    finding.fix = "Let the account create selfsubjectaccessreviews (the role system:basic-user does).";
  } else if (!later.empty()) {
    finding.verdict = Grade::kWarning;
    finding.evidence = "not allowed: " + later;
    finding.fix = "Add them, or make the object by hand before the first start.";
  }
  if (!cluster.rights.empty()) out.push_back(std::move(finding));
}

}  // namespace

Finding JudgeClock(const std::string& whose, const std::optional<Duration>& by) {
  Finding finding{"", "clock of " + whose, Grade::kOk, "within " + SecondsText(kClockOff) + " of ours", ""};
  if (!by) {
    finding.verdict = Grade::kUnknown;
    finding.evidence = "it tells no time (no Date header)";
    finding.fix = "Compare the clocks by hand.";
    return finding;
  }
  // A Date is cut to whole seconds.
  const Duration off = *by < Duration{} ? std::min(Duration{}, *by + 1s) : *by;
  if (off >= -kClockOff && off <= kClockOff) return finding;
  finding.verdict = off < -kClockWrong || off > kClockWrong ? Grade::kFailed : Grade::kWarning;
  finding.evidence = "its clock is " + SecondsText(off) + (off > Duration{} ? " ahead of" : " behind") + " ours";
  finding.fix = "Let both machines keep time by NTP: certificates, tokens and leases begin and end by the clock.";
  return finding;
}

void JudgeClusters(const Facts& facts, std::vector<Finding>& out) {
  for (const ClusterFacts& cluster : facts.clusters) {
    Finding reached{"", "cluster " + cluster.name, Grade::kOk, "reached; TLS and credentials are accepted", ""};
    if (cluster.failure) {
      reached.verdict = Grade::kFailed;
      reached.evidence = cluster.failure->what;
      reached.fix = FixOfReaching(*cluster.failure, "the kubeconfig of clusters." + cluster.name);
      out.push_back(std::move(reached));
      continue;
    }
    out.push_back(std::move(reached));
    JudgeRights(cluster, out);
    out.push_back(JudgeClock("cluster " + cluster.name, cluster.clock_by));
  }
}

void JudgeAvi(const Facts& facts, std::vector<Finding>& out) {
  for (const avi::ControllerSeen& controller : facts.avi.controllers) {
    Finding reached{"", "Avi controller " + controller.url, Grade::kOk, "logged in, version " + controller.version, ""};
    if (controller.failure) {
      reached.verdict = Grade::kFailed;
      reached.evidence = controller.failure->what;
      reached.fix = FixOfReaching(*controller.failure, "avi.caFile, avi.username or avi.passwordFile");
    }
    out.push_back(std::move(reached));
    if (!controller.failure) out.push_back(JudgeClock(controller.url, controller.clock_by));
  }
  Finding leader{"", "leader of the federation", Grade::kOk,
                 facts.avi.leader + " leads the federation and takes writes", ""};
  if (!facts.avi.unwritable_why.empty()) {
    leader.verdict = Grade::kFailed;
    leader.evidence = facts.avi.unwritable_why;
    leader.fix = "Name every controller of the federation in avi.controllers, and end maintenance mode or partition.";
  }
  out.push_back(std::move(leader));
  if (!facts.avi.account) return;
  const avi::AccountSeen& account = *facts.avi.account;
  Finding rights{"", "rights of " + facts.avi_username + " in Avi", Grade::kOk,
                 "it may write GSLB services and read the rest", ""};
  Finding password{"", "password of " + facts.avi_username + " in Avi", Grade::kOk, "it does not expire", ""};
  std::string missing;
  const auto need = [&](const char* resource, bool write) {
    const auto found = account.access.find(resource);
    const std::string have = found == account.access.end() ? "NO_ACCESS" : found->second;
    if (have == "WRITE_ACCESS" || (have == "READ_ACCESS" && !write)) return;
    Join(missing, std::string(resource) + (write ? " WRITE_ACCESS" : " READ_ACCESS"), ", ");
  };
  // Source: AMKO docs/roles/amko-admin.json names the permissions; which of them reads need is inferred.
  need("PERMISSION_GSLBSERVICE", true);
  need("PERMISSION_GSLB", false);
  need("PERMISSION_CONTROLLER", false);
  if (account.superuser) missing.clear();
  if (!account.superuser && (account.failure || account.access.empty())) {
    rights.verdict = Grade::kUnknown;
    rights.evidence = account.failure ? account.failure->what : "no role of it could be read";
    rights.fix = "Look at the account's role by hand, or let it read PERMISSION_USER and PERMISSION_ROLE.";
  } else if (!missing.empty()) {
    rights.verdict = Grade::kFailed;
    rights.evidence = "its roles lack " + missing;
    rights.fix = "Add them to the account's role in Avi.";
  }
  if (!account.password_days) {
    password.verdict = Grade::kUnknown;
    password.evidence = "its user account profile can't be read";
    password.fix = "Look at the profile by hand: a password that expires ends all writes on that day.";
  } else if (*account.password_days > 0) {
    password.verdict = Grade::kWarning;
    password.evidence = "its profile lets passwords expire after " + std::to_string(*account.password_days) + " days";
    password.fix = "Give the account a profile without expiry (credentials_timeout_threshold 0), or change it in time.";
  }
  out.push_back(std::move(rights));
  out.push_back(std::move(password));
}

std::vector<Finding> JudgeSetup(const Facts& facts) {
  std::vector<Finding> findings;
  JudgeClusters(facts, findings);
  JudgeAvi(facts, findings);
  for (const AppFacts& app : facts.apps) JudgeApp(app, facts.before_start, findings);
  return findings;
}

}  // namespace spillway::daemon
