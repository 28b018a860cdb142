// Who manages which fields of an object: metadata.managedFields, and server-side apply, which is built on it.
//
// A set of fields is written as the API writes it (FieldsV1): {"f:spec":{"f:replicas":{}}}; an entry of a keyed list is
// "k:{\"name\":\"web\"}" and itself owned through "."; lists without a key are one field.
// Source: sigs.k8s.io/structured-merge-diff fieldpath; apimachinery util/managedfields.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_MANAGED_FIELDS_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_MANAGED_FIELDS_H_

#include <string>

#include "src/base/time.h"
#include "tools/lab/kubernetes/reply.h"
#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab::kube {

// Who writes, and by which way.
struct FieldManager {
  std::string name;         // the fieldManager of the query, else the User-Agent up to its "/"
  std::string subresource;  // "status", "scale"; empty: the object itself
  std::string api_version;  // of the request's view
};

// Notes in after.metadata.managedFields that `manager` made `after` out of `before` (null: it is new): what changed is
// its own from now on and nobody else's, what is gone is nobody's. A list that `after` brings along is believed, as
// clients may repair it; without one, that of `before` holds.
void NoteUpdate(const Tree& before, Tree& after, const FieldManager& manager, WallTime wall);

// Server-side apply: `applied` merged into `live` (null: there is nothing yet), keyed lists by key; fields that this
// manager applied before and now leaves out go, unless somebody else manages them too. 409 with one cause a field where
// another manager wants another value; `force` takes the field instead.
Tried<Tree> Apply(const Tree& live, const Tree& applied, const FieldManager& manager, bool force, WallTime wall);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_MANAGED_FIELDS_H_
