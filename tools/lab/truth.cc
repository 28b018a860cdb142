#include "tools/lab/truth.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "src/base/time_text.h"
#include "tools/lab/json_out.h"

namespace spillway::lab {
namespace {

// Over what shares and rates are measured. Chosen: about two TTLs, so that every resolver was asked once or twice.
constexpr Duration kRecent = 5s;

std::string Text(std::string_view view) { return std::string(view); }

double Part(double part, double whole) { return whole > 0 ? part / whole : 0; }

struct Published {
  std::string pool;
  int priority = 0;
  int ratio = 0;
  bool enabled = false;
  double share = 0;  // of the answers, as the ratios promise
};

std::optional<Published> FindPublished(const avi::ServiceView& service, std::string_view ip) {
  const avi::PoolView* answered = nullptr;
  for (const avi::PoolView& pool : service.pools) {
    const bool usable = pool.enabled && pool.priority > 0 &&
                        std::any_of(pool.members.begin(), pool.members.end(),
                                    [](const avi::MemberView& m) { return m.enabled && m.up; });
    if (usable && (answered == nullptr || pool.priority > answered->priority)) answered = &pool;
  }
  for (const avi::PoolView& pool : service.pools) {
    for (const avi::MemberView& member : pool.members) {
      if (member.ip != ip) continue;
      Published published{pool.name, pool.priority, member.ratio, pool.enabled && member.enabled, 0};
      if (&pool == answered && member.enabled && member.up) {
        const int sum = std::accumulate(
            pool.members.begin(), pool.members.end(), 0,
            [](int ratios, const avi::MemberView& m) { return ratios + (m.enabled && m.up ? m.ratio : 0); });
        published.share = Part(member.ratio, sum);
      }
      return published;
    }
  }
  return std::nullopt;
}

void PutPublished(JsonOut& out, const World& world, const LabSite& site) {
  if (world.federation() == nullptr) return;
  for (const avi::ServiceView& service : world.federation()->DnsView(kSites[kHome].key)) {
    if (service.name != kGslbService) continue;
    const std::optional<Published> published = FindPublished(service, site.vip);
    if (!published) continue;
    out.Open("published")
        .Put("pool", published->pool)
        .Put("priority", published->priority)
        .Put("ratio", published->ratio)
        .Put("enabled", published->enabled)
        .Put("share", published->share)
        .Close();
  }
}

// Every witness for himself: the site's own controller, each DNS service's probes, each DNS service's judgement.
void PutHealth(JsonOut& out, const World& world, std::size_t site) {
  out.Open("health").Put("ready", world.front_end(site).Healthy()).Put("listening", world.listening(site));
  const std::string vip = Text(kSites.at(site).vip);
  if (world.federation() != nullptr) {
    out.Open("probes");
    for (std::size_t from = 0; from < kSites.size(); ++from) {
      const std::map<std::string, bool> verdicts = world.prober(from)->Verdicts();
      const auto found = verdicts.find(vip);
      out.Put(kSites.at(from).key, found == verdicts.end() ? "unknown" : found->second ? "up" : "down");
    }
    out.Close().Open("answered");
    for (const LabSite& from : kSites) {
      for (const avi::ServiceView& service : world.federation()->DnsView(from.key)) {
        if (service.name != kGslbService) continue;
        for (const avi::PoolView& pool : service.pools) {
          for (const avi::MemberView& member : pool.members) {
            if (member.ip == vip) out.Put(from.key, member.up ? "up" : "down");
          }
        }
      }
    }
    out.Close();
  }
  out.Close();
}

void PutPods(JsonOut& out, const World& world, std::size_t site) {
  const Cluster* cluster = world.cluster(site);
  if (cluster == nullptr) return;
  const std::string name_space = Text(kNamespace);
  const std::string name = Text(kDeployment);
  const Result<JsonDocument> deployment = ParseJson(cluster->Get("apps/v1", "deployments", name_space, name));
  const std::vector<PodView> pods = cluster->Pods(name_space, name);
  const auto ready =
      std::count_if(pods.begin(), pods.end(), [](const PodView& p) { return p.ready && !p.terminating; });
  const auto terminating = std::count_if(pods.begin(), pods.end(), [](const PodView& p) { return p.terminating; });
  out.Open("pods")
      .Put("wanted", deployment ? IntAt(*deployment, "spec.replicas").value_or(0) : 0)
      .Put("ready", ready)
      .Put("terminating", terminating)
      .Put("total", pods.size())
      .Close();
  const Result<JsonDocument> definition = ParseJson(
      cluster->Get("autoscaling.tsm.tanzu.vmware.com/v1alpha1", "definitions", name_space, Text(kDefinition)));
  if (!definition) return;
  out.Open("autoscaler")
      .Put("current", IntAt(*definition, "status.currentReplicas").value_or(0))
      .Put("desired", IntAt(*definition, "status.desiredReplicas").value_or(0))
      .Put("max", IntAt(*definition, "spec.scaleRule.instances.max").value_or(0))
      .Put("metric", IntAt(*definition, "status.currentMetric.value").value_or(0))
      .Put("wish", world.front_end(site).ArrivingPerSecond(kRecent) / kRequestsPerReplica);
  if (const auto since = cluster->PinnedSince(name_space, Text(kDefinition))) {
    out.Put("limitedSince", Rfc3339Micro(*since));
  }
  out.Close();
}

FrontEndCounts Since(const FrontEndCounts& now, const FrontEndCounts& base) {
  return {now.arrived - base.arrived, now.served - base.served, now.overloaded - base.overloaded,
          now.failed - base.failed};
}

void PutCounts(JsonOut& out, std::string_view key, const FrontEndCounts& counts) {
  out.Open(key)
      .Put("arrived", counts.arrived)
      .Put("served", counts.served)
      .Put("overloaded", counts.overloaded)
      .Put("failed", counts.failed)
      .Close();
}

void PutTally(JsonOut& out, std::string_view key, const Tally& tally) {
  out.Open(key)
      .Put("sent", tally.sent)
      .Put("served", tally.served)
      .Put("overloaded", tally.overloaded)
      .Put("failed", tally.failed)
      .Close();
}

// What the sites' counters have in common, so that shares add up to one.
struct Sums {
  double recent = 0, since_reset = 0;
};

void PutSite(JsonOut& out, const World& world, std::size_t site, const Baseline& base, const Sums& sums,
             const FrontEndCounts& since) {
  const LabSite& names = kSites.at(site);
  const FrontEnd& shop = world.front_end(site);
  out.Open(names.name);
  out.Open("share")
      .Put("recent", Part(shop.ArrivingPerSecond(kRecent), sums.recent))
      .Put("sinceReset", Part(static_cast<double>(since.arrived), sums.since_reset))
      .Close();
  PutPods(out, world, site);
  PutCounts(out, "requests", shop.Totals());
  PutCounts(out, "requestsSinceReset", since);
  out.Open("perSecond")
      .Put("arrived", shop.ArrivingPerSecond(kRecent))
      .Put("served", shop.ServedPerSecond(kRecent))
      .Put("overloaded", shop.OverloadedPerSecond(kRecent))
      .Put("failed", shop.FailedPerSecond(kRecent))
      .Close();
  if (world.clients() != nullptr) {
    const std::map<std::string, Tally> tallies = world.clients()->Tallies();
    const auto found = tallies.find(Text(names.vip));
    PutTally(out, "clients", found == tallies.end() ? Tally{} : found->second);
  }
  const std::uint64_t answers = world.DnsAnswers(site);
  out.Put("dnsAnswers", answers).Put("dnsAnswersSinceReset", answers - base.dns_answers.at(site));
  PutHealth(out, world, site);
  PutPublished(out, world, names);
  out.Close();
}

void PutClients(JsonOut& out, const World& world, const Baseline& base) {
  if (world.clients() == nullptr) return;
  const Tally total = world.clients()->Total();
  const std::map<std::string, Tally> tallies = world.clients()->Tallies();
  const auto nowhere = tallies.find("");
  PutTally(out, "clients", total);
  PutTally(out, "clientsSinceReset",
           {total.sent - base.clients.sent, total.served - base.clients.served,
            total.overloaded - base.clients.overloaded, total.failed - base.clients.failed});
  out.Open("clientsPerSecond")
      .Put("sent", world.clients()->SentPerSecond(kRecent))
      .Put("failed", world.clients()->FailedPerSecond(kRecent))
      .Close();
  out.OpenArray("failures");
  for (const FailedRequest& failed : world.clients()->Failures()) {
    out.Open().Put("at", Rfc3339Micro(failed.at)).Put("to", failed.address).Put("why", failed.why).Close();
  }
  out.CloseArray();
  out.Put("unresolved", nowhere == tallies.end() ? std::uint64_t{0} : nowhere->second.sent);
  out.Put("effectiveResolvers", world.clients()->population().EffectiveResolvers());
}

struct Write {
  WallTime at;
  std::string api, caller, verb, object;
  int status = 0;
};

// What daemons keep for themselves, the Lease every two seconds: it moves nothing, and would crowd out what does.
bool IsBookkeeping(const std::string& path) {
  return path.find("/leases/") != std::string::npos || path.find("/configmaps/") != std::string::npos;
}

std::vector<Write> AllWrites(const World& world) {
  std::vector<Write> writes;
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    if (world.cluster(site) == nullptr) continue;
    for (const WriteRecord& w : world.cluster(site)->Writes()) {
      if (IsBookkeeping(w.path)) continue;
      writes.push_back({w.at, "k8s-" + Text(kSites.at(site).key), w.user, w.verb, w.path, w.status});
    }
  }
  if (world.federation() != nullptr) {
    for (const avi::WriteRecord& w : world.federation()->Writes()) {
      writes.push_back({w.at, "avi-" + w.controller, w.user, w.method, w.object, w.status});
    }
  }
  std::stable_sort(writes.begin(), writes.end(), [](const Write& a, const Write& b) { return a.at < b.at; });
  return writes;
}

void PutWrites(JsonOut& out, const World& world, std::size_t most) {
  const std::vector<Write> writes = AllWrites(world);
  std::map<std::string, std::uint64_t> count;
  for (const Write& w : writes) ++count[w.api + ' ' + w.caller];
  out.Open("writesTotal");
  for (const auto& [who, number] : count) out.Put(who, number);
  out.Close().OpenArray("writes");
  for (std::size_t i = writes.size() > most ? writes.size() - most : 0; i < writes.size(); ++i) {
    out.Open()
        .Put("at", Rfc3339Micro(writes[i].at))
        .Put("api", writes[i].api)
        .Put("caller", writes[i].caller)
        .Put("verb", writes[i].verb)
        .Put("object", writes[i].object)
        .Put("status", writes[i].status)
        .Close();
  }
  out.CloseArray();
}

}  // namespace

std::string TruthJson(const World& world, std::size_t writes_most) {
  const Baseline base = world.baseline();
  const Instant now = world.clock().Now();
  PerSite<FrontEndCounts> since;
  Sums sums;
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    since.at(site) = Since(world.front_end(site).Totals(), base.front_ends.at(site));
    sums.recent += world.front_end(site).ArrivingPerSecond(kRecent);
    sums.since_reset += static_cast<double>(since.at(site).arrived);
  }
  JsonOut out;
  out.Open()
      .Put("at", Rfc3339Micro(world.clock().WallNow()))
      .Put("monotonic", Seconds(now.time_since_epoch()))
      .Put("secondsSinceReset", Seconds(now - base.at))
      .Put("demand", world.demand());
  out.Open("sites");
  for (std::size_t site = 0; site < kSites.size(); ++site) PutSite(out, world, site, base, sums, since.at(site));
  out.Close();
  PutClients(out, world, base);
  PutWrites(out, world, writes_most);
  out.Close();
  return out.Text() + '\n';
}

}  // namespace spillway::lab
