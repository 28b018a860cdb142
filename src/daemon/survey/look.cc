#include "src/daemon/survey/look.h"

#include <algorithm>
#include <set>
#include <utility>

#include "src/base/resolver.h"
#include "src/daemon/open_cluster.h"

namespace spillway::daemon {
namespace {

// Chosen: as a call of the clients; who needs longer for one object is not fit to be steered by.
constexpr Duration kCallDeadline = 5s;
constexpr Duration kAviDeadline = 20s;
constexpr Duration kNameDeadline = 2s;

void Add(std::vector<RightFact>& out, std::initializer_list<const char*> verbs, k8s::Right right, bool first = false) {
  for (const char* verb : verbs) {
    right.verb = verb;
    const bool known = std::any_of(out.begin(), out.end(), [&](const RightFact& fact) { return fact.right == right; });
    if (!known) out.push_back({right, first, std::nullopt, false});
  }
}

k8s::Right AutoscalerRight(const AutoscalerConfig& autoscaler, const std::string& in_namespace) {
  const bool tsm = autoscaler.kind == DemandKind::kTsmDefinition;
  return {"",
          tsm ? "autoscaling.tsm.tanzu.vmware.com" : "autoscaling",
          tsm ? "definitions" : "horizontalpodautoscalers",
          "",
          in_namespace,
          autoscaler.name};
}

void AddOverflow(const SiteConfig& site, const OverflowPolicy& policy, std::vector<RightFact>& out) {
  Add(out, {"patch"}, {"", "apps", "deployments", "scale", site.name_space, site.deployment});
  for (const UsageSource source : policy.usage) {
    if (source == UsageSource::kMetrics) Add(out, {"list"}, {"", "metrics.k8s.io", "pods", "", site.name_space, ""});
    if (source == UsageSource::kAutoscaler && site.usage.observer) {
      Add(out, {"get", "list", "watch"}, AutoscalerRight(*site.usage.observer, site.name_space));
    }
  }
}

std::optional<Error> ErrorOf(const Status& status) {
  return status ? std::nullopt : std::optional<Error>(status.error());
}

}  // namespace

std::vector<RightFact> RightsIn(const std::string& cluster, const Config& config) {
  std::vector<RightFact> out;
  const auto watch = [&](const SiteConfig& site) {
    Add(out, {"get", "list", "watch"}, {"", "apps", "deployments", "", site.name_space, site.deployment});
  };
  for (const AppConfig& app : config.apps) {
    if (app.home.cluster == cluster) {
      watch(app.home);
      Add(out, {"get", "list", "watch"}, AutoscalerRight(app.demand, app.home.name_space));
    }
    for (std::size_t i = 0; i < app.overflow.size(); ++i) {
      if (app.overflow[i].cluster != cluster) continue;
      watch(app.overflow[i]);
      AddOverflow(app.overflow[i], app.policy.overflow.at(i), out);
    }
  }
  if (const auto& election = config.controller.election; election && election->object.cluster == cluster) {
    const k8s::Right lease{"", "coordination.k8s.io", "leases", "", election->object.name_space, election->object.name};
    Add(out, {"get", "update"}, lease);
    Add(out, {"create"}, lease, true);
  }
  if (const auto& map = config.controller.config_map; map && map->cluster == cluster) {
    const k8s::Right state{"", "", "configmaps", "", map->name_space, map->name};
    Add(out, {"get", "patch"}, state);
    Add(out, {"create"}, state, true);
  }
  return out;
}

SetupLook::SetupLook(Config config, AviSurvey survey_avi, Clock& clock)
    : config_(std::move(config)), survey_avi_(std::move(survey_avi)), clock_(clock) {}

void SetupLook::Cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  for (const auto& client : clients_) client->Cancel();
}

