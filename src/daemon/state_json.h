// An application's state as JSON: what the API answers and what the journal keeps (docs/api.md).
#ifndef SPILLWAY_SRC_DAEMON_STATE_JSON_H_
#define SPILLWAY_SRC_DAEMON_STATE_JSON_H_

#include <map>
#include <string>
#include <vector>

#include "src/daemon/app.h"
#include "src/daemon/json_out.h"

namespace spillway::daemon {

// "leader", into an object that is open.
void PutLeader(JsonOut& out, const LeaderView& leader, Moment at);

// The fields of the state, into an object that is open.
void PutState(JsonOut& out, const AppView& view, Moment at);

// One decision record. `at`: the question's now.
std::string RecordText(const AppView& view, const Question& question, const std::vector<std::string>& changes,
                       const std::vector<WriteOutcome>& writes, bool signalled, Moment at);

// The share of the members' requests that each site serves (0..1), as Avi counts them; empty if a member that is
// served is not counted or nothing is requested.
std::map<SiteName, double> MeasuredShares(const TrafficState& traffic);

// The share each site is given by the members as they are written.
std::map<SiteName, double> WrittenShares(const TrafficState& traffic);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_STATE_JSON_H_
