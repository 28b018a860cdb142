// What our clients, and the daemon itself, read: an error or a value, never a crash, and a value that keeps its word.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <variant>

#include "avi/gslb.h"
#include "avi/place.h"
#include "avi/wire.h"
#include "k8s/definition.h"
#include "k8s/hpa.h"
#include "k8s/kubeconfig.h"
#include "k8s/pod_metrics.h"
#include "k8s/scaled_pods.h"
#include "k8s/wire.h"
#include "src/base/http_head.h"
#include "src/base/json.h"
#include "src/base/line_queue.h"
#include "src/daemon/auth.h"
#include "src/daemon/config.h"
#include "src/daemon/memory_text.h"
#include "tests/fuzz/entries.h"
#include "tools/lab/dns/wire.h"

namespace spillway::fuzz {
namespace {

const avi::MemberMatches& Matches() {
  static const avi::MemberMatches matches = {{"us", {.ip = "127.10.0.10", .fqdn = "", .vs_uuid = ""}},
                                             {"azure-eu", {.ip = "", .fqdn = "", .vs_uuid = "virtualservice-eu"}}};
  return matches;
}

// A service is read, moved about and read again.
void Service(const JsonValue& config, const JsonValue* runtime) {
  const auto view = avi::ReadService(config, runtime, Matches());
  if (!view) return Promise(!view.error().what.empty(), "a refusal says why");
  Promise(view->traffic.ttl >= Duration{}, "a TTL is not negative");
  Layout want;
  want["us"] = {Place::kServed, 13, 0};
  want["azure-eu"] = {Place::kServed, 7, 0};
  const auto placed = avi::PlaceMembers(config, Matches(), want);
  if (!placed) return;
  const auto again = avi::ReadService(placed->config, nullptr, Matches());
  Promise(static_cast<bool>(again), "what was placed can be read");
  for (const auto& [site, placement] : want) {
    Promise(again->traffic.members.at(site).placement == placement, "what was placed stands where it should");
  }
}

// A line of a watch, as whatever it may hold.
void WatchLine(const std::string& line) {
  const auto event = k8s::ReadWatchEvent(line, "fuzz");
  if (!event || !event->object.json) return;
  const auto workload = k8s::ReadDeployment(*event->object.json);
  if (workload) {
    Promise(workload->replicas_ready >= 0 && workload->replicas_ready <= std::max(0, workload->replicas_wanted),
            "no more replicas are ready than are wanted");
  }
  const auto demand = k8s::ReadDefinition(*event->object.json);
  if (demand) Promise(std::isfinite(demand->wish.value_or(0)), "a wish is a number");
  const auto pods = k8s::ReadScaledPods(*event->object.json);
  const auto hpa = k8s::ReadHpa(*event->object.json, "shopping");
  if (!hpa) return;
  const HomeDemand computed = k8s::DemandOf(*hpa, pods ? *pods : k8s::ScaledPods{4, 4, 0.5, ""});
  Promise(std::isfinite(computed.load.value_or(0)) && computed.load.value_or(0) >= 0,
          "a load is a number, not negative");
  Promise(!computed.wish || *computed.wish > computed.replicas_max, "a wish is more than the maximum");
}

}  // namespace

void DnsAnswer(std::string_view bytes) {
  const auto found = lab::DecodeAnswer(bytes, 0x1234);
  if (found) Promise(found->ttl >= Duration{}, "a TTL is not negative");
}

void ResponseHead(std::string_view bytes) {
  const auto head = ReadResponseHead(bytes);
  if (!head) return;
  Promise(head->status >= 0 && head->status <= 999, "a status has three digits");
  Promise(!(head->chunked && head->body_size), "the framing is not ambiguous");
}

void Kubeconfig(std::string_view bytes) {
  const std::string text(bytes);
  const auto read = [&](const std::string& path) -> Result<std::string> {
    if (path == "/etc/config") return text;
    return std::string("content of another file\n");
  };
  for (const char* context : {"", "lab"}) {
    const auto access = k8s::AccessFromKubeconfig("/etc/config", context, read);
    if (!access) {
      Promise(!access.error().what.empty(), "a refusal says why");
      continue;
    }
    Promise(!access->endpoint.host.empty() && access->endpoint.port > 0, "an endpoint can be reached");
    if (access->read_token) (void)access->read_token();
  }
}

void Watch(std::string_view bytes) {
  LineQueue queue(1U << 16U, 1U << 20U);
  // Pieces of one to sixteen bytes, as the bytes themselves say: lines come cut anywhere.
  while (!bytes.empty()) {
    const std::size_t size = std::min<std::size_t>(bytes.size(), 1 + (static_cast<unsigned char>(bytes[0]) & 0xfU));
    if (!queue.Feed(bytes.substr(0, size))) break;
    bytes.remove_prefix(size);
  }
  queue.End();
  for (;;) {
    const LineStream::Item item = queue.Next(Duration{});
    if (item.state != LineStream::State::kLine) break;
    Promise(item.text.find('\n') == std::string::npos, "a line is one line");
    WatchLine(item.text);
  }
}

void PodMetrics(std::string_view bytes) {
  const auto samples = k8s::ReadPodMetrics(bytes);
  if (!samples) return Promise(!samples.error().what.empty(), "a refusal says why");
  for (const k8s::PodSample& sample : *samples) {
    Promise(std::isfinite(sample.cpu) && sample.cpu >= 0, "a use is a number, not negative");
  }
}

void AviJson(std::string_view bytes) {
  const auto document = ParseJson(bytes);
  if (!document) return;
  Promise(static_cast<bool>(ParseJson(JsonText(*document))), "what was read can be written and read again");
  if (const auto gslb = avi::ReadGslb(*document)) (void)avi::SitesBehind(*document, *gslb);
  (void)avi::SitesBehind(*document, {});
  Service(*document, nullptr);
  if (const JsonValue* config = Find(*document, "config")) Service(*config, Find(*document, "runtime"));
}

void Config(std::string_view bytes) {
  const auto parsed = daemon::ParseConfig(std::string(bytes));
  if (const auto* mistakes = std::get_if<daemon::Mistakes>(&parsed)) {
    Promise(!mistakes->empty() && !daemon::MistakesText("f", *mistakes).empty(), "a refusal says why");
  }
}

void Tokens(std::string_view bytes) {
  const auto tokens = daemon::Tokens::Parse(bytes);
  if (!tokens) return Promise(!tokens.error().what.empty(), "a refusal says why");
  Promise(!tokens->Check("nobody's"), "a token that nobody was given opens nothing");
}

void Memory(std::string_view bytes) {
  const daemon::Moment at{Instant{} + 1h, WallTime{} + 1000h};
  const auto memory = daemon::ParseMemory(std::string(bytes), at);
  if (!memory) return Promise(!memory.error().what.empty(), "a refusal says why");
  const std::string text = daemon::MemoryText(*memory, at);
  const auto again = daemon::ParseMemory(text, at);
  Promise(again && daemon::MemoryText(*again, at) == text, "what was read can be written and read again");
}

}  // namespace spillway::fuzz
