// References: how callers may write them, how they are stored, how answers spell them.
#include <algorithm>

#include "tools/lab/avi/objects.h"
#include "tools/lab/avi/pen.h"

namespace spillway::lab::avi {
namespace {

bool HoldsRefs(std::string_view key) { return key.ends_with("_ref") || key.ends_with("_refs"); }

// Calls `visit(string value)` for every reference below `value`; stops when it answers something.
template <class Visit>
std::optional<std::string> EachRef(JsonValue& value, const Visit& visit) {
  if (value.IsArray()) {
    for (JsonValue& entry : value.GetArray()) {
      if (auto answer = EachRef(entry, visit)) return answer;
    }
  }
  if (!value.IsObject()) return std::nullopt;
  for (auto& member : value.GetObject()) {
    if (!HoldsRefs(member.name.GetString())) {
      if (auto answer = EachRef(member.value, visit)) return answer;
    } else if (member.value.IsString()) {
      if (auto answer = visit(member.value)) return answer;
    } else if (member.value.IsArray()) {
      for (JsonValue& entry : member.value.GetArray()) {
        if (!entry.IsString()) continue;
        if (auto answer = visit(entry)) return answer;
      }
    }
  }
  return std::nullopt;
}

// "https://host/api/healthmonitor/?name=X#X" -> {"healthmonitor", "?name=X"}; nullopt: no reference.
struct RefParts {
  std::string type, rest;
};
std::optional<RefParts> Split(std::string_view ref) {
  const std::size_t api = ref.find("/api/");
  if (api == std::string_view::npos) return std::nullopt;
  ref.remove_prefix(api + 5);
  ref = ref.substr(0, ref.find('#'));
  const std::size_t end = ref.find_first_of("/?");
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  std::string_view rest = ref.substr(end);
  while (rest.starts_with('/')) rest.remove_prefix(1);
  while (rest.ends_with('/')) rest.remove_suffix(1);
  return RefParts{std::string(ref.substr(0, end)), std::string(rest)};
}

ObjectPtr Resolve(const Exchange& exchange, const RefParts& ref) {
  const Store& store = exchange.site.store;
  if (!ref.rest.starts_with('?')) return store.Find(ref.type, ref.rest);
  const auto name = QueryValue(ref.rest, "name");
  if (!name) return nullptr;
  // One's own tenant first, then admin's, which all share.
  const std::string own = ref.type == "tenant" ? "" : exchange.tenant;
  if (ObjectPtr found = store.FindByName(ref.type, own, *name)) return found;
  return store.FindByName(ref.type, "admin", *name);
}

}  // namespace

std::optional<std::string> ResolveRefs(const Exchange& exchange, JsonValue& value,
                                       JsonDocument::AllocatorType& allocator) {
  return EachRef(value, [&](JsonValue& ref) -> std::optional<std::string> {
    const auto parts = Split(ref.GetString());
    if (!parts) return "'" + std::string(ref.GetString()) + "' is not a valid reference";
    if (FindType(parts->type) == nullptr) return std::nullopt;  // of a kind that is not modelled here
    const ObjectPtr object = Resolve(exchange, *parts);
    if (object == nullptr) return std::string(FindType(parts->type)->title) + " object not found: " + parts->rest;
    ref = Pen(allocator).Text("/api/" + parts->type + "/" + object->uuid);
    return std::nullopt;
  });
}

void SpellRefs(const Exchange& exchange, JsonValue& value, bool named, JsonDocument::AllocatorType& allocator) {
  EachRef(value, [&](JsonValue& ref) -> std::optional<std::string> {
    const auto parts = Split(ref.GetString());
    if (!parts || !std::string_view(ref.GetString()).starts_with('/')) return std::nullopt;
    std::string text = exchange.base_url + "/api/" + parts->type + "/" + parts->rest;
    const ObjectPtr object = named ? exchange.site.store.Find(parts->type, parts->rest) : nullptr;
    if (object != nullptr) text += "#" + object->name;
    ref = Pen(allocator).Text(text);
    return std::nullopt;
  });
}

}  // namespace spillway::lab::avi
