#include "tools/lab/kubernetes/protobuf.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace spillway::lab::kube {
namespace {

// "string", "map" (of strings), or the name of a message.
struct Field {
  const char* name;
  const char* type;
};
using Message = std::map<std::uint64_t, Field>;

const std::map<std::string, Message>& Messages() {
  static const std::map<std::string, Message> kMessages{
      {"Unknown", {{1, {"type", "TypeMeta"}}, {2, {"raw", "string"}}}},
      {"TypeMeta", {{1, {"apiVersion", "string"}}, {2, {"kind", "string"}}}},
      {"ObjectMeta",
       {{1, {"name", "string"}},
        {2, {"generateName", "string"}},
        {3, {"namespace", "string"}},
        {5, {"uid", "string"}},
        {6, {"resourceVersion", "string"}},
        {11, {"labels", "map"}},
        {12, {"annotations", "map"}}}},
      {"Namespace", {{1, {"metadata", "ObjectMeta"}}}},
      {"ConfigMap", {{1, {"metadata", "ObjectMeta"}}, {2, {"data", "map"}}}},
      {"SelfSubjectAccessReview", {{1, {"metadata", "ObjectMeta"}}, {2, {"spec", "ReviewSpec"}}}},
      {"SelfSubjectRulesReview", {{1, {"metadata", "ObjectMeta"}}, {2, {"spec", "RulesSpec"}}}},
      {"RulesSpec", {{1, {"namespace", "string"}}}},
      {"SubjectAccessReview", {{1, {"metadata", "ObjectMeta"}}, {2, {"spec", "ReviewSpec"}}}},
      {"SelfSubjectReview", {{1, {"metadata", "ObjectMeta"}}}},
      {"ReviewSpec",
       {{1, {"resourceAttributes", "ResourceAttributes"}},
        {2, {"nonResourceAttributes", "NonResourceAttributes"}},
        {3, {"user", "string"}}}},
      {"ResourceAttributes",
       {{1, {"namespace", "string"}},
        {2, {"verb", "string"}},
        {3, {"group", "string"}},
        {4, {"version", "string"}},
        {5, {"resource", "string"}},
        {6, {"subresource", "string"}},
        {7, {"name", "string"}}}},
      {"NonResourceAttributes", {{1, {"path", "string"}}, {2, {"verb", "string"}}}},
      {"MapEntry", {{1, {"key", "string"}}, {2, {"value", "string"}}}},
  };
  return kMessages;
}

std::optional<std::uint64_t> Varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  return std::nullopt;
}

// The bytes of a field that is not read as a number; nullopt: cut short.
std::optional<std::string_view> Payload(std::uint64_t wire_type, std::string_view& bytes) {
  std::uint64_t size = 0;
  if (wire_type == 0) return Varint(bytes) ? std::optional(std::string_view{}) : std::nullopt;
  if (wire_type == 1) size = 8;
  if (wire_type == 5) size = 4;
  if (wire_type == 2) {
    const std::optional<std::uint64_t> length = Varint(bytes);
    if (!length) return std::nullopt;
    size = *length;
  }
  if (wire_type > 5 || wire_type == 3 || wire_type == 4 || size > bytes.size()) return std::nullopt;
  const std::string_view payload = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return payload;
}

std::optional<Tree> Read(const std::string& message, std::string_view bytes) {
  const Message& fields = Messages().at(message);
  Tree tree = Tree::Object{};
  while (!bytes.empty()) {
    const std::optional<std::uint64_t> tag = Varint(bytes);
    if (!tag) return std::nullopt;
    const std::optional<std::string_view> payload = Payload(*tag & 7U, bytes);
    if (!payload) return std::nullopt;
    const auto known = fields.find(*tag >> 3U);
    if (known == fields.end() || (*tag & 7U) != 2) continue;
    const auto& [name, type] = known->second;
    if (std::string_view(type) == "string") {
      if (!payload->empty()) tree[name] = std::string(*payload);
      continue;
    }
    const bool is_map = std::string_view(type) == "map";
    std::optional<Tree> inner = Read(is_map ? "MapEntry" : type, *payload);
    if (!inner) return std::nullopt;
    if (is_map) {
      tree[name][inner->At("key").String()] = inner->At("value").String();
    } else {
      tree[name] = *std::move(inner);
    }
  }
  return tree;
}

}  // namespace

Result<Tree> ReadProtobuf(std::string_view body) {
  constexpr std::string_view kMagic("k8s\0", 4);
  if (!body.starts_with(kMagic)) return Error{Code::kRejected, "not a Kubernetes protobuf"};
  const std::optional<Tree> unknown = Read("Unknown", body.substr(kMagic.size()));
  const std::string kind = unknown ? unknown->At("type.kind").String() : "";
  const bool object = kind == "Namespace" || kind == "ConfigMap" || kind.ends_with("Review");
  if (!object || !Messages().contains(kind))
    return Error{Code::kRejected, "protobuf of kind \"" + kind + "\" is not read here: send JSON"};
  std::optional<Tree> tree = Read(kind, unknown->At("raw").String());
  if (!tree) return Error{Code::kRejected, "malformed protobuf"};
  (*tree)["kind"] = kind;
  (*tree)["apiVersion"] = unknown->At("type.apiVersion");
  return *std::move(tree);
}

}  // namespace spillway::lab::kube
