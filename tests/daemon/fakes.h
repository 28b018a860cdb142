// Ports that a test sets by hand and that write down, in one list, what reached them.
#ifndef SPILLWAY_TESTS_DAEMON_FAKES_H_
#define SPILLWAY_TESTS_DAEMON_FAKES_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/daemon/app.h"
#include "src/daemon/config.h"
#include "src/ports/journal.h"
#include "src/ports/leadership.h"
#include "src/ports/state_store.h"

namespace spillway::daemon {

using Calls = std::vector<std::string>;

class FakeDemand final : public DemandSource {
 public:
  Reading<HomeDemand> Read() const override { return reading; }
  Reading<HomeDemand> reading;
};

class FakeMeter final : public UsageMeter {
 public:
  Reading<PodUsage> Read() const override { return reading; }
  Reading<PodUsage> reading;
};

class FakeWorkload final : public Workload {
 public:
  FakeWorkload(std::string site, Calls& calls, const Clock& clock)
      : site_(std::move(site)), calls_(calls), clock_(clock) {}
  Reading<WorkloadState> Read() const override { return reading; }
  Result<WorkloadState> Scale(int replicas, const std::string& revision, Duration deadline) override {
    last_deadline = deadline;
    calls_.push_back("scale " + site_ + " " + std::to_string(replicas) + " at " + revision);
    if (error) return *error;
    stored = {replicas, reading.seen->value.replicas_ready, reading.seen->value.replicas_total, revision + "'"};
    if (shows_at_once) Show(*stored);
    return *stored;
  }
  void Show(WorkloadState state) { reading = {Seen<WorkloadState>{std::move(state), clock_.Now()}, std::nullopt}; }

  Reading<WorkloadState> reading;
  std::optional<Error> error;           // what writes are answered
  std::optional<WorkloadState> stored;  // by the last write
  bool shows_at_once = true;            // a write is in the picture at once, as after a watch event
  Duration last_deadline{};

 private:
  std::string site_;
  Calls& calls_;
  const Clock& clock_;
};

class FakeDirector final : public TrafficDirector {
 public:
  FakeDirector(Calls& calls, const Clock& clock) : calls_(calls), clock_(clock) {}
  Reading<TrafficState> Read() const override { return reading; }
  Result<TrafficState> Write(const Layout& want, const std::string& revision, bool urgent, Duration deadline) override {
    last_deadline = deadline;
    calls_.push_back("layout at " + revision + (urgent ? " urgent" : ""));
    if (error) return *error;
    TrafficState state = reading.seen->value;
    for (const auto& [site, placement] : want) state.members.at(site).placement = placement;
    state.revision = revision + "'";
    Show(state);
    return state;
  }
  void Show(TrafficState state) { reading = {Seen<TrafficState>{std::move(state), clock_.Now()}, std::nullopt}; }

  Reading<TrafficState> reading;
  std::optional<Error> error;
  Duration last_deadline{};

 private:
  Calls& calls_;
  const Clock& clock_;
};

class FakeStore final : public StateStore {
 public:
  explicit FakeStore(Calls* calls = nullptr) : calls_(calls) {}
  Result<std::optional<std::string>> Load(const std::string& app) override {
    ++loads;
    if (load_error) return *load_error;
    const auto text = texts.find(app);
    return text == texts.end() ? std::optional<std::string>() : text->second;
  }
  Result<std::optional<std::string>> Peek(const std::string& app) override {
    const auto text = texts.find(app);
    return text == texts.end() ? std::optional<std::string>() : text->second;
  }
  Status Save(const std::string& app, const std::string& text) override {
    ++saves;
    if (calls_ != nullptr) calls_->push_back("save");
    if (while_saving) while_saving();
    if (error) return *error;
    texts[app] = text;
    return Ok();
  }
  Result<std::string> SetAside(const std::string& app) override {
    aside = texts[app];
    texts.erase(app);
    return std::string("aside");
  }

  std::map<std::string, std::string> texts;
  std::optional<Error> error;
  std::optional<Error> load_error;
  std::function<void()> while_saving;
  std::string aside;
  int saves = 0, loads = 0;