bool SetupLook::cancelled() const {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

Result<std::unique_ptr<k8s::Survey>> SetupLook::Open(const std::string& name) {
  auto access = AccessOf(config_.clusters.at(name));
  if (!access) return Error{access.error().code, "cluster \"" + name + "\": " + access.error().what};
  // A connection of its own: what is proved is that one can be made now.
  auto client = std::make_shared<HttpClient>(access->endpoint);
  const std::lock_guard lock(mutex_);
  if (cancelled_) client->Cancel();
  clients_.push_back(client);
  return std::make_unique<k8s::Survey>(name, std::move(*access), clock_, std::move(client), kCallDeadline);
}

ClusterFacts SetupLook::LookAt(const std::string& name, Surveys& surveys) {
  ClusterFacts facts;
  facts.name = name;
  auto survey = Open(name);
  if (!survey) {
    facts.failure = survey.error();
    return facts;
  }
  const auto reached = (*survey)->Reach();
  if (!reached) {
    facts.failure = reached.error();
    return facts;
  }
  if (*reached) facts.clock_by = **reached - clock_.WallNow();
  facts.rights = RightsIn(name, config_);
  for (RightFact& fact : facts.rights) {
    const auto allowed = (*survey)->May(fact.right);
    if (allowed) {
      fact.allowed = *allowed;
    } else {
      fact.failure = allowed.error();
    }
    if (cancelled()) break;
  }
  surveys.emplace(name, std::move(*survey));
  return facts;
}

AppFacts SetupLook::LookAt(const AppConfig& app, const Surveys& surveys) const {
  AppFacts facts;
  facts.app = app.name;
  const bool tsm = app.demand.kind == DemandKind::kTsmDefinition;
  facts.autoscaler = (tsm ? "Definition " : "HorizontalPodAutoscaler ") + app.demand.name;
  const auto add_site = [&](const SiteConfig& site, bool overflow) {
    if (!site.member.ip.empty()) facts.member_ips.push_back(site.member.ip);
    const auto survey = surveys.find(site.cluster);
    if (survey == surveys.end()) return;
    SiteFacts seen;
    seen.site = site.site;
    seen.cluster = site.cluster;
    seen.deployment = site.deployment;
    seen.overflow = overflow;
    seen.deployment_failure =
        ErrorOf(survey->second->Exists(k8s::ObjectKind::kDeployment, site.name_space, site.deployment));
    if (overflow) {
      auto scalers = survey->second->ScaledBy(site.name_space, site.deployment);
      if (scalers) {
        seen.scalers = std::move(*scalers);
      } else {
        seen.scalers_failure = scalers.error();
      }
    }
    facts.sites.push_back(std::move(seen));
  };
  add_site(app.home, false);
  for (const SiteConfig& site : app.overflow) add_site(site, true);
  const auto home = surveys.find(app.home.cluster);
  if (home == surveys.end()) {
    facts.autoscaler_failure = Error{Code::kRetry, "cluster \"" + app.home.cluster + "\" can't be reached"};
  } else {
    facts.autoscaler_failure = ErrorOf(home->second->Exists(tsm ? k8s::ObjectKind::kDefinition : k8s::ObjectKind::kHpa,
                                                            app.home.name_space, app.demand.name));
  }
  return facts;
}

Facts SetupLook::Gather(bool before_start) {
  Facts facts;
  facts.before_start = before_start;
  facts.avi_username = config_.avi.username;
  Surveys surveys;
  {
    const std::lock_guard lock(mutex_);
    clients_.clear();
  }
  for (const auto& [name, cluster] : config_.clusters) facts.clusters.push_back(LookAt(name, surveys));
  facts.avi = survey_avi_(clock_.Now() + kAviDeadline);
  for (const AppConfig& app : config_.apps) {
    AppFacts seen = LookAt(app, surveys);
    for (const avi::ServiceSeen& service : facts.avi.services) {
      if (service.app == app.name) seen.service = service;
    }
    if (seen.service) {
      for (const std::string& name : seen.service->domain_names) {
        if (cancelled()) break;
        NameFacts known{name, std::nullopt, {}};
        auto addresses = ResolveName(name, config_.controller.resolver, kNameDeadline);
        if (addresses) {
          known.addresses = std::move(*addresses);
        } else {
          known.failure = addresses.error();
        }
        seen.names.push_back(std::move(known));
      }
    }
    facts.apps.push_back(std::move(seen));
  }
  return facts;
}

}  // namespace spillway::daemon
