#include "tools/lab/kubernetes/field_set.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "src/base/join.h"
#include "tools/lab/kubernetes/patch.h"

namespace spillway::lab::kube {
namespace {

// Source: apimachinery managedfields, stripmeta.go: what is never managed.
constexpr const char* kNobodys[] = {
    "name",          "namespace",         "uid",      "resourceVersion",           "generation", "creationTimestamp",
    "managedFields", "deletionTimestamp", "selfLink", "deletionGracePeriodSeconds"};

Tree Managed(const Tree& object) {
  Tree managed = object.WithoutNulls();
  managed.Erase("apiVersion");
  managed.Erase("kind");
  if (Tree* metadata = managed.Find("metadata")) {
    for (const char* name : kNobodys) metadata->Erase(name);
    if (metadata->Members().empty()) managed.Erase("metadata");
  }
  return managed;
}

std::string FieldKey(const std::string& name) { return "f:" + name; }

// "k:{\"name\":\"web\"}"; empty: the entry has no key.
std::string EntryKey(std::string_view key, const Tree& entry) {
  const Tree* value = entry.Find(key);
  return value == nullptr ? std::string() : "k:" + Tree(Tree::Object{{std::string(key), *value}}).Text();
}

// Whether a list is managed entry by entry; else it is one field.
bool ByEntry(std::string_view name, const Tree& list) {
  const std::string_view key = MergeKey(name);
  return list.IsArray() && !key.empty() && !list.Items().empty() &&
         std::all_of(list.Items().begin(), list.Items().end(),
                     [&](const Tree& entry) { return entry.Find(key) != nullptr; });
}

FieldSet Below(std::string_view name, const Tree& value) {
  FieldSet fields = Tree::Object{};
  if (value.IsObject()) {
    for (const auto& [inner, member] : value.Members()) fields[FieldKey(inner)] = Below(inner, member);
  } else if (ByEntry(name, value)) {
    for (const Tree& entry : value.Items()) {
      FieldSet inside = Below("", entry);
      inside["."] = Tree::Object{};
      fields[EntryKey(MergeKey(name), entry)] = std::move(inside);
    }
  }
  return fields;
}

const Tree* EntryLike(const Tree& list, std::string_view key, const Tree& entry) {
  for (const Tree& other : list.Items()) {
    if (other.At(key) == entry.At(key)) return &other;
  }
  return nullptr;
}

// Empty: nothing differs below; set `*differs` for a leaf.
FieldSet Difference(std::string_view name, const Tree& before, const Tree& after, bool& differs) {
  FieldSet fields = Tree::Object{};
  const auto note = [&](const std::string& key, std::string_view inner, const Tree* old, const Tree& now) {
    bool inside = false;
    FieldSet found = old == nullptr ? Below(inner, now) : Difference(inner, *old, now, inside);
    if (old == nullptr || inside) fields[key] = std::move(found);
  };
  if (after.IsObject() && before.IsObject() && !after.Members().empty()) {
    for (const auto& [inner, now] : after.Members()) note(FieldKey(inner), inner, before.Find(inner), now);
  } else if (ByEntry(name, after) && ByEntry(name, before)) {
    const std::string_view key = MergeKey(name);
    for (const Tree& entry : after.Items()) {
      const Tree* old = EntryLike(before, key, entry);
      note(EntryKey(key, entry), "", old, entry);
      if (old == nullptr) fields[EntryKey(key, entry)]["."] = Tree::Object{};
    }
  } else {
    differs = before != after;
    return differs ? Below(name, after) : fields;
  }
  differs = !fields.Members().empty();
  return fields;
}

std::string StepText(const std::string& key) {
  if (!key.starts_with("k:")) return "." + key.substr(2);
  const Tree parts = Tree::Of(key.substr(2));
  std::string text;
  for (const auto& [name, value] : parts.Members()) Join(text, name + "=" + value.Text(), ",");
  return "[" + text + "]";
}

void AddPaths(const FieldSet& fields, const std::string& path, std::vector<std::string>& paths) {
  if (fields.Members().empty()) paths.push_back(path);
  for (const auto& [key, inside] : fields.Members()) {
    if (key != ".") AddPaths(inside, path + StepText(key), paths);
  }
}

void RemoveEntry(const std::string& key, const FieldSet& inside, Tree& list) {
  const Tree wanted = Tree::Of(key.substr(2));
  Tree::Array& items = list.Items();
  const auto found = std::find_if(items.begin(), items.end(), [&](const Tree& entry) {
    return std::all_of(wanted.Members().begin(), wanted.Members().end(),
                       [&](const auto& part) { return entry.At(part.first) == part.second; });
  });
  if (found == items.end()) return;
  if (inside.Members().contains(".")) {
    items.erase(found);
  } else {
    Remove(inside, *found);
  }
}

}  // namespace

FieldSet FieldsOf(const Tree& object) { return Below("", Managed(object)); }

FieldSet Changed(const Tree& before, const Tree& after) {
  if (before.IsNull()) return FieldsOf(after);
  bool differs = false;
  return Difference("", Managed(before), Managed(after), differs);
}

FieldSet Union(FieldSet a, const FieldSet& b) {
  for (const auto& [key, inside] : b.Members()) a[key] = Union(std::move(a[key]), inside);
  if (a.IsNull()) a = Tree::Object{};
  return a;
}

FieldSet Minus(const FieldSet& a, const FieldSet& b) {
  FieldSet rest = Tree::Object{};
  for (const auto& [key, inside] : a.Members()) {
    const auto other = b.Members().find(key);
    if (other == b.Members().end()) {
      rest[key] = inside;
    } else if (!inside.Members().empty() && !other->second.Members().empty()) {
      FieldSet left = Minus(inside, other->second);
      if (!left.Members().empty()) rest[key] = std::move(left);
    }
  }
  return rest;
}

FieldSet Overlap(const FieldSet& a, const FieldSet& b) {
  FieldSet both = Tree::Object{};
  for (const auto& [key, inside] : a.Members()) {
    const auto other = b.Members().find(key);
    if (other == b.Members().end()) continue;
    const bool leaf = inside.Members().empty() || other->second.Members().empty();
    FieldSet common = leaf ? FieldSet(Tree::Object{}) : Overlap(inside, other->second);
    if (leaf || !common.Members().empty()) both[key] = std::move(common);
  }
  return both;
}

void Remove(const FieldSet& fields, Tree& object) {
  for (const auto& [key, inside] : fields.Members()) {
    if (key.starts_with("k:")) {
      RemoveEntry(key, inside, object);
    } else if (key != ".") {
      const std::string name = key.substr(2);
      if (inside.Members().empty()) {
        object.Erase(name);
      } else if (Tree* member = object.Find(name)) {
        Remove(inside, *member);
      }
    }
  }
}

std::vector<std::string> Paths(const FieldSet& fields) {
  std::vector<std::string> paths;
  for (const auto& [key, inside] : fields.Members()) AddPaths(inside, StepText(key), paths);
  return paths;
}

}  // namespace spillway::lab::kube
