#include "tools/lab/avi/health.h"

#include <algorithm>

#include "tools/lab/avi/state.h"
#include "tools/lab/avi/verdict.h"

namespace spillway::lab::avi {
namespace {

// What this site's DNS service has to probe for one service.
std::vector<ProbeTarget> Targets(const SiteState& site, const ServiceConfig& service) {
  std::vector<ProbeTarget> targets;
  const GslbSiteConfig* own = site.gslb.Find(site.options.cluster_uuid);
  if (own == nullptr || !own->active || !own->enabled) return targets;
  for (const PoolConfig& pool : service.pools) {
    for (const MemberConfig& member : pool.members) {
      if (Disabled(site.gslb, service, pool, member) || !Probed(service, member)) continue;
      for (const std::string& uuid : service.monitors) {
        const ObjectPtr monitor = site.store.Find("healthmonitor", uuid);
        if (monitor == nullptr) continue;
        ProbeTarget target = ReadMonitor(uuid, monitor->body);
        target.ip = member.address();
        targets.push_back(std::move(target));
      }
    }
  }
  return targets;
}

void Forget(SiteState& site, const std::string& service) {
  HealthBook& book = site.health;
  for (const ProbeTarget& target : book.targets_of[service]) {
    const auto wanted = book.targets.find({target.ip, target.monitor});
    if (wanted == book.targets.end()) continue;
    wanted->second.erase(service);
    if (wanted->second.empty()) book.targets.erase(wanted);
  }
  book.targets_of.erase(service);
  const auto old = book.services.find(service);
  if (old == book.services.end()) return;
  for (const PoolConfig& pool : old->second.of->service.pools) {
    for (const MemberConfig& member : pool.members) book.services_at[member.address()].erase(service);
  }
}

void Remember(SiteState& site, const ObjectPtr& service) {
  HealthBook& book = site.health;
  std::vector<ProbeTarget>& targets = book.targets_of[service->uuid] = Targets(site, service->service);
  for (const ProbeTarget& target : targets) {
    book.targets[{target.ip, target.monitor}].insert_or_assign(service->uuid, target);
  }
  for (const PoolConfig& pool : service->service.pools) {
    for (const MemberConfig& member : pool.members) book.services_at[member.address()].insert(service->uuid);
  }
}

// A target that is probed no more starts unknown when it comes back.
void ForgetVerdicts(HealthBook& book) {
  std::erase_if(book.own.probes, [&](const auto& probe) { return !book.targets.contains(probe.first); });
}

void Judge(State& state, SiteState& site, const ObjectPtr& service) {
  ServiceHealth& health = site.health.services[service->uuid];
  ServiceHealth judged = JudgeService(state, site, service, health);
  if (judged == health) return;
  health = std::move(judged);
  ++site.health.version;
  ++state.changes;
}

}  // namespace

std::string_view Text(Oper oper) {
  switch (oper) {
    case Oper::kUp:
      return "OPER_UP";
    case Oper::kDown:
      return "OPER_DOWN";
    case Oper::kDisabled:
      return "OPER_DISABLED";
    case Oper::kUnavailable:
      break;
  }
  return "OPER_UNAVAIL";
}

void ServiceStored(State& state, SiteState& site, const ObjectPtr& service) {
  Forget(site, service->uuid);
  Remember(site, service);
  ForgetVerdicts(site.health);
  Judge(state, site, service);
}

void ServiceRemoved(SiteState& site, const std::string& uuid) {
  Forget(site, uuid);
  ForgetVerdicts(site.health);
  site.health.services.erase(uuid);
  ++site.health.version;
}

void AllServicesTouched(State& state, SiteState& site) {
  const std::vector<ObjectPtr> services = site.store.List("gslbservice");
  for (const ObjectPtr& service : services) {
    Forget(site, service->uuid);
    Remember(site, service);
  }
  ForgetVerdicts(site.health);
  for (const ObjectPtr& service : services) Judge(state, site, service);
  ++site.health.version;
}

void AddressTouched(State& state, SiteState& site, const std::string& address) {
  const auto services = site.health.services_at.find(address);
  if (services == site.health.services_at.end()) return;
  for (const std::string& uuid : services->second) {
    if (const ObjectPtr service = site.store.Find("gslbservice", uuid)) Judge(state, site, service);
  }
}

void AskOthers(State& state, SiteState& site) {
  if (!site.alive) return;
  site.health.heard.resize(state.sites.size());
  bool news = false;
  for (const auto& other : state.sites) {
    if (other->index == site.index) continue;
    HealthBook::Heard& heard = site.health.heard[other->index];
    if (!state.Connected(site.index, other->index)) {
      ++state.changes;
      const bool lost = ++heard.missed >= site.gslb.clear_on_max_retries;
      news = news || lost != heard.lost;
      heard.lost = lost;
      continue;
    }
    const Facts facts{.controller = state.controller_says, .vips = state.vips, .probes = other->health.own.probes};
    if (heard.missed == 0 && !heard.lost && facts == heard.facts) continue;
    ++state.changes;
    news = news || heard.lost || !(facts == heard.facts);
    heard = {.facts = facts};
  }
  if (!news) return;
  for (const ObjectPtr& service : site.store.List("gslbservice")) Judge(state, site, service);
}

}  // namespace spillway::lab::avi
