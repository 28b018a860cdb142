#include "tools/lab/avi/verdict.h"

#include <algorithm>

#include "tools/lab/avi/state.h"

namespace spillway::lab::avi {
namespace {

// One member as one site sees it.
struct Case {
  const State& state;
  const SiteState& site;
  const ServiceConfig& service;
  const PoolConfig& pool;
  const MemberConfig& member;
};

Oper Said(const std::map<std::string, bool>& by_address, const std::string& address) {
  const auto said = by_address.find(address);
  if (said == by_address.end()) return Oper::kUnavailable;
  return said->second ? Oper::kUp : Oper::kDown;
}

Oper Said(const std::map<ProbeKey, bool>& probes, const std::string& address, const std::string& monitor) {
  const auto said = probes.find({address, monitor});
  if (said == probes.end()) return Oper::kUnavailable;
  return said->second ? Oper::kUp : Oper::kDown;
}

// All must be up; one that is down weighs more than one that is unknown.
Oper Worse(Oper a, Oper b) {
  if (a == Oper::kDown || b == Oper::kDown) return Oper::kDown;
  return a == Oper::kUp ? b : a;
}

const HealthBook::Heard& HeardOf(const SiteState& site, std::size_t other) {
  static const HealthBook::Heard kNothing{};
  return other < site.health.heard.size() ? site.health.heard[other] : kNothing;
}

Oper ControllerSays(const Case& c) {
  for (const auto& owner : c.state.sites) {
    if (owner->options.cluster_uuid != c.member.cluster_uuid) continue;
    if (owner->index == c.site.index) return Said(c.state.controller_says, c.member.address());
    const HealthBook::Heard& heard = HeardOf(c.site, owner->index);
    return heard.lost ? Oper::kDown : Said(heard.facts.controller, c.member.address());
  }
  return Oper::kUnavailable;
}

// Sites whose probes count: active, enabled, and not lost to this one.
std::vector<std::size_t> Probers(const Case& c) {
  std::vector<std::size_t> probers;
  for (const auto& other : c.state.sites) {
    const GslbSiteConfig* config = c.site.gslb.Find(other->options.cluster_uuid);
    if (config == nullptr || !config->active || !config->enabled) continue;
    if (other->index != c.site.index && HeardOf(c.site, other->index).lost) continue;
    probers.push_back(other->index);
  }
  return probers;
}

Oper ProbeSays(const Case& c, std::size_t prober, const std::string& monitor) {
  const bool own = prober == c.site.index;
  const Facts& facts = own ? c.site.health.own : HeardOf(c.site, prober).facts;
  return Said(facts.probes, c.member.address(), monitor);
}

Oper ProbesSay(const Case& c, std::size_t prober) {
  Oper oper = Oper::kUp;
  for (const std::string& monitor : c.service.monitors) oper = Worse(oper, ProbeSays(c, prober, monitor));
  return oper;
}

// The verdict over the probes of `probers` and the controller, if it is asked.
Oper Consolidated(const Case& c, std::optional<Oper> controller, const std::vector<std::size_t>& probers) {
  Oper all = controller.value_or(Oper::kUp);
  int up = controller == Oper::kUp ? 1 : 0;
  if (Probed(c.service, c.member)) {
    for (const std::string& monitor : c.service.monitors) {
      Oper everywhere = probers.empty() ? Oper::kUnavailable : Oper::kUp;
      for (const std::size_t prober : probers) everywhere = Worse(everywhere, ProbeSays(c, prober, monitor));
      all = Worse(all, everywhere);
      up += everywhere == Oper::kUp ? 1 : 0;
    }
  }
  if (!c.pool.monitors_up_least) return all;
  if (up >= *c.pool.monitors_up_least) return Oper::kUp;
  return all == Oper::kUnavailable ? all : Oper::kDown;
}

constexpr std::string_view kOff = "Disabled by configuration";
constexpr std::string_view kHeld = "Waits for manual resume";
constexpr std::string_view kOutOfSync = "Operational VIP differs from the configured one";

Status Since(const State& state, Oper oper, const Status* before, std::string_view reason = {}) {
  const bool same = before != nullptr && before->oper == oper && before->since != WallTime{};
  return {.oper = oper, .since = same ? before->since : state.event_at, .reason = reason};
}

// The last judgement of this member: in this pool, else in the one it was moved from.
const MemberHealth* Before(const ServiceHealth& before, const std::string& pool, const std::string& address) {
  const MemberHealth* elsewhere = nullptr;
  for (std::size_t p = 0; p < before.pools.size(); ++p) {
    const PoolConfig& config = before.of->service.pools[p];
    for (std::size_t m = 0; m < config.members.size(); ++m) {
      if (config.members[m].address() != address) continue;
      if (config.name == pool) return &before.pools[p].members[m];
      elsewhere = &before.pools[p].members[m];
    }
  }
  return elsewhere;
}

const Status* DatapathBefore(const MemberHealth* before, std::size_t prober) {
  if (before == nullptr) return nullptr;
  for (const auto& [site, status] : before->datapath) {
    if (site == prober) return &status;
  }
  return nullptr;
}

MemberHealth JudgeMember(const Case& c, const MemberHealth* before) {
  MemberHealth health;
  std::optional<Oper> controller;
  if (c.service.controller_status && HasController(c.site.gslb, c.member)) {
    controller = ControllerSays(c);
    const Status* last = before != nullptr && before->controller ? &*before->controller : nullptr;
    health.controller = Since(c.state, *controller, last);
  }
  const bool off = Disabled(c.site.gslb, c.service, c.pool, c.member);
  const std::vector<std::size_t> probers = Probers(c);
  if (Probed(c.service, c.member) && !off) {
    for (const std::size_t prober : probers) {
      health.datapath.emplace_back(prober, Since(c.state, ProbesSay(c, prober), DatapathBefore(before, prober)));
    }
  }
  Oper oper = Oper::kDisabled;
  std::string_view reason = kOff;
  if (!off) {
    reason = {};
    oper = Consolidated(c, controller, probers);
    health.dns_up = Consolidated(c, controller, {c.site.index}) == Oper::kUp;
    if (c.pool.manual_resume && before != nullptr) {
      health.held_down = before->held_down || (before->oper.oper == Oper::kUp && oper == Oper::kDown);
    }
    if (health.held_down) {
      health.dns_up = false;
      if (oper == Oper::kUp) {
        oper = Oper::kDisabled;
        reason = kHeld;
      }
    }
    if (HasController(c.site.gslb, c.member) && !OtherVip(c.state, c.site, c.member).empty()) {
      health.dns_up = false;
      oper = Oper::kDisabled;
      reason = kOutOfSync;
    }
  }
  health.oper = Since(c.state, oper, before != nullptr ? &before->oper : nullptr, reason);
  return health;
}

// Of parts: up if one is; disabled if all are; else down, unless nothing is known.
Oper Sum(const std::vector<Oper>& parts) {
  if (std::count(parts.begin(), parts.end(), Oper::kUp) > 0) return Oper::kUp;
  if (std::count(parts.begin(), parts.end(), Oper::kDown) > 0) return Oper::kDown;
  if (std::count(parts.begin(), parts.end(), Oper::kUnavailable) > 0) return Oper::kUnavailable;
  return Oper::kDisabled;
}

const PoolHealth* PoolBefore(const ServiceHealth& before, const std::string& name) {
  for (std::size_t p = 0; p < before.pools.size(); ++p) {
    if (before.of->service.pools[p].name == name) return &before.pools[p];
  }
  return nullptr;
}

}  // namespace

bool Disabled(const GslbConfig& gslb, const ServiceConfig& service, const PoolConfig& pool,
              const MemberConfig& member) {
  const GslbSiteConfig* site = gslb.Find(member.cluster_uuid);
  return !service.enabled || !pool.enabled || !member.enabled || (site != nullptr && !site->enabled);
}

bool HasController(const GslbConfig& gslb, const MemberConfig& member) {
  const GslbSiteConfig* site = gslb.Find(member.cluster_uuid);
  return !member.vs_uuid.empty() && site != nullptr && !site->third_party;
}

std::string OtherVip(const State& state, const SiteState& site, const MemberConfig& member) {
  for (const auto& owner : state.sites) {
    if (owner->options.cluster_uuid != member.cluster_uuid) continue;
    const auto& vips = owner->index == site.index ? state.vips : HeardOf(site, owner->index).facts.vips;
    const auto other = vips.find(member.address());
    return other == vips.end() ? "" : other->second;
  }
  return "";
}

bool Probed(const ServiceConfig& service, const MemberConfig& member) {
  if (service.monitors.empty()) return false;
  return !service.only_third_party || member.vs_uuid.empty();
}

ServiceHealth JudgeService(const State& state, const SiteState& site, const ObjectPtr& service,
                           const ServiceHealth& before) {
  ServiceHealth health;
  health.of = service;
  std::vector<Oper> pools;
  for (const PoolConfig& pool : service->service.pools) {
    PoolHealth judged;
    std::vector<Oper> members;
    for (const MemberConfig& member : pool.members) {
      const Case c{.state = state, .site = site, .service = service->service, .pool = pool, .member = member};
      judged.members.push_back(JudgeMember(c, Before(before, pool.name, member.address())));
      members.push_back(judged.members.back().oper.oper);
    }
    const PoolHealth* last = PoolBefore(before, pool.name);
    judged.oper = Since(state, Sum(members), last != nullptr ? &last->oper : nullptr);
    pools.push_back(judged.oper.oper);
    health.pools.push_back(std::move(judged));
  }
  health.oper = Since(state, Sum(pools), &before.oper);
  return health;
}

}  // namespace spillway::lab::avi
