#include "src/daemon/loop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "src/daemon/runner.h"
#include "tests/daemon/fakes.h"

namespace spillway::daemon {
namespace {

class LoopTest : public testing::Test {
 protected:
  LoopTest() { Start(); }

  // As after SIGKILL: nothing of the old engine survives but what it saved.
  void Start() {
    loop_ = std::make_unique<Loop>(world_.clock);
    AppRoom room = world_.room();
    room.dry_run = dry_run_;
    room.scaled = [this](const AppView& view, const WriteOutcome& write) {
      scaled_.push_back(view.config->name + ": " + write.site + " " + write.change);
    };
    loop_->Add(std::make_unique<App>(world_.config, world_.ports(), room));
  }
  void RunAllDue() {
    for (int i = 0; i < 100 && loop_->RunDue(world_.clock.Now()); ++i) {
    }
  }
  // Virtual time: from due to due, everything confirmed each second.
  void RunFor(Duration length) {
    const Instant end = world_.clock.Now() + length;
    while (world_.clock.Now() < end) {
      world_.clock.Advance(1s);
      world_.Confirm();
      RunAllDue();
    }
  }
  AppView View() { return loop_->Find("shop")->View(); }
  std::string Metrics() { return world_.metrics.Text(loop_->Views(), LeaderView{}, world_.clock.Now()); }
  std::string Last() { return world_.journal.lines.empty() ? "" : world_.journal.lines.back(); }

