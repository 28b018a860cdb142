#include "tools/lab/control.h"

#include <charconv>
#include <optional>
#include <string>

#include "src/base/json.h"
#include "src/base/time_text.h"
#include "tools/lab/json_out.h"
#include "tools/lab/truth.h"

namespace spillway::lab {
namespace {

// Chosen: more than the home site and the overflow site together can hold, less than two cores can send.
constexpr double kDemandMost = 100;
constexpr int kReplicasMost = 1000;

std::optional<int> ParseInt(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

HttpReply Bad(std::string_view detail) { return ProblemReply(422, "Unprocessable Content", detail); }

HttpReply ShowDemand(const World& world) {
  JsonOut out;
  out.Open().Put("replicas", world.demand()).Put("requestsPerSecond", world.demand() * kRequestsPerReplica).Close();
  return JsonReply(200, out.Text() + '\n');
}

HttpReply SetDemand(World& world, const HttpRequest& request) {
  const Result<JsonDocument> body = ParseJson(request.body);
  const std::optional<double> replicas = body ? NumberAt(*body, "replicas") : std::nullopt;
  if (!replicas || *replicas < 0 || *replicas > kDemandMost) return Bad(R"({"replicas": a number from 0 to 100})");
  world.SetDemand(*replicas);
  return ShowDemand(world);
}

HttpReply SetReplicas(World& world, const HttpRequest& request) {
  const Result<JsonDocument> body = ParseJson(request.body);
  if (!body) return Bad(body.error().what);
  PerSite<std::optional<int>> wanted;
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    const JsonValue* count = Find(*body, kSites.at(site).name);
    if (count == nullptr) continue;
    if (world.cluster(site) != nullptr) {
      return ProblemReply(409, "Conflict", std::string(kSites.at(site).name) + ": the lab's own cluster decides that");
    }
    if (!count->IsInt() || count->GetInt() < 0 || count->GetInt() > kReplicasMost) {
      return Bad(R"({"us": ready replicas, "azure-eu": ready replicas})");
    }
    wanted.at(site) = count->GetInt();
  }
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    if (wanted.at(site)) world.SetReplicas(site, *wanted.at(site));
  }
  return JsonReply(200, "{}\n");
}

HttpReply ShowFaults(const World& world) {
  const Instant now = world.clock().Now();
  JsonOut out;
  out.Open().OpenArray("faults");
  for (const ActiveFault& fault : world.faults().Active()) {
    out.Open().Put("id", fault.id).Put("target", fault.target).Put("kind", fault.kind).Put("value", fault.value);
    if (fault.until) out.Put("for", DurationText(*fault.until - now));
    out.Close();
  }
  out.CloseArray().Close();
  return JsonReply(200, out.Text() + '\n');
}

HttpReply AddFault(World& world, const HttpRequest& request) {
  const Result<JsonDocument> body = ParseJson(request.body);
  if (!body) return Bad(body.error().what);
  std::optional<Duration> lasting;
  if (Find(*body, "for") != nullptr) {
    const std::optional<std::string> text = StringAt(*body, "for");
    lasting = text ? ParseDuration(*text) : std::nullopt;
    if (!lasting) return Bad(R"(for: a duration like "30s")");
  }
  const Result<int> added = world.faults().Add(StringAt(*body, "target").value_or(""),
                                               StringAt(*body, "kind").value_or(""), NumberAt(*body, "value"), lasting);
  if (!added) return Bad(added.error().what);
  JsonOut out;
  out.Open().Put("id", *added).Close();
  return JsonReply(201, out.Text() + '\n');
}

HttpReply RemoveFault(World& world, std::string_view id) {
  const std::optional<int> number = ParseInt(id);
  if (!number || !world.faults().Remove(*number)) return ProblemReply(404, "Not Found", "no such fault");
  return JsonReply(200, "{}\n");
}

HttpReply ShowTruth(const World& world, const HttpRequest& request) {
  constexpr int kWrites = 100;
  const std::optional<std::string> asked = QueryValue(request.target, "writes");
  const std::optional<int> most = asked ? ParseInt(*asked) : kWrites;
  if (!most || *most < 0) return Bad("writes: how many of the latest to show");
  return JsonReply(200, TruthJson(world, static_cast<std::size_t>(*most)));
}

}  // namespace

HttpReply AnswerControl(World& world, const HttpRequest& request) {
  const std::string_view path = SplitTarget(request.target).first;
  const std::string call = request.method + ' ' + std::string(path);
  constexpr std::string_view kOneFault = "DELETE /faults/";
  if (call == "GET /truth") return ShowTruth(world, request);
  if (call == "GET /demand") return ShowDemand(world);
  if (call == "PUT /demand") return SetDemand(world, request);
  if (call == "PUT /replicas") return SetReplicas(world, request);
  if (call == "GET /faults") return ShowFaults(world);
  if (call == "POST /faults") return AddFault(world, request);
  if (call == "DELETE /faults") return world.faults().Clear(), ShowFaults(world);
  if (call.starts_with(kOneFault)) return RemoveFault(world, std::string_view(call).substr(kOneFault.size()));
  if (call == "POST /reset") return world.Reset(), JsonReply(200, "{}\n");
  if (call == "GET /healthz") return JsonReply(200, "{\"status\":\"ok\"}\n");
  return ProblemReply(404, "Not Found",
                      "GET /truth, GET|PUT /demand, GET|POST|DELETE /faults, DELETE /faults/ID, POST /reset, PUT "
                      "/replicas, GET /healthz");
}

}  // namespace spillway::lab
