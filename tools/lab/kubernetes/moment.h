// A point in time, on both clocks.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_MOMENT_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_MOMENT_H_

#include "src/base/time.h"

namespace spillway::lab::kube {

struct Moment {
  Instant now;
  WallTime wall;
};

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_MOMENT_H_
