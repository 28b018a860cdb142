#include "src/daemon/world.h"

#include <algorithm>

#include "src/base/file.h"
#include "src/base/join.h"
#include "src/daemon/words.h"

namespace spillway::daemon {
namespace {

avi::MemberMatch MatchOf(const MemberConfig& member) { return {member.ip, member.fqdn, member.vs_uuid}; }

avi::Options OptionsOf(const AviConfig& config) {
  avi::Options options;
  options.controllers = config.controllers;
  options.tenant = config.tenant;
  options.username = config.username;
  options.password = [path = config.password_file]() -> Result<std::string> {
    auto password = ReadSecretFile(path);
    if (!password) return Error{password.error().code, "password file " + password.error().what};
    return password;
  };
  options.poll_interval = config.poll_interval;
  return options;
}

}  // namespace

World::World(const Config& config, Clock& clock) {
  for (const auto& [name, cluster] : config.clusters) {
    clusters_[name] = std::make_unique<ClusterSlot>(name, cluster, clock);
  }
  avi_ = std::make_unique<avi::Avi>(OptionsOf(config.avi), clock, [&](const std::string& url) {
    return controllers_.emplace_back(std::make_shared<LateTransport>(url, config.avi.ca_file));
  });
  for (const AppConfig& app : config.apps) Direct(app);
  avi_feeds_ = avi_->feeds();
}

World::~World() = default;

void World::Direct(const AppConfig& app) {
  AppPorts& ports = ports_[app.name];
  avi::ServiceOptions service{app.name, app.gslb_service, {{app.home.site, MatchOf(app.home.member)}}};
  auto add_site = [&](const SiteConfig& site) {
    ports.sites[site.site] = clusters_.at(site.cluster)->Deployment(site.name_space, site.deployment, app.name);
    service.members[site.site] = MatchOf(site.member);
  };
  add_site(app.home);
  for (std::size_t i = 0; i < app.overflow.size(); ++i) {
    const SiteConfig& site = app.overflow[i];
    ClusterSlot& cluster = *clusters_.at(site.cluster);
    cluster.Announces();
    add_site(site);
    for (const UsageSource source : app.policy.overflow.at(i).usage) {
      if (source == UsageSource::kMetrics) {
        ports.meters[site.site] = cluster.Meter(site.name_space, site.deployment, site.usage.poll_interval, app.name);
      } else if (source == UsageSource::kAutoscaler && site.usage.observer) {
        ports.observers[site.site] =
            cluster.Autoscaler(*site.usage.observer, site.name_space, site.deployment, app.name);
      }
    }
  }
  ports.demand =
      clusters_.at(app.home.cluster)->Autoscaler(app.demand, app.home.name_space, app.home.deployment, app.name);
  ports.traffic = directors_.emplace_back(avi_->Direct(std::move(service))).get();
}

void World::Connect(const ClusterSlot::Wake& wake, const ClusterSlot::StartFeed& start_feed) {
  for (auto& [name, cluster] : clusters_) cluster->Connect(wake, start_feed);
  // One read of Avi answers for every service, so it concerns every application.
  for (const auto& feed : avi_feeds_) {
    feed->OnChange([this, wake] {
      for (const auto& [app, ports] : ports_) wake(app);
    });
  }
}

void World::Announce(const AppView& view, const WriteOutcome& write) {
  const auto& sites = view.config->overflow;
  const auto site = std::find_if(sites.begin(), sites.end(), [&](const SiteConfig& s) { return s.site == write.site; });
  if (site == sites.end()) return;
  const Decision& decision = *view.decision;
  std::string because;
  for (const Reason& reason : decision.reasons) {
    Join(because, Text(reason.code).token, ", ");
  }
  clusters_.at(site->cluster)
      ->Announce(site->name_space, site->deployment, "SpillwayScaled",
                 "Spillway, application " + view.config->name + ": " + write.change + "; demand " +
                     DemandText(decision.demand) + ", excess over home's maximum " + std::to_string(decision.excess) +
                     ", in replicas of " + view.config->home.site + "; because " + because);
}

std::vector<Feed*> World::feeds() const {
  std::vector<Feed*> feeds;
  for (const auto& [name, cluster] : clusters_) feeds.push_back(cluster.get());
  for (const auto& feed : avi_feeds_) feeds.push_back(feed.get());
  return feeds;
}

void World::Cancel() {
  for (const auto& [name, cluster] : clusters_) cluster->Cancel();
  for (const auto& controller : controllers_) controller->Cancel();
}

}  // namespace spillway::daemon
