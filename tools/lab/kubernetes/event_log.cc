#include "tools/lab/kubernetes/event_log.h"

#include <utility>

#include "src/base/time_text.h"
#include "tools/lab/kubernetes/kind.h"

namespace spillway::lab::kube {

// Those whose event is gone by now.
void EventLog::Forget() {
  std::erase_if(told_, [&](const auto& entry) { return store_.Get(EventKind().stored_as, entry.second) == nullptr; });
}

void EventLog::Tell(const Tree& about, const std::string& type, const std::string& reason, const std::string& message,
                    const std::string& component, Moment at) {
  constexpr std::size_t kMany = 200;  // Chosen: a look at all of them now and then costs nothing
  const Key key = KeyOf(about);
  Key& last = told_[about.At("metadata.uid").String() + '\n' + reason + '\n' + message];
  if (const ObjectPtr before = last.name.empty() ? nullptr : store_.Get(EventKind().stored_as, last)) {
    Tree again = *before;
    again["deprecatedCount"] = before->At("deprecatedCount").Int() + 1;
    again["deprecatedLastTimestamp"] = Rfc3339(at.wall);
    store_.Put(EventKind().stored_as, std::move(again));
    return;
  }
  last = {key.in_namespace, key.name + '.' + objects_.NewSuffix() + objects_.NewSuffix()};
  const Tree now(Rfc3339(at.wall));
  store_.Put(EventKind().stored_as, Tree::Object{{"apiVersion", "events.k8s.io/v1"},
                                                 {"kind", "Event"},
                                                 {"metadata", Tree::Object{{"name", last.name},
                                                                           {"namespace", key.in_namespace},
                                                                           {"uid", objects_.NewUid()},
                                                                           {"creationTimestamp", now}}},
                                                 {"regarding", Tree::Object{{"apiVersion", about.At("apiVersion")},
                                                                            {"kind", about.At("kind")},
                                                                            {"name", key.name},
                                                                            {"namespace", key.in_namespace},
                                                                            {"uid", about.At("metadata.uid")}}},
                                                 {"type", type},
                                                 {"reason", reason},
                                                 {"note", message},
                                                 {"reportingController", component},
                                                 {"deprecatedSource", Tree::Object{{"component", component}}},
                                                 {"deprecatedFirstTimestamp", now},
                                                 {"deprecatedLastTimestamp", now},
                                                 {"deprecatedCount", 1}});
  if (told_.size() > kMany) Forget();
}

}  // namespace spillway::lab::kube
