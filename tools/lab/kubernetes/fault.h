// Failures of an API server's front door, as values.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_FAULT_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_FAULT_H_

#include <string>

#include "src/base/time.h"
#include "tools/lab/fake.h"

namespace spillway::lab {

// One failure and the requests it befalls.
struct Fault {
  enum class Kind {
    kAnswer,      // `status` instead of the answer; the request does nothing
    kLoseAnswer,  // the request is done, then `status` is answered; status 0: the connection is cut
    kDrop,        // the connection is cut, nothing is done
    kHang,        // nothing is done, nothing ever comes
    kDelay,       // done and answered, `delay` later
  };
  Kind kind = Kind::kAnswer;
  std::string verb{};       // of RBAC: get list watch create update patch delete; empty: any
  std::string path_part{};  // fits when the path contains it; empty: any
  // 429 is the plain text of a busy server with Retry-After: 1; 409 a Conflict; 410 Expired; others a Status body.
  int status = 503;
  bool as_status = false;  // 429 as the Status body that an admission or an eviction answers
  Duration delay{};
  int times = -1;  // how often; -1: until removed
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_FAULT_H_
