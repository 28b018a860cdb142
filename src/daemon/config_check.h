// What must fit together across the file, once every key fits by itself.
#ifndef SPILLWAY_SRC_DAEMON_CONFIG_CHECK_H_
#define SPILLWAY_SRC_DAEMON_CONFIG_CHECK_H_

#include "src/daemon/config.h"
#include "src/daemon/config_section.h"

namespace spillway::daemon {

// Adds a mistake for each relation that does not hold: names used twice, clusters that do not exist, two applications
// that would steer the same thing, an open port without TLS and tokens.
void CheckRelations(const Config& config, ReadContext& context);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_CONFIG_CHECK_H_
