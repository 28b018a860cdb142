// Sets of fields of an object, as values in the form FieldsV1 (managed_fields.h), and what can be done with them.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_FIELD_SET_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_FIELD_SET_H_

#include <string>
#include <vector>

#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab::kube {

// An object whose leaves are empty objects.
using FieldSet = Tree;

// Every field that `object` sets, but for what identifies it or what only the server sets.
FieldSet FieldsOf(const Tree& object);
// The fields of `after` that `before` lacks or has with another value.
FieldSet Changed(const Tree& before, const Tree& after);

FieldSet Union(FieldSet a, const FieldSet& b);
FieldSet Minus(const FieldSet& a, const FieldSet& b);
FieldSet Overlap(const FieldSet& a, const FieldSet& b);

// Takes the fields of the set out of `object`: list entries whose own "." is in the set go whole.
void Remove(const FieldSet& fields, Tree& object);

// ".spec.template.spec.containers[name=\"web\"].image", one text a leaf.
std::vector<std::string> Paths(const FieldSet& fields);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_FIELD_SET_H_
