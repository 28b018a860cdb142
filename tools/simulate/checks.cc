#include "tools/simulate/checks.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "src/base/join.h"
#include "src/base/json.h"
#include "src/daemon/invariants.h"
#include "src/daemon/memory_text.h"
#include "tools/simulate/daemon.h"
#include "tools/simulate/foreign.h"

namespace spillway::sim {
namespace {

// How much later than staleAfter a decision may still be carried out: the deadline of a write, and the login and the
// queue before it.
constexpr Duration kUnderWay = 25s;

std::string Number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  return text.data();
}

std::string LayoutText(const Layout& layout) {
  std::string text;
  for (const auto& [site, placement] : layout) {
    Join(text, site, ", ");
    if (placement.place == Place::kServed) text += " served " + std::to_string(placement.ratio);
    if (placement.place == Place::kStandby) text += " standby";
    if (placement.place == Place::kParked) text += " parked";
    if (placement.place == Place::kDisabled) text += " disabled";
  }
  return text;
}

std::map<SiteName, int> Targets(const Decision& decision) {
  std::map<SiteName, int> targets;
  for (const auto& [site, decided] : decision.sites) targets[site] = decided.replicas_target;
  return targets;
}

bool IsPut(int wire, const HttpRequest& request) {
  return wire >= 100 && request.method == "PUT" && request.target.starts_with("/api/gslbservice/");
}

bool IsScale(int wire, const HttpRequest& request) {
  return wire < 100 && request.method != "GET" && request.target.find("/scale") != std::string::npos;
}

}  // namespace

Checks::Checks(World& world)
    : world_(world),
      began_(world.timeline().Now()),
      ready_(world.scenario().sites()),
      up_(world.scenario().sites()),
      published_(world.scenario().sites()) {}

void Checks::Report(int invariant, const std::string& what) {
  if (judges_ && !violation_) violation_ = Violation{invariant, Now() - began_, what};
}

void Checks::Ticked() {
  const Instant now = Now();
  demand_.Set(now, world_.demand());
  bool any_up = false, any_served = false;
  for (std::size_t site = 0; site < ready_.size(); ++site) {
    ready_[site].Set(now, world_.ready(site));
    bool up = false;
    double share = 0;
    for (std::size_t dns = 0; dns < ready_.size(); ++dns) {
      up = up || world_.held_up(dns, site);
      share = std::max(share, world_.published(dns, site));
    }
    up_[site].Set(now, up);
    published_[site].Set(now, share);
    const Place place = world_.place(world_.leader(), site);
    const bool held = world_.held_up(world_.leader(), site) && place != Place::kDisabled;
    any_up = any_up || held;
    any_served = any_served || (held && place != Place::kParked);
  }
  if (!any_up || any_served || (ordered_ && orders_excuse_)) {
    unserved_.reset();
    return;
  }
  if (!unserved_) unserved_ = now;
  // What the daemon may take: to believe that home is down, to be sure that another one is up, and to write.
  const Duration most = policy().failover.failover_after + policy().gate.damping_max + 2min;
  if (now - std::max(*unserved_, disturbed_) > most) {
    Report(2, "a member is up and enabled, but for " + Number(Seconds(now - *unserved_)) + " s none that is up has " +
                  "been answered: " + LayoutText(world_.layout(world_.leader())));
  }
}

void Checks::Decided(int daemon, const Policy& of, const Observation& seen, const Override& override,
                     const Memory& memory, Instant now, const Outcome& outcome, Duration wall_error,
                     const std::function<decltype(Decide)>& decide) {
  last_ = outcome.decision;
  failed_over_ = outcome.memory.failed_over;
  demand_used_ = outcome.decision.demand;
  ordered_ = !Unexpired(override, now).orders.empty();
  CheckFresh(daemon, memory, seen, outcome);
  CheckOwnCheck(of, seen, memory, outcome);
  ++decisions_;
  const daemon::Moment at{now, world_.timeline().WallNow() + wall_error};
  const auto loaded = daemon::ParseMemory(daemon::MemoryText(memory, at), at);
  if (!loaded) return Report(9, "saved memory can't be loaded: " + loaded.error().what);
  if (*loaded == memory) return;  // and the same arguments give the same decision
  const Outcome again = decide(of, seen, override, *loaded, now);
  if (Targets(again.decision) != Targets(outcome.decision) || again.decision.layout != outcome.decision.layout) {
    Report(9, "a restart would have decided otherwise, for the memory changed on its way");
  }
}

void Checks::Loaded(const std::optional<std::string>& handed_in, const std::optional<std::string>& loaded) {
  if (handed_in != loaded) Report(9, "the memory that was saved is not the one that is loaded");
}

