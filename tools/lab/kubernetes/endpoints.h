// The controller that keeps each Service's EndpointSlices in step with its pods.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_ENDPOINTS_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_ENDPOINTS_H_

#include <map>
#include <optional>
#include <vector>

#include "src/base/time.h"
#include "tools/lab/kubernetes/moment.h"
#include "tools/lab/kubernetes/objects.h"
#include "tools/lab/kubernetes/store.h"

namespace spillway::lab::kube {

// Source: Kubernetes endpointslice controller, max-endpoints-per-slice.
inline constexpr std::size_t kEndpointsPerSlice = 100;

// A pod that the Service selects is an endpoint from its first address until it is gone: ready while it is Ready and
// not terminating, serving while it is Ready. An endpoint stays in its slice; new ones fill the slices that have room.
// Services without a selector keep the slices that somebody else writes. Not synchronised; its owner locks.
class Endpoints {
 public:
  Endpoints(Store& store, Objects& objects, Duration lag) : store_(store), objects_(objects), lag_(lag) {}

  // Notes a change of a Service, or of a pod that one selects.
  void Notice(const Change& change, Instant now);
  void Step(Moment at);
  std::optional<Instant> NextDue() const;

 private:
  void Write(const Key& service, Moment at);
  std::vector<Tree> Spread(const Tree& service, std::vector<Tree> slices) const;

  Store& store_;
  Objects& objects_;
  const Duration lag_;
  std::map<Key, Instant> due_;  // by Service
};

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_ENDPOINTS_H_
