#include "src/daemon/config_check.h"

#include <map>
#include <string>

#include "src/base/join.h"
#include "src/base/time_text.h"

namespace spillway::daemon {
namespace {

// Says where a value that must be unique was used before.
class Once {
 public:
  explicit Once(ReadContext& context) : context_(&context) {}
  void Check(const std::string& value, const std::string& path, const std::string& what) {
    if (value.empty()) return;
    const auto [before, first] = seen_.emplace(value, path);
    if (first) return;
    context_->Wrong(context_->LineOf(path), path,
                    what + " is already taken by " + before->second + " (line " +
                        std::to_string(context_->LineOf(before->second)) + "), allowed is once");
  }

 private:
  ReadContext* context_;
  std::map<std::string, std::string> seen_;
};

std::string MemberText(const MemberConfig& member) {
  return !member.ip.empty() ? member.ip : !member.fqdn.empty() ? member.fqdn : member.vs_uuid;
}

void CheckController(const ControllerConfig& controller, ReadContext& context) {
  const std::string path = "controller.listen";
  if (IsLoopback(controller.host)) return;
  std::string missing;
  if (!controller.tls) missing = "controller.tls";
  if (controller.tokens_file.empty()) Join(missing, "controller.auth", " and ");
  if (missing.empty()) return;
  context.Wrong(context.LineOf(path), path,
                controller.host + " can be reached from elsewhere but " + missing +
                    " is not set, allowed is a loopback address or both of them");
}

void CheckCluster(const Config& config, const std::string& cluster, const std::string& path, ReadContext& context) {
  if (cluster.empty() || config.clusters.count(cluster) != 0) return;
  std::vector<std::string> names;
  std::string allowed;
  for (const auto& [name, known] : config.clusters) {
    names.push_back(name);
    Join(allowed, name, ", ");
  }
  const std::string meant = Nearest(cluster, names);
  context.Wrong(context.LineOf(path + ".cluster"), path + ".cluster",
                "\"" + cluster + "\" is not one of clusters" +
                    (meant.empty() ? "" : " (did you mean \"" + meant + "\"?)") + ", allowed is one of " + allowed);
}

void CheckElection(const Config& config, ReadContext& context) {
  const ControllerConfig& controller = config.controller;
  if (controller.config_map)
    CheckCluster(config, controller.config_map->cluster, "controller.state.configMap", context);
  if (!controller.election) return;
  const std::string path = "controller.leaderElection";
  CheckCluster(config, controller.election->object.cluster, path, context);
  if (controller.config_map) return;
  context.Wrong(context.LineOf(path), path,
                "needs the memory where the next leader finds it, allowed is controller.leaderElection together with "
                "controller.state.configMap");
}

struct Uniques {
  Once apps, services, deployments;
};

void CheckApp(const Config& config, const AppConfig& app, const std::string& path, Uniques& uniques,
              ReadContext& context) {
  uniques.apps.Check(app.name, path + ".name", "\"" + app.name + "\"");
  uniques.services.Check(app.gslb_service, path + ".gslbService", "\"" + app.gslb_service + "\"");
  Once sites(context);
  Once members(context);
  auto check_site = [&](const SiteConfig& site, const std::string& at) {
    CheckCluster(config, site.cluster, at, context);
    sites.Check(site.site, at + ".site", "\"" + site.site + "\"");
    members.Check(MemberText(site.member), at + ".member", "\"" + MemberText(site.member) + "\"");
    if (site.cluster.empty() || site.deployment.empty()) return;
    uniques.deployments.Check(site.cluster + "/" + site.name_space + "/" + site.deployment, at + ".deployment",
                              "\"" + site.deployment + "\" of " + site.cluster + "/" + site.name_space);
  };
  check_site(app.home, path + ".home");
  for (std::size_t i = 0; i < app.overflow.size(); ++i) {
    check_site(app.overflow[i], path + ".overflow[" + std::to_string(i) + "]");
  }
  for (std::size_t i = 0; i < app.overflow.size(); ++i) {
    const Duration poll = app.overflow[i].usage.poll_interval;
    if (app.policy.stale_after > 2 * poll) continue;
    const std::string at = path + ".overflow[" + std::to_string(i) + "].usage.pollInterval";
    context.Wrong(context.LineOf(at), at,
                  DurationText(poll) + " is half of staleAfter or more, allowed is less than " +
                      DurationText(app.policy.stale_after / 2));
  }
  if (app.policy.stale_after <= 2 * config.avi.poll_interval) {
    const std::string at = path + ".policy.staleAfter";
    context.Wrong(context.LineOf(at), at,
                  DurationText(app.policy.stale_after) + " is no longer than two polls of Avi, allowed is more than " +
                      DurationText(2 * config.avi.poll_interval) + " (or a shorter avi.pollInterval)");
  }
}

}  // namespace

void CheckRelations(const Config& config, ReadContext& context) {
  CheckController(config.controller, context);
  CheckElection(config, context);
  Uniques uniques{Once(context), Once(context), Once(context)};
  for (std::size_t i = 0; i < config.apps.size(); ++i) {
    CheckApp(config, config.apps[i], "apps[" + std::to_string(i) + "]", uniques, context);
  }
}

}  // namespace spillway::daemon
