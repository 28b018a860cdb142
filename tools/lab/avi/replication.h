// From the leader to the other sites: later, in order, or not at all while they can't be reached.
#ifndef SPILLWAY_TOOLS_LAB_AVI_REPLICATION_H_
#define SPILLWAY_TOOLS_LAB_AVI_REPLICATION_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "src/base/time.h"
#include "tools/lab/avi/state.h"

namespace spillway::lab::avi {

// Sends what was just stored at (removed from) `leader` on its way. Objects that are not federated stay at home.
void Publish(State& state, const SiteState& leader, Change::What what, const ObjectPtr& object);
// Everything that `leader` holds replaces what the others hold, whatever was on its way to them before.
void PublishAll(State& state, const SiteState& leader);

// Whether `site` takes a change that waits for it now.
bool Receives(const State& state, const SiteState& site, const Change& change);
// When the first change waiting for `site` becomes due; nullopt: none can arrive now.
std::optional<Instant> NextDelivery(const State& state, const SiteState& site);
// Applies what is due.
void Deliver(State& state, SiteState& site, Instant now);
// After a link, a site or a suspension came back: what has waited travels now.
void Resume(State& state);

// How far `site` is, as `leader` sees it: "GSLB_SITE_CFG_IN_SYNC", ...
std::string_view SyncState(const State& state, const SiteState& leader, const SiteState& site);

}  // namespace spillway::lab::avi

#endif  // SPILLWAY_TOOLS_LAB_AVI_REPLICATION_H_
