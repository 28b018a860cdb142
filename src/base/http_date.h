// The one form of a time that HTTP's Date header has.
#ifndef SPILLWAY_SRC_BASE_HTTP_DATE_H_
#define SPILLWAY_SRC_BASE_HTTP_DATE_H_

#include <optional>
#include <string>

#include "src/base/time.h"

namespace spillway {

// "Sun, 06 Nov 1994 08:49:37 GMT". Source: RFC 9110, 5.6.7, IMF-fixdate.
std::string HttpDate(WallTime t);

// Reads that form; nullopt: anything else (the two obsolete forms included).
std::optional<WallTime> ParseHttpDate(const std::string& text);

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_HTTP_DATE_H_
