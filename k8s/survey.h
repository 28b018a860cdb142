// Questions about a cluster that only a check of the whole set-up asks: who is it, what may we, what else scales there.
#ifndef SPILLWAY_K8S_SURVEY_H_
#define SPILLWAY_K8S_SURVEY_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "k8s/access.h"
#include "src/base/clock.h"
#include "src/base/http.h"
#include "src/base/result.h"
#include "src/base/time.h"

namespace spillway::k8s {

class Api;

// One thing that is done to one object.
struct Right {
  std::string verb, group, resource, subresource, in_namespace, name;
  bool operator==(const Right&) const = default;
};
// "patch deployments/scale "shopping" in "acme"".
std::string RightText(const Right& right);

enum class ObjectKind { kDeployment, kDefinition, kHpa };

// Safe from any thread; nothing is kept between two calls but the connection. The clock outlives it. Errors as those of
// Api: they begin with the cluster's name.
class Survey {
 public:
  // `call_deadline`: of each question.
  Survey(std::string cluster, ClusterAccess access, Clock& clock, std::shared_ptr<HttpTransport> transport,
         Duration call_deadline);

  // Whether there is an API server that knows us: what its Date header says it is, if it has one. Asks for our own
  // rights, because a version is told to strangers too.
  Result<std::optional<WallTime>> Reach();

  // By SelfSubjectAccessReview, which everybody may ask for. Source: kubernetes/api authorization/v1.
  Result<bool> May(const Right& right);

  // Ok: it is there. kMissing: it is not.
  Status Exists(ObjectKind kind, const std::string& in_namespace, const std::string& name);

  // The HorizontalPodAutoscalers that scale the Deployment; those that only observe (selectPolicy: Disabled both ways)
  // are left out.
  Result<std::vector<std::string>> ScaledBy(const std::string& in_namespace, const std::string& deployment);

 private:
  Result<HttpResponse> Ask(HttpRequest request, const std::string& doing);
  Result<HttpResponse> Review(const Right& right);

  const std::shared_ptr<Api> api_;
  const Duration call_deadline_;
};

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_SURVEY_H_
