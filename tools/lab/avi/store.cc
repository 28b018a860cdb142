#include "tools/lab/avi/store.h"

namespace spillway::lab::avi {
namespace {

bool Mentions(const JsonValue& value, std::string_view ref) {
  if (value.IsString()) return std::string_view(value.GetString(), value.GetStringLength()) == ref;
  if (value.IsArray()) {
    for (const JsonValue& entry : value.GetArray()) {
      if (Mentions(entry, ref)) return true;
    }
  }
  if (value.IsObject()) {
    for (const auto& member : value.GetObject()) {
      if (Mentions(member.value, ref)) return true;
    }
  }
  return false;
}

}  // namespace

ObjectPtr Store::Find(std::string_view type, const std::string& uuid) const {
  const auto shelf = shelves_.find(type);
  if (shelf == shelves_.end()) return nullptr;
  const auto order = shelf->second.order_of.find(uuid);
  return order == shelf->second.order_of.end() ? nullptr : shelf->second.by_order.at(order->second);
}

ObjectPtr Store::FindByName(std::string_view type, const std::string& tenant, const std::string& name) const {
  const auto shelf = shelves_.find(type);
  if (shelf == shelves_.end()) return nullptr;
  const auto order = shelf->second.order_by_name.find({tenant, name});
  return order == shelf->second.order_by_name.end() ? nullptr : shelf->second.by_order.at(order->second);
}

ObjectPtr Store::FindByName(std::string_view type, const std::string& name) const {
  for (const ObjectPtr& object : List(type)) {
    if (object->name == name) return object;
  }
  return nullptr;
}

std::vector<ObjectPtr> Store::List(std::string_view type) const {
  std::vector<ObjectPtr> all;
  const auto shelf = shelves_.find(type);
  if (shelf == shelves_.end()) return all;
  all.reserve(shelf->second.by_order.size());
  for (const auto& [order, object] : shelf->second.by_order) all.push_back(object);
  return all;
}

std::vector<ObjectPtr> Store::Referrers(const Object& object) const {
  const std::string ref = "/api/" + std::string(object.type->path) + "/" + object.uuid;
  std::vector<ObjectPtr> found;
  for (const auto& [type, shelf] : shelves_) {
    for (const auto& [order, other] : shelf.by_order) {
      if (Mentions(other->body, ref)) found.push_back(other);
    }
  }
  return found;
}

void Store::Put(const ObjectPtr& object) {
  Shelf& shelf = shelves_[std::string(object->type->path)];
  if (const ObjectPtr old = Find(object->type->path, object->uuid)) Erase(old);
  shelf.by_order[object->order] = object;
  shelf.order_of[object->uuid] = object->order;
  shelf.order_by_name[{object->tenant, object->name}] = object->order;
}

void Store::Erase(ObjectPtr object) {  // NOLINT(performance-unnecessary-value-param): it must outlive its place
  Shelf& shelf = shelves_[std::string(object->type->path)];
  shelf.by_order.erase(object->order);
  shelf.order_of.erase(object->uuid);
  shelf.order_by_name.erase({object->tenant, object->name});
}

}  // namespace spillway::lab::avi
