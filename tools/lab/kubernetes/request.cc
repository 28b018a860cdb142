#include "tools/lab/kubernetes/request.h"

#include "tools/lab/kubernetes/selector.h"

namespace spillway::lab::kube {
namespace {

std::vector<std::string> Segments(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0)
      segments.push_back(PercentDecode(path.substr(0, end), false).value_or(std::string(path.substr(0, end))));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return segments;
}

std::string VerbOf(const std::string& method, const Request& request) {
  if (method == "POST") return "create";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  if (method == "DELETE") return request.collection ? "deletecollection" : "delete";
  if (method != "GET" && method != "HEAD") return "unknown";
  if (!request.collection) return "get";
  return request.QueryIsTrue("watch") ? "watch" : "list";
}

// Fills what follows /api/v1 or /apis/GROUP/VERSION.
void ReadResource(const std::vector<std::string>& parts, std::size_t at, Request& request) {
  if (at >= parts.size()) return;
  // "namespaces/X/pods" is about pods; "namespaces/X" and "namespaces/X/status" are about the namespace.
  if (parts[at] == "namespaces" && at + 2 < parts.size() && parts[at + 2] != "status" && parts[at + 2] != "finalize") {
    request.key.in_namespace = parts[at + 1];
    at += 2;
  }
  request.resource = parts[at];
  if (at + 1 < parts.size()) request.key.name = parts[at + 1];
  if (at + 2 < parts.size()) request.subresource = parts[at + 2];
  request.collection = request.key.name.empty();
}

}  // namespace

std::string Request::Query(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return {};
}

bool Request::QueryIsTrue(std::string_view name) const {
  const std::string value = Query(name);
  return value == "true" || value == "1";
}

Access Request::ForAccess() const {
  Access access{verb, group, resource, subresource, key.in_namespace, key.name};
  // Source: Kubernetes endpoints/request requestinfo.go: only metadata.name=X gives a list or watch a name.
  if (collection && (verb == "list" || verb == "watch" || verb == "deletecollection")) {
    const Result<Selector> fields = Selector::Fields(Query("fieldSelector"));
    if (fields) access.name = fields->Pinned("metadata.name");
  }
  if (group.empty() && resource == "namespaces") access.in_namespace = key.name;
  return access;
}

Request ReadRequest(const HttpRequest& http) {
  Request request;
  const auto [path, query] = SplitTarget(http.target);
  request.path = std::string(path);
  request.query = ParseQuery(query);
  const std::vector<std::string> parts = Segments(path);
  if (parts.size() >= 3 && parts[0] == "api") {
    request.version = parts[1];
    ReadResource(parts, 2, request);
  } else if (parts.size() >= 4 && parts[0] == "apis") {
    request.group = parts[1];
    request.version = parts[2];
    ReadResource(parts, 3, request);
  }
  if (request.IsResource()) request.verb = VerbOf(http.method, request);
  return request;
}

}  // namespace spillway::lab::kube