void Checks::Before(int wire, const HttpRequest& request) {
  if (IsScale(wire, request)) scaled_from_ = world_.wanted(static_cast<std::size_t>(wire));
  if (!IsPut(wire, request)) return;
  world_.LookAtDns();
  layout_before_ = world_.layout(static_cast<std::size_t>(wire - 100));
  const auto json =
      world_.federation().Read(world_.name(static_cast<std::size_t>(wire - 100)), "gslbservice", kGslbService);
  json_before_ = json ? *json : "";
}

void Checks::After(int wire, const HttpRequest& request, const HttpResponse& response) {
  if (response.status < 200 || response.status > 299) return;
  if (IsScale(wire, request)) {
    const auto site = static_cast<std::size_t>(wire);
    const int after = world_.wanted(site);
    if (after != scaled_from_) Scaled(site, scaled_from_, after);
  } else if (IsPut(wire, request)) {
    const auto site = static_cast<std::size_t>(wire - 100);
    world_.LookAtDns();
    const auto json = world_.federation().Read(world_.name(site), "gslbservice", kGslbService);
    LayoutWritten(layout_before_, world_.layout(site), json ? *json : "");
  }
}

void Checks::Wrote(int wire, const HttpRequest& request, const HttpResponse& response, const std::string& identity) {
  if (response.status < 200 || response.status > 299 || (!IsScale(wire, request) && !IsPut(wire, request))) return;
  const auto lease = ParseJson(world_.cluster(0).Get("coordination.k8s.io/v1", "leases", kNamespace, kLease));
  const std::string holder = lease ? StringAt(*lease, "spec.holderIdentity").value_or("") : "";
  if (holder == identity) return;
  Report(6, identity + " wrote (" + request.method + " " + request.target + ") while the Lease is held by " +
                (holder.empty() ? "nobody" : holder));
}

bool Checks::HeardLately(int daemon, std::size_t site) const {
  const auto heard = heard_.find({daemon, static_cast<int>(site)});
  return heard != heard_.end() && Now() - heard->second <= policy().stale_after;
}

void Checks::CheckOwnCheck(const Policy& of, const Observation& seen, const Memory& memory, const Outcome& outcome) {
  if (!judges_ || ordered_ || own_check_) return;
  const auto broken = daemon::BrokenInvariants(of, seen, memory, outcome.decision);
  if (broken.empty()) return;
  own_check_ = Violation{kOwnCheck, Now() - began_,
                         "the daemon says that a decision breaks " + std::string(daemon::Word(broken.front())) +
                             ", and would raise an alarm"};
}

// What can't be fresh, since nothing was heard for too long, may only hold.
void Checks::CheckFresh(int daemon, const Memory& memory, const Observation& seen, const Outcome& outcome) {
  const bool home = HeardLately(daemon, 0) || failed_over_;
  for (std::size_t site = 1; site < ready_.size(); ++site) {
    const std::string& name = world_.name(site);
    const auto before = memory.sites.find(name);
    const auto after = outcome.decision.sites.find(name);
    if (before == memory.sites.end() || !before->second.known || after == outcome.decision.sites.end()) continue;
    if (after->second.replicas_target >= before->second.replicas_target) continue;
    if (home && HeardLately(daemon, site)) continue;
    Report(5, "the target of " + name + " was lowered to " + std::to_string(after->second.replicas_target) +
                  " although nothing was heard of the cluster of " + (home ? name : world_.name(0)) +
                  " for longer than staleAfter");
  }
  if (home || !outcome.decision.layout || !seen.traffic.seen) return;
  for (const auto& [site, placement] : *outcome.decision.layout) {
    const auto member = seen.traffic.seen->value.members.find(site);
    if (member == seen.traffic.seen->value.members.end() || member->second.placement == placement) continue;
    Report(5, "the layout was to become " + LayoutText(*outcome.decision.layout) +
                  " although nothing was heard of home's cluster for longer than staleAfter");
  }
}

void Checks::Scaled(std::size_t site, int before, int after) {
  writes_.push_back(
      {Now() - began_, false, site, world_.name(site) + " " + std::to_string(before) + " -> " + std::to_string(after)});
  const std::string doing = "replicas of " + writes_.back().what;
  if (site == 0) return Report(4, doing + ": home is its autoscaler's");
  const OverflowPolicy& of = policy().overflow[site - 1];
  if (after < of.replicas_min || after > of.replicas_max) {
    Report(4, doing + " is outside of " + std::to_string(of.replicas_min) + " to " + std::to_string(of.replicas_max));
  }
  if (after >= before) return;
  CheckLowered(site, after);
}

