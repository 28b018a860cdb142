#include "k8s/survey.h"

#include <utility>

#include "k8s/api.h"
#include "k8s/wire.h"
#include "src/base/http_date.h"
#include "src/base/json.h"

namespace spillway::k8s {
namespace {

constexpr const char* kReviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

std::string ReviewBody(const Right& right) {
  JsonDocument body(rapidjson::kObjectType);
  auto& allocator = body.GetAllocator();
  SetMember(body, "apiVersion", "authorization.k8s.io/v1", allocator);
  SetMember(body, "kind", "SelfSubjectAccessReview", allocator);
  JsonValue attributes(rapidjson::kObjectType);
  const auto put = [&](const char* name, const std::string& value) {
    if (!value.empty()) SetMember(attributes, name, std::string_view(value), allocator);
  };
  put("verb", right.verb);
  put("group", right.group);
  put("resource", right.resource);
  put("subresource", right.subresource);
  put("namespace", right.in_namespace);
  put("name", right.name);
  JsonValue spec(rapidjson::kObjectType);
  SetMember(spec, "resourceAttributes", std::move(attributes), allocator);
  SetMember(body, "spec", std::move(spec), allocator);
  return JsonText(body);
}

std::string PathOf(ObjectKind kind, const std::string& in_namespace) {
  const std::string group = kind == ObjectKind::kDeployment   ? "apps/v1"
                            : kind == ObjectKind::kDefinition ? "autoscaling.tsm.tanzu.vmware.com/v1alpha1"
                                                              : "autoscaling/v2";
  const std::string resource = kind == ObjectKind::kDeployment   ? "deployments"
                               : kind == ObjectKind::kDefinition ? "definitions"
                                                                 : "horizontalpodautoscalers";
  return "/apis/" + group + "/namespaces/" + PercentEncode(in_namespace) + "/" + resource;
}

bool OnlyObserves(const JsonValue& hpa) {
  return StringAt(hpa, "spec.behavior.scaleUp.selectPolicy") == "Disabled" &&
         StringAt(hpa, "spec.behavior.scaleDown.selectPolicy") == "Disabled";
}

}  // namespace

std::string RightText(const Right& right) {
  std::string text = right.verb + " " + right.resource;
  if (!right.subresource.empty()) text += "/" + right.subresource;
  if (!right.group.empty()) text += "." + right.group;
  if (!right.name.empty()) text += " \"" + right.name + "\"";
  return right.in_namespace.empty() ? text : text + " in \"" + right.in_namespace + "\"";
}

Survey::Survey(std::string cluster, ClusterAccess access, Clock& clock, std::shared_ptr<HttpTransport> transport,
               Duration call_deadline)
    : api_(std::make_shared<Api>(std::move(cluster), std::move(access), clock, std::move(transport), nullptr)),
      call_deadline_(call_deadline) {}

Result<HttpResponse> Survey::Ask(HttpRequest request, const std::string& doing) {
  auto response = api_->Call(std::move(request), call_deadline_);
  if (!response) return response.error();
  if (response->status < 200 || response->status > 299) return api_->Named(ReadRefusal(*response, doing).error);
  return response;
}

Result<HttpResponse> Survey::Review(const Right& right) {
  return Ask({"POST", kReviews, {{"Content-Type", "application/json"}}, ReviewBody(right)}, "ask for our own rights");
}

Result<std::optional<WallTime>> Survey::Reach() {
  const auto response = Review({"get", "apps", "deployments", "", api_->default_namespace(), ""});
  if (!response) return response.error();
  return ParseHttpDate(response->headers.Find("Date").value_or(""));
}

Result<bool> Survey::May(const Right& right) {
  Right asked = right;
  if (asked.in_namespace.empty()) asked.in_namespace = api_->default_namespace();
  const auto response = Review(asked);
  if (!response) return response.error();
  const auto json = ParseJson(response->body);
  const auto allowed = json ? BoolAt(*json, "status.allowed") : std::nullopt;
  if (!allowed) return api_->Named({Code::kRetry, "the answer about our own rights has no status.allowed"});
  return *allowed;
}

Status Survey::Exists(ObjectKind kind, const std::string& in_namespace, const std::string& name) {
  const std::string path = PathOf(kind, in_namespace.empty() ? api_->default_namespace() : in_namespace);
  const auto response = Ask({"GET", path + "/" + PercentEncode(name), {}, ""},
                            "read " + path.substr(path.rfind('/') + 1) + " " + name + " in " + in_namespace);
  if (!response) return response.error();
  return Ok();
}

Result<std::vector<std::string>> Survey::ScaledBy(const std::string& in_namespace, const std::string& deployment) {
  const std::string where = in_namespace.empty() ? api_->default_namespace() : in_namespace;
  const auto response =
      Ask({"GET", PathOf(ObjectKind::kHpa, where), {}, ""}, "list horizontalpodautoscalers in " + where);
  if (!response) return response.error();
  const auto json = ParseJson(response->body);
  const JsonValue* items = json ? Find(*json, "items") : nullptr;
  if (items == nullptr || !items->IsArray()) {
    return api_->Named({Code::kRetry, "the list of horizontalpodautoscalers in " + where + " is none"});
  }
  std::vector<std::string> names;
  for (const JsonValue& hpa : items->GetArray()) {
    if (StringAt(hpa, "spec.scaleTargetRef.kind") != "Deployment") continue;
    if (StringAt(hpa, "spec.scaleTargetRef.name") != deployment || OnlyObserves(hpa)) continue;
    names.push_back(StringAt(hpa, "metadata.name").value_or("?"));
  }
  return names;
}

}  // namespace spillway::k8s
