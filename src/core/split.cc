#include "src/core/split.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "src/core/pace.h"
#include "src/core/ratios.h"
#include "src/core/share_quality.h"

namespace spillway {
namespace {

// Below half of the smallest share (1 of 21), nothing is closer than something.
constexpr double kShareLeast = kShareSmallest / 2;

double Sum(const std::map<SiteName, double>& shares) {
  double sum = 0;
  for (const auto& [site, share] : shares) sum += share;
  return sum;
}

std::map<SiteName, double> SharesOf(const std::map<SiteName, int>& ratios) {
  std::map<SiteName, double> shares;
  double sum = 0;
  for (const auto& [site, ratio] : ratios) sum += ratio;
  for (const auto& [site, ratio] : ratios) {
    if (ratio > 0) shares[site] = ratio / sum;
  }
  return shares;
}

void Scale(std::map<SiteName, double>& shares, double to) {
  const double sum = Sum(shares);
  for (auto& [site, share] : shares) share *= to / sum;
}

// What each eligible overflow site serves now, in replicas of the home site.
std::map<SiteName, double> Serving(const Tick& tick, const Sizing& sizing) {
  std::map<SiteName, double> serving;
  for (const OverflowPolicy& site : tick.policy.overflow) {
    const int due = sizing.sites.at(site.site).due;
    const auto decided = tick.decision.sites.find(site.site);
    if (due == 0 || decided == tick.decision.sites.end() || !decided->second.eligible) continue;
    // An open gate may outlive the sight of the Deployment: then the last count stands, and without one, what was
    // asked for before a restart.
    const WorkloadState* seen = LastSeen(tick, site.site);
    const int target = tick.memory.sites.at(site.site).replicas_target;
    const int ready = std::min({seen != nullptr ? seen->replicas_ready : target, due, target});
    if (ready > 0) serving[site.site] = ready * site.capacity_factor;
  }
  return serving;
}

// A home that Avi serves counts for at least one replica, whatever its Deployment's status says for a moment.
double HomeCapacity(const Trusted& trusted) {
  if (trusted.home == nullptr || trusted.demand == nullptr) return 1;
  const int missing = std::max(0, trusted.home->replicas_wanted - trusted.home->replicas_ready);
  return std::max(1, trusted.demand->replicas_max - missing);
}

// Every overflow site that would be served can take an equal share of the demand.
bool CarriesEqualShares(Tick& tick, const std::map<SiteName, double>& serving) {
  const double share = tick.decision.demand.value_or(0) / static_cast<double>(serving.size() + 1);
  for (const auto& [site, carries] : serving) {
    if (carries + kRoundingError >= share) continue;
    tick.Because(ReasonCode::kEqualShareWaits, site, {{"equal_share", share}, {"carries", carries}});
    return false;
  }
  return true;
}

// Each site its pinned share, but no more of the demand than it serves; home keeps the rest while it is there.
std::map<SiteName, double> PinnedShares(Tick& tick, const HomeStanding& home, std::map<SiteName, double> serving) {
  const auto& ratios = tick.order.ratios;
  const auto pinned = SharesOf(ratios);
  const double demand = tick.decision.demand.value_or(0);
  std::map<SiteName, double> shares;
  double rest = 1;
  bool waits = false;
  for (const auto& [site, share] : pinned) {
    const auto serves = serving.find(site);
    if (site == tick.policy.home || serves == serving.end()) continue;
    const double carries = demand > 0 ? serves->second / demand : 1;
    shares[site] = std::min(share, carries);
    waits = waits || share > carries;
    rest -= shares[site];
  }
  tick.Because(waits ? ReasonCode::kPinWaits : ReasonCode::kRatiosPinned);
  if (shares.empty() || (!home.down && rest > kRoundingError)) shares[tick.policy.home] = std::max(rest, 0.0);
  if (shares.contains(tick.policy.home) && home.down) return {};
  Scale(shares, 1);
  return shares;
}

// Home gives away what the others can carry of the demand, or, where all of them together can't carry it (then somebody
// forced this), everything once they have what they may have.
std::map<SiteName, double> LeavingShares(const Tick& tick, const Sizing& sizing, std::map<SiteName, double> serving) {
  const SiteName& home = tick.policy.home;
  double most = 0;
  for (const OverflowPolicy& site : tick.policy.overflow) {
    most += sizing.sites.at(site.site).due * site.capacity_factor;
  }
  const auto drained = tick.order.drained.find(home);
  const bool at_once = drained != tick.order.drained.end() && drained->second;
  const double demand = std::min(tick.decision.demand.value_or(most), most);
  const double kept = at_once || demand <= 0 ? 0 : 1 - Sum(serving) / demand;
  if (serving.empty()) {
    serving[home] = 1;
  } else if (kept >= kShareLeast) {
    Scale(serving, 1 - kept);
    serving[home] = kept;
  }
  Scale(serving, 1);
  return serving;
}

void Canary(Tick& tick, std::map<SiteName, double>& shares) {
  const RampPolicy& ramp = tick.policy.ramp;
  if (ramp.canary_share <= 0 || !shares.contains(tick.policy.home)) return;
  for (auto& [site, share] : shares) {
    const auto memory = tick.memory.sites.find(site);
    if (memory == tick.memory.sites.end() || share <= ramp.canary_share) continue;
    if (tick.Lasted(memory->second.eligible_since, ramp.canary_for)) continue;
    const Duration left = memory->second.eligible_since.value_or(tick.now) + ramp.canary_for - tick.now;
    tick.Because(ReasonCode::kCanary, site,
                 {{"share", ramp.canary_share}, {"later_share", share}, {"seconds_left", Seconds(left)}});
    shares[tick.policy.home] += share - ramp.canary_share;
    share = ramp.canary_share;
  }
}

// Too little to be expressed is left out; home stays as long as it is wanted at all.
void LeaveOutTheSmallest(const Tick& tick, std::map<SiteName, double>& shares) {
  std::erase_if(shares, [&](const auto& entry) {
    return entry.second < kShareLeast && entry.first != tick.policy.home && shares.size() > 1;
  });
  Scale(shares, 1);
}

// Where a site waits while it gets no traffic.
Placement Waiting(const Tick& tick, const SiteName& site, const Placement& present, const HomeStanding& home) {
  if (tick.order.drained.contains(site)) return {Place::kParked, kRatioMin, 0};
  if (site == tick.policy.home) {
    // A healthy home that was ordered away is still the first to answer when nobody else is up.
    if (home.leaving || tick.memory.failover_ordered) return {Place::kStandby, kRatioMin, 0};
    return home.down ? Placement{Place::kParked, kRatioMin, 0} : present;
  }
  int rank = 0;
  for (const OverflowPolicy& overflow : tick.policy.overflow) {
    ++rank;
    if (overflow.site != site) continue;
    const bool cold = overflow.replicas_min == 0;
    const bool splits = tick.mode() == Mode::kWeighted || tick.mode() == Mode::kRoundRobin;
    if (present.place == Place::kParked && cold && splits) return {Place::kParked, kRatioMin, 0};
    break;
  }
  return {Place::kStandby, kRatioMin, rank};
}

// Avi knows only an order: the standbys count from 1 without a gap, in the policy's order.
void CloseRanks(Layout& layout) {
  std::vector<Placement*> standbys;
  for (auto& [site, placement] : layout) {
    if (placement.place == Place::kStandby) standbys.push_back(&placement);
  }
  std::stable_sort(standbys.begin(), standbys.end(),
                   [](const Placement* a, const Placement* b) { return a->rank < b->rank; });
  int rank = 0;
  int last = 0;
  for (Placement* standby : standbys) {
    if (rank == 0 || standby->rank != last) ++rank;
    last = std::exchange(standby->rank, rank);
  }
}

Layout PlaceSites(const Tick& tick, const Layout& present, const std::map<SiteName, int>& ratios,
                  const HomeStanding& home) {
  Layout layout;
  for (const auto& [site, placement] : present) {
    const auto ratio = ratios.find(site);
    Placement next = placement;  // where somebody disabled it, that is theirs to undo
    if (placement.place != Place::kDisabled) {
      next = ratio != ratios.end() ? Placement{Place::kServed, ratio->second, 0} : Waiting(tick, site, placement, home);
    }
    layout.emplace_hint(layout.end(), site, next);
  }
  CloseRanks(layout);
  return layout;
}

bool Serves(const Layout& layout) {
  return std::any_of(layout.begin(), layout.end(),
                     [](const auto& entry) { return entry.second.place == Place::kServed; });
}

// The present ratios are close enough: the same sites, each within the dead band.
bool WithinDeadBand(const Tick& tick, const std::map<SiteName, double>& published,
                    const std::map<SiteName, double>& ideal) {
  return std::equal(published.begin(), published.end(), ideal.begin(), ideal.end(),
                    [&](const auto& now, const auto& to) {
                      return now.first == to.first && std::abs(now.second - to.second) < tick.policy.ramp.dead_band;
                    });
}

// The pinned ratios, when every site can take its share of them; else empty.
std::map<SiteName, int> PinnedExactly(const Tick& tick, const HomeStanding& home,
                                      const std::map<SiteName, double>& shares) {
  if (!PinsApply(tick.policy, tick.order.ratios, home)) return {};
  std::map<SiteName, int> ratios = tick.order.ratios;
  std::erase_if(ratios, [](const auto& entry) { return entry.second == 0; });
  for (const auto& [site, share] : SharesOf(ratios)) {
    const auto at = shares.find(site);
    if (at == shares.end() || std::abs(at->second - share) > kRoundingError) return {};
  }
  return ratios;
}

// The first site that would get more though its Deployment can't be seen, or another share though it was never seen:
// nobody knows how much it can take. Once home is away somebody has to, and whom an operator sends away goes.
std::optional<SiteName> Unjudged(const Tick& tick, const Trusted& trusted, const std::map<SiteName, double>& published,
                                 const std::map<SiteName, double>& shares, const HomeStanding& home) {
  if (home.away()) return std::nullopt;
  for (const OverflowPolicy& site : tick.policy.overflow) {
    if (trusted.overflow.at(site.site) != nullptr) continue;
    const auto member = trusted.traffic->members.find(site.site);
    if (member == trusted.traffic->members.end()) continue;
    const auto pinned = tick.order.ratios.find(site.site);
    if (tick.order.Held(site.site) || (pinned != tick.order.ratios.end() && pinned->second == 0)) continue;
    const double more = ShareOf(shares, site.site) - ShareOf(published, site.site);
    const bool other = more > kRoundingError || (LastSeen(tick, site.site) == nullptr && more < -kRoundingError);
    if (other && member->second.health != Health::kDown) return site.site;
  }
  return std::nullopt;
}

double OverflowShare(const Policy& policy, const std::map<SiteName, double>& shares) {
  return shares.empty() ? 0 : 1 - ShareOf(shares, policy.home);
}

}  // namespace

std::map<SiteName, double> IdealShares(Tick& tick, const Trusted& trusted, const Sizing& sizing,
                                       const HomeStanding& home) {
  std::map<SiteName, double> shares = Serving(tick, sizing);
  const SiteName& home_site = tick.policy.home;
  const bool failed_over = home.away();
  if (PinsApply(tick.policy, tick.order.ratios, home)) return PinnedShares(tick, home, std::move(shares));
  if (tick.mode() == Mode::kActivePassive && !failed_over) shares.clear();
  const bool equal = tick.mode() == Mode::kRoundRobin && !failed_over && CarriesEqualShares(tick, shares);
  if (equal) {
    for (auto& [site, share] : shares) share = 1;
  }
  if (home.down) {
    if (!shares.empty()) Scale(shares, 1);
    return shares;
  }
  if (home.leaving) return LeavingShares(tick, sizing, std::move(shares));
  if (failed_over && !shares.empty()) {
    Scale(shares, 1 - home.share_most);
    shares[home_site] = home.share_most;
  } else if (equal) {
    shares[home_site] = 1;
  } else {
    shares[home_site] = HomeCapacity(trusted);
  }
  Scale(shares, 1);
  Canary(tick, shares);
  return shares;
}

std::optional<Layout> DecideLayout(Tick& tick, const Trusted& trusted, const std::map<SiteName, double>& ideal,
                                   const HomeStanding& home, bool home_full) {
  const bool home_seen = trusted.demand != nullptr && trusted.home != nullptr;
  if (!trusted.may_steer || (!home_seen && !tick.memory.failed_over && !home.leaving)) {
    tick.Because(ReasonCode::kLayoutHeld);
    return std::nullopt;
  }
  if (ideal.empty()) {
    tick.Because(ReasonCode::kLastLayoutStays);
    return std::nullopt;
  }
  std::map<SiteName, double> shares = ideal;
  if (!PinsApply(tick.policy, tick.order.ratios, home)) LeaveOutTheSmallest(tick, shares);
  const Layout& present = tick.memory.layout;  // as it was just observed
  const auto published = PublishedShares(present);
  LeanAgainstBias(tick, home, shares);
  shares = PaceReturn(tick, trusted, published, std::move(shares));
  const auto unjudged = Unjudged(tick, trusted, published, shares, home);
  if (unjudged && !WithinDeadBand(tick, published, shares)) {
    tick.Because(ReasonCode::kUnseenKeepsShare, *unjudged, {{"share", ShareOf(shares, *unjudged)}});
    return std::nullopt;
  }

  const bool rises = OverflowShare(tick.policy, shares) > OverflowShare(tick.policy, published);
  const bool turn = home_full || home.down || tick.Lasted(tick.memory.layout_since, trusted.traffic->ttl);
  std::map<SiteName, int> ratios = PinnedExactly(tick, home, shares);
  if (!ratios.empty()) {
    // An operator's numbers are published as they are.
  } else if (WithinDeadBand(tick, published, shares) || (rises && !turn && !published.empty())) {
    if (published != shares) tick.Because(turn || !rises ? ReasonCode::kWithinDeadBand : ReasonCode::kTurnsWithTheTtl);
    for (const auto& [site, placement] : present) {
      if (placement.place == Place::kServed) ratios.emplace_hint(ratios.end(), site, placement.ratio);
    }
  } else {
    ratios = FitRatios(shares);
    for (const auto& [site, ratio] : ratios) {
      tick.Because(ReasonCode::kWeightFollows, site, {{"share", shares.at(site)}, {"ratio", double(ratio)}});
    }
  }
  Layout layout = PlaceSites(tick, present, ratios, home);
  if (!Serves(layout)) {
    tick.Because(ReasonCode::kLastLayoutStays);
    return std::nullopt;
  }
  return layout;
}

}  // namespace spillway
