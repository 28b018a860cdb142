// How the demand is told in a scenario: home under which autoscaler, and from where what overflow serves is known.
#ifndef SPILLWAY_TOOLS_SIMULATE_SOURCES_H_
#define SPILLWAY_TOOLS_SIMULATE_SOURCES_H_

#include <string>

#include "tools/simulate/scenario.h"

namespace spillway::sim {

// What a command line may say, for people.
inline constexpr char kSourcesAllowed[] =
    "--home is tsm or hpa; --usage some of metrics, tsm-observer, hpa-observer, share, parted by commas";

// `home`: "tsm" or "hpa". `usage`: some of "metrics", "tsm-observer", "hpa-observer", "share", parted by commas, in
// order. Empty ones leave the scenario as it is. False: something else; then nothing is changed.
bool SetSources(const std::string& home, const std::string& usage, Scenario& scenario);

// Draws them from the scenario's seed, with troubles of the metrics servers. Apart from everything else that is drawn,
// so that a seed keeps its meaning.
void DrawSources(Scenario& scenario);

// "home by hpa, cloud by metrics, share"
std::string SourcesText(const Scenario& scenario);

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_SOURCES_H_
