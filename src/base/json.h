// Reading and writing JSON at the edges: depth and size capped, wrong types are errors and never undefined behaviour.
#ifndef SPILLWAY_SRC_BASE_JSON_H_
#define SPILLWAY_SRC_BASE_JSON_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "tools/bazel/rapidjson_config.h"

namespace spillway {

using JsonValue = rapidjson::Value;
using JsonDocument = rapidjson::Document;

inline constexpr int kJsonDepthCap = 64;

// Parses one whole document of UTF-8. kRejected: malformed, nested deeper than kJsonDepthCap, or a duplicate key in
// an object; the message has the offset. The caller caps the bytes.
Result<JsonDocument> ParseJson(std::string_view text);

// Compact text of `value`.
std::string JsonText(const JsonValue& value);

// The member `name` of an object; nullptr if `value` is no object or has no such member (or it is null).
const JsonValue* Find(const JsonValue& value, std::string_view name);
JsonValue* Find(JsonValue& value, std::string_view name);

// Walks "a.b.c" through objects. Nothing found, or a wrong type on the way: nullptr.
const JsonValue* FindPath(const JsonValue& value, std::string_view dotted);

// Typed reads of a path; nullopt if absent or of another type. An integer written as 3.0 or as a string is not one.
std::optional<std::string> StringAt(const JsonValue& value, std::string_view dotted);
std::optional<std::int64_t> IntAt(const JsonValue& value, std::string_view dotted);
std::optional<double> NumberAt(const JsonValue& value, std::string_view dotted);
std::optional<bool> BoolAt(const JsonValue& value, std::string_view dotted);
// The list at a path; an empty one if there is none. Lives as long as `value`.
JsonValue::ConstArray ListAt(const JsonValue& value, std::string_view dotted);

// Sets a member, replacing one of that name. `object` must be an object.
void SetMember(JsonValue& object, std::string_view name, JsonValue value, JsonDocument::AllocatorType& allocator);
void SetMember(JsonValue& object, std::string_view name, std::string_view text, JsonDocument::AllocatorType& allocator);

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_JSON_H_
