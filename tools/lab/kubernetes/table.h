// Objects as the Table that kubectl prints.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_TABLE_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_TABLE_H_

#include <string>
#include <vector>

#include "src/base/time.h"
#include "tools/lab/kubernetes/kind.h"
#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab::kube {

// What a row carries of its object (query includeObject).
enum class IncludeObject { kMetadata, kObject, kNone };

struct TableRequest {
  bool wanted = false;  // the Accept header asks for a Table
  IncludeObject include = IncludeObject::kMetadata;
  WallTime wall;  // for ages
};

// A missing value is a null cell, which kubectl prints as blank. `metadata`: the list's. `headers`: a watch sends the
// column definitions only with its first event.
Tree TableOf(const Kind& kind, const std::vector<Tree>& objects, const TableRequest& request, Tree metadata,
             bool headers = true);

// "45s", "2m10s", "3h", "5d": two units where the larger one is small, as kubectl writes ages.
// Source: Kubernetes apimachinery util/duration HumanDuration.
std::string AgeText(Duration age);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_TABLE_H_
