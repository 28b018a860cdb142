#include "tools/lab/kubernetes/managed_fields.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "src/base/time_text.h"
#include "tools/lab/kubernetes/field_set.h"
#include "tools/lab/kubernetes/patch.h"

namespace spillway::lab::kube {
namespace {

constexpr const char* kApply = "Apply";
constexpr const char* kUpdate = "Update";

bool Is(const Tree& entry, const FieldManager& manager, const char* operation) {
  return entry.At("manager").String() == manager.name && entry.At("operation").String() == operation &&
         entry.At("subresource").String() == manager.subresource;
}

// The entries that hold for a write: those it brings along, if any, else those that are stored.
Tree::Array Entries(const Tree& before, const Tree& after) {
  const Tree::Array& brought = after.At("metadata.managedFields").Items();
  // Source: apimachinery managedfields: one empty entry means "forget them all".
  if (brought.size() == 1 && brought[0].Members().empty()) return {};
  return brought.empty() ? before.At("metadata.managedFields").Items() : brought;
}

void SetFields(Tree::Array& entries, const FieldManager& manager, const char* operation, FieldSet fields,
               WallTime wall) {
  const auto mine =
      std::find_if(entries.begin(), entries.end(), [&](const Tree& entry) { return Is(entry, manager, operation); });
  if (mine != entries.end() && mine->At("fieldsV1") == fields) return;  // its time stays, too
  Tree entry(Tree::Object{{"manager", manager.name},
                          {"operation", operation},
                          {"apiVersion", manager.api_version},
                          {"time", Rfc3339(wall)},
                          {"fieldsType", "FieldsV1"},
                          {"fieldsV1", std::move(fields)}});
  if (!manager.subresource.empty()) entry["subresource"] = manager.subresource;
  if (mine == entries.end()) {
    entries.push_back(std::move(entry));
  } else {
    *mine = std::move(entry);
  }
}

// Entries that own nothing any more are none.
void Store(Tree::Array entries, Tree& object) {
  std::erase_if(entries, [](const Tree& entry) { return entry.At("fieldsV1").Members().empty(); });
  if (entries.empty()) {
    object["metadata"].Erase("managedFields");
  } else {
    object["metadata"]["managedFields"] = std::move(entries);
  }
}

std::string Spoken(const Tree& entry) {
  std::string text = "\"" + entry.At("manager").String() + "\"";
  const std::string& subresource = entry.At("subresource").String();
  if (!subresource.empty()) text += " with subresource \"" + subresource + "\"";
  if (entry.At("operation").String() == kUpdate) text += " using " + entry.At("apiVersion").String();
  return text;
}

// Source: structured-merge-diff merge/conflict.go, apimachinery managedfields internal/conflict.go.
Reply Conflicting(const std::vector<std::pair<std::string, std::string>>& conflicts) {
  Tree::Array causes;
  std::string list;
  for (const auto& [manager, field] : conflicts) {
    causes.emplace_back(
        Tree::Object{{"reason", "FieldManagerConflict"}, {"message", "conflict with " + manager}, {"field", field}});
    list += "\n- conflict with " + manager + ": " + field;
  }
  const bool one = conflicts.size() == 1;
  const std::string text =
      one ? " conflict: conflict with " + conflicts[0].first + ": " + conflicts[0].second : " conflicts:" + list;
  return Failure(409, "Conflict", "Apply failed with " + std::to_string(conflicts.size()) + text,
                 Tree::Object{{"causes", causes}});
}

}  // namespace

void NoteUpdate(const Tree& before, Tree& after, const FieldManager& manager, WallTime wall) {
  Tree::Array entries = Entries(before, after);
  const FieldSet changed = Changed(before, after);
  const FieldSet gone = before.IsNull() ? FieldSet(Tree::Object{}) : Minus(FieldsOf(before), FieldsOf(after));
  FieldSet mine = changed;
  for (Tree& entry : entries) {
    FieldSet rest = Minus(entry.At("fieldsV1"), gone);
    if (Is(entry, manager, kUpdate)) {
      mine = Union(rest, changed);
    } else if (!changed.Members().empty()) {
      rest = Minus(rest, changed);
    }
    if (!Is(entry, manager, kUpdate)) entry["fieldsV1"] = std::move(rest);
  }
  SetFields(entries, manager, kUpdate, std::move(mine), wall);
  Store(std::move(entries), after);
}

Tried<Tree> Apply(const Tree& live, const Tree& applied, const FieldManager& manager, bool force, WallTime wall) {
  Tree::Array entries = live.At("metadata.managedFields").Items();
  const FieldSet wanted = FieldsOf(applied);
  const FieldSet other_values = live.IsNull() ? FieldSet(Tree::Object{}) : Changed(live, applied);
  FieldSet dropped = Tree::Object{};
  std::vector<std::pair<std::string, std::string>> conflicts;
  for (Tree& entry : entries) {
    if (Is(entry, manager, kApply)) {
      dropped = Minus(entry.At("fieldsV1"), wanted);
      continue;
    }
    const FieldSet contested = Overlap(other_values, entry.At("fieldsV1"));
    for (const std::string& path : Paths(contested)) conflicts.emplace_back(Spoken(entry), path);
    if (!contested.Members().empty()) entry["fieldsV1"] = Minus(entry.At("fieldsV1"), contested);
  }
  if (!conflicts.empty() && !force) return Conflicting(conflicts);
  for (const Tree& entry : entries) {
    if (!Is(entry, manager, kApply)) dropped = Minus(dropped, entry.At("fieldsV1"));
  }
  Tree merged = StrategicPatch(live, applied.WithoutNulls());
  Remove(dropped, merged);
  SetFields(entries, manager, kApply, wanted, wall);
  Store(std::move(entries), merged);
  return merged;
}

}  // namespace spillway::lab::kube
