// The federation's own configuration and state as JSON, and what follows from what several controllers say of it. Pure.
#ifndef SPILLWAY_AVI_GSLB_H_
#define SPILLWAY_AVI_GSLB_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "avi/wire.h"
#include "src/base/json.h"
#include "src/base/result.h"
#include "src/core/observation.h"

namespace spillway::avi {

// One entry of Gslb.sites or Gslb.third_party_sites.
struct FederationSite {
  std::string name, cluster_uuid;
  bool answers_dns = false;  // active and enabled: hosts DNS, probes members
  std::optional<int> ratio;  // overrides the ratios of all its members
  bool operator==(const FederationSite&) const = default;
};

// The Gslb object as one controller sees it.
struct GslbView {
  std::string name;
  std::string leader_uuid;  // cluster_uuid of the site that leads
  std::string view_id;      // 64 bits as text; grows when the leader changes
  bool maintenance = false;
  std::vector<FederationSite> sites;
  bool operator==(const GslbView&) const = default;
};

// Reads /api/gslb, a list of one. kMissing: it is empty, i.e. no GSLB is configured there.
Result<GslbView> ReadGslb(const JsonValue& list);

// What was last heard of one controller.
struct ControllerView {
  std::string url;
  bool looked = false;           // tried at least once
  std::string cluster_uuid;      // its own; empty: not known yet
  std::optional<GslbView> gslb;  // as it said last; kept through failures
  std::optional<Error> problem;  // why it could not be read the last time
  bool operator==(const ControllerView& other) const;
};

// Who leads, and may one write.
struct Verdict {
  std::optional<std::size_t> leader;  // among the controllers: the only one that says of itself that it leads
  std::optional<GslbView> gslb;       // the leader's view, else any controller's
  std::string unwritable_why;         // empty: writes may go to the leader
  bool operator==(const Verdict&) const = default;
};

// Only controllers whose last read worked have a say. Two that each claim to lead, and a controller that names another
// leader than the one found, are a partition or a change under way: hold.
Verdict Judge(const std::vector<ControllerView>& controllers);

// From one element of /api/gslb-inventory, read at the leader: the names of the sites that answer DNS and do not have
// the present configuration (out of sync, suspended, stopped at a checkpoint, unreachable, not heard of). Empty: it
// is in force everywhere. nullopt: it holds no states of sites at all.
std::optional<std::vector<std::string>> SitesBehind(const JsonValue& inventory, const GslbView& gslb);

// Lays the federation over a service: unwritable reasons, ratios of whole sites, health frozen by maintenance.
TrafficState Overlay(const ServiceView& service, const Verdict& verdict, bool in_force);

}  // namespace spillway::avi

#endif  // SPILLWAY_AVI_GSLB_H_
