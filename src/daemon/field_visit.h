// Values as JSON, in both directions from one list of fields, so that none can be written and not read.
//
// A struct is described once, by a function that names its fields:
//
//     template <class Visitor, OneOf<ShareSample> M>
//     void Describe(Visitor& visit, M& sample) {
//       visit.Field("at", sample.at);
//       visit.Field("share", sample.share);
//     }
#ifndef SPILLWAY_SRC_DAEMON_FIELD_VISIT_H_
#define SPILLWAY_SRC_DAEMON_FIELD_VISIT_H_

#include <algorithm>
#include <array>
#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "src/base/json.h"
#include "src/base/time.h"
#include "src/base/time_text.h"
#include "src/daemon/json_out.h"
#include "src/daemon/words.h"

namespace spillway::daemon {

// The same moment on both clocks.
struct Moment {
  Instant now;
  WallTime wall;
};

// T, const or not: the writer describes constants, the reader what it fills.
template <class M, class T>
concept OneOf = std::same_as<std::remove_const_t<M>, T>;

// Every value of an enum that has a Word(); an enum is written as its word.
template <class T>
struct EnumValues;

// Instants are written as wall times, because a monotonic clock means nothing to the next process; absent optionals
// are left out.
class FieldWriter {
 public:
  FieldWriter(JsonOut& out, Moment at) : out_(out), at_(at) {}

  void Field(const char* key, int value) { out_.Put(key, value); }
  void Field(const char* key, double value) { out_.Put(key, value); }
  void Field(const char* key, bool value) { out_.Put(key, value); }
  void Field(const char* key, const std::string& value) { out_.Put(key, value); }
  void Field(const char* key, Instant value) { out_.Put(key, Rfc3339Micro(at_.wall - (at_.now - value))); }
  void Field(const char* key, Duration value) { out_.Put(key, Seconds(value)); }
  // An instant that may lie ahead.
  void Ahead(const char* key, const std::optional<Instant>& value) {
    if (value) Field(key, *value);
  }
  template <class T>
  requires std::is_enum_v<T>
  void Field(const char* key, T value) { out_.Put(key, Word(value)); }
  template <class T>
  void Field(const char* key, const std::optional<T>& value) {
    if (value) Field(key, *value);
  }
  template <class T>
  void Field(const char* key, const std::map<std::string, T>& values) {
    out_.Begin(key);
    for (const auto& [name, value] : values) Field(name.c_str(), value);
    out_.End();
  }
  template <class T>
  void Field(const char* key, const std::vector<T>& values) {
    out_.BeginList(key);
    for (const T& value : values) {
      if constexpr (std::is_enum_v<T>) {
        out_.Text(Word(value));
      } else if constexpr (std::same_as<T, std::string>) {
        out_.Text(value);
      } else {
        out_.Begin();
        Describe(*this, value);
        out_.End();
      }
    }
    out_.EndList();
  }
  template <class T>
  requires std::is_class_v<T>
  void Field(const char* key, const T& value) {
    out_.Begin(key);
    Describe(*this, value);
    out_.End();
  }

 private:
  JsonOut& out_;
  const Moment at_;
};

// What is absent leaves the field as it is; an instant that would lie in the future becomes now.
class FieldReader {
 public:
  // `wrong` becomes a sentence about the first field of a wrong kind.
  FieldReader(const JsonValue& object, Moment at, std::string& wrong) : object_(object), at_(at), wrong_(wrong) {}

