// What can be wrong or worth knowing about an application, and what a gate asks for. The tokens are an interface:
// metrics, dashboards and alerts match on them.
#ifndef SPILLWAY_SRC_CORE_CONDITION_H_
#define SPILLWAY_SRC_CORE_CONDITION_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/time.h"

namespace spillway {

enum class GateName : std::uint8_t {
  kReplicasReady,
  kGslbHealthy,
  kObservationFresh,
  kGslbWritable,
  kShareFits,
  kNotHeld,
  kEnd
};
inline constexpr auto kGateTokens = std::to_array<std::string_view>(
    {"ReplicasReady", "GslbHealthy", "ObservationFresh", "GslbWritable", "ShareFits", "NotHeld"});
static_assert(kGateTokens.size() == static_cast<std::size_t>(GateName::kEnd), "one token per gate condition");
constexpr std::string_view Token(GateName name) { return kGateTokens.at(static_cast<std::size_t>(name)); }

enum class ConditionName : std::uint8_t {
  kDemandUnknown,         // home's autoscaler was never read, or is stale
  kOverflowUseUnknown,    // no source tells what overflow serves
  kHomeClusterUnseen,     // home's Deployment was never read, or is stale
  kOverflowUnseen,        // an overflow Deployment was never read, or is stale
  kGslbUnseen,            // the GSLB service was never read, or is stale
  kGslbNotWritable,       // Avi takes no writes now
  kRatiosVoid,            // a setting makes member ratios meaningless
  kLayoutNotInForce,      // a DNS site still answers the old layout
  kCapacityExhausted,     // some excess fits nowhere
  kRoundRobinInfeasible,  // a site can't carry an equal share
  kProvisionTimeout,      // a site did not become eligible in time
  kHomeSaturated,         // home is over its maximum and the mode does not split
  kHomeDown,              // home was failed over from
  kMemberFlapping,        // a member went down repeatedly; its gate waits longer
  kForeignPlacement,      // a member is disabled or moved by somebody else
  kPaused,                // an operator asked for no writes
  kBudgetSpent,           // overflow may get no more replicas in this window
  kTooFewResolvers,       // so few resolvers ask that a share is all or nothing
  kEnd
};
inline constexpr auto kConditionTokens = std::to_array<std::string_view>(
    {"DemandUnknown", "OverflowUseUnknown", "HomeClusterUnseen", "OverflowUnseen", "GslbUnseen", "GslbNotWritable",
     "RatiosVoid", "LayoutNotInForce", "CapacityExhausted", "RoundRobinInfeasible", "ProvisionTimeout", "HomeSaturated",
     "HomeDown", "MemberFlapping", "ForeignPlacement", "Paused", "BudgetSpent", "TooFewResolvers"});
static_assert(kConditionTokens.size() == static_cast<std::size_t>(ConditionName::kEnd), "one token per condition");
constexpr std::string_view Token(ConditionName name) { return kConditionTokens.at(static_cast<std::size_t>(name)); }

// A condition that holds.
struct ConditionState {
  ConditionName name;
  std::string detail;  // one sentence naming the thing
  Instant since;
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_CONDITION_H_
