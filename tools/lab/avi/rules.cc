// What the tables can't say: who may write now, and what must hold between objects.
#include <algorithm>
#include <set>

#include "tools/lab/avi/objects.h"

namespace spillway::lab::avi {
namespace {

bool Within(const std::string& name, const std::string& domain) {
  return name == domain || name.ends_with("." + domain);
}

std::optional<std::string> DomainWrong(const SiteState& site, const Object& candidate) {
  const std::vector<std::string>& domains = site.gslb.dns_domains;
  for (const std::string& name : candidate.service.domain_names) {
    const bool hosted = std::any_of(domains.begin(), domains.end(), [&](const auto& d) { return Within(name, d); });
    if (!domains.empty() && !hosted)
      return "domain name " + name + " is not in any sub-domain of the GSLB configuration";
  }
  for (const ObjectPtr& other : site.store.List("gslbservice")) {
    if (other->uuid == candidate.uuid) continue;
    for (const std::string& name : candidate.service.domain_names) {
      const auto& taken = other->service.domain_names;
      if (std::find(taken.begin(), taken.end(), name) == taken.end()) continue;
      return "Gslb service " + candidate.name + ": domain name conflicting with existing domain name " + name +
             " of Gslb service " + other->name;
    }
  }
  return std::nullopt;
}

std::optional<std::string> MonitorWrong(const SiteState& site, const Object& candidate) {
  for (const std::string& uuid : candidate.service.monitors) {
    const ObjectPtr monitor = site.store.Find("healthmonitor", uuid);
    if (monitor != nullptr && monitor->federated) continue;
    return "Health monitor " + (monitor == nullptr ? uuid : monitor->name) +
           " is not federated; a Gslb service can only refer to federated objects";
  }
  return std::nullopt;
}

std::optional<std::string> MemberWrong(const SiteState& site, const Object& candidate) {
  std::set<std::string> pools;
  for (const PoolConfig& pool : candidate.service.pools) {
    if (!pools.insert(pool.name).second) return "groups: more than one is named " + pool.name;
    std::set<std::string> addresses;
    for (const MemberConfig& member : pool.members) {
      if (member.address().empty()) return "groups.members: ip or fqdn is required";
      if (!addresses.insert(member.address()).second) return "groups.members: " + member.address() + " is repeated";
      if (!member.cluster_uuid.empty() && site.gslb.Find(member.cluster_uuid) == nullptr) {
        return "groups.members.cluster_uuid: " + member.cluster_uuid + " is no site of the GSLB configuration";
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string> IntervalWrong(const Object& candidate) {
  const auto interval = IntAt(candidate.body, "send_interval");
  const auto timeout = IntAt(candidate.body, "receive_timeout");
  if (!interval || !timeout || *timeout < *interval) return std::nullopt;
  return "receive_timeout: must be less than send_interval";
}

}  // namespace

std::optional<std::string> Unwritable(const SiteState& site, const Type& type, bool federated) {
  if (!federated) return std::nullopt;
  if (!site.gslb.leader.empty() && !site.leads()) return "Config Operations can be done ONLY on leader";
  // Gslb itself stays writable, or there would be no way out.
  if (site.gslb.maintenance && type.path != "gslb") return "GSLB system is in maintenance mode.";
  return std::nullopt;
}

std::optional<std::string> BreaksRule(const SiteState& site, const Object& candidate) {
  if (candidate.type->path == "healthmonitor") return IntervalWrong(candidate);
  if (candidate.type->path != "gslbservice") return std::nullopt;
  if (auto wrong = DomainWrong(site, candidate)) return wrong;
  if (auto wrong = MonitorWrong(site, candidate)) return wrong;
  return MemberWrong(site, candidate);
}

}  // namespace spillway::lab::avi
