// Events live for a while only.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_EXPIRY_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_EXPIRY_H_

#include <deque>
#include <optional>
#include <utility>

#include "src/base/time.h"
#include "tools/lab/kubernetes/store.h"

namespace spillway::lab::kube {

// An Event goes when nothing has been written to it for `life`. Not synchronised; its owner locks.
class Expiry {
 public:
  Expiry(Store& store, Duration life) : store_(store), life_(life) {}

  void Notice(const Change& change, Instant now);
  void Step(Instant now);
  std::optional<Instant> NextDue() const;

 private:
  Store& store_;
  const Duration life_;
  // In the order of time. An event that was written again stands here again; only its last entry counts.
  std::deque<std::pair<Instant, ObjectPtr>> due_;
};

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_EXPIRY_H_
