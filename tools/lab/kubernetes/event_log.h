// What controllers tell of themselves: Events about objects, counted where they repeat.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_EVENT_LOG_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_EVENT_LOG_H_

#include <map>
#include <string>

#include "tools/lab/kubernetes/moment.h"
#include "tools/lab/kubernetes/objects.h"
#include "tools/lab/kubernetes/store.h"

namespace spillway::lab::kube {

// As the controllers of the product write them: events of core/v1, one of the same words about the same object raising
// `count` and `lastTimestamp` of the first. Not synchronised; its owner locks.
// Source: client-go tools/record.
class EventLog {
 public:
  EventLog(Store& store, Objects& objects) : store_(store), objects_(objects) {}

  // `about` as stored, with kind and apiVersion. `type`: Normal or Warning. `component`: who tells.
  void Tell(const Tree& about, const std::string& type, const std::string& reason, const std::string& message,
            const std::string& component, Moment at);

 private:
  void Forget();

  Store& store_;
  Objects& objects_;
  std::map<std::string, Key> told_;  // by object and words
};

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_EVENT_LOG_H_
