// Federation's other face: what the DNS service probes and answers, and what the world says it found.
#include "tools/lab/avi/federation.h"
#include "tools/lab/avi/state.h"

namespace spillway::lab::avi {
namespace {

// Source: the DNS application profile's default TTL, used where the object has none.
constexpr Duration kProfileTtl = 30s;

MemberView ViewMember(const SiteState& site, const MemberConfig& member, const MemberHealth& health) {
  const GslbSiteConfig* owner = site.gslb.Find(member.cluster_uuid);
  MemberView view;
  view.ip = member.ip;
  view.fqdn = member.fqdn;
  view.site = owner != nullptr ? owner->name : "";
  view.ratio = owner != nullptr ? owner->ratio.value_or(member.ratio) : member.ratio;
  view.preference_order = member.preference_order;
  view.enabled = member.enabled && (owner == nullptr || owner->enabled);
  view.up = health.dns_up;
  return view;
}

ServiceView ViewService(const SiteState& site, const std::string& uuid, const ServiceHealth& health) {
  const ServiceConfig& config = health.of->service;
  ServiceView view;
  view.uuid = uuid;
  view.name = health.of->name;
  view.enabled = config.enabled;
  view.domain_names = config.domain_names;
  view.ttl = config.ttl ? Duration(std::chrono::seconds(*config.ttl)) : kProfileTtl;
  view.num_dns_ip = config.num_dns_ip;
  view.pool_algorithm = config.pool_algorithm;
  view.down_response = config.down_response;
  view.fallback_ip = config.fallback_ip;
  view.fallback_ip6 = config.fallback_ip6;
  view.fallback_cname = config.fallback_cname;
  for (std::size_t p = 0; p < config.pools.size(); ++p) {
    const PoolConfig& pool = config.pools[p];
    PoolView pool_view{.name = pool.name,
                       .priority = pool.priority,
                       .enabled = pool.enabled,
                       .algorithm = pool.algorithm,
                       .members = {}};
    for (std::size_t m = 0; m < pool.members.size(); ++m) {
      pool_view.members.push_back(ViewMember(site, pool.members[m], health.pools[p].members[m]));
    }
    view.pools.push_back(std::move(pool_view));
  }
  return view;
}

bool HostsDns(const SiteState& site) {
  const GslbSiteConfig* config = site.gslb.Find(site.options.cluster_uuid);
  return config != nullptr && config->active;
}

}  // namespace

std::vector<ProbeTarget> Federation::ProbeTargets(std::string_view site) const {
  const std::lock_guard lock(state_->mutex);
  CatchUp(*state_);
  std::vector<ProbeTarget> targets;
  for (const auto& [key, wanted] : state_->Site(site).health.targets) targets.push_back(wanted.begin()->second);
  return targets;
}

std::vector<ServiceView> Federation::DnsView(std::string_view site) const {
  const std::lock_guard lock(state_->mutex);
  CatchUp(*state_);
  std::vector<ServiceView> views;
  const SiteState& named = state_->Site(site);
  if (!HostsDns(named)) return views;
  for (const auto& [uuid, health] : named.health.services) views.push_back(ViewService(named, uuid, health));
  return views;
}

std::uint64_t Federation::DnsVersion(std::string_view site) const {
  const std::lock_guard lock(state_->mutex);
  CatchUp(*state_);
  return state_->Site(site).health.version;
}

void Federation::SetDatapath(std::string_view site, const std::string& member_ip, bool up, const std::string& monitor) {
  const std::lock_guard lock(state_->mutex);
  CatchUp(*state_);
  SiteState& named = state_->Site(site);
  bool news = false;
  for (auto at = named.health.targets.lower_bound({member_ip, monitor}); at != named.health.targets.end(); ++at) {
    if (at->first.first != member_ip || (!monitor.empty() && at->first.second != monitor)) break;
    const auto [verdict, fresh] = named.health.own.probes.try_emplace(at->first, up);
    news = news || fresh || verdict->second != up;
    verdict->second = up;
  }
  if (news) AddressTouched(*state_, named, member_ip);
}

void Federation::SetControllerStatus(const std::string& member_ip, bool up) {
  const std::lock_guard lock(state_->mutex);
  CatchUp(*state_);
  const auto [said, fresh] = state_->controller_says.try_emplace(member_ip, up);
  if (!fresh && said->second == up) return;
  said->second = up;
  ++state_->changes;
  for (const auto& site : state_->sites) AddressTouched(*state_, *site, member_ip);
}

void Federation::SetVip(const std::string& member_ip, const std::string& in_use) {
  const std::lock_guard lock(state_->mutex);
  CatchUp(*state_);
  ++state_->changes;
  if (in_use == member_ip) {
    state_->vips.erase(member_ip);
  } else {
    state_->vips[member_ip] = in_use;
  }
  for (const auto& site : state_->sites) AddressTouched(*state_, *site, member_ip);
}

void Federation::SetTraffic(const std::string& member_ip, double requests_per_second, double open_connections) {
  const std::lock_guard lock(state_->mutex);
  state_->traffic[member_ip] = {.requests_per_second = requests_per_second, .open_connections = open_connections};
  ++state_->traffic_changes;
}

}  // namespace spillway::lab::avi
