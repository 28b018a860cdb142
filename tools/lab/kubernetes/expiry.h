// Events live for a while only.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_EXPIRY_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_EXPIRY_H_

#include <map>
#include <optional>
#include <set>
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
  std::map<Key, Instant> goes_at_;
  std::set<std::pair<Instant, Key>> due_;  // the same, in the order of time
};

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_EXPIRY_H_
