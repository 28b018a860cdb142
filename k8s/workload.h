// A Deployment as a Workload: read from a watch, scaled through its scale subresource.
#ifndef SPILLWAY_K8S_WORKLOAD_H_
#define SPILLWAY_K8S_WORKLOAD_H_

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "k8s/api.h"
#include "k8s/list_watch.h"
#include "k8s/picture.h"
#include "src/ports/workload.h"

namespace spillway::k8s {

// Lays our own writes over what the watch has told so far, so that a decision made between a write's answer and its
// event sees the write. Everything happens under the picture's lock.
//
// Revisions are opaque, so "newer" must come from equality alone. A write that carried the revision R as its
// precondition and was answered with R' proves that R' directly follows R: whatever the watch shows that is neither R
// nor one of the revisions before it in our own chain of writes is R' or later. So:
//   * the answer is laid over the picture only if that still shows R; if it shows anything else, the event was faster;
//   * it stays while the picture shows R (a list or an event that was under way), and goes with the first other one.
class OwnWrites : public Observer {
 public:
  explicit OwnWrites(std::shared_ptr<View<WorkloadState>> view) : view_(std::move(view)) {}

  void Changed(const Picture& picture, std::optional<Instant> confirmed_before, Instant now) override;
  Reading<WorkloadState> Read(const Picture& picture) const;

  // Our write on top of `before` was answered with `stored`.
  void Stored(const Picture& picture, const std::string& before, const ScaleAnswer& stored);

 private:
  const std::shared_ptr<View<WorkloadState>> view_;
  std::optional<ScaleAnswer> stored_;
  std::set<std::string> superseded_;  // the revisions that stored_ follows
};

class DeploymentWorkload final : public Workload {
 public:
  DeploymentWorkload(std::shared_ptr<Api> api, std::shared_ptr<ListWatch> watch, const std::string& name);

  Reading<WorkloadState> Read() const override;
  Result<WorkloadState> Scale(int replicas, const std::string& revision, Duration deadline) override;

 private:
  const std::shared_ptr<Api> api_;
  const std::shared_ptr<ListWatch> watch_;
  const std::string name_;
  const std::string text_;  // deployments "shopping" in acme
  const std::shared_ptr<OwnWrites> picture_;
};

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_WORKLOAD_H_
