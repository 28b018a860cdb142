#include "tools/benchmarks/soak_fakes.h"

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <fstream>
#include <string>
#include <utility>

#include "src/base/clock.h"
#include "src/base/pki.h"
#include "tools/lab/avi/federation.h"
#include "tools/lab/kubernetes/cluster.h"
#include "tools/lab/serve.h"

namespace spillway::bench {
namespace {

constexpr char kService[] = R"({"name":"soak","domain_names":["soak.gslb.example"],"groups":[{"name":"live","members":[
  {"ip":{"addr":"10.10.0.10","type":"V4"},"cluster_uuid":"cluster-us","vs_uuid":"vs-us"},
  {"ip":{"addr":"10.20.0.10","type":"V4"},"cluster_uuid":"cluster-eu","vs_uuid":"vs-eu"}]}]})";

using Ports = std::array<int, 4>;

// The life of the process: serves until `lifeline` is closed.
void Serve(const Identity& server, int report, int lifeline) {
  lab::KeepFewArenas();
  const SystemClock clock;
  lab::avi::FederationOptions options;
  options.sites = {{.name = "us", .cluster_uuid = "", .url = "", .leader = true, .ratio = {}},
                   {.name = "eu", .cluster_uuid = "", .url = "", .ratio = {}}};
  options.users = {{"admin", "soak"}};
  options.dns_domains = {"gslb.example"};
  options.rate_limit = false;  // it would refuse what is asked here
  lab::avi::Federation federation(clock, options);
  (void)federation.Create("gslbservice", kService);
  std::vector<std::unique_ptr<lab::Cluster>> clusters;
  std::vector<std::unique_ptr<lab::Pacemaker>> pacemakers;
  std::vector<std::unique_ptr<lab::ServedFake>> served;
  Ports ports{};
  const auto serve = [&](lab::Fake& fake) {
    ServerOptions tls;
    tls.cert_pem = server.cert_pem;
    tls.key_pem = server.key_pem;
    auto started = lab::ServedFake::Start(fake, tls);
    if (!started) _exit(1);
    ports.at(served.size()) = (*started)->port();
    served.push_back(*std::move(started));
    pacemakers.push_back(std::make_unique<lab::Pacemaker>(fake, clock));
  };
  for (const char* site : {"us", "eu"}) {
    lab::ClusterOptions cluster;
    cluster.name = site;
    // Source: Kubernetes storage/cacher: a watch cache grows until it holds 75 s, here of 25 writes a second.
    cluster.api.history_length = 2'000;
    clusters.push_back(std::make_unique<lab::Cluster>(clock, cluster));
    clusters.back()->AddUser({.name = "soak", .token = "soak", .token_expires = {}, .admin = true, .rules = {}});
    serve(*clusters.back());
  }
  for (const char* site : {"us", "eu"}) serve(federation.controller(site));
  (void)!write(report, ports.data(), sizeof(ports));
  char question = 0;
  while (read(lifeline, &question, 1) > 0) {
    const struct mallinfo2 heap = mallinfo2();
    const std::size_t live = heap.uordblks + heap.hblkhd;
    (void)!write(report, &live, sizeof(live));
  }
}

}  // namespace

Result<std::unique_ptr<SoakFakes>> SoakFakes::Start() {
  const WallTime now = SystemClock().WallNow();
  const Validity today{now - 1h, now + 24h};
  const Result<Identity> ca = MakeCa("soak CA", today);
  if (!ca) return ca.error();
  const Result<Identity> server = IssueServer(*ca, {.dns = {}, .ips = {"127.0.0.1"}}, today);
  if (!server) return server.error();
  std::array<int, 2> report{};
  std::array<int, 2> lifeline{};
  if (pipe(report.data()) != 0 || pipe(lifeline.data()) != 0) return Error{Code::kRejected, "no pipe"};
  auto fakes = std::make_unique<SoakFakes>();
  fakes->process = fork();
  if (fakes->process < 0) return Error{Code::kRejected, "no process"};
  if (fakes->process == 0) {
    close(report[0]);
    close(lifeline[1]);
    Serve(*server, report[1], lifeline[0]);
    _exit(0);
  }
  close(report[1]);
  close(lifeline[0]);
  fakes->lifeline = lifeline[1];
  Ports ports{};
  fakes->report = report[0];
  const bool told = read(report[0], ports.data(), sizeof(ports)) == sizeof(ports);
  if (!told) return Error{Code::kRejected, "the fakes did not start"};
  for (std::size_t i = 0; i < ports.size(); ++i) {
    HttpEndpoint endpoint;
    endpoint.host = "127.0.0.1";
    endpoint.port = ports.at(i);
    endpoint.ca_pem = ca->cert_pem;
    (i < 2 ? fakes->kubernetes : fakes->avi).push_back(std::move(endpoint));
  }
  return fakes;
}

SoakFakes::Memory SoakFakes::Now() const {
  Memory now;
  std::ifstream in("/proc/" + std::to_string(process) + "/statm");
  double size = 0;
  double resident = 0;
  if (in >> size >> resident) now.resident = resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
  std::size_t live = 0;
  if (write(lifeline, "?", 1) == 1 && read(report, &live, sizeof(live)) == sizeof(live)) {
    now.live = static_cast<double>(live) / 1e6;
  }
  return now;
}

SoakFakes::~SoakFakes() {
  if (lifeline >= 0) close(lifeline);
  if (report >= 0) close(report);
  if (process > 0) waitpid(process, nullptr, 0);
}

}  // namespace spillway::bench
