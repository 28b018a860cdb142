// The world that the daemon looks at and acts on: the lab's clusters and federation, the crowd, and the books.
#ifndef SPILLWAY_TOOLS_SIMULATE_WORLD_H_
#define SPILLWAY_TOOLS_SIMULATE_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/core/layout.h"
#include "tools/lab/avi/federation.h"
#include "tools/lab/dns/choice.h"
#include "tools/lab/dns/rotation.h"
#include "tools/lab/kubernetes/cluster.h"
#include "tools/lab/probe_book.h"
#include "tools/simulate/crowd.h"
#include "tools/simulate/scenario.h"
#include "tools/simulate/timeline.h"

namespace spillway::sim {

inline constexpr char kNamespace[] = "acme";
inline constexpr char kDeployment[] = "shop";
inline constexpr char kAutoscaler[] = "shop-autoscaler";  // home's, and those that observe
inline constexpr char kGslbService[] = "shop";
inline constexpr char kAviUser[] = "spillway";
inline constexpr char kAviPassword[] = "open sesame";

// What happened so far. Work is in replicas of home times seconds.
struct SiteBooks {
  double load = 0;  // arriving now, in replicas of home
  double work = 0;
  double failed = 0;            // work that met no replica
  double overload = 0;          // work beyond what the replicas are meant to carry, one each; what failed included
  double turned_away = 0;       // the part of it that is beyond what they can do
  double overload_seconds = 0;  // time in which there was any overload
  double replica_hours = 0;
  int replicas_most = 0;
};

struct Books {
  std::vector<SiteBooks> sites;
  double arrived = 0;
  double no_address = 0;        // work that the DNS gave no address for
  double overload_seconds = 0;  // any site
  // What was added since; `load` and `replicas_most` are as they are.
  Books Since(const Books& before) const;
  double failed() const;
  double overload() const;
  double turned_away() const;
};

class World {
 public:
  World(const Scenario& scenario, Timeline& timeline);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const Scenario& scenario() const { return scenario_; }
  Timeline& timeline() { return timeline_; }
  lab::Cluster& cluster(std::size_t site) { return *sites_[site].cluster; }
  lab::avi::Federation& federation() { return *federation_; }
  const std::string& name(std::size_t site) const { return sites_[site].name; }
  static std::string Vip(std::size_t site);

  // Does what is due in a cluster by now, and again when more is.
  void Stir(std::size_t site);
  // Called whenever a cluster may have told its watchers something.
  void OnStir(std::function<void(std::size_t)> told) { told_ = std::move(told); }
  // After every tick of the world.
  void OnTick(std::function<void()> ticked) { ticked_ = std::move(ticked); }

  // --- The truth ---
  double demand() const { return demand_; }
  double DemandAt(Instant at) const { return frozen_ >= 0 ? frozen_ : scenario_.demand.At(at - began_); }
  int ready(std::size_t site) const { return sites_[site].ready; }
  int pods(std::size_t site) const { return sites_[site].pods; }
  int wanted(std::size_t site) const;  // spec.replicas
  bool up(std::size_t site) const { return sites_[site].ready > 0 && !sites_[site].down; }
  const Books& books() const { return books_; }
  const std::vector<double>& shares() const { return crowd_.shares(); }
  // The layout that the DNS service of one site answers from.
  const Layout& layout(std::size_t dns_site) const { return dns_[dns_site].layout; }
  // What that layout gives `site`, members down or not: 0..1.
  double published(std::size_t dns_site, std::size_t site) const { return dns_[dns_site].shares[site]; }
  Place place(std::size_t dns_site, std::size_t site) const { return dns_[dns_site].places[site]; }
  // Whether that DNS service holds the member of `site` for up.
  bool held_up(std::size_t dns_site, std::size_t site) const { return dns_[dns_site].up[site]; }
  std::size_t leader() const { return leader_; }

  // --- Faults ---
  void SetDown(std::size_t site, bool down) { sites_[site].down = down; }
  void SetProbeFails(std::size_t site, bool fails) { sites_[site].probe_fails = fails; }
  void SetPods(std::size_t site, const lab::PodTimes& times);
  void SetAutoscaler(bool running, bool has_metrics);
  // metrics.k8s.io of a site answers; it renews what it answers.
  void SetMetrics(std::size_t site, bool available, bool reading);
  void SetLeader(std::size_t site);
  // From now on the demand stays as it is, or goes to `demand` if that is not negative.
  void Freeze(double demand);
  // The GSLB service as it was made.
  const std::string& first_service() const { return first_service_; }
  // Reads anew what DNS services answer; called after writes.
  void LookAtDns();

 private:
  struct Site {
    std::string name, vip;
    std::unique_ptr<lab::Cluster> cluster;
    Timeline::Id actor = 0;
    double factor = 1;
    double price = 0;
    int ready = 0, serving = 0, pods = 0;
    bool down = false, probe_fails = false;
    bool said_up = false, said = false;
    double said_rps = -1;
  };
  struct Dns {
    std::uint64_t version = ~std::uint64_t{0};
    std::vector<lab::avi::ProbeTarget> targets;
    lab::ProbeBook probes;
    lab::Rotation rotation{1};  // only a service whose pools are chosen by GEO turns it
    Layout layout;
    // By site. The layout's, looked up once a change and not once a tick.
    std::vector<double> shares;
    std::vector<Place> places;
    std::vector<bool> up;
  };

  void MakeCluster(std::size_t site, int replicas);
  std::string AutoscalerJson(std::size_t site) const;
  bool Meters(std::size_t site) const;
  void MakeFederation();
  lab::AutoscalerOptions Autoscaler(bool running, bool has_metrics) const;
  Instant Tick();
  void CountPods(std::size_t site);
  void Probe(std::size_t dns_site);
  void ReadDns(std::size_t dns_site);
  void Publish(Dns& dns) const;
  void Serve(double seconds);
  void Tell(std::size_t site, double served);

  const Scenario scenario_;
  Timeline& timeline_;
  const Instant began_;
  std::vector<Site> sites_;
  std::vector<Dns> dns_;
  std::vector<Choices> choices_;  // what each DNS service answers
  std::unique_ptr<lab::avi::Federation> federation_;
  std::string first_service_;
  Crowd crowd_;
  Books books_;
  std::size_t leader_ = 0;
  double demand_ = 0;
  double frozen_ = -1;
  Instant ticked_at_;
  std::function<void(std::size_t)> told_;
  std::function<void()> ticked_;
};

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_WORLD_H_
