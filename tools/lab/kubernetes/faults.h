// The faults that are set, and what each makes of a request.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_FAULTS_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_FAULTS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/http.h"
#include "tools/lab/kubernetes/fault.h"
#include "tools/lab/kubernetes/request.h"

namespace spillway::lab::kube {

// Not synchronised; its owner locks.
class Faults {
 public:
  int Add(Fault fault);
  void Remove(int id);
  void Clear() { faults_.clear(); }

  // The first that fits, one of its times used up.
  std::optional<Fault> Take(const Request& request);

 private:
  std::vector<std::pair<int, Fault>> faults_;
  int last_id_ = 0;
};

// The answer of a fault that answers by itself.
HttpResponse FaultResponse(const Fault& fault, const Request& request);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_FAULTS_H_
