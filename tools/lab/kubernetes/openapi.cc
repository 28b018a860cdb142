#include "tools/lab/kubernetes/openapi.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <vector>

#include "tools/lab/kubernetes/kind.h"

namespace spillway::lab::kube {
namespace {

constexpr char kKindExtension[] = "x-kubernetes-group-version-kind";

std::string ApiPath(const std::string& group, const std::string& version) {
  return group.empty() ? "api/" + version : "apis/" + group + "/" + version;
}

std::string PathOf(const Kind& kind) {
  return "/" + ApiPath(kind.group, kind.version) + (kind.namespaced ? "/namespaces/{namespace}/" : "/") + kind.plural +
         "/{name}";
}

Tree KindOf(const Kind& kind) {
  return Tree::Object{{"group", kind.group}, {"version", kind.version}, {"kind", kind.kind}};
}

// What can be patched.
std::vector<Kind> Stored() {
  std::vector<Kind> kinds;
  std::ranges::copy_if(AllKinds(), std::back_inserter(kinds), [](const Kind& kind) { return !kind.create_only; });
  return kinds;
}

// One operation with one parameter: it is all that kubectl asks about.
Tree Path(const Kind& kind, const Tree& parameter) {
  const Tree patch(Tree::Object{{"operationId", "patch" + kind.kind},
                                {"parameters", Tree::Array{parameter}},
                                {"responses", Tree::Object{{"200", Tree::Object{{"description", "OK"}}}}},
                                {"x-kubernetes-action", "patch"},
                                {kKindExtension, KindOf(kind)}});
  return Tree::Object{{"patch", patch}};
}

Tree Info() { return Tree::Object{{"title", "Kubernetes"}, {"version", "lab"}}; }

std::string Varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7U) bytes += static_cast<char>((value & 0x7fU) | 0x80U);
  return bytes + static_cast<char>(value);
}

// A field of protobuf that holds text or another message.
std::string Field(std::uint64_t number, std::string_view bytes) {
  return Varint(number << 3U | 2U) + Varint(bytes.size()) + std::string(bytes);
}

std::string PatchInProtobuf(const Kind& kind) {
  const std::string query = Field(2, "query") + Field(4, "dryRun") + Field(6, "string");
  const std::string parameter = Field(1, Field(2, Field(3, query)));
  // JSON is YAML.
  const std::string extension = Field(1, kKindExtension) + Field(2, Field(2, KindOf(kind).Text()));
  return Field(5, "patch" + kind.kind) + Field(8, parameter) + Field(13, extension);
}

std::string InProtobuf() {
  std::string paths;
  for (const Kind& kind : Stored()) {
    paths += Field(2, Field(1, PathOf(kind)) + Field(2, Field(8, PatchInProtobuf(kind))));
  }
  return Field(1, "2.0") + Field(2, Field(1, "Kubernetes") + Field(2, "lab")) + Field(8, paths);
}

}  // namespace

Tree OpenApiIndex() {
  Tree paths = Tree::Object{};
  for (const Kind& kind : AllKinds()) {
    const std::string path = ApiPath(kind.group, kind.version);
    paths[path] = Tree::Object{{"serverRelativeURL", "/openapi/v3/" + path + "?hash=1"}};
  }
  return Tree::Object{{"paths", paths}};
}

Tree OpenApi(const std::string& group, const std::string& version) {
  const Tree parameter(
      Tree::Object{{"name", "fieldValidation"}, {"in", "query"}, {"schema", Tree::Object{{"type", "string"}}}});
  Tree paths = Tree::Object{};
  for (const Kind& kind : Stored()) {
    if (kind.group == group && kind.version == version) paths[PathOf(kind)] = Path(kind, parameter);
  }
  return Tree::Object{{"openapi", "3.0.0"},
                      {"info", Info()},
                      {"paths", paths},
                      {"components", Tree::Object{{"schemas", Tree::Object{}}}}};
}

HttpResponse OpenApiV2(const std::string& accept) {
  if (accept.find("protobuf") != std::string::npos) {
    return {200, {{"Content-Type", "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"}}, InProtobuf()};
  }
  const Tree parameter(Tree::Object{{"name", "dryRun"}, {"in", "query"}, {"type", "string"}});
  Tree paths = Tree::Object{};
  for (const Kind& kind : Stored()) paths[PathOf(kind)] = Path(kind, parameter);
  const Tree document(
      Tree::Object{{"swagger", "2.0"}, {"info", Info()}, {"paths", paths}, {"definitions", Tree::Object{}}});
  return {200, {{"Content-Type", "application/json"}}, document.Text() + "\n"};
}

}  // namespace spillway::lab::kube
