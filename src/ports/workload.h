#ifndef SPILLWAY_SRC_PORTS_WORKLOAD_H_
#define SPILLWAY_SRC_PORTS_WORKLOAD_H_

#include <string>

#include "src/base/result.h"
#include "src/base/time.h"
#include "src/core/observation.h"

namespace spillway {

// One Deployment of one site. Safe from any thread.
class Workload {
 public:
  virtual ~Workload() = default;
  // From the picture that a Feed keeps; never blocks.
  virtual Reading<WorkloadState> Read() const = 0;
  // Sets the wanted replicas if nobody changed the object since `revision`; answers what the server stored. kReread:
  // somebody did, nothing was changed. kRetry: it may have been applied.
  virtual Result<WorkloadState> Scale(int replicas, const std::string& revision, Duration deadline) = 0;
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_PORTS_WORKLOAD_H_
