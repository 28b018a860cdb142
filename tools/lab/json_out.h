// Writing JSON without building a tree first.
#ifndef SPILLWAY_TOOLS_LAB_JSON_OUT_H_
#define SPILLWAY_TOOLS_LAB_JSON_OUT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "src/base/json.h"

namespace spillway::lab {

// Keys and values in the order of the calls; whoever opens an object or an array closes it.
class JsonOut {
 public:
  JsonOut& Open() { return writer_.StartObject(), *this; }
  JsonOut& Open(std::string_view key) { return Key(key), Open(); }
  JsonOut& Close() { return writer_.EndObject(), *this; }
  JsonOut& OpenArray(std::string_view key) { return Key(key), writer_.StartArray(), *this; }
  JsonOut& CloseArray() { return writer_.EndArray(), *this; }
  JsonOut& Null(std::string_view key) { return Key(key), writer_.Null(), *this; }

  template <class T>
  JsonOut& Put(std::string_view key, const T& value) {
    return Key(key), Value(value), *this;
  }
  template <class T>
  void Value(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      writer_.Bool(value);
    } else if constexpr (std::is_floating_point_v<T>) {
      writer_.Double(value);
    } else if constexpr (std::is_unsigned_v<T>) {
      writer_.Uint64(value);
    } else if constexpr (std::is_integral_v<T>) {
      writer_.Int64(value);
    } else {
      const std::string_view text(value);
      writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    }
  }

  std::string Text() const { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  void Key(std::string_view key) { writer_.Key(key.data(), static_cast<rapidjson::SizeType>(key.size())); }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_JSON_OUT_H_
