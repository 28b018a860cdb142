// The memory of the API server: objects, one counter of changes, and a short history of them.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_STORE_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_STORE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab::kube {

// An object's place inside its table; the namespace is empty for what belongs to none.
struct Key {
  std::string in_namespace, name;
  auto operator<=>(const Key&) const = default;
};

using ObjectPtr = std::shared_ptr<const Tree>;

// `before` is null for an addition, `after` for a removal; `version` is that of the addition, change or removal.
struct Change {
  std::int64_t version;
  std::string table;
  Key key;
  ObjectPtr before, after;
};

// Holds what it is given: rules about content are the callers'. Not synchronised; its owner locks.
class Store {
 public:
  // `history_length`: changes kept per table, at least 1.
  explicit Store(std::size_t history_length);

  // The number of the last change, of any table: the collection's resourceVersion.
  std::int64_t version() const { return version_; }

  ObjectPtr Get(const std::string& table, const Key& key) const;
  // In the order of the keys; an empty namespace: of all.
  std::vector<ObjectPtr> List(const std::string& table, const std::string& in_namespace) const;
  // As it was at `version`; nullopt: the history does not reach back to it.
  std::optional<std::vector<ObjectPtr>> ListAt(const std::string& table, const std::string& in_namespace,
                                               std::int64_t version) const;

  // Adds or replaces and stamps metadata.resourceVersion; what equals the stored object (its version apart) changes
  // nothing and is no event. Returns what is stored now.
  ObjectPtr Put(const std::string& table, Tree object);
  void Remove(const std::string& table, const Key& key);

  // The changes of a table after `version`, oldest first; nullopt: the history does not reach back to it.
  std::optional<std::vector<Change>> Since(const std::string& table, std::int64_t version) const;
  // The version from which on a watch of this table may start.
  std::int64_t Oldest(const std::string& table) const;
  void ForgetHistory();

  // Called with every change, after it is stored.
  void SetListener(std::function<void(const Change&)> listener) { listener_ = std::move(listener); }

 private:
  struct Table {
    std::map<Key, ObjectPtr> objects;
    std::deque<Change> history;
    std::int64_t oldest = 0;
  };
  void Record(Table& table, Change change);

  const std::size_t history_length_;
  std::int64_t version_ = 1000;  // away from zero, as on a server with a past
  std::map<std::string, Table> tables_;
  std::int64_t forgotten_ = 0;
  std::function<void(const Change&)> listener_;
};

Key KeyOf(const Tree& object);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_STORE_H_
