// How a member becomes UP: pure rules over what one site knows.
//
// Rules. A member with a virtual service of a known site has a controller to ask; every member that monitors apply to
// is probed by each active site. Without min_health_monitors_up it is UP if and only if every applicable source says
// so; with it, the controller counts as one monitor. Disabled (itself, its pool, its service, its site) is neither
// probed nor UP. A pool or service is UP if anything in it is; priority 0 changes nothing about that.
#ifndef SPILLWAY_TOOLS_LAB_AVI_VERDICT_H_
#define SPILLWAY_TOOLS_LAB_AVI_VERDICT_H_

#include "tools/lab/avi/config.h"
#include "tools/lab/avi/health.h"

namespace spillway::lab::avi {

struct State;
struct SiteState;

bool Disabled(const GslbConfig& gslb, const ServiceConfig& service, const PoolConfig& pool, const MemberConfig& member);
// Whether data-plane monitors apply to the member.
bool Probed(const ServiceConfig& service, const MemberConfig& member);
// Whether it is a virtual service of an Avi site, so that a controller knows it.
bool HasController(const GslbConfig& gslb, const MemberConfig& member);

// The address that is in use instead of the member's own, as far as `site` has heard; empty: none.
std::string OtherVip(const State& state, const SiteState& site, const MemberConfig& member);

// What `site` makes of a service now. `before` is its last judgement: what has not changed keeps its time.
ServiceHealth JudgeService(const State& state, const SiteState& site, const ObjectPtr& service,
                           const ServiceHealth& before);

}  // namespace spillway::lab::avi

#endif  // SPILLWAY_TOOLS_LAB_AVI_VERDICT_H_
