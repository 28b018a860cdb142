// printf into a string.
#ifndef SPILLWAY_TOOLS_SIMULATE_FORMAT_H_
#define SPILLWAY_TOOLS_SIMULATE_FORMAT_H_

#include <string>

namespace spillway::sim {

// At most 511 bytes; more is cut off.
__attribute__((format(printf, 1, 2))) std::string Format(const char* format, ...);

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_FORMAT_H_
