#ifndef SPILLWAY_SRC_PORTS_TRAFFIC_DIRECTOR_H_
#define SPILLWAY_SRC_PORTS_TRAFFIC_DIRECTOR_H_

#include <string>

#include "src/base/result.h"
#include "src/base/time.h"
#include "src/core/layout.h"
#include "src/core/observation.h"

namespace spillway {

// One application's GSLB service: all the daemon knows about the load balancer. Safe from any thread.
class TrafficDirector {
 public:
  virtual ~TrafficDirector() = default;
  // From the picture that a Feed keeps; never blocks.
  virtual Reading<TrafficState> Read() const = 0;
  // Makes the members look like `want` in one atomic write if nobody wrote since `revision`; answers the state read
  // back. Members that `want` does not name, and every field Spillway does not own, stay as they are. kReread:
  // somebody wrote, nothing was changed. kRetry: it may have been applied. `urgent` writes go before others.
  virtual Result<TrafficState> Write(const Layout& want, const std::string& revision, bool urgent,
                                     Duration deadline) = 0;
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_PORTS_TRAFFIC_DIRECTOR_H_
