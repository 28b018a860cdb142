#include "tools/lab/kubernetes/expiry.h"

#include "tools/lab/kubernetes/kind.h"

namespace spillway::lab::kube {

void Expiry::Notice(const Change& change, Instant now) {
  if (change.table != EventKind().stored_as) return;
  if (const auto before = goes_at_.find(change.key); before != goes_at_.end()) {
    due_.erase({before->second, change.key});
    goes_at_.erase(before);
  }
  if (change.after == nullptr) return;
  goes_at_[change.key] = now + life_;
  due_.emplace(now + life_, change.key);
}

void Expiry::Step(Instant now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    const Key key = due_.begin()->second;
    due_.erase(due_.begin());
    goes_at_.erase(key);
    store_.Remove(EventKind().stored_as, key);
  }
}

std::optional<Instant> Expiry::NextDue() const {
  return due_.empty() ? std::nullopt : std::optional(due_.begin()->first);
}

}  // namespace spillway::lab::kube
