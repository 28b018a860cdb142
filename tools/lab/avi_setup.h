// The federation as the lab begins: two controllers, one GSLB service, the overflow member parked.
#ifndef SPILLWAY_TOOLS_LAB_AVI_SETUP_H_
#define SPILLWAY_TOOLS_LAB_AVI_SETUP_H_

#include <cstdint>
#include <memory>
#include <string>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "tools/lab/avi/federation.h"

namespace spillway::lab {

struct AviSetup {
  int app_port = 80;           // where health checks go
  std::string password;        // of user spillway
  std::string admin_password;  // of user admin
  std::uint64_t seed = 1;
};

// An error is a mistake of the lab: the federation refused its own objects.
Result<std::unique_ptr<avi::Federation>> MakeFederation(const AviSetup& setup, const Clock& clock);

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_AVI_SETUP_H_
