#ifndef SPILLWAY_SRC_PORTS_DEMAND_SOURCE_H_
#define SPILLWAY_SRC_PORTS_DEMAND_SOURCE_H_

#include "src/core/observation.h"

namespace spillway {

// What home's autoscaler says of the demand. Safe from any thread.
class DemandSource {
 public:
  virtual ~DemandSource() = default;
  // From the picture that a Feed keeps; never blocks. An autoscaler that does not exist is a Failure, not zero.
  virtual Reading<HomeDemand> Read() const = 0;
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_PORTS_DEMAND_SOURCE_H_