  bool dry_run_ = false;
  FakeWorld world_;
  std::vector<std::string> scaled_;  // as the room was told
  std::unique_ptr<Loop> loop_;
};

TEST_F(LoopTest, BurstsOnASignalSavesFirstAndCountsTheReaction) {
  RunAllDue();
  world_.calls.clear();
  world_.clock.Advance(1s);
  world_.Confirm();
  world_.SetDemand(4, 6.0);
  loop_->Wake("shop");
  RunAllDue();
  ASSERT_GE(world_.calls.size(), 2U);
  EXPECT_EQ(world_.calls[0], "save");
  EXPECT_EQ(world_.calls[1], "scale eu 3 at eu1");
  EXPECT_NE(Last().find("\"trigger\":\"signal\""), std::string::npos) << Last();
  EXPECT_NE(Last().find("eu replicas 0 -> 3: done"), std::string::npos) << Last();
  EXPECT_NE(Metrics().find("spillway_reaction_seconds_count 1"), std::string::npos);
  EXPECT_NE(Metrics().find("spillway_writes_total{enforced=\"true\",outcome=\"done\",target=\"kubernetes\"} 1"),
            std::string::npos);
}

TEST_F(LoopTest, AConstantLoadSettlesAndThenWritesNothing) {
  world_.SetDemand(4, 6.0);
  RunFor(1min);
  world_.workload("eu").Show({3, 3, 3, "eu2"});
  world_.director.reading.seen->value.members["eu"].health = Health::kUp;
  loop_->Wake("shop");
  RunFor(5min);
  EXPECT_EQ(View().observation.traffic.seen->value.members.at("eu").placement.place, Place::kServed);
  const std::size_t records = world_.journal.lines.size();
  world_.calls.clear();
  // Home now sees only its part of the load.
  RunFor(30min);
  std::erase(world_.calls, "save");
  EXPECT_TRUE(world_.calls.empty()) << world_.calls.front();
  EXPECT_EQ(world_.journal.lines.size(), records) << Last();
}

TEST_F(LoopTest, TellsOfEachDeploymentThatItScaledAndOfNoOtherWrite) {
  world_.SetDemand(4, 6.0);
  world_.workload("eu").error = Error{Code::kDenied, "a right is missing"};
  RunFor(10s);
  EXPECT_FALSE(world_.calls.empty()) << "it was tried";
  EXPECT_EQ(scaled_, Calls{}) << "but not done";
  world_.workload("eu").error.reset();
  RunFor(2min);
  EXPECT_EQ(scaled_, Calls{"shop: eu replicas 0 -> 3"});
  world_.workload("eu").Show({3, 3, 3, "eu2"});
  world_.director.reading.seen->value.members["eu"].health = Health::kUp;
  loop_->Wake("shop");
  RunFor(1min);
  EXPECT_EQ(View().observation.traffic.seen->value.members.at("eu").placement.place, Place::kServed);
  EXPECT_EQ(scaled_.size(), 1U) << "traffic that was moved is no Deployment that was scaled";
}

TEST_F(LoopTest, IsNotDueBeforeItsTimeUnlessWoken) {
  RunAllDue();
  const Instant due = loop_->NextDue();
  EXPECT_GT(due, world_.clock.Now());
  EXPECT_FALSE(loop_->RunDue(world_.clock.Now()));
  loop_->Wake("shop");
  EXPECT_EQ(loop_->NextDue(), world_.clock.Now());
  EXPECT_TRUE(loop_->RunDue(world_.clock.Now()));
  loop_->Wake("unknown");
  EXPECT_FALSE(loop_->RunDue(world_.clock.Now()));
}

TEST_F(LoopTest, DecidesNothingWhileInputsAreStillBeingReadForTheFirstTime) {
  world_.director.reading = {};
  RunAllDue();
  EXPECT_FALSE(View().decision);
  world_.director.reading.failure = Failure{Code::kRetry, "avi: no answer", world_.clock.Now()};
  loop_->Wake("shop");
  RunAllDue();
  EXPECT_TRUE(View().decision) << "a known failure is as good as a first look";
}

TEST_F(LoopTest, AnInputThatStaysSilentDoesNotHoldTheRestForEver) {
  world_.director.reading = {};
  RunFor(11s);
  EXPECT_TRUE(View().decision);
}

TEST_F(LoopTest, ADryRunExplainsAndWritesNothingToTheWorld) {
  dry_run_ = true;
  Start();
  world_.SetDemand(4, 6.0);
  RunFor(3min);
  std::erase(world_.calls, "save");  // into what a dry run is given as its store
  EXPECT_TRUE(world_.calls.empty()) << world_.calls.front();
  EXPECT_EQ(View().pending.rfind("eu replicas 0 -> 3", 0), 0U) << View().pending;
  EXPECT_NE(Metrics().find("spillway_writes_total{enforced=\"false\",outcome=\"held\",target=\"kubernetes\"} 1"),
            std::string::npos)
      << Metrics();
}

TEST_F(LoopTest, APauseWritesNothingUntilItEnds) {
  Order pause;
  pause.actor = "ann";
  loop_->Find("shop")->SetOverride({{pause}});
  world_.SetDemand(4, 6.0);
  RunFor(30s);
  std::erase(world_.calls, "save");
  EXPECT_TRUE(world_.calls.empty());
  loop_->Find("shop")->SetOverride({});
  loop_->Wake("shop");
  RunAllDue();
  EXPECT_NE(std::find(world_.calls.begin(), world_.calls.end(), "scale eu 3 at eu1"), world_.calls.end());
}

TEST_F(LoopTest, ARestartAtAnyInstantGivesTheSameNextDecision) {
  world_.SetDemand(4, 6.0);
  for (int second = 0; second < 120; ++second) {
    if (second == 40) {
      world_.workload("eu").Show({3, 3, 3, "eu2"});
      world_.director.reading.seen->value.members["eu"].health = Health::kUp;
    }
    RunFor(1s);
    // The one that goes on and the one that starts from what is saved look at the same world at the same instant.
    const auto saved = world_.store.texts;
    FakeStore store;
    store.texts = saved;
    FakeJournal journal;
    class Metrics metrics;
    AppRoom room{world_.clock, store, journal, metrics, true, Decide};  // a dry run: it must not disturb the world
    App restarted(world_.config, world_.ports(), room);
    restarted.Tick(std::nullopt);
    loop_->Wake("shop");
    RunAllDue();
    const auto one = restarted.View();
    const auto other = View();
    for (const auto& [site, decided] : other.decision->sites) {
      const SiteDecision& again = one.decision->sites.at(site);
      EXPECT_EQ(again.replicas_target, decided.replicas_target) << "second " << second;
      EXPECT_EQ(again.phase, decided.phase) << site << " second " << second;
      EXPECT_EQ(again.eligible, decided.eligible) << site << " second " << second;
    }
    EXPECT_TRUE(one.decision->layout == other.decision->layout) << "second " << second;
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_EQ(world_.director.reading.seen->value.members.at("eu").placement.place, Place::kServed);
}

TEST_F(LoopTest, ADamagedMemoryIsSetAsideAndReplacesNothing) {
  world_.store.texts["shop"] = "{\"version\":";
  Start();
  RunAllDue();
  EXPECT_EQ(world_.store.aside, "{\"version\":");
  EXPECT_EQ(world_.store.texts.at("shop").rfind("{\"version\":1", 0), 0U);
}

TEST_F(LoopTest, WhileTheMemoryCanNotBeSavedOnlyRaisesAreWritten) {
  world_.store.error = Error{Code::kDenied, "state: disk full"};
  world_.SetDemand(4, 6.0);
  RunFor(2s);
  EXPECT_NE(std::find(world_.calls.begin(), world_.calls.end(), "scale eu 3 at eu1"), world_.calls.end());
  ASSERT_EQ(View().problems.size(), 1U);
  EXPECT_EQ(View().problems[0].detail, "state: disk full; nothing is lowered until it can be saved");
  world_.store.error.reset();
  RunFor(70s);
  EXPECT_TRUE(View().problems.empty());
}

TEST_F(LoopTest, WhileTheMemoryCanNotBeReadNothingIsLoweredOrSavedOverIt) {
  world_.store.texts["shop"] = "what was remembered";
  world_.store.load_error = Error{Code::kRetry, "cluster us: no answer"};
  world_.SetDemand(4, 6.0);
  RunFor(30s);
  EXPECT_EQ(world_.calls, (Calls{"scale eu 3 at eu1"}));
  EXPECT_EQ(world_.store.texts["shop"], "what was remembered");
  ASSERT_EQ(View().problems.size(), 1U);
  EXPECT_EQ(View().problems[0].detail, "cluster us: no answer; nothing is lowered until it can be read");
  EXPECT_LE(world_.store.loads, 7) << "every five seconds";
  world_.store.load_error.reset();
  world_.store.texts.clear();
  RunFor(6s);
  EXPECT_TRUE(View().problems.empty());
  EXPECT_EQ(world_.store.texts.count("shop"), 1U);
}

TEST_F(LoopTest, AStandbyDecidesAndExplainsButWritesNothing) {
  world_.leadership.lead.reset();
  world_.SetDemand(4, 6.0);
  RunFor(60s);
  loop_->Flush();
  EXPECT_EQ(world_.calls, Calls{}) << "no write and no save";
  EXPECT_EQ(world_.store.loads, 0);
  EXPECT_EQ(View().decision->sites.at("eu").replicas_target, 3);
  EXPECT_EQ(View().pending, "eu replicas 0 -> 3");
  EXPECT_FALSE(View().leader.leads);
  EXPECT_NE(world_.journal.lines.front().find("eu replicas 0 -> 3: held"), std::string::npos);
}

TEST_F(LoopTest, EachTermBeginsWithTheMemoryThatTheLastLeaderSaved) {
  world_.leadership.lead.reset();
  RunFor(10s);
  Memory others;
  others.first_look = world_.clock.Now() - 1h;
  others.sites["eu"].known = true;
  others.sites["eu"].replicas_target = 2;
  others.sites["eu"].lowered_since = world_.clock.Now() - 10s;
  world_.workload("eu").Show({2, 2, 2, "eu2"});
  world_.store.texts["shop"] = MemoryText(others, {world_.clock.Now(), world_.clock.WallNow()});
  world_.leadership.lead = Term{4, Instant::max()};
  loop_->Wake("shop");
  RunAllDue();
  EXPECT_EQ(world_.store.loads, 1);
  EXPECT_EQ(View().decision->sites.at("eu").replicas_target, 2) << "its drain goes on";
  EXPECT_NE(Last().find("\"leads\""), std::string::npos) << Last();
  RunFor(20s);
  EXPECT_EQ(world_.store.loads, 1) << "once for each term";
  world_.leadership.lead = Term{6, Instant::max()};
  loop_->Wake("shop");
  RunAllDue();
  EXPECT_EQ(world_.store.loads, 2);
}

TEST_F(LoopTest, WhatSomebodyElseSavedMeanwhileIsReadBeforeItIsReplaced) {
  RunFor(10s);
  const int loads = world_.store.loads;
  world_.store.error = Error{Code::kReread, "somebody else wrote it"};
  world_.SetDemand(4, 6.0);
  loop_->Wake("shop");
  RunAllDue();
  ASSERT_EQ(View().problems.size(), 1U);
  world_.store.error.reset();
  RunFor(6s);
  EXPECT_GT(world_.store.loads, loads);
  EXPECT_TRUE(View().problems.empty());
}

TEST_F(LoopTest, SavesAtMostEveryFewSecondsWhileNothingIsWritten) {
  AppRoom room = world_.room();
  int look = 0;
  room.decide = [&](const Policy&, const Observation&, const Override&, const Memory& memory, Instant now) {
    Outcome outcome{{}, memory};
    outcome.memory.probed = ++look;  // changes at every look
    outcome.decision.reasons.push_back({ReasonCode::kSteady, "", {}, ""});
    outcome.decision.wake_at = now + 100ms;
    return outcome;
  };
  Loop loop(world_.clock);
  loop.Add(std::make_unique<App>(world_.config, world_.ports(), room));
  const Instant end = world_.clock.Now() + 20s;
  while (world_.clock.Now() < end) {
    world_.clock.SleepUntil(loop.NextDue());
    loop.RunDue(world_.clock.Now());
  }
  EXPECT_GT(look, 150);
  EXPECT_GE(world_.store.saves, 4);
  EXPECT_LE(world_.store.saves, 5);
  loop.Flush();
  EXPECT_NE(world_.store.texts.at("shop").find("\"probed\":" + std::to_string(look)), std::string::npos);
}

TEST_F(LoopTest, CountersOfEveryReasonExistFromTheStart) {
  EXPECT_NE(Metrics().find("spillway_decisions_total{app=\"shop\",reason=\"HomeDown\"} 0"), std::string::npos);
  EXPECT_NE(Metrics().find("spillway_burst_cost_total{app=\"shop\",site=\"eu\"} 0"), std::string::npos);
}

TEST_F(LoopTest, CountsWhatRunsInTheCloudAndItsPrice) {
  world_.workload("eu").Show({2, 2, 2, "eu5"});
  RunAllDue();
  world_.clock.Advance(1h);
  world_.Confirm();
  loop_->Wake("shop");
  RunAllDue();
  EXPECT_NE(Metrics().find("spillway_burst_replica_seconds_total{app=\"shop\",site=\"eu\"} 7200"), std::string::npos);
  EXPECT_NE(Metrics().find("spillway_burst_cost_total{app=\"shop\",site=\"eu\"} 1\n"), std::string::npos) << Metrics();
}

// A feed whose steps the test counts.
class CountingFeed final : public Feed {
 public:
  explicit CountingFeed(Clock& clock) : clock_(clock) {}
  Instant Step() override {
    if (++steps < 50) NotifyChange();
    return steps < 50 ? clock_.Now() : Instant::max();
  }
  void Cancel() override { cancelled = true; }
  const std::string& name() const override { return name_; }
  std::atomic<int> steps = 0;
  std::atomic<bool> cancelled = false;

 private:
  Clock& clock_;
  std::string name_ = "counting";
};

TEST(Runner, DrivesFeedsAndLooksWithoutPollingAndEndsAtOnce) {
  SystemClock clock;
  FakeWorld world;
  std::mutex mutex;
  std::condition_variable looked;
  int looks = 0;
  std::atomic<int> at_once = 0;
  AppRoom room{clock, world.store, world.journal, world.metrics, false, nullptr};
  room.decide = [&](const Policy&, const Observation&, const Override&, const Memory& memory, Instant now) {
    EXPECT_EQ(++at_once, 1) << "the same application was taken twice at once";
    Outcome outcome{{}, memory};
    outcome.decision.reasons.push_back({ReasonCode::kSteady, "", {}, ""});
    outcome.decision.wake_at = now + 1h;
    {
      const std::lock_guard lock(mutex);
      ++looks;
    }
    looked.notify_all();
    --at_once;
    return outcome;
  };
  Loop loop(clock);
  loop.Add(std::make_unique<App>(world.config, world.ports(), room));
  CountingFeed feed(clock);
  feed.OnChange([&] { loop.Wake("shop"); });
  Runner runner(loop, clock);
  runner.Start(feed);
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(looked.wait_for(lock, 10s, [&] { return looks >= 2; }));
  }
  runner.Stop();
  EXPECT_TRUE(feed.cancelled);
  EXPECT_LE(looks, 60);
}

}  // namespace
}  // namespace spillway::daemon
