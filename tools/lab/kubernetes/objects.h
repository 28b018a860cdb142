// Create, update and delete, with the rules that hold for every kind: identity, preconditions, generations, the
// separation of status and the rest.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_OBJECTS_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_OBJECTS_H_

#include <optional>
#include <string>

#include "src/base/rng.h"
#include "src/base/time.h"
#include "tools/lab/kubernetes/kind.h"
#include "tools/lab/kubernetes/managed_fields.h"
#include "tools/lab/kubernetes/reply.h"
#include "tools/lab/kubernetes/store.h"

namespace spillway::lab::kube {

struct WriteOptions {
  bool dry_run = false;     // everything but persistence
  bool status = false;      // the /status subresource: status changes, nothing else does
  bool from_patch = false;  // the body is a patched copy: it carries a resourceVersion in any case
  bool strict = false;      // fieldValidation=Strict: unknown fields are refused instead of dropped
  bool unchecked = false;   // stored before its rules were what they are now: not validated
  // Whose fields the changed ones become; absent: managedFields stay as the body has them.
  std::optional<FieldManager> manager = {};
};

// Bodies and answers are in the stored form (rules.h). Not synchronised; its owner locks.
class Objects {
 public:
  Objects(Store& store, Rng rng) : store_(store), rng_(rng) {}

  // 201 and the object, or a refusal. `in_namespace` is the path's.
  Reply Create(const Kind& kind, const std::string& in_namespace, Tree body, const WriteOptions& options,
               WallTime wall);
  // 200 and the object (201 where a PUT may create), or a refusal.
  Reply Update(const Kind& kind, const Key& key, Tree body, const WriteOptions& options, WallTime wall);
  // `body`: DeleteOptions, or null. A pod of a controller first becomes terminating; finalizers delay the rest.
  Reply Delete(const Kind& kind, const Key& key, const Tree& body, const WriteOptions& options, WallTime wall);

  std::string NewUid();
  // Five letters and digits, as Kubernetes appends them to generateName.
  std::string NewSuffix();

 private:
  Reply Finish(const Kind& kind, Tree after, const Tree* before, const WriteOptions& options, int code, WallTime wall);
  void Remove(const Kind& kind, const Key& key);

  Store& store_;
  Rng rng_;
};

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_OBJECTS_H_
