// A pod as the load balancer and the user see it.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_POD_VIEW_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_POD_VIEW_H_

#include <string>

namespace spillway::lab {

struct PodView {
  std::string name;
  std::string phase;   // Pending, Running
  bool ready = false;  // serves; so does a terminating pod that was ready, until it is gone
  bool terminating = false;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_POD_VIEW_H_
