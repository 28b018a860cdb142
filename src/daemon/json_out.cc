#include "src/daemon/json_out.h"

namespace spillway::daemon {

JsonOut& JsonOut::Begin() {
  writer_.StartObject();
  return *this;
}

JsonOut& JsonOut::End() {
  writer_.EndObject();
  return *this;
}

JsonOut& JsonOut::BeginList(std::string_view key) {
  Key(key);
  writer_.StartArray();
  return *this;
}

JsonOut& JsonOut::EndList() {
  writer_.EndArray();
  return *this;
}

JsonOut& JsonOut::Text(std::string_view text) {
  writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  return *this;
}

JsonOut& JsonOut::Put(std::string_view key, bool value) {
  Key(key);
  writer_.Bool(value);
  return *this;
}

JsonOut& JsonOut::Put(std::string_view key, std::int64_t value) {
  Key(key);
  writer_.Int64(value);
  return *this;
}

JsonOut& JsonOut::Put(std::string_view key, double value) {
  Key(key);
  std::isfinite(value) ? writer_.Double(value) : writer_.Null();
  return *this;
}

JsonOut& JsonOut::Raw(std::string_view json) {
  writer_.RawValue(json.data(), json.size(), rapidjson::kObjectType);
  return *this;
}

JsonOut& JsonOut::Key(std::string_view key) {
  writer_.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
  return *this;
}

JsonOut& JsonOut::PutNull(std::string_view key) {
  Key(key);
  writer_.Null();
  return *this;
}

}  // namespace spillway::daemon
