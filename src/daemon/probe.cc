#include "src/daemon/probe.h"

#include "src/daemon/survey/judge.h"
#include "src/daemon/survey/look.h"
#include "src/daemon/world.h"

namespace spillway::daemon {

std::vector<Finding> Probe(const Config& config, Clock& clock) {
  const World world(config, clock);
  SetupLook look(
      config, [&](Instant until) { return world.SurveyAvi(until); }, clock);
  return JudgeSetup(look.Gather(true));
}

}  // namespace spillway::daemon
