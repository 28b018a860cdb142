// Why a decision is what it is: one table of token and sentence, checked for size by the compiler.
#ifndef SPILLWAY_SRC_CORE_REASON_H_
#define SPILLWAY_SRC_CORE_REASON_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace spillway {

// Tokens are an interface: dashboards, alerts and golden traces match on them.
enum class ReasonCode : std::uint8_t {
  kFirstLook,
  kSteady,
  kDemandRose,
  kDemandFell,
  kCalmPeriod,
  kConfirming,
  kProbing,
  kDemandFromWish,
  kDemandFromLoad,
  kDemandFromDesired,
  kOverflowFromShare,
  kOverflowMeasured,
  kOverflowFromAutoscaler,
  kUsageSourceSkipped,
  kInputStale,
  kHoldScaleDown,
  kGateShut,
  kGateOpened,
  kGateClosed,
  kWeightFollows,
  kWithinDeadBand,
  kLayoutHeld,
  kUnseenKeepsShare,
  kLastLayoutStays,
  kRatiosVoid,
  kDrainStarted,
  kDraining,
  kDrainDone,
  kDrainTimedOut,
  kDrainCancelled,
  kTail,
  kReturnedToRest,
  kWaitForWeight,
  kCapacityExhausted,
  kSpilledToNext,
  kRoundRobinInfeasible,
  kStaysPassive,
  kHomeDown,
  kFailedOver,
  kFailingBack,
  kTurnsWithTheTtl,
  kHomeGrowsFirst,
  kPaused,
  kModeOrdered,
  kDrainOrdered,
  kHandingOver,
  kRatiosPinned,
  kPinWaits,
  kReplicasPinned,
  kFailoverOrdered,
  kFailbackOrdered,
  kHomeIsTheLast,
  kBudgetSpent,
  kBiasCorrected,
  kCanary,
  kEqualShareWaits,
  kRaisedElsewhere,
  kEnd
};
struct ReasonText {
  std::string_view token, sentence;
};
inline constexpr auto kReasonTexts = std::to_array<ReasonText>({
    {"FirstLook", "No memory of this application: nothing is lowered until a whole calm period was seen."},
    {"Steady", "What is so is what should be so."},
    {"DemandRose", "The demand needs more overflow replicas than before."},
    {"DemandFell", "The demand has needed fewer overflow replicas for the whole calm period."},
    {"CalmPeriod", "The demand is lower now, but not yet for the whole calm period."},
    {"Confirming", "There is excess, but not yet for the time it must last."},
    {"Probing", "Home is pinned at its maximum and states no wish: one more replica is tried."},
    {"DemandFromWish", "Home's autoscaler states how many replicas it would want without its maximum."},
    {"DemandFromLoad", "Home's load is computed from its autoscaler's metric."},
    {"DemandFromDesired", "Home's load is taken to be what its autoscaler desires."},
    {"OverflowFromShare", "What overflow serves is computed from the share that home still gets."},
    {"OverflowMeasured", "What overflow serves is what its pods were measured to use."},
    {"OverflowFromAutoscaler", "What overflow serves is told by an autoscaler there that only observes."},
    {"UsageSourceSkipped", "A source of what overflow serves can't be used now, so the next one is."},
    {"InputStale", "An input is missing or too old, so what depends on it is held."},
    {"HoldScaleDown", "Nothing is scaled down while this can't be seen or written."},
    {"GateShut", "The site may not be given traffic yet."},
    {"GateOpened", "The site meets every condition and may be given traffic."},
    {"GateClosed", "The site no longer meets every condition; its traffic goes elsewhere."},
    {"WeightFollows", "Traffic follows the serving capacity."},
    {"WithinDeadBand", "The change of share is too small to be written."},
    {"LayoutHeld", "The layout stays, because it can't be seen or written."},
    {"UnseenKeepsShare",
     "What serves there can't be seen, so nobody knows whether another share fits; the layout stays."},
    {"LastLayoutStays", "No site's gate is open, so the last layout stays."},
    {"RatiosVoid", "A setting makes ratios meaningless, so traffic is not steered."},
    {"DrainStarted", "The site's traffic was lowered; its replicas stay until clients have gone."},
    {"Draining", "Clients may still reach the site, so its replicas stay."},
    {"DrainDone", "Clients have left the site."},
    {"DrainTimedOut", "The longest drain has passed; the rest is left to the keepers."},
    {"DrainCancelled", "Demand rose again before the replicas were taken; they serve on."},
    {"Tail", "A few replicas stay for late clients."},
    {"ReturnedToRest", "The site is back at its minimum."},
    {"WaitForWeight", "The lower share is not in force yet, so no replica is taken."},
    {"CapacityExhausted", "Some of the excess fits nowhere."},
    {"SpilledToNext", "A preferred site can't take its part, so the next one does."},
    {"RoundRobinInfeasible", "The site can't carry an equal share."},
    {"StaysPassive", "In this mode overflow takes over only when home is down."},
    {"HomeDown", "Avi says that home is down."},
    {"FailedOver", "Home has been down for long enough: the others take all."},
    {"FailingBack", "Home is healthy again and gets its traffic back in steps."},
    {"TurnsWithTheTtl", "The last change of weight is less than one TTL old."},
    {"HomeGrowsFirst", "Home gets its traffic back as fast as the replicas it can count on take it."},
    {"Paused", "An operator asked for no writes."},
    {"ModeOrdered", "An operator chose another mode than the policy's."},
    {"DrainOrdered", "An operator holds the site off traffic."},
    {"HandingOver", "The site is to be drained; it serves until the others can carry its part."},
    {"RatiosPinned", "An operator pinned the ratios."},
    {"PinWaits", "The pinned ratios ask for more than the site can carry yet; home keeps the rest."},
    {"ReplicasPinned", "An operator pinned the site's replicas."},
    {"FailoverOrdered", "An operator wants home without traffic; it keeps what the others can't carry yet."},
    {"FailbackOrdered", "An operator wants home to get its traffic back."},
    {"HomeIsTheLast", "Home is healthy again and nobody else can be given its traffic, so it gets it back at once."},
    {"BudgetSpent", "The budget of this window is spent: no replica is added, and none that serves is taken."},
    {"BiasCorrected", "Home's share was measured off what was meant, so what is published leans against it."},
    {"Canary", "A site that has just become eligible gets a small share first."},
    {"EqualShareWaits", "The site can't carry an equal share now, so shares follow what each can carry."},
    {"RaisedElsewhere", "More replicas are asked of the site than was decided; the surplus goes as after a drain."},
});
static_assert(kReasonTexts.size() == static_cast<std::size_t>(ReasonCode::kEnd), "one text per code");
constexpr const ReasonText& Text(ReasonCode code) { return kReasonTexts.at(static_cast<std::size_t>(code)); }

// A number that was used, e.g. {"excess_replicas", 3}.
struct Figure {
  std::string_view name;
  double value = 0;
};

// The numbers of one reason, in place: each decision gives many reasons. More than kMost throw std::out_of_range.
class Figures {
 public:
  static constexpr std::size_t kMost = 3;
  Figures() = default;
  Figures(std::initializer_list<Figure> figures) {
    for (const Figure& figure : figures) figures_.at(count_++) = figure;
  }
  const Figure* begin() const { return figures_.data(); }
  const Figure* end() const { return begin() + count_; }

 private:
  std::array<Figure, kMost> figures_{};
  std::size_t count_ = 0;
};

struct Reason {
  ReasonCode code;
  std::string about;  // a site, an input, or empty for the whole application
  Figures used;
  std::string detail;  // a clause where the sentence is not enough; mostly empty
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_REASON_H_
