// What a Definition of the TSM autoscaler says of the demand at home.
#ifndef SPILLWAY_K8S_DEFINITION_H_
#define SPILLWAY_K8S_DEFINITION_H_

#include <optional>
#include <string_view>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/core/observation.h"

namespace spillway::k8s {

// The count of instances that the message of a condition with reason EnforcingLimit speaks of: its second word if
// that is all digits, else its first word that is an integer once punctuation around it is gone. nullopt: there is
// none. The texts themselves are not published.
std::optional<int> WishInMessage(std::string_view message);

// Errors, never zeros, where the autoscaler's word can't be used: kRetry while it has not spoken yet (no status), says
// that it is not ready, or speaks of an older generation of the object; kRejected when a field is not what it should
// be.
//
// limited and wish, by the conditions with reason EnforcingLimit and a status other than "False" (types are not
// published, several may be there: the one with the latest transition counts):
//   * a wish of max or more: limited, with it;
//   * a smaller one: not limited. The same reason may serve the minimum, and during its grace period the autoscaler
//     may hold desired at max while it wants less;
//   * none that can be read: limited while desired is at max, the wish unknown (unknown is never zero).
//
// load = currentReplicas * currentMetric / scaleUp. The autoscaler is proportional to consumption against scaleUp, but
// its formula is not published, and latency is no measure of work, so a latency metric gives no load. The metric is
// told in whole units: where one unit more makes it agree with the wish (4 replicas at 60 against 60, and a wish of 5:
// it was 60.3), the load is that. Otherwise home's last few hundredths of a replica would read as a disagreement of a
// whole one.
//
// cpu_per_replica = scaleUp of the metric CPUUsageMillicores. A percentage says too little: of what is not published.
Result<HomeDemand> ReadDefinition(const JsonValue& definition);

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_DEFINITION_H_
