#include "tools/lab/kubernetes/expiry.h"

#include "tools/lab/kubernetes/kind.h"

namespace spillway::lab::kube {

void Expiry::Notice(const Change& change, Instant now) {
  if (change.table == EventKind().stored_as && change.after != nullptr) due_.emplace_back(now + life_, change.after);
}

void Expiry::Step(Instant now) {
  while (!due_.empty() && due_.front().first <= now) {
    const ObjectPtr event = due_.front().second;
    due_.pop_front();
    const Key key = KeyOf(*event);
    if (store_.Get(EventKind().stored_as, key) == event) store_.Remove(EventKind().stored_as, key);
  }
}

std::optional<Instant> Expiry::NextDue() const {
  return due_.empty() ? std::nullopt : std::optional(due_.front().first);
}

}  // namespace spillway::lab::kube
