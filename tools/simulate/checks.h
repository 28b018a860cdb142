// The ten invariants, checked against the truth of the simulated world and not against what the daemon believes.
#ifndef SPILLWAY_TOOLS_SIMULATE_CHECKS_H_
#define SPILLWAY_TOOLS_SIMULATE_CHECKS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/core/decide.h"
#include "tools/simulate/history.h"
#include "tools/simulate/world.h"

namespace spillway::sim {

// 1  a site is given traffic only while its gate is open
// 2  some enabled member that is up is served at every instant at which there is one
// 3  replicas never fall below what the published share still needs until the drain is over
// 4  targets stay within [minReplicas, maxReplicas]
// 5  nothing but holding still is derived from what is older than staleAfter
// 6  only the holder of the lease writes
// 7  fields of the GSLB service that are not Spillway's are never changed
// 8  with constant demand and a healthy world the writes come to an end
// 9  a restart from the memory gives the same next decision
// 10 once demand fits into home again, overflow is at minReplicas and home serves all
// 11 convergence: undisturbed, it comes to rest, with replicas enough
// 12 the daemon's own check of each decision (src/daemon/invariants.h) says nothing where the truth shows nothing
struct Violation {
  int invariant = 0;
  Duration at{};  // since the start
  std::string what;
};
inline constexpr int kConvergence = 11;
inline constexpr int kOwnCheck = 12;

// A write of a daemon that an API accepted.
struct SeenWrite {
  Duration at{};
  bool gslb = false;
  std::size_t site = 0;  // of a Deployment
  std::string what;      // "cloud 0 -> 3", "home served 4, cloud served 3"
};

class Checks {
 public:
  explicit Checks(World& world);

  // --- What happens, as it happens. `daemon`: 0, or 1 for a second one ---
  void Decided(int daemon, const Policy& policy, const Observation& seen, const Override& override,
               const Memory& memory, Instant now, const Outcome& outcome, Duration wall_error,
               const std::function<decltype(Decide)>& decide);
  void Before(int wire, const HttpRequest& request);
  void After(int wire, const HttpRequest& request, const HttpResponse& response);
  // A write that an API accepted came from the daemon of that identity.
  void Wrote(int wire, const HttpRequest& request, const HttpResponse& response, const std::string& identity);
  void Heard(int daemon, int wire) { heard_[{daemon, wire}] = Now(); }
  void Loaded(const std::optional<std::string>& handed_in, const std::optional<std::string>& loaded);
  void Ticked();
  // The pods of a site may have changed.
  void Counted(std::size_t site) { ready_[site].Set(Now(), world_.ready(site)); }
  // Something keeps a daemon from doing its work until then.
  void Disturbed(Instant until) { disturbed_ = std::max(disturbed_, until); }
  // From now on writes are recorded and nothing is held against them.
  void OnlyRecord() { judges_ = false; }
  // Orders were judged, and nobody is to go unserved because of them.
  void OrdersExcuseNothing() { orders_excuse_ = false; }
  // Nothing but `why` from the past can have caused this.
  void Report(int invariant, const std::string& what);

  // The first one; later ones may be its consequences.
  const std::optional<Violation>& violation() const { return violation_; }
  // At the end: that, or what the daemon's own check said of a decision without need.
  const std::optional<Violation>& verdict() const { return violation_ ? violation_ : own_check_; }
  const std::vector<SeenWrite>& writes() const { return writes_; }
  std::uint64_t decisions() const { return decisions_; }
  // Of the last decision.
  const std::optional<Decision>& last() const { return last_; }
  bool failed_over() const { return failed_over_; }

 private:
  Instant Now() const { return world_.timeline().Now(); }
  const Policy& policy() const { return world_.scenario().app.policy; }
  double Factor(std::size_t site) const { return site == 0 ? 1 : policy().overflow[site - 1].capacity_factor; }
  void LayoutWritten(const Layout& before, const Layout& after, const std::string& json_after);
  void CheckRaise(std::size_t site, double share, const std::map<SiteName, double>& shares);
  void Scaled(std::size_t site, int before, int after);
  void CheckLowered(std::size_t site, int after);
  bool ChangedUnseen(Instant since) const;
  void CheckOwnCheck(const Policy& of, const Observation& seen, const Memory& memory, const Outcome& outcome);
  void CheckFresh(int daemon, const Memory& memory, const Observation& seen, const Outcome& outcome);
  bool HeardLately(int daemon, std::size_t site) const;
  void CheckForeignFields(const std::string& before, const std::string& after);

  World& world_;
  const Instant began_;
  std::vector<History<int>> ready_;
  std::vector<History<bool>> up_;
  std::vector<History<double>> published_;  // the greatest share that any DNS service publishes
  History<double> demand_;
  std::map<std::pair<int, int>, Instant> heard_;
  std::optional<Instant> unserved_;
  Instant disturbed_{};
  bool judges_ = true;
  bool orders_excuse_ = true;
  std::optional<Violation> violation_, own_check_;
  std::vector<SeenWrite> writes_;
  std::uint64_t decisions_ = 0;
  std::optional<Decision> last_;
  std::optional<double> demand_used_;
  bool failed_over_ = false;
  bool ordered_ = false;

  // Between Before and After of one write.
  int scaled_from_ = 0;
  Layout layout_before_;
  std::string json_before_;
};

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_CHECKS_H_
