// The lab put together: federation, clusters, DNS, front ends, probes and the crowd, all served on loopback.
#ifndef SPILLWAY_TOOLS_LAB_WORLD_H_
#define SPILLWAY_TOOLS_LAB_WORLD_H_

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "tools/lab/avi/federation.h"
#include "tools/lab/clients.h"
#include "tools/lab/credentials.h"
#include "tools/lab/dns/server.h"
#include "tools/lab/dns/service.h"
#include "tools/lab/fault_board.h"
#include "tools/lab/faulty_fake.h"
#include "tools/lab/front_end.h"
#include "tools/lab/front_end_server.h"
#include "tools/lab/kubernetes/cluster.h"
#include "tools/lab/probe.h"
#include "tools/lab/serve.h"
#include "tools/lab/site.h"
#include "tools/lab/tunnel.h"

namespace spillway::lab {

template <class T>
using PerSite = std::array<T, kSites.size()>;

struct WorldOptions {
  std::uint64_t seed = 1;
  PerSite<bool> kubernetes = {true, true};
  bool avi = true;
  bool dns = true;      // needs avi
  bool clients = true;  // needs dns, or name_servers
  // Whom the crowd asks instead of the lab's own DNS; each must know what the shop's name means. Empty: the lab's.
  std::vector<ClientsOptions::NameServer> name_servers;
  // Fixed ports from here on: +1 +2 DNS, +3 +4 Avi, +5 +6 Kubernetes, +7 the front ends, +9 +10 the tunnel's ways to
  // the overflow site's Avi and Kubernetes. 0: any free ones.
  int port_base = 0;
  // Where each site's controller, cluster and DNS service listen. The shop's front ends stay on loopback.
  PerSite<std::string> addresses = {"127.0.0.1", "127.0.0.1"};
};

struct WorldPorts {
  int app = 0;  // the same at both VIPs
  PerSite<int> dns{}, avi{}, kubernetes{};
  int tunnel_avi = 0, tunnel_kubernetes = 0;  // at home's address, leading to the overflow site
};

// What the counters stood at when somebody last asked for a reset.
struct Baseline {
  Instant at{};
  PerSite<FrontEndCounts> front_ends;
  Tally clients;
  PerSite<std::uint64_t> dns_answers{};
};

// Runs in real time on threads of its own from Start() to the destructor. Safe from several threads.
class World {
 public:
  // How often it moves on. Chosen: far below anything the story measures, and idle at half a percent of a core.
  static constexpr Duration kTick = 20ms;

  // Returns when home serves: its pod is ready and both DNS services answer it (where these parts are there).
  // kRejected: a port is taken, or a part was left out that another one needs.
  static Result<std::unique_ptr<World>> Start(const WorldOptions& options, const Credentials& credentials,
                                              const Clock& clock);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // How many replicas of the home site the crowd keeps busy.
  void SetDemand(double replicas);
  double demand() const;
  // With Kubernetes left out nobody else knows the replicas of a site.
  void SetReplicas(std::size_t site, int ready);
  void Reset();
  Baseline baseline() const;
  // How many answers of both DNS services had `site`'s address first.
  std::uint64_t DnsAnswers(std::size_t site) const;

  const Clock& clock() const { return clock_; }
  const WorldPorts& ports() const { return ports_; }
  FaultBoard& faults() { return faults_; }
  const FaultBoard& faults() const { return faults_; }
  const FrontEnd& front_end(std::size_t site) const { return *front_ends_.at(site); }
  bool listening(std::size_t site) const { return front_end_servers_.at(site)->listening(); }
  // nullptr: left out.
  const avi::Federation* federation() const { return federation_.get(); }
  const Cluster* cluster(std::size_t site) const { return clusters_.at(site).get(); }
  const Prober* prober(std::size_t site) const { return probers_.at(site).get(); }
  const Clients* clients() const { return clients_.get(); }

 private:
  World(const WorldOptions& options, const Clock& clock);
  Status StartFrontEnds();
  Status StartAvi(const Credentials& credentials);
  Status StartKubernetes(const Credentials& credentials);
  Status StartDns();
  Status StartProbes();
  bool Within(Duration most, const std::function<bool()>& holds) const;
  void StartClients();
  // Listens on the site's port, and at home's end of the tunnel if the site lies beyond it.
  Result<std::unique_ptr<ServedFake>> ServeApi(Fake& fake, std::size_t site, int offset,
                                               const Credentials& credentials) const;
  Result<int> LeadThroughTunnel(int offset, int port);
  Status LeadProbes();
  int Port(int offset) const { return options_.port_base == 0 ? 0 : options_.port_base + offset; }
  VipTrouble TroubleAt(std::size_t site) const;
  // Somebody else's change of what a request is about to write.
  void TouchService(std::size_t site, const Credentials& credentials);
  void TouchDeployment(std::size_t site, const Credentials& credentials);
  void HappenOnce(const ActiveFault& fault);
  void Run();
  void Tick();
  void Break();
  void BreakPods(std::size_t site);
  void BreakAutoscaler();
  void TellReplicas(std::size_t site);
  void TellFederation(std::size_t site);

  const WorldOptions options_;
  const Clock& clock_;
  FaultBoard faults_;
  Tunnel tunnel_;
  WorldPorts ports_;
  PerSite<int> probe_ports_{};  // of the other site's virtual service, through the tunnel
  PerSite<std::unique_ptr<FrontEnd>> front_ends_;
  PerSite<std::unique_ptr<FrontEndServer>> front_end_servers_;
  std::unique_ptr<avi::Federation> federation_;
  PerSite<std::unique_ptr<Cluster>> clusters_;
  PerSite<std::unique_ptr<FaultyFake>> faulty_avi_, faulty_kubernetes_;
  PerSite<std::unique_ptr<ServedFake>> avi_servers_, kubernetes_servers_;
  PerSite<std::unique_ptr<Prober>> probers_;
  PerSite<std::unique_ptr<DnsService>> dns_;
  PerSite<std::unique_ptr<DnsServer>> dns_servers_;
  std::unique_ptr<Clients> clients_;

  // What the fakes were last told; of the ticker alone.
  struct PodTrouble {
    double seconds = 0;
    bool never_ready = false;
    bool operator==(const PodTrouble&) const = default;
  };
  PerSite<PodTrouble> pod_trouble_{};
  bool autoscaler_down_ = false, autoscaler_stale_ = false;
  std::atomic<int> touches_ = 0;

  mutable std::mutex mutex_;  // of the fields below
  double demand_ = 0;
  Baseline baseline_;
  bool stop_ = false;
  std::condition_variable wake_;
  std::thread ticker_;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_WORLD_H_
