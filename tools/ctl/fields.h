// Short reads of the API's answers; what is missing is "?" and never an error, so that an older or newer server can be
// read too.
#ifndef SPILLWAY_TOOLS_CTL_FIELDS_H_
#define SPILLWAY_TOOLS_CTL_FIELDS_H_

#include <string>
#include <string_view>

#include "src/base/json.h"

namespace spillway::ctl {

inline std::string CountText(const JsonValue& value, std::string_view dotted) {
  const auto count = IntAt(value, dotted);
  return count ? std::to_string(*count) : "?";
}

inline std::string TextAt(const JsonValue& value, std::string_view dotted) {
  return StringAt(value, dotted).value_or("?");
}

// A time to the second, which is enough for people: "2026-01-31T10:00:00Z".
std::string TimeAt(const JsonValue& value, std::string_view dotted);

// The one of `of`'s sites (a STATE, or a forecast of a plan) with that name; nullptr: none.
const JsonValue* SiteOf(const JsonValue& of, const std::string& name);

// "capacity_replicas 4, demand_replicas 6.5" of a reason's or a refusal's figures; empty: none.
std::string FiguresText(const JsonValue& of);

// "not written yet: eu replicas 0 -> 3" of a STATE; empty: nothing is.
std::string PendingText(const JsonValue& state);

// What a RECORD changed: "first look; eu replicas 0 -> 3: done".
std::string ChangesText(const JsonValue& record);

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_FIELDS_H_
