#include "tools/ctl/wait.h"

#include <algorithm>
#include <cmath>

#include "src/base/join.h"
#include "src/base/time_text.h"
#include "tools/ctl/fields.h"
#include "tools/ctl/text.h"

namespace spillway::ctl {
namespace {

// Chosen: shares are written as ratios of 1 to 20, which come this close to what is meant.
constexpr double kShareNear = 0.03;

// Chosen: often enough for a person, seldom enough for a server.
constexpr Duration kEach = 1s;

// Chosen: as much as strays for ever, of resolvers that keep an answer for longer than they may.
constexpr double kStrays = 0.02;
// Chosen: who has not asked anew until then never will; as long as the default of drain.maxDrain.
constexpr double kStraysAtMost = 15 * 60;
// Chosen: where no request is counted; clients follow a change after about three lives of an answer (docs/doctor.md).
constexpr double kLives = 3;

void AddSite(const JsonValue& site, std::string& still) {
  const std::string name = TextAt(site, "site");
  const auto intended = NumberAt(site, "share.intended");
  const auto written = NumberAt(site, "share.written");
  if (intended && written && std::abs(*intended - *written) > kShareNear) {
    Join(still, name + " gets " + Percent(*written) + ", is to get " + Percent(*intended));
  }
  if (const auto elapsed = NumberAt(site, "drain.elapsedSeconds")) {
    Join(still, name + " drains, " + Span(*elapsed) + " of about " +
                    Span(NumberAt(site, "drain.expectedSeconds").value_or(0)));
  }
  if (StringAt(site, "role") != "overflow") return;
  const auto target = IntAt(site, "replicas.target");
  const auto ready = IntAt(site, "replicas.ready");
  if (target && ready && *ready < *target) {
    Join(still, name + " has " + std::to_string(*ready) + " of " + std::to_string(*target) + " replicas ready");
  } else if (StringAt(site, "phase") == "provisioning" && BoolAt(site, "eligible") != true) {
    // With an open gate it is as it should be: pinned replicas that no traffic is meant for.
    Join(still, name + "'s gate is shut");
  }
}

// Home has no drain of its own: the clients of a home that gets nothing have let go when their requests are gone.
void AddStrays(const JsonValue& state, const JsonValue& site, std::string& still) {
  const auto written = NumberAt(site, "share.written");
  if (StringAt(site, "role") != "home" || written.value_or(1) > 0 || NumberAt(site, "share.intended").value_or(1) > 0) {
    return;
  }
  const auto now = ParseRfc3339(TextAt(state, "time")), since = ParseRfc3339(TextAt(site, "since"));
  if (!now || !since) return;
  const double away = Seconds(*now - *since);
  if (const auto measured = NumberAt(site, "share.measured")) {
    if (*measured <= kStrays || away > kStraysAtMost) return;
    Join(still, Percent(*measured) + " of the requests still come to " + TextAt(site, "site") +
                    ", for clients keep its address for a while");
    return;
  }
  const double left = kLives * NumberAt(state, "gslb.ttlSeconds").value_or(0) - away;
  if (left > 0) Join(still, "clients may keep the address of " + TextAt(site, "site") + " for another " + Span(left));
}

// What is so is decided in steps, of which this is not the last.
bool UnderWay(const std::string& code) {
  return code == "FailingBack" || code == "HomeGrowsFirst" || code == "HandingOver" || code == "PinWaits";
}

bool Stands(const Command& command, const JsonValue& state) {
  const std::string kind = KindOf(command);
  if (kind.empty() || !KnowsOrders(state)) return true;
  for (const JsonValue& order : ListAt(state, "override.orders")) {
    if (StringAt(order, "kind") != kind) continue;
    if (command.verb != Verb::kDrain || StringAt(order, "site") == command.operands.at(1)) return true;
  }
  return false;
}

}  // namespace

bool KnowsOrders(const JsonValue& state) { return StringAt(state, "decidedAt").has_value(); }

std::string KindOf(const Command& command) {
  switch (command.verb) {
    case Verb::kPin:
      return command.ratios.empty() ? "pin-replicas" : "pin-ratios";
    case Verb::kMode:
    case Verb::kPause:
    case Verb::kDrain:
    case Verb::kFailover:
    case Verb::kFailback:
      return std::string(SpecOf(command.verb).words);
    default:
      return "";
  }
}

Progress ProgressOf(const JsonValue& state) {
  Progress progress;
  for (const JsonValue& site : ListAt(state, "sites")) {
    AddSite(site, progress.still);
    AddStrays(state, site, progress.still);
  }
  for (const JsonValue& reason : ListAt(state, "reasons")) {
    if (!UnderWay(TextAt(reason, "code"))) continue;
    const std::string about = StringAt(reason, "about").value_or("");
    // One of several in a line: the full stop is the line's.
    std::string sentence = TextAt(reason, "sentence");
    if (sentence.ends_with('.')) sentence.pop_back();
    Join(progress.still, (about.empty() ? "" : about + ": ") + sentence);
  }
  if (const std::string pending = PendingText(state); !pending.empty()) Join(progress.still, pending);
  for (const JsonValue& problem : ListAt(state, "problems")) {
    Join(progress.still, "problem with " + TextAt(problem, "about") + ": " + TextAt(problem, "detail"));
  }
  if (BoolAt(state, "gslb.inForce") == false) Join(progress.still, "not in force at every DNS site");
  progress.done = progress.still.empty();
  return progress;
}

Answer WaitFor(const Command& command, Server& server, Screen& screen) {
  const Instant end = screen.now() + command.timeout;
  const std::string target = "/api/v1/apps/" + PercentEncode(command.app());
  std::string last, decided;
  for (;;) {
    auto got = server.Get(target);
    if (const auto* body = std::get_if<std::string>(&got)) {
      const auto state = ParseJson(*body);
      if (!state) return Failed(kUnreachable, "the answer is no JSON", "Is --server really spillwayd's address?");
      if (!Stands(command, *state)) {
        return Failed(kRefused, "the order is not in force any more; somebody ended or replaced it, or it expired",
                      "spillwayctl audit " + command.app() + " tells.");
      }
      // The first state may still be that of the decision before the order.
      const std::string decided_at = StringAt(*state, "decidedAt").value_or("");
      const Progress progress = ProgressOf(*state);
      if (progress.done && !decided.empty() && decided_at != decided) {
        screen.err("done\n");
        return {};
      }
      if (decided.empty()) decided = decided_at;
      if (progress.still != last && !progress.still.empty()) screen.err(Wrapped("… ", progress.still, 2));
      last = progress.still;
    } else if (std::get<Answer>(got).exit != kUnreachable) {
      return std::get<Answer>(
          std::move(got));  // a leader that changes is gone for a moment; what is denied stays denied
    }
    if (screen.stopped() || screen.now() >= end) {
      const std::string still = last.empty() ? "" : ", still: " + last;
      return Failed(kTimedOut, "gave up waiting" + still,
                    "The order stands; spillwayctl why " + command.app() + " tells what it waits for.");
    }
    screen.pause(kEach);
  }
}

}  // namespace spillway::ctl
