#include "tools/ctl/verbs.h"

#include <algorithm>

namespace spillway::ctl {
namespace {

constexpr std::string_view kOrder = "--reason --ticket --ttl --dry-run --force --wait --timeout";
constexpr std::string_view kEnding = "--reason --ticket --dry-run --force --wait --timeout";

}  // namespace

const std::vector<VerbSpec>& Verbs() {
  static const std::vector<VerbSpec> verbs = {
      {Verb::kStatus, "status", "[APP]", "demand, replicas, shares, orders and what is wrong, of all or one", 0, 1, "",
       "status"},
      {Verb::kWatch, "watch", "[APP]", "the same, live, until interrupted; not on a terminal: a line for each event", 0,
       1, "", "watch shopping"},
      {Verb::kWhy, "why", "APP", "the last decision, or an earlier one: what was seen, what followed", 1, 1, "--at",
       "why shopping --at 2026-01-31T10:00:00Z"},
      {Verb::kHistory, "history", "APP", "the decisions that changed something, newest first", 1, 1, "--limit --since",
       "history shopping --limit 50"},
      {Verb::kAudit, "audit", "[APP]", "who asked for what, when, why, and what became of it", 0, 1, "--limit --since",
       "audit --since 2026-01-31T00:00:00Z"},
      {Verb::kDoctor, "doctor", "[APP]", "proves the set-up: what was seen, and what to do; 1 if something fails", 0, 1,
       "", "doctor"},
      {Verb::kMode, "mode", "APP MODE", "another mode: round-robin, weighted, active-passive or auto", 2, 2, kOrder,
       "mode shopping active-passive --reason 'black friday' --ttl 12h"},
      {Verb::kPause, "pause", "APP", "observe and explain, write nothing", 1, 1, kOrder,
       "pause shopping --reason 'Avi upgrade' --ttl 1h"},
      {Verb::kResume, "resume", "APP", "end the pause", 1, 1, kEnding, "resume shopping --reason 'upgrade is done'"},
      {Verb::kDrain, "drain", "APP SITE", "hold a site off traffic; its replicas go when its clients have gone", 2, 2,
       kOrder, "drain shopping azure-eu --reason 'kernel update' --ticket CHG-7 --wait"},
      {Verb::kUndrain, "undrain", "APP SITE", "end the drain of a site", 2, 2, kEnding,
       "undrain shopping azure-eu --reason 'update is done'"},
      {Verb::kPin, "pin", "APP", "fix the ratios of all sites, or the replicas of overflow sites", 1, 1,
       "--ratios --replicas --reason --ticket --ttl --dry-run --force --wait --timeout",
       "pin shopping --ratios us=3,azure-eu=1 --reason 'load test' --ttl 30m"},
      {Verb::kFailover, "failover", "APP [SITE]", "take all traffic from home to overflow sites, SITE first", 1, 2,
       kOrder, "failover shopping --reason 'power test at home' --dry-run"},
      {Verb::kFailback, "failback", "APP", "bring traffic back to home, in steps", 1, 1, kOrder,
       "failback shopping --reason 'power is back' --wait"},
      {Verb::kClear, "override clear", "APP", "end every order: the policy rules again", 1, 1, kEnding,
       "override clear shopping --reason 'shift is over'"},
      {Verb::kRunbookRun, "runbook run", "FILE", "a sequence of these from a file; once more goes on where it stopped",
       1, 1, "--set --dry-run --yes --restart --progress",
       "runbook run site-maintenance.yaml --set site=azure-eu --dry-run"},
      {Verb::kRunbookCheck, "runbook check", "FILE", "every mistake in a runbook", 1, 1, "--set",
       "runbook check site-maintenance.yaml"},
      {Verb::kConfigCheck, "config check", "FILE", "every mistake in a configuration file", 1, 1, "",
       "config check /etc/spillway/spillway.yaml"},
      {Verb::kCompletion, "completion", "SHELL", "a completion script for bash or zsh", 1, 1, "",
       "completion bash > /etc/bash_completion.d/spillwayctl"},
      {Verb::kMan, "man", "", "the manual page, for man -l", 0, 0, "", "man > spillwayctl.1"},
      {Verb::kHelp, "help", "[COMMAND]", "this, or one command in full", 0, 2, "", "help drain"},
      {Verb::kVersion, "version", "", "the version", 0, 0, "", ""},
  };
  return verbs;
}

const std::vector<FlagSpec>& CommonFlags() {
  static const std::vector<FlagSpec> flags = {
      {"--server", "URL", "spillwayd's address (SPILLWAY_SERVER; http://127.0.0.1:9440)"},
      {"--token-file", "FILE", "a file with the token, - for standard input (SPILLWAY_TOKEN_FILE)"},
      {"--ca-file", "FILE", "the CA of spillwayd's certificate, if not the system's (SPILLWAY_CA_FILE)"},
      {"--cert-file", "FILE", "a client certificate instead of a token (SPILLWAY_CERT_FILE)"},
      {"--key-file", "FILE", "its key, which nobody else may read (SPILLWAY_KEY_FILE)"},
      {"--output", "FORMAT", "table or json, what the server answered (also -o)"},
      {"--help", "", "help, of the command if there is one (also -h)"},
      {"--version", "", "the version"},
  };
  return flags;
}

const std::vector<FlagSpec>& OwnFlags() {
  static const std::vector<FlagSpec> flags = {
      {"--reason", "TEXT", "why; it is kept in the audit trail (required, but for --dry-run and override clear)"},
      {"--ticket", "TEXT", "where it is written down"},
      {"--ttl", "DURATION", "when the order ends by itself, 10s to 168h (4h)"},
      {"--dry-run", "", "answer exactly what would happen, do nothing"},
      {"--force", "", "pass the capacity rule and blocked windows; needs the role admin, is audited"},
      {"--wait", "", "until it is carried out: progress on standard error"},
      {"--timeout", "DURATION", "give up waiting after this, with exit code 5 (30m)"},
      {"--ratios", "SITE=N,...", "a ratio of 0 to 20 for every site, 0 for no traffic"},
      {"--replicas", "SITE=N,...", "replicas of overflow sites"},
      {"--at", "TIME", "the decision of this time, as history shows it: 2026-01-31T10:00:00Z"},
      {"--limit", "N", "at most so many lines (20)"},
      {"--since", "TIME", "not older than this: 2026-01-31T10:00:00Z"},
      {"--set", "NAME=VALUE", "a setting of the runbook; may be repeated"},
      {"--yes", "", "answer yes to whatever the runbook asks"},
      {"--restart", "", "begin anew what was stopped, and forget how far it came"},
      {"--progress", "FILE", "where to keep how far it came (~/.local/state/spillway/…)"},
  };
  return flags;
}

const VerbSpec& SpecOf(Verb verb) {
  return *std::find_if(Verbs().begin(), Verbs().end(), [&](const VerbSpec& spec) { return spec.verb == verb; });
}

const FlagSpec* FindFlag(std::string_view name) {
  for (const auto* flags : {&CommonFlags(), &OwnFlags()}) {
    for (const FlagSpec& flag : *flags) {
      if (flag.name == name) return &flag;
    }
  }
  return nullptr;
}

bool Takes(const VerbSpec& spec, std::string_view flag) {
  const auto& common = CommonFlags();
  if (std::any_of(common.begin(), common.end(), [&](const FlagSpec& each) { return each.name == flag; })) return true;
  return (" " + std::string(spec.flags) + " ").find(" " + std::string(flag) + " ") != std::string::npos;
}

bool Writes(Verb verb) { return verb >= Verb::kMode && verb <= Verb::kClear; }

}  // namespace spillway::ctl
