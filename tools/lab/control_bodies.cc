#include "tools/lab/control_bodies.h"

#include <charconv>

#include "src/base/http.h"
#include "src/base/json.h"
#include "src/base/time_text.h"

namespace spillway::lab {
namespace {

// Chosen: more than the home site and the overflow site together can hold, less than two cores can send.
constexpr double kDemandMost = 100;
constexpr int kReplicasMost = 1000;
constexpr int kWrites = 100;

std::optional<int> ParseInt(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Result<double> ReadDemand(std::string_view body) {
  const Result<JsonDocument> json = ParseJson(body);
  const std::optional<double> replicas = json ? NumberAt(*json, "replicas") : std::nullopt;
  if (replicas && *replicas >= 0 && *replicas <= kDemandMost) return *replicas;
  return Error{Code::kRejected, R"({"replicas": a number from 0 to 100})"};
}

Result<ReadyReplicas> ReadReplicas(std::string_view body) {
  const Result<JsonDocument> json = ParseJson(body);
  if (!json) return json.error();
  ReadyReplicas ready;
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    const JsonValue* count = Find(*json, kSites.at(site).name);
    if (count == nullptr) continue;
    if (!count->IsInt() || count->GetInt() < 0 || count->GetInt() > kReplicasMost) {
      return Error{Code::kRejected, R"({"us": ready replicas, "azure-eu": ready replicas})"};
    }
    ready.at(site) = count->GetInt();
  }
  return ready;
}

Result<AskedFault> ReadFault(std::string_view body) {
  const Result<JsonDocument> json = ParseJson(body);
  if (!json) return json.error();
  AskedFault fault;
  if (Find(*json, "for") != nullptr) {
    const std::optional<std::string> text = StringAt(*json, "for");
    fault.lasting = text ? ParseDuration(*text) : std::nullopt;
    if (!fault.lasting) return Error{Code::kRejected, R"(for: a duration like "30s")"};
  }
  fault.target = StringAt(*json, "target").value_or("");
  fault.kind = StringAt(*json, "kind").value_or("");
  fault.value = NumberAt(*json, "value");
  return fault;
}

Result<std::size_t> ReadWritesMost(std::string_view target) {
  const std::optional<std::string> asked = QueryValue(target, "writes");
  const std::optional<int> most = asked ? ParseInt(*asked) : kWrites;
  if (!most || *most < 0) return Error{Code::kRejected, "writes: how many of the latest to show"};
  return static_cast<std::size_t>(*most);
}

std::optional<int> ReadFaultId(std::string_view text) { return ParseInt(text); }

}  // namespace spillway::lab
