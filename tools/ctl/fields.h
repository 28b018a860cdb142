// Short reads of the API's answers; what is missing is "?" and never an error, so that an older or newer server can be
// read too.
#ifndef SPILLWAY_TOOLS_CTL_FIELDS_H_
#define SPILLWAY_TOOLS_CTL_FIELDS_H_

#include <string>
#include <string_view>

#include "src/base/json.h"

namespace spillway::ctl {

// The list at `dotted`; an empty one if there is none. Lives as long as `value`.
inline JsonValue::ConstArray ListAt(const JsonValue& value, std::string_view dotted) {
  static const JsonValue empty(rapidjson::kArrayType);
  const JsonValue* found = FindPath(value, dotted);
  return found != nullptr && found->IsArray() ? found->GetArray() : empty.GetArray();
}

inline std::string CountText(const JsonValue& value, std::string_view dotted) {
  const auto count = IntAt(value, dotted);
  return count ? std::to_string(*count) : "?";
}

inline std::string TextAt(const JsonValue& value, std::string_view dotted) {
  return StringAt(value, dotted).value_or("?");
}

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_FIELDS_H_
