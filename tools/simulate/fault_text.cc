// Faults as a command line names them.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "tools/simulate/scenario.h"

namespace spillway::sim {
namespace {

std::vector<std::string> Parts(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::optional<double> NumberOf(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

Error Wrong(const std::string& text, const std::string& allowed) {
  return {Code::kRejected, "fault \"" + text + "\": " + allowed};
}

// "cloud" or "avi-cloud".
std::optional<int> TargetOf(std::string name, const std::vector<std::string>& sites) {
  const bool controller = name.starts_with("avi-");
  if (controller) name.erase(0, 4);
  const auto at = std::find(sites.begin(), sites.end(), name);
  if (at == sites.end()) return std::nullopt;
  return static_cast<int>(at - sites.begin()) + (controller ? 100 : 0);
}

Result<FaultEvent> ParseFault(const std::string& text, const std::vector<std::string>& sites) {
  const std::vector<std::string> parts = Parts(text, ':');
  if (parts.size() < 3 || parts.size() > 5)
    return Wrong(text, "KIND:AT:FOR[:SITE[:VALUE]] is allowed, times in seconds");
  FaultEvent fault;
  std::string kinds;
  for (int kind = 0; kind < static_cast<int>(FaultEvent::Kind::kEnd); ++kind) {
    fault.kind = static_cast<FaultEvent::Kind>(kind);
    if (Name(fault.kind) == parts[0]) break;
    kinds += " " + std::string(Name(fault.kind));
    fault.kind = FaultEvent::Kind::kEnd;
  }
  if (fault.kind == FaultEvent::Kind::kEnd) return Wrong(text, "there are:" + kinds);
  const auto at = NumberOf(parts[1]), lasting = NumberOf(parts[2]);
  if (!at || !lasting || *at < 0 || *lasting < 0) return Wrong(text, "times are seconds, not below 0");
  fault.at = FromSeconds(*at);
  fault.lasting = FromSeconds(*lasting);
  if (parts.size() > 3) {
    const auto target = TargetOf(parts[3], sites);
    if (!target) {
      std::string names;
      for (const std::string& site : sites) names += " " + site + " avi-" + site;
      return Wrong(text, "there are the places" + names);
    }
    fault.target = *target;
  }
  if (parts.size() > 4) {
    const auto value = NumberOf(parts[4]);
    if (!value) return Wrong(text, "its value is a number");
    fault.value = *value;
  }
  return fault;
}

}  // namespace

Result<std::vector<FaultEvent>> ParseFaults(const std::string& text, const std::vector<std::string>& sites) {
  std::vector<FaultEvent> faults;
  for (const std::string& part : Parts(text, ',')) {
    auto fault = ParseFault(part, sites);
    if (!fault) return fault.error();
    faults.push_back(*fault);
  }
  std::stable_sort(faults.begin(), faults.end(), [](const FaultEvent& a, const FaultEvent& b) { return a.at < b.at; });
  return faults;
}

}  // namespace spillway::sim
