#include "tools/lab/control.h"

#include <optional>
#include <string>

#include "tools/lab/control_bodies.h"
#include "tools/lab/fault_calls.h"
#include "tools/lab/json_out.h"
#include "tools/lab/truth.h"

namespace spillway::lab {
namespace {

HttpReply Bad(std::string_view detail) { return ProblemReply(422, "Unprocessable Content", detail); }

HttpReply ShowDemand(const World& world) {
  JsonOut out;
  out.Open().Put("replicas", world.demand()).Put("requestsPerSecond", world.demand() * kRequestsPerReplica).Close();
  return JsonReply(200, out.Text() + '\n');
}

HttpReply SetDemand(World& world, const HttpRequest& request) {
  const Result<double> replicas = ReadDemand(request.body);
  if (!replicas) return Bad(replicas.error().what);
  world.SetDemand(*replicas);
  return ShowDemand(world);
}

HttpReply SetReplicas(World& world, const HttpRequest& request) {
  const Result<ReadyReplicas> ready = ReadReplicas(request.body);
  if (!ready) return Bad(ready.error().what);
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    if (!ready->at(site) || world.cluster(site) == nullptr) continue;
    return ProblemReply(409, "Conflict", std::string(kSites.at(site).name) + ": the lab's own cluster decides that");
  }
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    if (ready->at(site)) world.SetReplicas(site, *ready->at(site));
  }
  return JsonReply(200, "{}\n");
}

HttpReply ShowTruth(const World& world, const HttpRequest& request) {
  const Result<std::size_t> most = ReadWritesMost(request.target);
  if (!most) return Bad(most.error().what);
  return JsonReply(200, TruthJson(world, *most));
}

}  // namespace

HttpReply AnswerControl(World& world, const HttpRequest& request) {
  if (std::optional<HttpReply> reply = AnswerFaultCall(world.faults(), world.clock(), request)) return *reply;
  const std::string call = request.method + ' ' + std::string(SplitTarget(request.target).first);
  if (call == "GET /truth") return ShowTruth(world, request);
  if (call == "GET /demand") return ShowDemand(world);
  if (call == "PUT /demand") return SetDemand(world, request);
  if (call == "PUT /replicas") return SetReplicas(world, request);
  if (call == "POST /reset") return world.Reset(), JsonReply(200, "{}\n");
  if (call == "GET /healthz") return JsonReply(200, "{\"status\":\"ok\"}\n");
  return ProblemReply(404, "Not Found",
                      "GET /truth, GET|PUT /demand, GET|POST|DELETE /faults, DELETE /faults/ID, POST /reset, PUT "
                      "/replicas, GET /healthz");
}

}  // namespace spillway::lab
