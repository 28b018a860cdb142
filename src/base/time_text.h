// Times as text: what configuration, APIs and people read and write.
#ifndef SPILLWAY_SRC_BASE_TIME_TEXT_H_
#define SPILLWAY_SRC_BASE_TIME_TEXT_H_

#include <optional>
#include <string>
#include <string_view>

#include "src/base/time.h"

namespace spillway {

// "10s", "5m", "1h30m", "250ms", "0s"; no sign, no space. nullopt: anything else, or more than a million of a unit or a
// million hours in all.
std::optional<Duration> ParseDuration(std::string_view text);

// The shortest form that ParseDuration reads back: "90s" is "1m30s"; finer than a millisecond is rounded.
std::string DurationText(Duration d);

// RFC 3339 in UTC. Whole seconds: "2026-01-01T10:00:00Z"; micro: exactly six decimals (Kubernetes' MicroTime).
std::string Rfc3339(WallTime t);
std::string Rfc3339Micro(WallTime t);

// Reads RFC 3339 with 'Z' or an offset, up to nine decimals. nullopt: anything else.
std::optional<WallTime> ParseRfc3339(std::string_view text);

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_TIME_TEXT_H_
