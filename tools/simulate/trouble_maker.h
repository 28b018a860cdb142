// Makes the faults of a scenario happen, each at its time, and ends them.
#ifndef SPILLWAY_TOOLS_SIMULATE_TROUBLE_MAKER_H_
#define SPILLWAY_TOOLS_SIMULATE_TROUBLE_MAKER_H_

#include <functional>
#include <string>
#include <vector>

#include "tools/simulate/checks.h"
#include "tools/simulate/daemon.h"
#include "tools/simulate/keeper.h"

namespace spillway::sim {

// What of the faults concerns the daemons; the run knows how.
struct DaemonControl {
  std::function<std::vector<Daemon*>()> running;
  std::function<void(Duration back_after)> crash;  // of the one that acts
  std::function<void(Duration back_after)> die;    // of the first one, from within its own code
  std::function<void(Duration lasting)> twin;
  std::function<void(const Override&)> order;
  std::function<void(Duration)> step_wall;
  Keeper* keeper = nullptr;
};

class TroubleMaker {
 public:
  TroubleMaker(World& world, Checks& checks, DaemonControl control);

  // From now on until `end` of the scenario's span; after that nothing is wrong any more.
  void Start();

  // To be called just before a write of a daemon reaches its API.
  void BeforeWrite(int wire, const HttpRequest& request);
  // To be called when a daemon's request was carried out and before it hears of it. May throw Killed.
  void AfterWrite(const HttpRequest& request);
  // To be called when a daemon begins to run: what is wrong with its wires now.
  void Acquaint(Daemon& daemon);
  // To be called after the memory was saved.
  void Saved();

 private:
  void Begin(const FaultEvent& fault);
  void BeginOnWire(const FaultEvent& fault);
  void BeginInCluster(const FaultEvent& fault);
  void BeginInFederation(const FaultEvent& fault);
  void BeginAtDaemon(const FaultEvent& fault);
  void End(const FaultEvent& fault);
  void Repeat(const FaultEvent& fault, std::function<void()> act);
  // People come again until `act` says that nothing is left to do.
  void Insist(std::function<bool()> act);
  Instant Step();
  void HealAll();

  World& world_;
  Checks& checks_;
  const DaemonControl control_;
  Instant began_;
  struct Due {
    Instant at;
    bool begins;
    std::size_t fault;
  };
  std::vector<Due> due_;  // in order of time
  std::size_t next_ = 0;
  std::vector<std::pair<int, Trouble>> wires_;
  int edits_ = 0;  // foreign edits to come, one before each of our next writes
  int touches_ = 0;
  int count_ = 0;
  bool crash_in_save_ = false, crash_in_write_ = false;
  Duration back_after_{};
};

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_TROUBLE_MAKER_H_
