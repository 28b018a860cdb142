#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab::kube {
namespace {

const Tree& Null() {
  static const Tree kNull;
  return kNull;
}

rapidjson::SizeType Size(const std::string& text) { return static_cast<rapidjson::SizeType>(text.size()); }

}  // namespace

Result<Tree> Tree::Parse(std::string_view text) {
  Result<JsonDocument> document = ParseJson(text);
  if (!document) return document.error();
  return From(*document);
}

Tree Tree::Of(std::string_view text) {
  Result<Tree> tree = Parse(text);
  return tree ? *std::move(tree) : Tree();
}

std::string Tree::Text() const {
  JsonDocument document;
  return JsonText(To(document.GetAllocator()));
}

double Tree::Number() const {
  if (IsInt()) return static_cast<double>(Int());
  return IsNumber() ? std::get<double>(value_) : 0;
}

const std::string& Tree::String() const {
  static const std::string kEmpty;
  return IsString() ? std::get<std::string>(value_) : kEmpty;
}

const Tree::Array& Tree::Items() const {
  static const Array kEmpty;
  return IsArray() ? std::get<Array>(value_) : kEmpty;
}

const Tree::Object& Tree::Members() const {
  static const Object kEmpty;
  return IsObject() ? std::get<Object>(value_) : kEmpty;
}

Tree::Array& Tree::Items() {
  if (!IsArray()) value_ = Array();
  return std::get<Array>(value_);
}

Tree::Object& Tree::Members() {
  if (!IsObject()) value_ = Object();
  return std::get<Object>(value_);
}

const Tree* Tree::Find(std::string_view name) const {
  const Object& members = Members();
  const auto found = members.find(name);
  return found == members.end() || found->second.IsNull() ? nullptr : &found->second;
}

Tree* Tree::Find(std::string_view name) {
  return const_cast<Tree*>(std::as_const(*this).Find(name));  // NOLINT: one search for both
}

Tree& Tree::operator[](std::string_view name) {
  Object& members = Members();
  const auto found = members.find(name);
  return found != members.end() ? found->second : members[std::string(name)];
}

void Tree::Erase(std::string_view name) {
  if (!IsObject()) return;
  const auto found = Members().find(name);
  if (found != Members().end()) Members().erase(found);
}

const Tree& Tree::At(std::string_view dotted) const {
  const Tree* at = this;
  while (at != nullptr && !dotted.empty()) {
    const std::size_t end = std::min(dotted.find('.'), dotted.size());
    at = at->Find(dotted.substr(0, end));
    dotted.remove_prefix(std::min(end + 1, dotted.size()));
  }
  return at != nullptr ? *at : Null();
}

Tree& Tree::Make(std::string_view dotted) {
  Tree* at = this;
  while (!dotted.empty()) {
    const std::size_t end = std::min(dotted.find('.'), dotted.size());
    at = &(*at)[dotted.substr(0, end)];
    dotted.remove_prefix(std::min(end + 1, dotted.size()));
  }
  return *at;
}

Tree Tree::WithoutNulls() const {
  if (IsArray()) {
    Array items;
    for (const Tree& item : Items()) items.push_back(item.WithoutNulls());
    return items;
  }
  if (!IsObject()) return *this;
  Object members;
  for (const auto& [name, value] : Members()) {
    if (!value.IsNull()) members.emplace(name, value.WithoutNulls());
  }
  return members;
}

Tree Tree::From(const JsonValue& value) {
  if (value.IsBool()) return value.GetBool();
  if (value.IsInt64()) return std::int64_t{value.GetInt64()};
  if (value.IsNumber()) return value.GetDouble();
  if (value.IsString()) return std::string(value.GetString(), value.GetStringLength());
  if (value.IsArray()) {
    Array items;
    items.reserve(value.Size());
    for (const JsonValue& item : value.GetArray()) items.push_back(From(item));
    return items;
  }
  if (!value.IsObject()) return {};
  Object members;
  for (const auto& member : value.GetObject()) {
    members.emplace(std::string(member.name.GetString(), member.name.GetStringLength()), From(member.value));
  }
  return members;
}

JsonValue Tree::To(JsonDocument::AllocatorType& allocator) const {
  if (IsBool()) return JsonValue(Bool());
  if (IsInt()) return JsonValue(Int());
  if (IsNumber()) return JsonValue(Number());
  if (IsString()) return JsonValue(String().data(), Size(String()), allocator);
  if (IsArray()) {
    JsonValue array(rapidjson::kArrayType);
    for (const Tree& item : Items()) array.PushBack(item.To(allocator), allocator);
    return array;
  }
  if (!IsObject()) return JsonValue();
  JsonValue object(rapidjson::kObjectType);
  for (const auto& [name, value] : Members()) {
    object.AddMember(JsonValue(name.data(), Size(name), allocator), value.To(allocator), allocator);
  }
  return object;
}

}  // namespace spillway::lab::kube
