// The lab put together: federation, clusters, DNS, front ends, probes and the crowd, all served on loopback.
#ifndef SPILLWAY_TOOLS_LAB_WORLD_H_
#define SPILLWAY_TOOLS_LAB_WORLD_H_

#include <array>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "tools/lab/avi/federation.h"
#include "tools/lab/clients.h"
#include "tools/lab/credentials.h"
#include "tools/lab/dns/server.h"
#include "tools/lab/dns/service.h"
#include "tools/lab/fault_board.h"
#include "tools/lab/front_end.h"
#include "tools/lab/front_end_server.h"
#include "tools/lab/kubernetes/cluster.h"
#include "tools/lab/probe.h"
#include "tools/lab/serve.h"
#include "tools/lab/site.h"

namespace spillway::lab {

struct WorldOptions {
  std::uint64_t seed = 1;
  bool kubernetes = true;
  bool avi = true;
  bool dns = true;      // needs avi
  bool clients = true;  // needs dns
  // Fixed ports from here on: +1 +2 DNS, +3 +4 Avi, +5 +6 Kubernetes, +7 the front ends. 0: any free ones.
  int port_base = 0;
};

template <class T>
using PerSite = std::array<T, kSites.size()>;

struct WorldPorts {
  int app = 0;  // the same at both VIPs
  PerSite<int> dns{}, avi{}, kubernetes{};
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
  Result<std::unique_ptr<ServedFake>> ServeApi(Fake& fake, int offset, const Credentials& credentials) const;
  int Port(int offset) const { return options_.port_base == 0 ? 0 : options_.port_base + offset; }
  void HappenOnce(const ActiveFault& fault);
  void Run();
  void Tick();
  void TellReplicas(std::size_t site);
  void TellFederation(std::size_t site);

  const WorldOptions options_;
  const Clock& clock_;
  FaultBoard faults_;
  WorldPorts ports_;
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

  mutable std::mutex mutex_;  // of the fields below
  double demand_ = 0;
  Baseline baseline_;
  bool stop_ = false;
  std::condition_variable wake_;
  std::thread ticker_;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_WORLD_H_
