#include "tools/simulate/world.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "src/base/json.h"

namespace spillway::sim {
namespace {

// How often demand, crowd and books move on. Chosen: a fifth of the shortest TTL and of the shortest probe interval.
constexpr Duration kTick = 1s;
// What the rounding of shares may leave.
constexpr double kRounding = 1e-6;

// As in the pool's priorities: served where the highest that can answer stands, parked at priority 0.
Layout LayoutOf(const lab::avi::ServiceView& service, const std::vector<std::string>& names) {
  int live = 0;
  for (const auto& pool : service.pools) {
    const bool can = pool.enabled && std::any_of(pool.members.begin(), pool.members.end(),
                                                 [](const auto& member) { return member.enabled; });
    if (can) live = std::max(live, pool.priority);
  }
  Layout layout;
  for (const auto& pool : service.pools) {
    for (const auto& member : pool.members) {
      for (std::size_t site = 0; site < names.size(); ++site) {
        if (member.ip != World::Vip(site)) continue;
        Placement placement{Place::kStandby, member.ratio, 1};
        if (pool.priority == 0) placement.place = Place::kParked;
        if (pool.priority == live && live > 0) placement.place = Place::kServed;
        if (!service.enabled || !pool.enabled || !member.enabled) placement.place = Place::kDisabled;
        layout[names[site]] = placement;
      }
    }
  }
  return layout;
}

}  // namespace

Books Books::Since(const Books& before) const {
  Books books = *this;
  books.arrived -= before.arrived;
  books.no_address -= before.no_address;
  books.overload_seconds -= before.overload_seconds;
  for (std::size_t site = 0; site < books.sites.size(); ++site) {
    SiteBooks& of = books.sites[site];
    of.work -= before.sites[site].work;
    of.failed -= before.sites[site].failed;
    of.overload -= before.sites[site].overload;
    of.turned_away -= before.sites[site].turned_away;
    of.overload_seconds -= before.sites[site].overload_seconds;
    of.replica_hours -= before.sites[site].replica_hours;
  }
  return books;
}

double Books::failed() const {
  double sum = no_address;
  for (const SiteBooks& site : sites) sum += site.failed;
  return sum;
}

double Books::overload() const {
  double sum = no_address;
  for (const SiteBooks& site : sites) sum += site.overload;
  return sum;
}

double Books::turned_away() const {
  double sum = 0;
  for (const SiteBooks& site : sites) sum += site.turned_away;
  return sum;
}

void World::Stir(std::size_t site) {
  Site& of = sites_[site];
  of.cluster->Advance();
  CountPods(site);
  timeline_.Wake(of.actor, of.cluster->NextDue().value_or(Instant::max()));
  if (told_) told_(site);
}

void World::CountPods(std::size_t site) {
  Site& of = sites_[site];
  of.ready = of.serving = of.pods = 0;
  for (const lab::PodView& pod : of.cluster->Pods(kNamespace, kDeployment)) {
    ++of.pods;
    if (pod.ready && !pod.terminating) ++of.ready;
    if (pod.ready) ++of.serving;
  }
  books_.sites[site].replicas_most = std::max(books_.sites[site].replicas_most, of.pods);
}

int World::wanted(std::size_t site) const {
  const auto json = ParseJson(sites_[site].cluster->Get("apps/v1", "deployments", kNamespace, kDeployment));
  return json ? static_cast<int>(IntAt(*json, "spec.replicas").value_or(0)) : 0;
}

void World::SetPods(std::size_t site, const lab::PodTimes& times) {
  sites_[site].cluster->SetPodTimes(times);
  Stir(site);
}

void World::SetAutoscaler(bool running, bool has_metrics) {
  sites_[0].cluster->SetAutoscaler(Autoscaler(running, has_metrics));
  sites_[0].cluster->SetHpa({.running = running, .period = scenario_.autoscaler_period, .external = {}});
  if (Meters(0)) SetMetrics(0, has_metrics, true);
  Stir(0);
}

void World::SetMetrics(std::size_t site, bool available, bool reading) {
  lab::MetricsOptions options;
  options.available = available;
  options.reading = reading;
  sites_[site].cluster->SetMetrics(options);
  Stir(site);
}

void World::SetLeader(std::size_t site) {
  federation_->ChangeLeader(sites_[site].name);
  leader_ = site;
}

void World::Freeze(double demand) { frozen_ = demand < 0 ? demand_ : demand; }

void World::ReadDns(std::size_t dns_site) {
  Dns& dns = dns_[dns_site];
  Choices& choices = choices_[dns_site];
  const std::string& name = sites_[dns_site].name;
  const std::uint64_t version = federation_->DnsVersion(name);
  if (version == dns.version) return;
  dns.version = version;
  dns.targets = federation_->ProbeTargets(name);
  const auto views = federation_->DnsView(name);
  choices.clear();
  dns.up.assign(sites_.size(), false);
  if (views.empty()) return;
  const lab::avi::ServiceView& service = views.front();
  dns.layout = LayoutOf(service, scenario_.site_names());
  Publish(dns);
  const auto choose = [&](const lab::avi::MemberView& member, int weight) {
    for (std::size_t site = 0; site < sites_.size(); ++site) {
      if (member.ip == sites_[site].vip) choices.push_back({site, weight});
    }
  };
  for (const auto& pool : service.pools) {
    for (const auto& member : pool.members) {
      for (std::size_t site = 0; site < sites_.size(); ++site) {
        if (member.ip == sites_[site].vip && member.up && member.enabled) dns.up[site] = true;
      }
    }
  }
  if (!service.enabled) return;
  if (const lab::avi::PoolView* pool = lab::PoolInTurn(service, dns.rotation)) {
    for (const lab::Turn& turn : lab::TurnsOf(*pool)) choose(*turn.member, turn.weight);
    return;
  }
  // The service's down response is ALL_RECORDS; resolvers try any of them.
  for (const lab::avi::MemberView* member : lab::AllRecords(service)) choose(*member, 1);
}

void World::Publish(Dns& dns) const {
  const auto shares = PublishedShares(dns.layout);
  for (std::size_t site = 0; site < sites_.size(); ++site) {
    const auto share = shares.find(sites_[site].name);
    const auto placement = dns.layout.find(sites_[site].name);
    dns.shares[site] = share == shares.end() ? 0 : share->second;
    dns.places[site] = placement == dns.layout.end() ? Place::kDisabled : placement->second.place;
  }
}

void World::LookAtDns() {
  for (std::size_t site = 0; site < sites_.size(); ++site) ReadDns(site);
}

void World::Probe(std::size_t dns_site) {
  Dns& dns = dns_[dns_site];
  const auto due = dns.probes.NextDue();
  if (due && *due > timeline_.Now()) return;
  for (const auto& target : dns.probes.Due(dns.targets, timeline_.Now())) {
    for (std::size_t site = 0; site < sites_.size(); ++site) {
      if (target.ip != sites_[site].vip) continue;
      const bool reached = !(sites_[site].probe_fails && dns_site != site);
      if (const auto verdict = dns.probes.Record(target, up(site) && reached)) {
        federation_->SetDatapath(sites_[dns_site].name, target.ip, *verdict, target.monitor);
      }
    }
  }
}

void World::Tell(std::size_t site, double served) {
  Site& of = sites_[site];
  const bool is_up = up(site);
  if (!of.said || of.said_up != is_up) {
    federation_->SetControllerStatus(of.vip, is_up);
    if (!is_up) crowd_.Cut(site);
    of.said = true;
    of.said_up = is_up;
  }
  const double rps = std::round(served * scenario_.requests_per_replica * 10) / 10;
  if (rps == of.said_rps) return;
  federation_->SetTraffic(of.vip, rps, std::ceil(rps / 2));
  of.said_rps = rps;
}

void World::Serve(double seconds) {
  bool overloaded = false;
  double addressed = 0;
  books_.arrived += demand_ * seconds;
  for (std::size_t site = 0; site < sites_.size(); ++site) {
    const Site& of = sites_[site];
    SiteBooks& books = books_.sites[site];
    const double share = crowd_.shares()[site];
    addressed += share;
    books.load = demand_ * share;
    books.work += books.load * seconds;
    books.replica_hours += of.pods * seconds / 3600;
    const double meant = of.down ? 0 : of.serving * of.factor;
    const double served = std::min(books.load, meant * scenario_.limit);
    const double over = books.load - meant;
    if (over > kRounding) {
      books.overload += over * seconds;
      books.overload_seconds += seconds;
      overloaded = true;
    }
    (meant > 0 ? books.turned_away : books.failed) += (books.load - served) * seconds;
    Tell(site, served);
  }
  if (addressed < 1 - kRounding) books_.no_address += (1 - addressed) * demand_ * seconds;  // not what rounding leaves
  if (overloaded) books_.overload_seconds += seconds;
}

Instant World::Tick() {
  const Instant now = timeline_.Now();
  demand_ = DemandAt(now);
  for (std::size_t site = 0; site < sites_.size(); ++site) {
    Probe(site);
    ReadDns(site);
  }
  crowd_.Move(now, scenario_.ttl, choices_);
  Serve(Seconds(now - ticked_at_));
  ticked_at_ = now;
  if (ticked_) ticked_();
  return now + kTick;
}

}  // namespace spillway::sim
