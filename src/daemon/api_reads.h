// The answers of the calls that read.
#ifndef SPILLWAY_SRC_DAEMON_API_READS_H_
#define SPILLWAY_SRC_DAEMON_API_READS_H_

#include <memory>
#include <string>
#include <vector>

#include "src/base/http_server.h"
#include "src/daemon/audit.h"
#include "src/daemon/doctor.h"
#include "src/daemon/events.h"
#include "src/daemon/history.h"
#include "src/daemon/loop.h"

namespace spillway::daemon {

// The doctor's findings, of all applications or of `app=` (404 for an unknown one); those of the whole installation
// come first.
HttpReply DoctorReply(const ServerRequest& request, const Loop& loop, const LeaderView& leader, Instant now,
                      const std::optional<Surveyed>& surveyed);

HttpReply UnknownApp();
HttpReply AppsReply(const Loop& loop, Moment at);
HttpReply AppReply(const App& app, Moment at);
// 422 for a bad limit or since.
HttpReply DecisionsReply(const ServerRequest& request, const App& app);
// One record, by its time as the path has it; a whole second is the last decision within it. 404 if there is none, or
// it is not kept any more; 422 for what is no time.
HttpReply DecisionReply(const App& app, const std::string& time);
// 422 for a bad since.
HttpReply HistoryReply(const ServerRequest& request, const App& app, const History& history);
// 422 for a bad limit or since, 404 for an application that is not in `loop` (null: it is not known yet which there
// are) and that nobody ever asked anything for.
HttpReply AuditReply(const ServerRequest& request, const AuditLog& audit, const Loop* loop);

// The stream of `events`, which begins with the present state of every application it is about; 404 for an unknown
// `app` in the query, 503 if there are too many listeners. `owner`: whose stream it is.
HttpReply StreamReply(const ServerRequest& request, const Loop& loop, EventHub& events, const std::string& owner,
                      Moment at);

// One application's state as JSON.
std::string StateJson(const AppView& view, Moment at);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_API_READS_H_
