#include "tools/lab/kubernetes/scale.h"

#include <string>
#include <utility>

#include "src/base/join.h"

namespace spillway::lab::kube {

Tree ScaleOf(const Tree& deployment) {
  std::string selector;
  for (const auto& [name, value] : deployment.At("spec.selector.matchLabels").Members()) {
    Join(selector, name + "=" + value.String(), ",");
  }
  Tree metadata = Tree::Object{};
  for (const char* name : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
    metadata[name] = deployment.At("metadata").At(name);
  }
  Tree spec = Tree::Object{};
  const std::int64_t replicas = deployment.At("spec.replicas").Int();
  if (replicas != 0) spec["replicas"] = replicas;
  return Tree::Object{
      {"kind", "Scale"},
      {"apiVersion", "autoscaling/v1"},
      {"metadata", metadata},
      {"spec", spec},
      {"status", Tree::Object{{"replicas", deployment.At("status.replicas").Int()}, {"selector", selector}}}};
}

Reply WriteScale(Objects& objects, const Tree& deployment, const Tree& scale, WriteOptions options, WallTime wall) {
  const Key key = KeyOf(deployment);
  const std::string& kind = scale.At("kind").String();
  if (!kind.empty() && kind != "Scale") return BadRequest("the object provided is a " + kind + ", not a Scale");
  const Tree& replicas = scale.At("spec.replicas");
  if (!replicas.IsNull() && !replicas.IsInt()) {
    return BadRequest("Scale in version \"v1\" cannot be handled as a Scale: spec.replicas is not an int32");
  }
  if (replicas.Int() < 0) {
    Kind scale_kind;
    scale_kind.group = "autoscaling";
    scale_kind.kind = "Scale";
    return Invalid(scale_kind, key.name,
                   {InvalidValue("spec.replicas", replicas, "must be greater than or equal to 0")});
  }
  Tree after = deployment;
  after.Make("spec.replicas") = replicas.Int();
  for (const char* name : {"uid", "resourceVersion"}) after["metadata"][name] = scale.At("metadata").At(name);
  Reply reply = objects.Update(DeploymentKind(), key, std::move(after), options, wall);
  if (reply.code < 300) reply.body = ScaleOf(reply.body);
  return reply;
}

}  // namespace spillway::lab::kube
