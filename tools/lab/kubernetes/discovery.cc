#include "tools/lab/kubernetes/discovery.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "tools/lab/kubernetes/openapi.h"

namespace spillway::lab::kube {
namespace {

Tree Strings(const std::vector<std::string>& names) {
  Tree::Array list;
  for (const std::string& name : names) list.emplace_back(name);
  return list;
}

// Each group's versions, the preferred one first.
std::map<std::string, std::vector<std::string>> Groups() {
  std::map<std::string, std::vector<std::string>> groups;
  for (const Kind& kind : AllKinds()) {
    std::vector<std::string>& versions = groups[kind.group];
    if (std::ranges::find(versions, kind.version) == versions.end()) versions.push_back(kind.version);
  }
  return groups;
}

Tree Group(const std::string& group, const std::vector<std::string>& versions) {
  Tree::Array entries;
  for (const std::string& version : versions) {
    entries.emplace_back(Tree::Object{{"groupVersion", group + "/" + version}, {"version", version}});
  }
  const Tree preferred = entries.front();
  return Tree::Object{{"kind", "APIGroup"},
                      {"apiVersion", "v1"},
                      {"name", group},
                      {"versions", std::move(entries)},
                      {"preferredVersion", preferred}};
}

Tree GroupList() {
  Tree::Array groups;
  for (const auto& [group, versions] : Groups()) {
    if (!group.empty()) groups.push_back(Group(group, versions));
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
    const auto groups = Groups();
    const auto group = groups.find(parts[1]);
    if (group != groups.end()) return ok(Group(group->first, group->second));
  }
  if (path == "/openapi/v3") return ok(OpenApiIndex());
  if (parts.size() >= 4 && parts[0] == "openapi" && parts[1] == "v3") {
    const bool core = parts[2] == "api";
    const std::string group = core ? "" : parts[3];
    const std::string group_version = core ? parts[3] : parts.size() > 4 ? parts[4] : "";
    const auto known = [&](const Kind& kind) { return kind.group == group && kind.version == group_version; };
    if (std::ranges::any_of(AllKinds(), known)) return ok(OpenApi(group, group_version));
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
