// May an operator's order be accepted? Judged on the present, before anything happens.
#ifndef SPILLWAY_SRC_CORE_SAFETY_H_
#define SPILLWAY_SRC_CORE_SAFETY_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/core/forecast.h"
#include "src/core/override.h"

namespace spillway {

enum class SafetyRule : std::uint8_t {
  kWellFormed,
  kInputsKnown,
  kGslbWritable,
  kHealthyServed,
  kTrafficBeforeReplicas,
  kCapacityFloor,
  kEnd
};
struct SafetyText {
  std::string_view token, sentence;
};
// An interface: the API and the audit name the rule by its token.
inline constexpr auto kSafetyTexts = std::to_array<SafetyText>({
    {"WellFormed", "The order must name what exists, within its range."},
    {"InputsKnown", "What the order is judged by must be seen now."},
    {"GslbWritable", "An order that moves traffic needs a GSLB service that takes writes."},
    {"HealthyServed", "Somebody healthy must be served afterwards."},
    {"TrafficBeforeReplicas", "No site with ready replicas is scaled down while it may still get traffic."},
    {"CapacityFloor", "The capacity afterwards must cover the demand times safety.capacityFloor."},
});
static_assert(kSafetyTexts.size() == static_cast<std::size_t>(SafetyRule::kEnd), "one text per rule");
constexpr const SafetyText& Text(SafetyRule rule) { return kSafetyTexts.at(static_cast<std::size_t>(rule)); }

struct Refusal {
  SafetyRule rule;
  std::string why;               // one sentence, with the names and the numbers
  std::vector<Figure> compared;  // the numbers alone; empty where the rule compares none
  std::string satisfied_by;      // what would have to be so for the order to be accepted
};

struct Verdict {
  std::optional<Refusal> refusal;     // the first rule that the order breaks
  bool forced = false;                // it breaks kCapacityFloor and was accepted all the same
  std::vector<std::string> warnings;  // worth knowing before, or after, it is accepted
  Override override;                  // what stands if it is accepted
  Change change;                      // what that would do; empty if the order is not well formed

  bool accepted() const { return !refusal; }
};

// Pure, so a dry run is the same call. The rules are judged in the order of SafetyRule; `force` passes the last one
// alone. What can't be seen refuses. A pause is accepted whatever is seen, as it only holds, unless it would hold a
// state in which nobody healthy is answered.
//
// Why so little needs refusing: Decide never moves traffic ahead of readiness nor replicas ahead of traffic, whoever
// asks. A drain or a failover hands over only as the others can carry it, so the capacity that counts is what the
// others may reach (capacity.h), and `force` is what makes a drain hand over at once.
//
// A drain wants a member that is up *now* to be left, since it asks for no replacement; a failover brings its site up
// first and may name a cold one.
Verdict Judge(const Policy& policy, const Observation& observation, const Override& standing, Order order, bool force,
              const Memory& memory, Instant now);

// May orders be ended: is `wanted`, some of the orders of `standing`, what may stand (resume, undrain, clearing)? By
// kHealthyServed and kCapacityFloor, which an end can break: a pause may be all that keeps home and overflow at work
// while a mode waits for its end that leaves home alone, and a drain of home all that keeps active-passive from giving
// home more than it can carry. `force` passes the capacity rule.
//
// The other rules have nothing to refuse. An end writes nothing by itself, so what is unseen and a GSLB that takes no
// writes hold as they do without orders; the way out of a pause must not depend on them. It never takes away a site
// that serves while another could not: Decide moves only what can be moved. That an order's time is over is not judged:
// that was agreed when it was given.
Verdict JudgeEnd(const Policy& policy, const Observation& observation, const Override& standing, const Override& wanted,
                 bool force, const Memory& memory, Instant now);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_SAFETY_H_
