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
  JsonOut& Begin();
  JsonOut& Begin(std::string_view key) { return Key(key).Begin(); }
  JsonOut& End();
  JsonOut& BeginList(std::string_view key);
  JsonOut& EndList();
  JsonOut& Text(std::string_view text);

  JsonOut& Put(std::string_view key, std::string_view text) { return Key(key).Text(text); }
  JsonOut& Put(std::string_view key, const char* text) { return Key(key).Text(text); }
  JsonOut& Put(std::string_view key, bool value);
  JsonOut& Put(std::string_view key, std::int64_t value);
  JsonOut& Put(std::string_view key, int value) { return Put(key, static_cast<std::int64_t>(value)); }
  // What is no finite number is null.
  JsonOut& Put(std::string_view key, double value);
  // Absent is null.
  template <class T>
  JsonOut& Put(std::string_view key, const std::optional<T>& value) {
    return value ? Put(key, *value) : PutNull(key);
  }
  // A whole JSON text, valid by itself.
  JsonOut& PutRaw(std::string_view key, std::string_view json) { return Key(key).Raw(json); }
  JsonOut& Raw(std::string_view json);

  std::string Take() const { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  JsonOut& Key(std::string_view key);
  JsonOut& PutNull(std::string_view key);

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

// Rounded to a thousandth, so that people can read it.
inline double Rounded(double value) { return std::round(value * 1000) / 1000; }

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_JSON_OUT_H_
