// What the log tells: one line for a decision that changed something, none for one that did not, and few while
// something is down.
#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/base/log.h"
#include "src/daemon/app.h"
#include "tests/daemon/fakes.h"

namespace spillway::daemon {
namespace {

class LogLinesTest : public testing::Test {
 protected:
  LogLinesTest() : app_(std::make_unique<App>(world_.config, world_.ports(), world_.room())) {}

  // Looks whenever it is due, everything confirmed each second.
  void RunFor(Duration length) {
    for (const Instant end = world_.clock.Now() + length; world_.clock.Now() < end; world_.clock.Advance(1s)) {
      world_.Confirm();
      while (next_ <= world_.clock.Now()) {
        next_ = app_->Tick(std::nullopt);
        ++looks_;
      }
    }
  }
  template <class Act>
  std::vector<std::string> LinesOf(LogFormat format, Act act) {
    testing::internal::CaptureStderr();
    SetUpLog(LogLevel::kInfo, format);
    act();
    SetUpLog(LogLevel::kInfo, LogFormat::kText);
    std::istringstream text(testing::internal::GetCapturedStderr());
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

  FakeWorld world_;
  std::unique_ptr<App> app_;
  Instant next_{};
  int looks_ = 0;
};

TEST_F(LogLinesTest, ADecisionThatChangesSomethingHasOneLineAndOneRecord) {
  RunFor(1min);
  const std::size_t records = world_.journal.lines.size();
  const auto lines = LinesOf(LogFormat::kText, [&] {
    world_.SetDemand(4, 6.0);
    next_ = app_->Tick(std::nullopt);
  });
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(world_.journal.lines.size(), records + 1);
  for (const char* part : {" info", "shop: ", "eu: rest -> provisioning", "eu replicas 0 -> 3: done", "demand=6.00",
                           "excess=3", "because=", "DemandRose"}) {
    EXPECT_NE(lines[0].find(part), std::string::npos) << part << " in " << lines[0];
  }
}

TEST_F(LogLinesTest, DecisionsThatChangeNothingHaveNone) {
  RunFor(30min);
  looks_ = 0;
  const auto lines = LinesOf(LogFormat::kText, [&] { RunFor(30min); });
  EXPECT_GT(looks_, 5);
  EXPECT_TRUE(lines.empty()) << lines.front();
}

TEST_F(LogLinesTest, AsJsonEachLineIsOneObject) {
  const auto lines = LinesOf(LogFormat::kJson, [&] {
    world_.SetDemand(4, 6.0);
    RunFor(1min);
  });
  ASSERT_FALSE(lines.empty());
  for (const std::string& line : lines) {
    const auto json = ParseJson(line);
    ASSERT_TRUE(json) << line;
    for (const char* key : {"time", "level", "message", "demand", "excess", "because", "problems"}) {
      EXPECT_TRUE(StringAt(*json, key)) << key << " in " << line;
    }
  }
}

TEST_F(LogLinesTest, WhatFailsAgainAndAgainIsToldWhenItBeginsAndWhenItEnds) {
  RunFor(1min);
  world_.SetDemand(4, 6.0);
  world_.workload("eu").error = Error{Code::kRetry, "cluster \"eu\": no answer in time"};
  const auto lines = LinesOf(LogFormat::kText, [&] {
    RunFor(1h);
    world_.workload("eu").error.reset();
    RunFor(2min);
  });
  const std::string all = testing::PrintToString(lines);
  EXPECT_GT(world_.calls.size(), 50U) << "it was tried again and again";
  EXPECT_LE(lines.size(), 6U) << all;
  EXPECT_NE(all.find("problem with workload eu begins"), std::string::npos) << all;
  EXPECT_NE(all.find("no answer in time"), std::string::npos) << all;
  EXPECT_NE(all.find("problem with workload eu ends"), std::string::npos) << all;
}

TEST_F(LogLinesTest, ARuleThatStaysBrokenIsToldOnce) {
  AppRoom room = world_.room();
  room.decide = [](const auto&... given) {
    Outcome outcome = Decide(given...);
    outcome.decision.sites.at("eu").replicas_target = 99;
    return outcome;
  };
  world_.workload("eu").error = Error{Code::kRetry, "no"};
  app_ = std::make_unique<App>(world_.config, world_.ports(), room);
  int told = 0;
  for (const std::string& line : LinesOf(LogFormat::kText, [&] { RunFor(10min); })) {
    told += line.find("WithinLimits") == std::string::npos ? 0 : 1;
  }
  EXPECT_EQ(told, 1);
  EXPECT_GT(looks_, 3);
}

TEST_F(LogLinesTest, AnInputThatIsAwayForAnHourIsToldOnce) {
  RunFor(1min);
  const Reading<TrafficState> seen = world_.director.reading;
  const auto lines = LinesOf(LogFormat::kText, [&] {
    for (int second = 0; second < 3600; ++second) {
      world_.director.reading = seen;
      world_.director.reading.failure = Failure{Code::kRetry, "avi: no answer", world_.clock.Now()};
      world_.demand.reading.seen->as_of = world_.clock.Now();
      for (const char* site : {"us", "eu"}) world_.workload(site).reading.seen->as_of = world_.clock.Now();
      while (next_ <= world_.clock.Now()) next_ = app_->Tick(std::nullopt);
      world_.clock.Advance(1s);
    }
  });
  EXPECT_GE(lines.size(), 1U);
  EXPECT_LE(lines.size(), 3U) << testing::PrintToString(lines);
  EXPECT_NE(testing::PrintToString(lines).find("GslbUnseen begins"), std::string::npos);
}

}  // namespace
}  // namespace spillway::daemon
