// PATCH: {"add": {...}}, {"replace": {...}}, {"delete": {...}} at the top level, or {"json_patch": [...]}.
//
// The first form reaches one level deep: a list's entry is added or swapped whole, a member inside a pool can't be
// edited by itself. Source: Avi API guide, HTTP PATCH support.
#include <charconv>

#include "tools/lab/avi/objects.h"
#include "tools/lab/avi/pen.h"

namespace spillway::lab::avi {
namespace {

// What tells list entries apart: a message's key field, else the whole value.
bool SameEntry(const Field& field, const JsonValue& a, const JsonValue& b) {
  if (field.message == nullptr || field.message->key.empty()) return a == b;
  const JsonValue* key_a = Find(a, field.message->key);
  const JsonValue* key_b = Find(b, field.message->key);
  return key_a != nullptr && key_b != nullptr && *key_a == *key_b;
}

void RemoveEntry(const Field& field, JsonValue& list, const JsonValue& entry) {
  for (auto at = list.Begin(); at != list.End();) at = SameEntry(field, *at, entry) ? list.Erase(at) : at + 1;
}

void AddEntry(const Field& field, JsonValue& list, const JsonValue& entry, Pen& pen) {
  for (JsonValue& known : list.GetArray()) {
    if (!SameEntry(field, known, entry)) continue;
    known = pen.Copy(entry);
    return;
  }
  pen.Add(list, pen.Copy(entry));
}

void ApplyOne(const Field& field, std::string_view verb, const JsonValue& value, JsonDocument& body) {
  Pen pen(body.GetAllocator());
  JsonValue* present = Find(body, field.name);
  const bool list = present != nullptr && present->IsArray() && value.IsArray();
  if (verb == "delete") {
    if (list) {
      for (const JsonValue& entry : value.GetArray()) RemoveEntry(field, *present, entry);
    } else {
      body.RemoveMember(std::string(field.name).c_str());  // its default, if any, is filled in later
    }
  } else if (verb == "add" && list) {
    for (const JsonValue& entry : value.GetArray()) AddEntry(field, *present, entry, pen);
  } else {
    pen.Put(body, field.name, pen.Copy(value));
  }
}

// "/groups/0/members/1/ratio" -> the value that holds the last step, and that step. nullptr: no such place.
JsonValue* Walk(JsonValue& body, std::string_view pointer, std::string& last) {
  JsonValue* at = &body;
  while (pointer.starts_with('/')) {
    pointer.remove_prefix(1);
    const std::size_t end = pointer.find('/');
    last = std::string(pointer.substr(0, end));
    if (end == std::string_view::npos) return at;
    pointer.remove_prefix(end);
    if (at->IsArray()) {
      std::size_t index = 0;
      const auto read = std::from_chars(last.data(), last.data() + last.size(), index);
      if (read.ec != std::errc{} || index >= at->Size()) return nullptr;
      at = &(*at)[static_cast<rapidjson::SizeType>(index)];
    } else {
      at = Find(*at, last);
    }
    if (at == nullptr) return nullptr;
  }
  return nullptr;
}

bool EditList(JsonValue& list, const std::string& step, std::string_view op, const JsonValue* value, Pen& pen) {
  if (step == "-" && op == "add") {
    pen.Add(list, pen.Copy(*value));
    return true;
  }
  std::size_t index = 0;
  const auto read = std::from_chars(step.data(), step.data() + step.size(), index);
  if (read.ec != std::errc{} || index >= list.Size() + (op == "add" ? 1U : 0U)) return false;
  if (op == "remove") {
    list.Erase(list.Begin() + index);
  } else if (op == "replace") {
    list[static_cast<rapidjson::SizeType>(index)] = pen.Copy(*value);
  } else {
    pen.Add(list, pen.Copy(*value));
    for (std::size_t i = list.Size() - 1; i > index; --i) {
      list[static_cast<rapidjson::SizeType>(i)].Swap(list[static_cast<rapidjson::SizeType>(i - 1)]);
    }
  }
  return true;
}

std::optional<std::string> ApplyPointer(const JsonValue& step, JsonDocument& body) {
  const std::string op = StringAt(step, "op").value_or("");
  const std::string path = StringAt(step, "path").value_or("");
  const JsonValue* value = Find(step, "value");
  if (op != "add" && op != "remove" && op != "replace") return "json_patch: unknown op '" + op + "'";
  if (op != "remove" && value == nullptr) return "json_patch: " + op + " needs a value";
  Pen pen(body.GetAllocator());
  std::string last;
  JsonValue* holder = Walk(body, path, last);
  bool done = false;
  if (holder != nullptr && holder->IsArray()) {
    done = EditList(*holder, last, op, value, pen);
  } else if (holder != nullptr && holder->IsObject()) {
    done = op == "add" || Find(*holder, last) != nullptr;
    if (done && op == "remove") holder->RemoveMember(last.c_str());
    if (done && op != "remove") pen.Put(*holder, last, pen.Copy(*value));
  }
  if (!done) return "json_patch: no such path '" + path + "'";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> ApplyPatch(const Message& message, const JsonValue& patch, JsonDocument& body) {
  bool any = false;
  if (const JsonValue* steps = Find(patch, "json_patch"); steps != nullptr && steps->IsArray()) {
    any = true;
    for (const JsonValue& step : steps->GetArray()) {
      if (auto wrong = ApplyPointer(step, body)) return wrong;
    }
  }
  for (const std::string_view verb : {"add", "replace", "delete"}) {
    const JsonValue* changes = Find(patch, verb);
    if (changes == nullptr) continue;
    if (!changes->IsObject()) return std::string(verb) + ": an object is required";
    any = true;
    for (const auto& change : changes->GetObject()) {
      const Field* field = FindField(message, change.name.GetString());
      if (field == nullptr) {
        return std::string(message.name) + " has no field named '" + change.name.GetString() + "'";
      }
      ApplyOne(*field, verb, change.value, body);
    }
  }
  if (!any) return "one of add, replace, delete or json_patch is required";
  return std::nullopt;
}

}  // namespace spillway::lab::avi
