#include "tools/lab/kubernetes/store.h"

#include <algorithm>

namespace spillway::lab::kube {
namespace {

ObjectPtr Stamped(Tree object, std::int64_t version) {
  object.Make("metadata.resourceVersion") = std::to_string(version);
  return std::make_shared<const Tree>(std::move(object));
}

bool Within(const Key& key, const std::string& in_namespace) {
  return in_namespace.empty() || key.in_namespace == in_namespace;
}

std::vector<ObjectPtr> Chosen(const std::map<Key, ObjectPtr>& objects, const std::string& in_namespace) {
  std::vector<ObjectPtr> chosen;
  for (const auto& [key, object] : objects) {
    if (Within(key, in_namespace)) chosen.push_back(object);
  }
  return chosen;
}

}  // namespace

Key KeyOf(const Tree& object) {
  return {object.At("metadata.namespace").String(), object.At("metadata.name").String()};
}

Store::Store(std::size_t history_length) : history_length_(std::max<std::size_t>(history_length, 1)) {}

ObjectPtr Store::Get(const std::string& table, const Key& key) const {
  const auto found = tables_.find(table);
  if (found == tables_.end()) return nullptr;
  const auto object = found->second.objects.find(key);
  return object == found->second.objects.end() ? nullptr : object->second;
}

std::vector<ObjectPtr> Store::List(const std::string& table, const std::string& in_namespace) const {
  const auto found = tables_.find(table);
  if (found == tables_.end()) return {};
  return Chosen(found->second.objects, in_namespace);
}

std::optional<std::vector<ObjectPtr>> Store::ListAt(const std::string& table, const std::string& in_namespace,
                                                    std::int64_t version) const {
  if (version < Oldest(table) || version > version_) return std::nullopt;
  const auto found = tables_.find(table);
  if (found == tables_.end()) return std::vector<ObjectPtr>{};
  std::map<Key, ObjectPtr> objects = found->second.objects;
  const std::deque<Change>& history = found->second.history;
  for (auto change = history.rbegin(); change != history.rend() && change->version > version; ++change) {
    if (change->before == nullptr) {
      objects.erase(change->key);
    } else {
      objects[change->key] = change->before;
    }
  }
  return Chosen(objects, in_namespace);
}

ObjectPtr Store::Put(const std::string& table, Tree object) {
  const Key key = KeyOf(object);
  Table& into = tables_[table];
  const auto found = into.objects.find(key);
  const ObjectPtr before = found == into.objects.end() ? nullptr : found->second;
  if (before != nullptr) {
    object.Make("metadata.resourceVersion") = before->At("metadata.resourceVersion");
    if (object == *before) return before;
  }
  const ObjectPtr after = Stamped(std::move(object), ++version_);
  into.objects[key] = after;
  Record(into, {version_, table, key, before, after});
  return after;
}

void Store::Remove(const std::string& table, const Key& key) {
  Table& from = tables_[table];
  const auto found = from.objects.find(key);
  if (found == from.objects.end()) return;
  const ObjectPtr before = found->second;
  from.objects.erase(found);
  ++version_;
  Record(from, {version_, table, key, before, nullptr});
}

void Store::Record(Table& table, Change change) {
  table.history.push_back(change);
  if (table.history.size() > history_length_) {
    table.history.pop_front();
    // Source: Kubernetes storage/cacher watch_cache.go: a full cache serves from the version before its oldest event.
    table.oldest = table.history.front().version - 1;
  }
  if (listener_) listener_(change);
}

std::optional<std::vector<Change>> Store::Since(const std::string& table, std::int64_t version) const {
  if (version < Oldest(table)) return std::nullopt;
  std::vector<Change> changes;
  const auto found = tables_.find(table);
  if (found == tables_.end()) return changes;
  for (const Change& change : found->second.history) {
    if (change.version > version) changes.push_back(change);
  }
  return changes;
}

std::int64_t Store::Oldest(const std::string& table) const {
  const auto found = tables_.find(table);
  return found == tables_.end() ? forgotten_ : std::max(found->second.oldest, forgotten_);
}

void Store::ForgetHistory() {
  for (auto& [name, table] : tables_) table.history.clear();
  forgotten_ = version_;
}

}  // namespace spillway::lab::kube
