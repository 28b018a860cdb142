// The smallest world in which decisions have consequences: demand, a home autoscaler, pods that start slowly, a GSLB
// that takes layouts at once, and clients that follow DNS with a lag. Closed loop, virtual time, one thread.
#ifndef SPILLWAY_TESTS_CORE_MODEL_H_
#define SPILLWAY_TESTS_CORE_MODEL_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/core/decide.h"

namespace spillway {

// A policy with one home ("us", maximum 4) and one overflow site ("eu", 0..8).
Policy SmallPolicy();

// An observation at `now` in which everything is well: home has `home` of 4 replicas and states no limit, overflow has
// `overflow` ready replicas, home alone is served, both members are up, nothing is measured.
Observation QuietObservation(Instant now, int home = 2, int overflow = 0);

const Reason* FindReason(const Decision& decision, ReasonCode code, const std::string& about = {});
const ConditionState* FindCondition(const Decision& decision, ConditionName name);
const GateCondition& Gate(const Decision& decision, const SiteName& site, GateName name);

struct ModelOptions {
  double demand = 6;
  int home_max = 4;
  Duration ttl = 30s;
  Duration pod_start = 20s;
  Duration health_lag = 10s;  // from the first ready pod to "up", and back
  bool measured = false;      // members' traffic counters can be read
  bool load_known = true;     // the autoscaler's metric can be read; false: only its desired count
  Policy policy = SmallPolicy();
};

class Model {
 public:
  explicit Model(ModelOptions options);

  // Steps of one second: the world moves, is observed, decided upon, and the decision is carried out.
  void Run(Duration length);
  // The same, until `done`; false when `most` passed first.
  bool RunUntil(const std::function<bool()>& done, Duration most);

  // Somebody else asks for more overflow replicas than there are.
  void RaiseElsewhere(int replicas);

  ModelOptions options;
  Instant now{std::chrono::hours{1}};
  Memory memory;
  Decision decision;
  Override override;

  int home_replicas = 1;
  int overflow_wanted = 0;
  int overflow_ready = 0;
  Layout layout;
  double overflow_traffic = 0;  // share of requests that really reach overflow
  bool home_up = true;
  bool home_seen = true, overflow_seen = true, gslb_seen = true, gslb_writable = true;

  int scale_writes = 0;
  int layout_writes = 0;
  double worst_lost = 0;  // greatest share of requests, in any second, that met a site without a ready replica
  std::vector<std::string> violations;  // invariants broken, each with its second

 private:
  void Step();
  void MoveTheWorld();
  Observation Observe();
  void CarryOut(const Decision& decision);
  void ScaleOverflow(int replicas);
  void Check(const Decision& decision);

  int revision_ = 1;  // of the overflow Deployment
  std::vector<Instant> starting_;
  std::optional<Instant> ready_since_, empty_since_;
  bool overflow_up_ = false;
  Observation last_;
};

}  // namespace spillway

#endif  // SPILLWAY_TESTS_CORE_MODEL_H_
