#include "tools/lab/kubernetes/discovery.h"

#include <set>
#include <utility>
#include <vector>

namespace spillway::lab::kube {
namespace {

std::set<std::pair<std::string, std::string>> GroupVersions() {
  std::set<std::pair<std::string, std::string>> all;
  for (const Kind& kind : AllKinds()) all.emplace(kind.group, kind.version);
  return all;
}

Tree Strings(const std::vector<std::string>& names) {
  Tree::Array list;
  for (const std::string& name : names) list.emplace_back(name);
  return list;
}

Tree Group(const std::string& group, const std::string& version) {
  const Tree entry(Tree::Object{{"groupVersion", group + "/" + version}, {"version", version}});
  return Tree::Object{{"kind", "APIGroup"},
                      {"apiVersion", "v1"},
                      {"name", group},
                      {"versions", Tree::Array{entry}},
                      {"preferredVersion", entry}};
}

Tree GroupList() {
  Tree::Array groups;
  for (const auto& [group, version] : GroupVersions()) {
    if (!group.empty()) groups.push_back(Group(group, version));
  }
  return Tree::Object{{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", groups}};
}

Tree Resource(const Kind& kind, const std::string& subresource) {
  Tree resource(Tree::Object{{"name", kind.plural + (subresource.empty() ? "" : "/" + subresource)},
                             {"singularName", subresource.empty() ? kind.singular : ""},
                             {"namespaced", kind.namespaced},
                             {"kind", kind.kind}});
  if (kind.create_only) {
    resource["verbs"] = Strings({"create"});
  } else if (kind.read_only) {
    resource["verbs"] = Strings({"get", "list"});
  } else if (subresource.empty()) {
    resource["verbs"] = Strings({"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"});
    if (!kind.short_names.empty()) resource["shortNames"] = Strings(kind.short_names);
  } else {
    resource["verbs"] = Strings({"get", "patch", "update"});
  }
  if (subresource == "scale") {
    resource["group"] = "autoscaling";
    resource["version"] = "v1";
    resource["kind"] = "Scale";
  }
  return resource;
}

std::optional<Reply> ResourceList(const std::string& group, const std::string& version) {
  Tree::Array resources;
  for (const Kind& kind : AllKinds()) {
    if (kind.group != group || kind.version != version) continue;
    resources.push_back(Resource(kind, ""));
    if (kind.scale) resources.push_back(Resource(kind, "scale"));
    if (kind.status) resources.push_back(Resource(kind, "status"));
  }
  if (resources.empty()) return std::nullopt;
  return Reply{200,
               Tree::Object{{"kind", "APIResourceList"},
                            {"apiVersion", "v1"},
                            {"groupVersion", group.empty() ? version : group + "/" + version},
                            {"resources", resources}},
               {}};
}

std::string ApiPath(const std::string& group, const std::string& version) {
  return group.empty() ? "api/" + version : "apis/" + group + "/" + version;
}

// Enough for kubectl apply: per resource one patch operation with its kind and the fieldValidation parameter.
Tree OpenApi(const std::string& group, const std::string& version) {
  Tree paths = Tree::Object{};
  for (const Kind& kind : AllKinds()) {
    if (kind.group != group || kind.version != version || kind.create_only) continue;
    const Tree parameter(
        Tree::Object{{"name", "fieldValidation"}, {"in", "query"}, {"schema", Tree::Object{{"type", "string"}}}});
    const Tree patch(
        Tree::Object{{"operationId", "patch" + kind.kind},
                     {"parameters", Tree::Array{parameter}},
                     {"responses", Tree::Object{{"200", Tree::Object{{"description", "OK"}}}}},
                     {"x-kubernetes-action", "patch"},
                     {"x-kubernetes-group-version-kind",
                      Tree::Object{{"group", kind.group}, {"version", kind.version}, {"kind", kind.kind}}}});
    paths["/" + ApiPath(group, version) + (kind.namespaced ? "/namespaces/{namespace}/" : "/") + kind.plural +
          "/{name}"] = Tree::Object{{"patch", patch}};
  }
  return Tree::Object{{"openapi", "3.0.0"},
                      {"info", Tree::Object{{"title", "Kubernetes"}, {"version", "lab"}}},
                      {"paths", paths},
                      {"components", Tree::Object{{"schemas", Tree::Object{}}}}};
}

Tree OpenApiIndex() {
  Tree paths = Tree::Object{};
  for (const auto& [group, version] : GroupVersions()) {
    const std::string path = ApiPath(group, version);
    paths[path] = Tree::Object{{"serverRelativeURL", "/openapi/v3/" + path + "?hash=1"}};
  }
  return Tree::Object{{"paths", paths}};
}

std::vector<std::string> Parts(const std::string& path) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : path + "/") {
    if (c != '/') {
      part += c;
    } else if (!part.empty()) {
      parts.push_back(std::exchange(part, {}));
    }
  }
  return parts;
}

Tree Version(const std::string& version) {
  const std::vector<std::string> parts = [&] {
    std::string text = version.substr(version.starts_with("v") ? 1 : 0);
    for (char& c : text) c = c == '.' ? '/' : c;
    return Parts(text);
  }();
  return Tree::Object{{"major", parts.empty() ? "1" : parts[0]},
                      {"minor", parts.size() < 2 ? "0" : parts[1]},
                      {"gitVersion", version},
                      {"gitCommit", ""},
                      {"gitTreeState", "clean"},
                      {"buildDate", "2026-01-01T00:00:00Z"},
                      {"goVersion", ""},
                      {"compiler", "gc"},
                      {"platform", "linux/amd64"}};
}

}  // namespace

std::optional<Reply> Discover(const std::string& path, const std::string& version) {
  std::vector<std::string> parts = Parts(path);
  const auto ok = [](Tree body) { return Reply{200, std::move(body), {}}; };
  if (path == "/version" || path == "/version/") return ok(Version(version));
  if (path == "/api" || path == "/api/") {
    return ok(Tree::Object{
        {"kind", "APIVersions"}, {"versions", Strings({"v1"})}, {"serverAddressByClientCIDRs", Tree::Array{}}});
  }
  if (path == "/apis" || path == "/apis/") return ok(GroupList());
  if (parts.size() == 2 && parts[0] == "api") return ResourceList("", parts[1]);
  if (parts.size() == 3 && parts[0] == "apis") return ResourceList(parts[1], parts[2]);
  if (parts.size() == 2 && parts[0] == "apis") {
    for (const auto& [group, group_version] : GroupVersions()) {
      if (group == parts[1]) return ok(Group(group, group_version));
    }
  }
  if (path == "/openapi/v3") return ok(OpenApiIndex());
  if (parts.size() >= 4 && parts[0] == "openapi" && parts[1] == "v3") {
    const bool core = parts[2] == "api";
    const std::string group = core ? "" : parts[3];
    const std::string group_version = core ? parts[3] : parts.size() > 4 ? parts[4] : "";
    if (GroupVersions().contains({group, group_version})) return ok(OpenApi(group, group_version));
  }
  return std::nullopt;
}

bool IsHealthPath(const std::string& path) {
  for (const char* health : {"/livez", "/readyz", "/healthz"}) {
    if (path == health) return true;
  }
  return false;
}

}  // namespace spillway::lab::kube