void Checks::CheckLowered(std::size_t site, int after) {
  const Instant now = Now();
  if (ChangedUnseen(published_[site].since())) return;
  const double share = published_[site].Most(now - world_.scenario().ttl + 2s);
  // The daemon hears of demand through an average, and the world may have changed since its decision.
  const Duration late = world_.scenario().autoscaler_window + 2 * world_.scenario().autoscaler_period + 30s;
  double demand = demand_.Least(now - late);
  if (demand_used_) demand = std::min(demand, *demand_used_);
  const double needs = share * demand / Factor(site);
  const std::string name = world_.name(site);
  // With more work than all can carry together everybody lacks something: then it must not lack more than the others.
  const double others = std::max(1, world_.ready(0));
  const double fair = after * Factor(site) / (after * Factor(site) + others);
  if ((share > 0 && after == 0) || (needs > after + 1.0 && share > fair + 0.06)) {
    Report(3, name + " was lowered to " + std::to_string(after) + " replicas while the share published within a TTL, " +
                  Number(share) + ", needs " + Number(needs));
  }
  if (published_[site].now() > 0) return;
  const Duration drained = now - published_[site].since();
  const double load = world_.books().sites[site].load;
  const double most = after * Factor(site) * world_.scenario().limit;
  if (world_.up(site) && drained < policy().drain.max_drain - 5s && load > most + 0.1 &&
      load > 0.03 * world_.demand()) {
    Report(3, name + " was lowered to " + std::to_string(after) + " replicas " + Number(Seconds(drained)) +
                  " s into its drain, while work of " + Number(load) + " replicas still arrived there");
  }
}

// What serves changed at `since`, by somebody else's hand or by health, and no daemon can have read it yet.
bool Checks::ChangedUnseen(Instant since) const {
  const Duration lately = world_.scenario().avi_poll + 2s;
  return Now() - since < lately && std::none_of(writes_.begin(), writes_.end(), [&](const SeenWrite& write) {
           return write.gslb && began_ + write.at > since - lately;
         });
}

void Checks::LayoutWritten(const Layout& before, const Layout& after, const std::string& json_after) {
  writes_.push_back({Now() - began_, true, 0, LayoutText(after)});
  CheckForeignFields(json_before_, json_after);
  const auto old_shares = PublishedShares(before);
  const auto shares = PublishedShares(after);
  const std::size_t leader = world_.leader();
  bool up_before = false, up_after = false;
  for (std::size_t site = 0; site < ready_.size(); ++site) {
    const std::string& name = world_.name(site);
    if (old_shares.contains(name) && world_.held_up(leader, site)) up_before = true;
    if (shares.contains(name) && world_.held_up(leader, site)) up_after = true;
    if (site == 0 || !shares.contains(name)) continue;
    const double old_share = old_shares.contains(name) ? old_shares.at(name) : 0;
    if (shares.at(name) > old_share + 1e-9) CheckRaise(site, shares.at(name), shares);
  }
  const Instant lately = Now() - world_.scenario().avi_poll - 10s;
  if (up_before && !up_after && std::none_of(shares.begin(), shares.end(), [&](const auto& entry) {
        const auto names = world_.scenario().site_names();
        const auto site = static_cast<std::size_t>(std::find(names.begin(), names.end(), entry.first) - names.begin());
        return up_[site].Most(lately);
      })) {
    Report(2, "the layout " + LayoutText(after) + " took away the only member that is up");
  }
}

void Checks::CheckRaise(std::size_t site, double share, const std::map<SiteName, double>& shares) {
  const Instant from = Now() - policy().stale_after - kUnderWay;
  const std::string& name = world_.name(site);
  const int ready = ready_[site].Most(from);
  if (ready == 0) return Report(1, name + " was given traffic without a ready replica");
  if (!up_[site].Most(from)) return Report(1, name + " was given traffic while Avi did not call its member up");
  const bool home_served = shares.contains(world_.name(0));
  if (!home_served || failed_over_ || policy().mode == Mode::kRoundRobin || ordered_) return;
  const double here = ready * Factor(site);
  // Replicas that home's autoscaler is taking away count no more, although they still serve.
  const int home = std::max(1, std::min(ready_[0].Least(from), world_.wanted(0)));
  const double fair = here / (here + home);
  if (share > fair + 0.06) {
    Report(1, name + " was given the share " + Number(share) + " with " + std::to_string(ready) +
                  " ready replicas, which are worth " + Number(fair));
  }
}

void Checks::CheckForeignFields(const std::string& before, const std::string& after) {
  const std::string changed = ForeignDifference(before, after);
  if (!changed.empty()) Report(7, "a write of the layout changed a field of somebody else: " + changed);
}

}  // namespace spillway::sim
