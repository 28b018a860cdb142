#include "tools/lab/kubernetes/hpa_v1.h"

#include <initializer_list>
#include <string>

namespace spillway::lab::kube {
namespace {

// averageUtilization of the metric "cpu" in `metrics`; null: there is none.
Tree CpuUtilization(const Tree& metrics, const std::string& figures) {
  for (const Tree& metric : metrics.Items()) {
    if (metric.At("resource.name").String() == "cpu") return metric.At("resource." + figures + ".averageUtilization");
  }
  return {};
}

void Copy(const Tree& from, Tree& to, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (const Tree* value = from.Find(name)) to[name] = *value;
  }
}

}  // namespace

Tree HpaV1(const Tree& v2) {
  Tree v1(Tree::Object{{"kind", "HorizontalPodAutoscaler"}, {"apiVersion", "autoscaling/v1"}});
  v1["metadata"] = v2.At("metadata");
  if (const Tree& conditions = v2.At("status.conditions"); !conditions.Items().empty()) {
    v1["metadata"]["annotations"]["autoscaling.alpha.kubernetes.io/conditions"] = conditions.Text();
  }
  v1["spec"] = Tree::Object{};
  v1["status"] = Tree::Object{};
  Copy(v2.At("spec"), v1["spec"], {"scaleTargetRef", "minReplicas", "maxReplicas"});
  Copy(v2.At("status"), v1["status"], {"observedGeneration", "lastScaleTime", "currentReplicas", "desiredReplicas"});
  const Tree wanted = CpuUtilization(v2.At("spec.metrics"), "target");
  const Tree measured = CpuUtilization(v2.At("status.currentMetrics"), "current");
  if (!wanted.IsNull()) v1["spec"]["targetCPUUtilizationPercentage"] = wanted;
  if (!measured.IsNull()) v1["status"]["currentCPUUtilizationPercentage"] = measured;
  return v1;
}

}  // namespace spillway::lab::kube
