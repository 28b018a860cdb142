// How members fare: what each site's probes and controllers know, what other sites have heard of it, and the verdicts
// that follow.
#ifndef SPILLWAY_TOOLS_LAB_AVI_HEALTH_H_
#define SPILLWAY_TOOLS_LAB_AVI_HEALTH_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "src/base/time.h"
#include "tools/lab/avi/federation.h"
#include "tools/lab/avi/store.h"

namespace spillway::lab::avi {

struct SiteState;

// Of the API's nineteen states, those that come up here.
enum class Oper : std::uint8_t { kUnavailable, kUp, kDown, kDisabled };
std::string_view Text(Oper oper);  // "OPER_UP"

struct Status {
  Oper oper = Oper::kUnavailable;
  WallTime since{};
  std::string_view reason = {};  // of a constant; empty: none
  bool operator==(const Status&) const = default;
};

struct MemberHealth {
  Status oper;                                           // consolidated
  std::optional<Status> controller;                      // only where a virtual service's controller is asked
  std::vector<std::pair<std::size_t, Status>> datapath;  // by probing site
  bool dns_up = false;                                   // as this site's own DNS service judges
  bool held_down = false;  // manual_resume: went down, and stays so until its switch is toggled
  bool operator==(const MemberHealth&) const = default;
};

struct PoolHealth {
  Status oper;
  std::vector<MemberHealth> members;  // as in the configuration
  bool operator==(const PoolHealth&) const = default;
};

struct ServiceHealth {
  Status oper;
  std::vector<PoolHealth> pools;
  ObjectPtr of;  // the configuration it was judged by
  bool operator==(const ServiceHealth&) const = default;
};

using ProbeKey = std::pair<std::string, std::string>;  // address and monitor

// Everything a controller can tell another when asked.
struct Facts {
  std::map<std::string, bool> controller;   // by address
  std::map<std::string, std::string> vips;  // by address: the one that is in use instead
  std::map<ProbeKey, bool> probes;
  bool operator==(const Facts&) const = default;
};

// What one site knows.
struct HealthBook {
  Facts own;
  struct Heard {
    Facts facts;
    int missed = 0;     // asks in a row without an answer
    bool lost = false;  // too many
  };
  std::vector<Heard> heard;  // by site
  Instant next_ask{};

  std::map<std::string, ServiceHealth> services;                   // by uuid
  std::map<std::string, std::vector<ProbeTarget>> targets_of;      // by service
  std::map<ProbeKey, std::map<std::string, ProbeTarget>> targets;  // who wants it probed
  std::map<std::string, std::set<std::string>> services_at;        // by address
  std::uint64_t version = 1;
};

// --- consequences; `site` is whose book changes ---
void ServiceStored(State& state, SiteState& site, const ObjectPtr& service);
void ServiceRemoved(SiteState& site, const std::string& uuid);
// After a change that any service may depend on: Gslb, or a monitor.
void AllServicesTouched(State& state, SiteState& site);
// What `facts` say of an address has changed.
void AddressTouched(State& state, SiteState& site, const std::string& address);
// One round of asking the other sites.
void AskOthers(State& state, SiteState& site);

}  // namespace spillway::lab::avi

#endif  // SPILLWAY_TOOLS_LAB_AVI_HEALTH_H_
