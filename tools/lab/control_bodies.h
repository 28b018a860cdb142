// What requests to the control API say, read without a world. Every error is kRejected and says what is allowed.
#ifndef SPILLWAY_TOOLS_LAB_CONTROL_BODIES_H_
#define SPILLWAY_TOOLS_LAB_CONTROL_BODIES_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/base/time.h"
#include "tools/lab/site.h"

namespace spillway::lab {

// {"replicas": 2.5}: the demand, in replicas of the home site, 0 to 100.
Result<double> ReadDemand(std::string_view body);

// {"azure-eu": 2}: how many replicas are ready at each site, 0 to 1000; absent: not said.
using ReadyReplicas = std::array<std::optional<int>, kSites.size()>;
Result<ReadyReplicas> ReadReplicas(std::string_view body);

// {"target": "avi-us", "kind": "http", "value": 503, "for": "30s"}. Whether there is such a target and such a kind, and
// what its value may be, FaultBoard::Add says.
struct AskedFault {
  std::string target, kind;         // empty: not said
  std::optional<double> value;      // absent: not said, or no number
  std::optional<Duration> lasting;  // absent: until it is removed
};
Result<AskedFault> ReadFault(std::string_view body);

// "/truth?writes=N": how many of the latest writes to show; 100 where it is not said.
Result<std::size_t> ReadWritesMost(std::string_view target);

// The id of a fault as it stands in a path; nullopt: no whole number.
std::optional<int> ReadFaultId(std::string_view text);

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_CONTROL_BODIES_H_