  void Field(const char* key, int& value) { Take(key, value, object_); }
  void Field(const char* key, double& value) { Take(key, value, object_); }
  void Field(const char* key, bool& value) { Take(key, value, object_); }
  void Field(const char* key, std::string& value) { Take(key, value, object_); }
  void Field(const char* key, Instant& value) { Take(key, value, object_); }
  void Field(const char* key, Duration& value) { Take(key, value, object_); }
  void Ahead(const char* key, std::optional<Instant>& value) {
    const JsonValue* found = Find(object_, key);
    if (found == nullptr) return;
    const auto wall = found->IsString() ? ParseRfc3339(found->GetString()) : std::nullopt;
    if (!wall) return Wrong(key);
    value = at_.now + (*wall - at_.wall);
  }
  template <class T>
  requires std::is_enum_v<T>
  void Field(const char* key, T& value) {
    if (const JsonValue* found = Find(object_, key)) Read(key, *found, value);
  }
  template <class T>
  void Field(const char* key, std::optional<T>& value) {
    if (Find(object_, key) == nullptr) return;
    value.emplace();
    Field(key, *value);
  }
  template <class T>
  void Field(const char* key, std::map<std::string, T>& values) {
    const JsonValue* found = Below(key, false);
    if (found == nullptr) return;
    for (const auto& member : found->GetObject()) {
      Read(key, member.value, values[{member.name.GetString(), member.name.GetStringLength()}]);
    }
  }
  template <class T>
  void Field(const char* key, std::vector<T>& values) {
    const JsonValue* found = Below(key, true);
    if (found == nullptr) return;
    values.clear();
    for (const JsonValue& item : found->GetArray()) Read(key, item, values.emplace_back());
  }
  template <class T>
  requires std::is_class_v<T>
  void Field(const char* key, T& value) {
    if (const JsonValue* found = Find(object_, key)) Read(key, *found, value);
  }

  // The member `key` as an object or a list; nullptr if it is absent (or wrong).
  const JsonValue* Below(const char* key, bool list) {
    const JsonValue* found = Find(object_, key);
    if (found == nullptr) return nullptr;
    if (list ? found->IsArray() : found->IsObject()) return found;
    Wrong(key);
    return nullptr;
  }
  void Wrong(std::string_view key) {
    if (wrong_.empty()) wrong_ = "the field \"" + std::string(key) + "\" is of a wrong kind";
  }

 private:
  template <class T>
  void Take(const char* key, T& value, const JsonValue& object) {
    if (const JsonValue* found = Find(object, key)) Read(key, *found, value);
  }
  void Read(const char* key, const JsonValue& json, int& value) {
    if (!json.IsInt()) return Wrong(key);
    value = json.GetInt();
  }
  void Read(const char* key, const JsonValue& json, double& value) {
    if (!json.IsNumber()) return Wrong(key);
    value = json.GetDouble();
  }
  void Read(const char* key, const JsonValue& json, bool& value) {
    if (!json.IsBool()) return Wrong(key);
    value = json.GetBool();
  }
  void Read(const char* key, const JsonValue& json, std::string& value) {
    if (!json.IsString()) return Wrong(key);
    value.assign(json.GetString(), json.GetStringLength());
  }
  void Read(const char* key, const JsonValue& json, Instant& value) {
    const auto wall = json.IsString() ? ParseRfc3339(json.GetString()) : std::nullopt;
    if (!wall) return Wrong(key);
    value = at_.now - std::max(Duration{}, Duration(at_.wall - *wall));
  }
  // To the nearest microsecond: a fraction of seconds is seldom exact.
  void Read(const char* key, const JsonValue& json, Duration& value) {
    if (!json.IsNumber()) return Wrong(key);
    value = FromSeconds(json.GetDouble() + (json.GetDouble() < 0 ? -0.5e-6 : 0.5e-6));
  }
  template <class T>
  requires std::is_enum_v<T>
  void Read(const char* key, const JsonValue& json, T& value) {
    for (const T one : EnumValues<T>::kAll) {
      if (!json.IsString() || Word(one) != json.GetString()) continue;
      value = one;
      return;
    }
    Wrong(key);
  }
  template <class T>
  requires std::is_class_v<T>
  void Read(const char* key, const JsonValue& json, T& value) {
    if (!json.IsObject()) return Wrong(key);
    FieldReader below(json, at_, wrong_);
    Describe(below, value);
  }

  const JsonValue& object_;
  const Moment at_;
  std::string& wrong_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_FIELD_VISIT_H_
