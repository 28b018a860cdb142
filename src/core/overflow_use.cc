#include "src/core/overflow_use.h"

#include <optional>
#include <string>

namespace spillway {
namespace {

struct Told {
  std::optional<double> replicas;  // absent: it can't be used
  Sureness sure = Sureness::kInferred;
  bool rounded = false;
  std::string why_not;
};

Told Not(std::string why) { return {std::nullopt, Sureness::kInferred, false, std::move(why)}; }

// The value while it may be used; otherwise nullptr, and why not.
template <class T>
const T* Fresh(Tick& tick, const Reading<T>& reading, std::string& why) {
  if (reading.seen) {
    const Instant until = reading.seen->as_of + tick.policy.stale_after;
    tick.WakeBy(until + Duration{1});
    if (tick.now <= until) return &reading.seen->value;
  }
  why = reading.failure ? reading.failure->what : reading.seen ? "it is too old" : "it was not read yet";
  return nullptr;
}

Told FromPods(Tick& tick, const OverflowPolicy& policy, const SiteObservation& seen, const HomeDemand& home) {
  std::string why;
  const PodUsage* usage = Fresh(tick, seen.usage, why);
  if (usage == nullptr) return Not(why);
  if (usage->pods_measured == 0) return Not("no pod was measured yet");
  const double each = policy.cpu_per_replica > 0 ? policy.cpu_per_replica : home.cpu_per_replica.value_or(0);
  if (each <= 0) return Not("home's autoscaler does not say how much CPU one replica is meant to use");
  const bool partial = usage->pods_measured < usage->pods_ready;
  return {usage->cpu / each, partial ? Sureness::kAtLeast : Sureness::kMeasured, false, ""};
}

Told FromObserver(Tick& tick, const OverflowPolicy& policy, const SiteObservation& seen) {
  std::string why;
  const HomeDemand* observer = Fresh(tick, seen.observer, why);
  if (observer == nullptr) return Not(why);
  if (observer->enforced) return Not("it scales the Deployment by itself, so it does not only observe");
  const double each = policy.capacity_factor;
  if (observer->load) return {*observer->load * each, std::max(observer->sure, Sureness::kComputed), false, ""};
  if (observer->limited && observer->wish) return {*observer->wish * each, observer->sure, true, ""};
  if (observer->limited) return Not("its maximum holds it back, and it states no wish");
  return {observer->replicas_desired * each, Sureness::kInferred, true, ""};
}

// Adds the site's use to `found`, or says with `found.by` that it has none of its own.
void Ask(Tick& tick, const OverflowPolicy& policy, const HomeDemand& home, bool share_usable, UseFound& found) {
  static const SiteObservation kUnseen;
  const auto at = tick.seen.sites.find(policy.site);
  const SiteObservation& seen = at == tick.seen.sites.end() ? kUnseen : at->second;
  std::string all_why;
  for (const UsageSource source : policy.usage) {
    if (source == UsageSource::kShare && share_usable) {
      found.by = UseFound::By::kShare;
      return;
    }
    const char* word = source == UsageSource::kMetrics      ? "pod metrics of "
                       : source == UsageSource::kAutoscaler ? "observing autoscaler of "
                                                            : "share against ";
    const Told told = source == UsageSource::kMetrics      ? FromPods(tick, policy, seen, home)
                      : source == UsageSource::kAutoscaler ? FromObserver(tick, policy, seen)
                                                           : Not("home gets next to none of the answers");
    if (told.replicas) {
      found.sites.push_back({policy.site, source, *told.replicas, told.sure});
      found.rounded = found.rounded || told.rounded;
      return;
    }
    const std::string what = word + policy.site;
    tick.Because(ReasonCode::kUsageSourceSkipped, what, {}, told.why_not);
    all_why += (all_why.empty() ? "" : ", ") + what + ": " + told.why_not;
  }
  found.by = UseFound::By::kUnknown;
  tick.Holds(ConditionName::kOverflowUseUnknown, all_why);
}

}  // namespace

bool Served(const TrafficState& traffic, const SiteName& site) {
  const auto member = traffic.members.find(site);
  return member != traffic.members.end() && member->second.placement.place == Place::kServed;
}

UseFound FindOverflowUse(Tick& tick, const TrafficState& traffic, const HomeDemand& home, bool share_usable) {
  UseFound found;
  for (const OverflowPolicy& policy : tick.policy.overflow) {
    if (!Served(traffic, policy.site)) continue;
    UseFound of_site;
    Ask(tick, policy, home, share_usable, of_site);
    if (of_site.by == UseFound::By::kUnknown) return {UseFound::By::kUnknown, {}, false};
    if (of_site.by == UseFound::By::kShare) {
      found.by = UseFound::By::kShare;
    } else if (found.by != UseFound::By::kShare) {
      found.by = UseFound::By::kSites;
    }
    found.sites.insert(found.sites.end(), of_site.sites.begin(), of_site.sites.end());
    found.rounded = found.rounded || of_site.rounded;
  }
  if (found.by == UseFound::By::kShare) return {UseFound::By::kShare, {}, false};
  if (found.by != UseFound::By::kSites) return found;
  for (const OverflowUse& use : found.sites) {
    tick.Because(
        use.source == UsageSource::kMetrics ? ReasonCode::kOverflowMeasured : ReasonCode::kOverflowFromAutoscaler,
        use.site, {{"overflow_used_replicas", use.replicas}});
  }
  return found;
}

}  // namespace spillway
