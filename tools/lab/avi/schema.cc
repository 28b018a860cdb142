#include "tools/lab/avi/schema.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

namespace spillway::lab::avi {
namespace {

bool Known(const Field& field, const Version& stated) { return field.since.Covers(stated); }

bool Listed(std::string_view choices, std::string_view value) {
  while (!choices.empty()) {
    const std::size_t end = std::min(choices.find(' '), choices.size());
    if (choices.substr(0, end) == value) return true;
    choices.remove_prefix(std::min(end + 1, choices.size()));
  }
  return false;
}

std::string Name(const Field& field) { return std::string(field.name); }

std::optional<std::string> CheckNumber(const Field& field, const JsonValue& value) {
  if (!value.IsInt64()) return Name(field) + ": a valid integer is required";
  const std::int64_t n = value.GetInt64();
  if (field.most == 0 || (field.zero_too && n == 0)) return std::nullopt;
  if (n >= field.least && n <= field.most) return std::nullopt;
  return Name(field) + ": value " + std::to_string(n) + " is not in the range " + std::to_string(field.least) + "-" +
         std::to_string(field.most);
}

std::optional<std::string> CheckList(const Field& field, const JsonValue& value, const Version& stated) {
  if (!value.IsArray()) return Name(field) + ": a list is required";
  if (field.required && value.Empty()) return Name(field) + ": at least one is required";
  if (field.most > 0 && value.Size() > static_cast<std::uint64_t>(field.most)) {
    return Name(field) + ": at most " + std::to_string(field.most) + " are allowed";
  }
  for (const JsonValue& entry : value.GetArray()) {
    if (field.kind == Kind::kMessages) {
      if (!entry.IsObject()) return Name(field) + ": a list of objects is required";
      if (auto wrong = Check(*field.message, entry, stated)) return Name(field) + "." + *wrong;
    } else if (!entry.IsString()) {
      return Name(field) + ": a list of strings is required";
    }
  }
  return std::nullopt;
}

std::optional<std::string> CheckValue(const Field& field, const JsonValue& value, const Version& stated) {
  switch (field.kind) {
    case Kind::kBool:
      if (!value.IsBool()) return Name(field) + ": a boolean is required";
      return std::nullopt;
    case Kind::kInt:
      return CheckNumber(field, value);
    case Kind::kText:
    case Kind::kRef:
      if (!value.IsString()) return Name(field) + ": a string is required";
      if (field.required && value.GetStringLength() == 0) return Name(field) + ": may not be blank";
      return std::nullopt;
    case Kind::kChoice:
      if (value.IsString() && Listed(field.choices, value.GetString())) return std::nullopt;
      return Name(field) + ": " + JsonText(value) + " is not a valid choice";
    case Kind::kMessage:
      if (!value.IsObject()) return Name(field) + ": an object is required";
      if (auto wrong = Check(*field.message, value, stated)) return Name(field) + "." + *wrong;
      return std::nullopt;
    case Kind::kTexts:
    case Kind::kRefs:
    case Kind::kMessages:
      return CheckList(field, value, stated);
    case Kind::kAny:
      return std::nullopt;
  }
  return std::nullopt;
}

// Calls `visit(message, object)` for every object below `object` that has a table.
template <class Visit>
void EachNested(const Message& message, JsonValue& object, const Visit& visit) {
  for (const Field& field : message.fields) {
    JsonValue* value = field.message == nullptr ? nullptr : Find(object, field.name);
    if (value == nullptr) continue;
    if (value->IsObject()) visit(*field.message, *value);
    if (!value->IsArray()) continue;
    for (JsonValue& entry : value->GetArray()) {
      if (entry.IsObject()) visit(*field.message, entry);
    }
  }
}

}  // namespace

std::optional<Version> ParseVersion(std::string_view text) {
  Version version;
  for (std::size_t i = 0; i < version.parts.size(); ++i) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version.parts.at(i));
    if (error != std::errc{} || version.parts.at(i) < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return version;
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
  return std::nullopt;
}

const Field* FindField(const Message& message, std::string_view name) {
  for (const Field& field : message.fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

std::optional<std::string> Check(const Message& message, const JsonValue& object, const Version& stated) {
  for (const auto& member : object.GetObject()) {
    const Field* field = FindField(message, {member.name.GetString(), member.name.GetStringLength()});
    if (field == nullptr && message.open) continue;
    if (field == nullptr || !Known(*field, stated)) {
      return std::string(message.name) + " has no field named '" + member.name.GetString() + "'";
    }
    if (member.value.IsNull()) continue;
    if (auto wrong = CheckValue(*field, member.value, stated)) return wrong;
  }
  for (const Field& field : message.fields) {
    const bool wanted = field.required && field.fallback.empty();
    if (wanted && Find(object, field.name) == nullptr) return Name(field) + ": this field is required";
  }
  return std::nullopt;
}

void FillDefaults(const Message& message, JsonValue& object, JsonDocument::AllocatorType& allocator) {
  for (const Field& field : message.fields) {
    if (field.fallback.empty() || Find(object, field.name) != nullptr) continue;
    auto fallback = ParseJson(field.fallback);
    SetMember(object, field.name, JsonValue(*fallback, allocator), allocator);
  }
  EachNested(message, object, [&](const Message& inner, JsonValue& value) { FillDefaults(inner, value, allocator); });
}

void SkipDefaults(const Message& message, JsonValue& object) {
  for (const Field& field : message.fields) {
    const JsonValue* value = field.fallback.empty() || field.required ? nullptr : Find(object, field.name);
    if (value != nullptr && JsonText(*value) == field.fallback) object.RemoveMember(std::string(field.name).c_str());
  }
  EachNested(message, object, [](const Message& inner, JsonValue& value) { SkipDefaults(inner, value); });
}

void Strip(const Message& message, JsonValue& object, const Version& stated) {
  for (const Field& field : message.fields) {
    if (!Known(field, stated)) object.RemoveMember(std::string(field.name).c_str());
  }
  EachNested(message, object, [&](const Message& inner, JsonValue& value) { Strip(inner, value, stated); });
}

}  // namespace spillway::lab::avi
