#include "src/core/demand.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "src/core/measured_share.h"
#include "src/core/overflow_use.h"

namespace spillway {
namespace {

// Chosen: below this share of home, 1/s magnifies the noise of its load more than twentyfold.
constexpr double kShareLeast = 0.05;

// Chosen: the shortest time constant of the average, for services with a TTL of a second or none.
constexpr Duration kAverageLeast = 10s;

Duration AveragedOver(const Policy& policy, const HomeDemand& home) {
  return policy.averaged_over > 0s ? policy.averaged_over : home.averaged_over;
}

struct HomeWanted {
  double replicas = 0;
  Sureness sure = Sureness::kInferred;
  bool rounded = false;  // a count, not a measure: may not raise the demand when divided by a share
  bool full = false;
};

// Remembers the published share and answers the greatest one of the last `lag`.
double GreatestHomeShare(Tick& tick, double published, Duration lag) {
  auto& history = tick.memory.home_share;
  if (history.empty() || history.back().share != published) history.push_back({tick.now, published});
  // Keep the sample that was in force at the start of the lag, and all later ones.
  const Instant start = tick.now - lag;
  while (history.size() > 1 && history[1].at <= start) history.erase(history.begin());
  double greatest = published;
  for (const ShareSample& sample : history) {
    greatest = std::max(greatest, sample.share);
    tick.WakeBy(sample.at + lag);
  }
  return greatest;
}

double Probe(Tick& tick, const HomeDemand& home) {
  Memory& memory = tick.memory;
  if (!memory.probed_at) {
    memory.probed_at = tick.now;
    memory.probed = 1;
  } else if (tick.Lasted(memory.probed_at, tick.policy.probe_interval)) {
    memory.probed_at = tick.now;
    memory.probed += 1;
  }
  tick.WakeBy(*memory.probed_at + tick.policy.probe_interval);
  tick.Because(ReasonCode::kProbing, tick.policy.home, {{"probed_replicas", memory.probed}});
  return home.replicas_max + memory.probed;
}

HomeWanted WantedAtHome(Tick& tick, const HomeDemand& home) {
  // An autoscaler that only recommends says "limited" while home could still grow.
  const bool full = home.limited && (home.enforced || home.replicas_current >= home.replicas_max);
  const bool probing = full && !home.wish;
  if (!probing) {
    tick.memory.probed_at.reset();
    tick.memory.probed = 0;
  }
  if (probing) return {Probe(tick, home), Sureness::kAtLeast, false, true};
  if (full) {
    // A wish is a whole count; a load that agrees with it says where between two counts it lies.
    const bool agrees = home.load && *home.load <= *home.wish && *home.load > *home.wish - 1;
    const double wish = agrees ? std::max(*home.load, double(home.replicas_max)) : *home.wish;
    tick.Because(ReasonCode::kDemandFromWish, tick.policy.home,
                 {{"wish_replicas", wish}, {"max_replicas", double(home.replicas_max)}});
    return {wish, home.sure, false, true};
  }
  if (home.load) {
    // It says that its maximum does not hold it back, so its load is within that.
    const double load = std::min(*home.load, double(home.replicas_max));
    tick.Because(ReasonCode::kDemandFromLoad, tick.policy.home, {{"load_replicas", load}});
    return {load, std::max(home.sure, Sureness::kComputed), false, false};
  }
  tick.Because(ReasonCode::kDemandFromDesired, tick.policy.home, {{"desired_replicas", double(home.replicas_desired)}});
  return {double(std::min(home.replicas_desired, home.replicas_max)), Sureness::kInferred, true, false};
}

// Remembers what overflow was measured to serve and answers the least of the last `over`.
double LeastUsed(Tick& tick, double used, Duration over) {
  auto& samples = tick.memory.used;
  while (!samples.empty() && samples.back().replicas >= used) samples.pop_back();
  samples.push_back({tick.now, used});
  while (samples.size() > 1 && tick.now - samples.front().at > over) samples.erase(samples.begin());
  if (samples.size() > 1) tick.WakeBy(samples.front().at + over + Duration{1});
  return samples.front().replicas;
}

// The share of one moment scatters (answers are drawn by resolvers, not by requests), and the window's maximum would
// pick the highest of it; so the estimate is averaged over about the time in which clients follow DNS.
void Average(Tick& tick, double demand, Duration ttl) {
  Memory& memory = tick.memory;
  const Duration over = std::max(FromSeconds(tick.policy.drain.ttl_factor * Seconds(ttl)), kAverageLeast);
  const Duration passed = memory.smoothed_at ? tick.now - *memory.smoothed_at : 1000 * over;
  memory.smoothed += (1 - std::exp(-Seconds(passed) / Seconds(over))) * (demand - memory.smoothed);
}

// A count that is rounded up may confirm or lower what is known, never raise it.
double Bounded(const Tick& tick, bool rounded, double demand) {
  return rounded && !tick.memory.demand.empty() ? std::min(demand, tick.memory.demand.front().demand) : demand;
}

// home_wanted + overflow_used, each site having told its own.
double SumOfSites(Tick& tick, const HomeWanted& home, UseFound found, Duration averaged_over) {
  double used = 0;
  for (const OverflowUse& use : found.sites) used += use.replicas;
  const double least = LeastUsed(tick, used, averaged_over);
  const double demand = Bounded(tick, home.rounded || found.rounded, home.replicas + least);
  tick.decision.overflow_used = std::move(found.sites);
  tick.memory.smoothed = demand;
  tick.memory.smoothed_at = tick.now;
  return demand;
}

// The share that home's figure is divided by.
struct ShareAtHome {
  double published = 1;   // by the ratios now
  double value = 1;       // to compute with
  bool measured = false;  // `value` is from the members' counters
  bool moving = false;    // clients still follow a lower share: `value` errs high
};

ShareAtHome FindShare(Tick& tick, const HomeWanted& home, const Trusted& trusted, Duration lag) {
  const TrafficState& traffic = *trusted.traffic;
  ShareAtHome share;
  share.published = HomeShare(tick.policy, traffic);
  share.value = GreatestHomeShare(tick, share.published, lag);
  share.moving = share.value > share.published;
  const auto measured = FollowShare(tick.memory.home_measured, MeasuredHomeShare(traffic, tick.policy.home), tick.now,
                                    AveragedOver(tick.policy, *trusted.demand));
  if (!measured || share.published >= 1 || share.published <= 0) return share;
  const double greatest = share.value;
  share.measured = true;
  share.value = share.moving ? measured->greatest : measured->mean;
  // A full home answers less than what reaches it, so its counter says too little.
  if (home.full) share.value = std::max(share.value, greatest);
  return share;
}

// home_wanted / s.
double ByShare(Tick& tick, const HomeWanted& home, const ShareAtHome& at_home, Duration ttl) {
  const double share = at_home.value;
  double demand = home.replicas / share;
  if (share < 1) {
    demand = Bounded(tick, home.rounded, demand);
    tick.Because(ReasonCode::kOverflowFromShare, {},
                 {{"home_share", share}, {"overflow_used_replicas", demand - home.replicas}},
                 at_home.measured ? "as the members' requests are measured" : "as it was published");
    tick.decision.overflow_used = {{{}, UsageSource::kShare, demand - home.replicas, Sureness::kInferred}};
  }
  Memory& memory = tick.memory;
  if (at_home.moving) {
    memory.smoothed = std::max(memory.smoothed, demand);  // clients still follow: it errs low, what was known stands
  } else if (home.full || at_home.published >= 1) {
    memory.smoothed = demand;  // a full home is believed at once; so is one that serves alone
  } else {
    Average(tick, demand, ttl);
  }
  memory.smoothed_at = tick.now;
  return memory.smoothed;
}

std::optional<double> EstimateNow(Tick& tick, const HomeWanted& home, const Trusted& trusted, Duration lag) {
  const TrafficState& traffic = *trusted.traffic;
  const ShareAtHome share = FindShare(tick, home, trusted, lag);
  const bool share_usable =
      share.value >= kShareLeast;  // else home sees next to nothing, so its load says next to nothing
  UseFound found = FindOverflowUse(tick, traffic, *trusted.demand, share_usable);
  if (found.by != UseFound::By::kSites) tick.memory.used.clear();
  if (found.by == UseFound::By::kSites) {
    return SumOfSites(tick, home, std::move(found), AveragedOver(tick.policy, *trusted.demand));
  }
  if (found.by == UseFound::By::kUnknown || !share_usable) return std::nullopt;
  return ByShare(tick, home, share, traffic.ttl);
}

// Keeps what can still be the maximum: a sample is dropped once a later one is as great.
void Remember(Tick& tick, double demand, Duration window) {
  auto& samples = tick.memory.demand;
  while (!samples.empty() && samples.back().demand <= demand) samples.pop_back();
  samples.push_back({tick.now, demand});
  while (samples.size() > 1 && tick.now - samples.front().at >= window) samples.erase(samples.begin());
  if (samples.size() > 1) tick.WakeBy(samples.front().at + window);
}

}  // namespace

Duration Lag(const Policy& policy, const TrafficState& traffic, const HomeDemand& home) {
  return FromSeconds(policy.drain.ttl_factor * Seconds(traffic.ttl)) + AveragedOver(policy, home);
}

double HomeShare(const Policy& policy, const TrafficState& traffic) {
  Layout answering;
  for (const auto& [site, member] : traffic.members) {
    if (member.health != Health::kDown) answering.emplace_hint(answering.end(), site, member.placement);
  }
  return PublishedShare(answering, policy.home);
}

Demand EstimateDemand(Tick& tick, const Trusted& trusted) {
  Demand demand;
  // While home is down its autoscaler sees no traffic: what was known before stays.
  const bool home_serves = !tick.memory.failed_over && !tick.memory.home_down_since;
  if (trusted.demand == nullptr || trusted.traffic == nullptr || !home_serves) tick.memory.home_measured.clear();
  if (trusted.demand != nullptr && trusted.traffic != nullptr) {
    const HomeWanted home = WantedAtHome(tick, *trusted.demand);
    demand.home_full = home.full;
    const Duration lag = Lag(tick.policy, *trusted.traffic, *trusted.demand);
    tick.decision.home_wanted = home.replicas;
    tick.decision.home_sure = home.sure;
    if (home_serves) demand.now = EstimateNow(tick, home, trusted, lag);
    const auto& use = tick.decision.overflow_used;
    demand.by_share = !use.empty() && use.front().source == UsageSource::kShare;
    if (demand.now) {
      Remember(tick, *demand.now, std::max(tick.policy.down_stabilization, lag + trusted.traffic->ttl));
      demand.current = true;
    }
  } else if (trusted.demand != nullptr && trusted.may_raise && home_serves) {
    // Avi can't be seen: home's own wish is still a lower bound, so that scaling up stays possible.
    const HomeWanted home = WantedAtHome(tick, *trusted.demand);
    demand.home_full = home.full;
    demand.now = home.replicas;
  }
  if (!tick.memory.demand.empty()) demand.used = tick.memory.demand.front().demand;
  if (demand.now) demand.used = std::max(*demand.now, demand.used.value_or(0));
  return demand;
}

}  // namespace spillway
