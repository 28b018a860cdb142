#include "tools/lab/kubernetes/patch.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace spillway::lab::kube {
namespace {

struct KeyedList {
  std::string_view name, key;
};

// Source: patchMergeKey tags in kubernetes/api core/v1 and apps/v1.
constexpr std::array kKeyedLists{
    KeyedList{"containers", "name"},        KeyedList{"initContainers", "name"}, KeyedList{"env", "name"},
    KeyedList{"volumes", "name"},           KeyedList{"conditions", "type"},     KeyedList{"ports", "containerPort"},
    KeyedList{"volumeMounts", "mountPath"},
};

Tree MergeList(const Tree& target, const Tree& patch, std::string_view key) {
  Tree::Array merged = target.Items();
  for (const Tree& item : patch.Items()) {
    const auto same = std::find_if(merged.begin(), merged.end(), [&](const Tree& old) {
      return item.Find(key) != nullptr && old.At(key) == item.At(key);
    });
    if (item.At("$patch").String() == "delete") {
      if (same != merged.end()) merged.erase(same);
    } else if (same != merged.end()) {
      *same = StrategicPatch(*same, item);
    } else if (item.Find("$patch") == nullptr) {
      merged.push_back(item.WithoutNulls());
    }
  }
  return merged;
}

struct Place {
  Tree* parent;
  std::string last;  // unescaped
};

std::string Unescape(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escaped = token[i] == '~' && i + 1 < token.size();
    out += escaped ? (token[i + 1] == '1' ? '/' : '~') : token[i];
    if (escaped) ++i;
  }
  return out;
}

std::optional<std::size_t> Index(const std::string& token, std::size_t size) {
  if (token == "-") return size;
  if (token.empty() || token.size() > 6 || token.find_first_not_of("0123456789") != std::string::npos) return {};
  const auto index = static_cast<std::size_t>(std::stoul(token));
  if (index > size) return {};
  return index;
}

Tree* Child(Tree& parent, const std::string& token) {
  if (parent.IsObject()) {
    const auto found = parent.Members().find(token);
    return found == parent.Members().end() ? nullptr : &found->second;
  }
  if (!parent.IsArray()) return nullptr;
  const std::optional<std::size_t> index = Index(token, parent.Items().size());
  return index && *index < parent.Items().size() ? &parent.Items()[*index] : nullptr;
}

// The parent of what `pointer` names; nullopt: it does not exist, or the pointer is empty or malformed.
std::optional<Place> Walk(Tree& root, std::string_view pointer) {
  if (pointer.empty() || pointer[0] != '/') return std::nullopt;
  Tree* at = &root;
  while (at != nullptr) {
    pointer.remove_prefix(1);
    const std::size_t end = pointer.find('/');
    if (end == std::string_view::npos) return Place{at, Unescape(pointer)};
    at = Child(*at, Unescape(pointer.substr(0, end)));
    pointer.remove_prefix(end);
  }
  return std::nullopt;
}

bool Add(const Place& place, Tree value) {
  if (place.parent->IsArray()) {
    Tree::Array& items = place.parent->Items();
    const std::optional<std::size_t> index = Index(place.last, items.size());
    if (!index) return false;
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
    return true;
  }
  if (!place.parent->IsObject()) return false;
  (*place.parent)[place.last] = std::move(value);
  return true;
}

bool Remove(const Place& place) {
  if (Child(*place.parent, place.last) == nullptr) return false;
  if (place.parent->IsArray()) {
    Tree::Array& items = place.parent->Items();
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(*Index(place.last, items.size())));
  } else {
    place.parent->Erase(place.last);
  }
  return true;
}

bool ApplyOne(Tree& root, const Tree& operation) {
  const std::string& op = operation.At("op").String();
  const std::optional<Place> place = Walk(root, operation.At("path").String());
  if (!place) return false;
  const auto given = operation.Members().find("value");
  const Tree* there = Child(*place->parent, place->last);
  if (op == "remove") return Remove(*place);
  if (op == "move" || op == "copy") {
    const std::optional<Place> from = Walk(root, operation.At("from").String());
    const Tree* source = from ? Child(*from->parent, from->last) : nullptr;
    if (source == nullptr) return false;
    Tree value = *source;
    if (op == "move" && !Remove(*from)) return false;
    const std::optional<Place> to = Walk(root, operation.At("path").String());
    return to && Add(*to, std::move(value));
  }
  if (given == operation.Members().end()) return false;
  if (op == "add") return Add(*place, given->second);
  if (op == "test") return there != nullptr && *there == given->second;
  if (op != "replace" || there == nullptr) return false;
  *Child(*place->parent, place->last) = given->second;
  return true;
}

}  // namespace

std::string_view MergeKey(std::string_view list) {
  for (const KeyedList& keyed : kKeyedLists) {
    if (keyed.name == list) return keyed.key;
  }
  return {};
}

Tree MergePatch(Tree target, const Tree& patch) {
  if (!patch.IsObject()) return patch;
  Tree::Object& members = target.Members();
  for (const auto& [name, value] : patch.Members()) {
    if (value.IsNull()) {
      members.erase(name);
    } else {
      members[name] = MergePatch(members[name], value);
    }
  }
  return target;
}

Result<Tree> JsonPatch(Tree target, const Tree& operations) {
  if (!operations.IsArray()) return Error{Code::kRejected, "a JSON patch is an array of operations"};
  for (const Tree& operation : operations.Items()) {
    if (ApplyOne(target, operation)) continue;
    const std::string& op = operation.At("op").String();
    const std::string& path = operation.At("path").String();
    if (op == "test") return Error{Code::kRejected, "testing value " + path + " failed: test failed"};
    return Error{Code::kRejected,
                 "jsonpatch " + op + " operation does not apply: doc is missing path: \"" + path + "\""};
  }
  return target;
}

Tree StrategicPatch(Tree target, const Tree& patch) {
  if (!patch.IsObject()) return patch;
  if (patch.At("$patch").String() == "replace") {
    Tree whole = patch;
    whole.Erase("$patch");
    return whole;
  }
  Tree::Object& members = target.Members();
  for (const auto& [name, value] : patch.Members()) {
    if (name.starts_with("$")) continue;
    const std::string_view key = MergeKey(name);
    if (value.IsNull()) {
      members.erase(name);
    } else if (value.IsArray() && !key.empty()) {
      members[name] = MergeList(members[name], value, key);
    } else {
      members[name] = StrategicPatch(members[name], value);
    }
  }
  return target;
}

}  // namespace spillway::lab::kube
