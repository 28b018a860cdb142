#ifndef SPILLWAY_SRC_DAEMON_VERSION_H_
#define SPILLWAY_SRC_DAEMON_VERSION_H_

namespace spillway::daemon {

// Chosen: 0 until an operator can rely on every promise of the interface.
inline constexpr char kVersion[] = "0.1.0";

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_VERSION_H_
