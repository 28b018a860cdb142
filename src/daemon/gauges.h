// The gauges of one scrape. Made afresh each time, so that nothing that has gone can linger.
#ifndef SPILLWAY_SRC_DAEMON_GAUGES_H_
#define SPILLWAY_SRC_DAEMON_GAUGES_H_

#include <prometheus/metric_family.h>

#include <vector>

#include "src/daemon/app.h"

namespace spillway::daemon {

std::vector<prometheus::MetricFamily> CollectGauges(const std::vector<AppView>& apps, const LeaderView& leader,
                                                    Instant now);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_GAUGES_H_