 private:
  Calls* calls_;
};

class FakeJournal final : public Journal {
 public:
  void Append(const std::string& line) override { lines.push_back(line); }
  std::vector<std::string> lines;
};

class FakeLeadership final : public Leadership {
 public:
  std::optional<Term> Lead() const override {
    ++asked;
    return ends_after >= 0 && asked > ends_after ? std::nullopt : lead;
  }
  LeaderView View() const override {
    return {true, lead.has_value(), "this", lead ? "this" : "other", "http://other:9440", 3, std::nullopt, failure};
  }

  std::optional<Term> lead = Term{3, Instant::max()};
  int ends_after = -1;  // asked more often than this, it is over
  std::optional<Failure> failure;
  mutable int asked = 0;
};

// One application, "shop", with home "us" (maximum 4) and overflow "eu" (and "ap" if asked), at rest: home serves all,
// overflow is parked and at zero.
class FakeWorld {
 public:
  explicit FakeWorld(bool two_overflows = false) {
    config.name = config.policy.app = "shop";
    config.gslb_service = "shop";
    config.home = {"us", "us", "acme", "shop", {"10.0.0.1", "", ""}};
    config.policy.home = "us";
    config.demand.name = "shop-asd";
    Add("us");
    AddOverflow("eu");
    if (two_overflows) AddOverflow("ap");
    workload("us").Show({4, 4, 4, "u1"});
    SetDemand(3, std::nullopt);
    TrafficState state;
    state.ttl = 10s;
    state.revision = "g1";
    state.writable = true;
    for (const auto& [site, port] : workloads) {
      state.members[site].placement = site == "us" ? Placement{Place::kServed, 1, 0} : Placement{Place::kParked, 1, 0};
      state.members[site].health = site == "us" ? Health::kUp : Health::kDown;
    }
    director.Show(state);
  }

  AppPorts ports() {
    AppPorts ports{&demand, {}, &director};
    for (auto& [site, workload] : workloads) ports.sites[site] = workload.get();
    ports.meters["eu"] = &meter;
    ports.observers["eu"] = &observer;
    return ports;
  }
  AppRoom room() { return {clock, store, journal, metrics, false, Decide, leadership}; }
  FakeWorkload& workload(const std::string& site) { return *workloads.at(site); }

  void SetDemand(int desired, std::optional<double> wish) {
    HomeDemand home;
    home.replicas_current = home.replicas_desired = desired;
    home.replicas_max = 4;
    home.limited = wish.has_value();
    home.wish = wish;
    demand.reading = {Seen<HomeDemand>{home, clock.Now()}, std::nullopt};
  }
  // Confirms everything that was seen, as bookmarks and polls do.
  void Confirm() {
    demand.reading.seen->as_of = clock.Now();
    for (auto& [site, workload] : workloads) {
      if (workload->reading.seen) workload->reading.seen->as_of = clock.Now();
    }
    if (director.reading.seen) director.reading.seen->as_of = clock.Now();
  }

  ManualClock clock;
  Calls calls;
  AppConfig config;
  FakeDemand demand;
  FakeMeter meter;      // of eu; counts only if the policy names it, as the next one
  FakeDemand observer;  // in eu
  std::map<std::string, std::unique_ptr<FakeWorkload>> workloads;
  FakeDirector director{calls, clock};
  FakeStore store{&calls};
  FakeJournal journal;
  Metrics metrics;
  FakeLeadership leadership;

 private:
  void Add(const std::string& site) {
    workloads[site] = std::make_unique<FakeWorkload>(site, calls, clock);
    workloads[site]->Show({0, 0, 0, site + "1"});
  }
  void AddOverflow(const std::string& site) {
    Add(site);
    config.overflow.push_back({site, site, "acme", "shop", {"10.0.1." + std::to_string(workloads.size()), "", ""}});
    config.policy.overflow.push_back({site, 0, 10, 1.0, 0.5});
  }
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_TESTS_DAEMON_FAKES_H_
