#include "tools/simulate/comparison.h"

#include <algorithm>
#include <memory>

#include "src/base/json.h"
#include "tools/simulate/format.h"
#include "tools/simulate/old_loop.h"
#include "tools/simulate/oracle.h"

namespace spillway::sim {
namespace {

constexpr char kOracle[] = "oracle";
constexpr char kOracleEqual[] = "oracle, equal shares";
constexpr char kListener[] = "oracle told by home";
constexpr char kSeer[] = "oracle that sees ahead";

// Within 15 % of the oracle; next to nothing is not more than nothing. Chosen: a thousandth of the work, or of the
// replica-hours.
constexpr double kNear = 1.15;
constexpr double kNothing = 0.001;
constexpr int kFewerWrites = 20;

// A controller with a state, as the function that the loop calls.
template <class Controller>
std::function<decltype(Decide)> Deciding(Controller controller) {
  auto held = std::make_shared<Controller>(std::move(controller));
  return [held](const Policy& policy, const Observation& seen, const auto&, const Memory& memory, Instant now) {
    return Outcome{(*held)(policy, seen, now), memory};
  };
}

std::string Ratio(double value, double to) {
  if (to <= 0) return value <= 0 ? "1.00" : "-";
  return Format("%.2f", value / to);
}

double Percent(const Score& score, double work) { return score.work > 0 ? 100 * work / score.work : 0; }

std::vector<std::string> NotHeld(const std::vector<Score>& scores) {
  std::vector<std::string> all;
  for (const Score& score : scores) {
    if (score.measured_by.empty()) continue;
    const auto add = [&](const std::vector<std::string>& sentences) {
      for (const std::string& sentence : sentences)
        all.push_back(score.trace + ", " + score.contender + ": " + sentence);
    };
    if (const Score* old = Find(scores, score.trace, kOldLoop)) add(AgainstOldLoop(score, *old));
    if (const Score* oracle = Find(scores, score.trace, score.measured_by)) add(AgainstOracle(score, *oracle));
  }
  return all;
}

}  // namespace

std::vector<Contender> Contenders() {
  const auto old = [](bool drains) {
    return [drains](const World& world) { return Deciding(OldLoop(drains ? 2 * world.scenario().ttl : Duration{})); };
  };
  const auto oracle = [](bool far, bool waits_for_home = false) {
    return [=](const World& world) {
      return Deciding(Oracle(world, {far ? FarEnough(world.scenario()) : Duration{}, waits_for_home}));
    };
  };
  return {
      {kOldLoop, Mode::kRoundRobin, old(false), "", OldLoop::kPoll},
      {"old loop, drains 2 TTL", Mode::kRoundRobin, old(true), "", OldLoop::kPoll},
      {"spillway round-robin", Mode::kRoundRobin, {}, kOracleEqual},
      {"spillway weighted", Mode::kWeighted, {}, kOracle},
      {"spillway auto", Mode::kAuto, {}, kOracle},
      {"spillway active-passive", Mode::kActivePassive, {}, ""},
      {kOracle, Mode::kWeighted, oracle(false), ""},
      {kOracleEqual, Mode::kRoundRobin, oracle(false), ""},
      {kListener, Mode::kWeighted, oracle(false, true), ""},
      {kSeer, Mode::kWeighted, oracle(true), ""},
  };
}

Score Run(const Scenario& world, const Trace& trace, const Contender& contender) {
  Scenario scenario = world;
  scenario.demand = trace.demand.Delayed(kWarmUp);
  scenario.span = trace.span;
  scenario.app.policy.mode = contender.mode;
  RunOptions options;
  options.rival = contender.rival;
  const Outcomes outcomes = Play(scenario, options);
  const Books& books = outcomes.books;
  Score score{trace.name, contender.name, contender.measured_by};
  score.work = books.arrived;
  score.overload = books.overload();
  score.overload_seconds = books.overload_seconds;
  score.failed = books.failed();
  score.turned_away = books.turned_away();
  for (std::size_t site = 0; site < books.sites.size(); ++site) {
    (site == 0 ? score.hours_home : score.hours_overflow) += books.sites[site].replica_hours;
  }
  for (const SeenWrite& write : outcomes.writes) ++(write.gslb ? score.gslb_writes : score.scale_changes);
  score.scale_writes = score.scale_changes;
  if (contender.scales_every > Duration{}) {
    score.scale_writes = static_cast<int>(outcomes.played / contender.scales_every * scenario.app.overflow.size());
  }
  return score;
}

const Score* Find(const std::vector<Score>& scores, const std::string& trace, const std::string& contender) {
  const auto at = std::find_if(scores.begin(), scores.end(), [&](const Score& score) {
    return score.trace == trace && score.contender == contender;
  });
  return at == scores.end() ? nullptr : &*at;
}

std::vector<std::string> AgainstOldLoop(const Score& score, const Score& old) {
  std::vector<std::string> wrong;
  if (score.overload > old.overload + kNothing * score.work) {
    wrong.push_back(Format("more overload than the old loop, %.2f %% of the work, not %.2f %%",
                           Percent(score, score.overload), Percent(old, old.overload)));
  }
  if (score.scale_writes * kFewerWrites > old.scale_writes) {
    wrong.push_back(Format("%d scale writes, the old loop %d", score.scale_writes, old.scale_writes));
  }
  if (score.failed > 0) wrong.push_back(Format("%.1f replica-seconds of work failed", score.failed));
  return wrong;
}

std::vector<std::string> AgainstOracle(const Score& score, const Score& oracle) {
  std::vector<std::string> wrong;
  if (score.overload > kNear * oracle.overload + kNothing * score.work) {
    wrong.push_back(Format("overload %.2f %% of the work, the oracle %.2f %%", Percent(score, score.overload),
                           Percent(oracle, oracle.overload)));
  }
  if (score.hours() > (kNear + kNothing) * oracle.hours()) {
    wrong.push_back(Format("%.1f replica-hours, the oracle %.1f", score.hours(), oracle.hours()));
  }
  return wrong;
}

std::string ComparisonText(const std::vector<Score>& scores) {
  std::string text, trace;
  for (const Score& score : scores) {
    if (score.trace != trace) {
      trace = score.trace;
      text += Format("\n%-24s %9s %8s %8s %7s %9s %7s %8s %7s | %8s %6s %9s\n", trace.c_str(), "overload", "turned",
                     "failed", "home", "overflow", "scale", "of them", "GSLB", "overload", "hours", "writes of");
      text += Format("%-24s %9s %8s %8s %7s %9s %7s %8s %7s | %8s %6s %9s\n", "", "% of work", "away %", "%", "hours",
                     "hours", "writes", "changes", "writes", "/oracle", "/oracle", "old/this");
    }
    const Score* oracle = Find(scores, score.trace, score.measured_by.empty() ? kOracle : score.measured_by);
    const Score* old = Find(scores, score.trace, kOldLoop);
    text += Format("%-24s %9.3f %8.3f %8.3f %7.1f %9.1f %7d %8d %7d | %8s %6s %9s\n", score.contender.c_str(),
                   Percent(score, score.overload), Percent(score, score.turned_away), Percent(score, score.failed),
                   score.hours_home, score.hours_overflow, score.scale_writes, score.scale_changes, score.gslb_writes,
                   oracle == nullptr ? "" : Ratio(score.overload, oracle->overload).c_str(),
                   oracle == nullptr ? "" : Ratio(score.hours(), oracle->hours()).c_str(),
                   old == nullptr ? "" : Ratio(old->scale_writes, score.scale_writes).c_str());
  }
  const auto wrong = NotHeld(scores);
  text += wrong.empty() ? "\nEvery claim holds.\n" : "\nClaims that don't hold:\n";
  for (const std::string& sentence : wrong) text += "  " + sentence + "\n";
  return text;
}

std::string ComparisonJson(const std::vector<Score>& scores, std::uint64_t seed) {
  JsonDocument json(rapidjson::kObjectType);
  auto& memory = json.GetAllocator();
  JsonValue rows(rapidjson::kArrayType);
  for (const Score& score : scores) {
    JsonValue row(rapidjson::kObjectType);
    SetMember(row, "trace", score.trace, memory);
    SetMember(row, "controller", score.contender, memory);
    SetMember(row, "work_replica_seconds", JsonValue(score.work), memory);
    SetMember(row, "overload_replica_seconds", JsonValue(score.overload), memory);
    SetMember(row, "overload_seconds", JsonValue(score.overload_seconds), memory);
    SetMember(row, "failed_replica_seconds", JsonValue(score.failed), memory);
    SetMember(row, "turned_away_replica_seconds", JsonValue(score.turned_away), memory);
    SetMember(row, "home_replica_hours", JsonValue(score.hours_home), memory);
    SetMember(row, "overflow_replica_hours", JsonValue(score.hours_overflow), memory);
    SetMember(row, "scale_writes", JsonValue(score.scale_writes), memory);
    SetMember(row, "scale_changes", JsonValue(score.scale_changes), memory);
    SetMember(row, "gslb_writes", JsonValue(score.gslb_writes), memory);
    const Score* old = Find(scores, score.trace, kOldLoop);
    const Score* oracle = Find(scores, score.trace, score.measured_by.empty() ? kOracle : score.measured_by);
    const auto ratio = [&](const char* name, double value, double to) {
      if (to > 0) SetMember(row, name, JsonValue(value / to), memory);
    };
    if (old != nullptr) {
      ratio("overload_of_old_loop", score.overload, old->overload);
      ratio("scale_writes_of_old_loop", score.scale_writes, old->scale_writes);
    }
    if (oracle != nullptr) {
      ratio("overload_of_oracle", score.overload, oracle->overload);
      ratio("replica_hours_of_oracle", score.hours(), oracle->hours());
    }
    rows.PushBack(row, memory);
  }
  JsonValue claims(rapidjson::kArrayType);
  for (const std::string& sentence : NotHeld(scores)) claims.PushBack(JsonValue(sentence.c_str(), memory), memory);
  SetMember(json, "seed", JsonValue(seed), memory);
  SetMember(json, "rows", std::move(rows), memory);
  SetMember(json, "claims_not_held", std::move(claims), memory);
  return JsonText(json);
}

}  // namespace spillway::sim
