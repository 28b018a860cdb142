// The words of the domain as the API, the journal and the metrics write them. An interface: never rename one.
#ifndef SPILLWAY_SRC_DAEMON_WORDS_H_
#define SPILLWAY_SRC_DAEMON_WORDS_H_

#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/core/decision.h"
#include "src/core/layout.h"
#include "src/core/observation.h"
#include "src/core/override.h"
#include "src/core/policy.h"

namespace spillway::daemon {

inline constexpr auto kModes = std::to_array({Mode::kRoundRobin, Mode::kWeighted, Mode::kActivePassive, Mode::kAuto});
inline constexpr auto kPhases = std::to_array(
    {Phase::kRest, Phase::kProvisioning, Phase::kServing, Phase::kDraining, Phase::kTail, Phase::kHome, Phase::kDown});

constexpr std::string_view Word(Mode mode) {
  constexpr std::array<std::string_view, 4> kWords = {"round-robin", "weighted", "active-passive", "auto"};
  return kWords.at(static_cast<std::size_t>(mode));
}

constexpr std::string_view Word(Phase phase) {
  constexpr std::array<std::string_view, 7> kWords = {"rest", "provisioning", "serving", "draining",
                                                      "tail", "home",         "down"};
  return kWords.at(static_cast<std::size_t>(phase));
}

constexpr std::string_view Word(Place place) {
  constexpr std::array<std::string_view, 4> kWords = {"served", "standby", "parked", "disabled"};
  return kWords.at(static_cast<std::size_t>(place));
}

constexpr std::string_view Word(Health health) {
  constexpr std::array<std::string_view, 3> kWords = {"up", "down", "unknown"};
  return kWords.at(static_cast<std::size_t>(health));
}

constexpr std::string_view Word(UsageSource source) {
  constexpr std::array<std::string_view, 3> kWords = {"metrics", "autoscaler", "share"};
  return kWords.at(static_cast<std::size_t>(source));
}

constexpr std::string_view Word(Sureness sure) {
  constexpr std::array<std::string_view, 5> kWords = {"measured", "stated", "computed", "at-least", "inferred"};
  return kWords.at(static_cast<std::size_t>(sure));
}

constexpr std::string_view Word(OrderKind kind) { return Token(kind); }

// Of a failed write or read: the outcome label of spillway_writes_total.
constexpr std::string_view Word(Code code) {
  constexpr std::array<std::string_view, 5> kWords = {"retry", "reread", "rejected", "missing", "denied"};
  return kWords.at(static_cast<std::size_t>(code));
}

// Of a decision, for lines of text: "2.67", "unknown".
inline std::string DemandText(const std::optional<double>& demand) {
  if (!demand) return "unknown";
  std::array<char, 32> text{};
  const int n = std::snprintf(text.data(), text.size(), "%.2f", *demand);
  return {text.data(), static_cast<std::size_t>(n)};
}

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_WORDS_H_
