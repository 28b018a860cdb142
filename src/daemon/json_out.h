// Writing JSON in order, without building a tree first.
#ifndef SPILLWAY_SRC_DAEMON_JSON_OUT_H_
#define SPILLWAY_SRC_DAEMON_JSON_OUT_H_

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/json.h"

namespace spillway::daemon {

// Begin and End must pair; inside an object every value has a key. One thread.
class JsonOut {
 public:
  JsonOut& Begin() {
    writer_.StartObject();
    return *this;
  }
  JsonOut& Begin(std::string_view key) { return Key(key).Begin(); }
  JsonOut& End() {
    writer_.EndObject();
    return *this;
  }
  JsonOut& BeginList(std::string_view key) {
    Key(key);
    writer_.StartArray();
    return *this;
  }
  JsonOut& EndList() {
    writer_.EndArray();
    return *this;
  }
  JsonOut& Text(std::string_view text) {
    writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    return *this;
  }

  JsonOut& Put(std::string_view key, std::string_view text) { return Key(key).Text(text); }
  JsonOut& Put(std::string_view key, const char* text) { return Key(key).Text(text); }
  JsonOut& Put(std::string_view key, bool value) {
    Key(key);
    writer_.Bool(value);
    return *this;
  }
  JsonOut& Put(std::string_view key, std::int64_t value) {
    Key(key);
    writer_.Int64(value);
    return *this;
  }
  JsonOut& Put(std::string_view key, int value) { return Put(key, static_cast<std::int64_t>(value)); }
  // What is no finite number is null.
  JsonOut& Put(std::string_view key, double value) {
    Key(key);
    std::isfinite(value) ? writer_.Double(value) : writer_.Null();
    return *this;
  }
  // Absent is null.
  template <class T>
  JsonOut& Put(std::string_view key, const std::optional<T>& value) {
    if (value) return Put(key, *value);
    Key(key);
    writer_.Null();
    return *this;
  }
  // A whole JSON text, valid by itself.
  JsonOut& PutRaw(std::string_view key, std::string_view json) { return Key(key).Raw(json); }
  JsonOut& Raw(std::string_view json) {
    writer_.RawValue(json.data(), json.size(), rapidjson::kObjectType);
    return *this;
  }

  std::string Take() const { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  JsonOut& Key(std::string_view key) {
    writer_.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
    return *this;
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

// Rounded to a thousandth, so that people can read it.
inline double Rounded(double value) { return std::round(value * 1000) / 1000; }

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_JSON_OUT_H_
