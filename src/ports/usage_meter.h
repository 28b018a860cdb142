#ifndef SPILLWAY_SRC_PORTS_USAGE_METER_H_
#define SPILLWAY_SRC_PORTS_USAGE_METER_H_

#include "src/core/observation.h"

namespace spillway {

// What the pods of one Deployment use. Safe from any thread.
class UsageMeter {
 public:
  virtual ~UsageMeter() = default;
  // From what a Feed keeps; never blocks. as_of is when the oldest of the figures was new, not when it was last read.
  virtual Reading<PodUsage> Read() const = 0;
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_PORTS_USAGE_METER_H_
