// Writing JSON values without repeating the allocator.
#ifndef SPILLWAY_TOOLS_LAB_AVI_PEN_H_
#define SPILLWAY_TOOLS_LAB_AVI_PEN_H_

#include <concepts>
#include <cstdint>
#include <string_view>

#include "src/base/json.h"

namespace spillway::lab::avi {

class Pen {
 public:
  explicit Pen(JsonDocument::AllocatorType& allocator) : allocator_(allocator) {}

  static JsonValue Object() { return JsonValue(rapidjson::kObjectType); }
  static JsonValue List() { return JsonValue(rapidjson::kArrayType); }
  JsonValue Text(std::string_view text) {
    return {text.data(), static_cast<rapidjson::SizeType>(text.size()), allocator_};
  }
  JsonValue Copy(const JsonValue& value) { return {value, allocator_}; }

  void Put(JsonValue& object, std::string_view name, JsonValue value) {
    SetMember(object, name, std::move(value), allocator_);
  }
  void Put(JsonValue& object, std::string_view name, std::string_view text) { Put(object, name, Text(text)); }
  void Put(JsonValue& object, std::string_view name, const char* text) { Put(object, name, Text(text)); }
  void Put(JsonValue& object, std::string_view name, std::same_as<bool> auto value) {
    Put(object, name, JsonValue(value));
  }
  void Put(JsonValue& object, std::string_view name, std::same_as<double> auto value) {
    Put(object, name, JsonValue(value));
  }
  template <std::integral T>
  requires(!std::same_as<T, bool>) void Put(JsonValue& object, std::string_view name, T value) {
    Put(object, name, JsonValue(static_cast<std::int64_t>(value)));
  }
  void Add(JsonValue& list, JsonValue value) { list.PushBack(value, allocator_); }

  JsonDocument::AllocatorType& allocator() { return allocator_; }

 private:
  JsonDocument::AllocatorType& allocator_;
};

}  // namespace spillway::lab::avi

#endif  // SPILLWAY_TOOLS_LAB_AVI_PEN_H_
