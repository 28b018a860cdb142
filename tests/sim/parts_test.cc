// The simulator's own parts: time, demand, crowd, faults, reports.
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "src/base/log.h"
#include "tools/simulate/crowd.h"
#include "tools/simulate/demand.h"
#include "tools/simulate/foreign.h"
#include "tools/simulate/history.h"
#include "tools/simulate/picture.h"
#include "tools/simulate/report.h"
#include "tools/simulate/shrink.h"
#include "tools/simulate/timeline.h"
#include "tools/simulate/wire.h"

namespace spillway::sim {
namespace {

// Thousands of decisions would tell of themselves.
const bool kQuiet = (SetUpLog(LogLevel::kError, LogFormat::kText), true);

TEST(Timeline, LetsOthersActWhileOneSleeps) {
  Timeline timeline;
  std::string order;
  const Instant start = timeline.Now();
  timeline.Add("a", Timeline::kNoLane, start, [&] {
    order += "a(";
    timeline.SleepUntil(start + 10s);
    order += ")";
    return Instant::max();
  });
  timeline.Add("b", Timeline::kNoLane, start + 5s, [&] {
    order += "b";
    return timeline.Now() + 15s;
  });
  timeline.RunUntil(start + 15s);
  EXPECT_EQ(order, "a(b)");
  EXPECT_EQ(timeline.Now(), start + 15s);
  timeline.RunUntil(start + 30s);
  EXPECT_EQ(order, "a(b)b");
}

TEST(Timeline, KeepsALaneToOneWaitingCall) {
  Timeline timeline;
  std::string order;
  const Instant start = timeline.Now();
  timeline.Add("a", 1, start, [&] {
    const Timeline::Hold hold(timeline, 1);
    timeline.SleepUntil(start + 10s);
    order += "a";
    return Instant::max();
  });
  timeline.Add("b", 1, start + 5s, [&] {
    order += "b";
    return Instant::max();
  });
  timeline.Add("c", 2, start + 5s, [&] {
    order += "c";
    return Instant::max();
  });
  timeline.RunUntil(start + 20s);
  EXPECT_EQ(order, "cab");
}

TEST(Timeline, NeverWakesWhoHasGone) {
  Timeline timeline;
  int acts = 0;
  const auto id = timeline.Add("a", Timeline::kNoLane, timeline.Now() + 1s, [&] {
    ++acts;
    return timeline.Now() + 1s;
  });
  timeline.RunUntil(timeline.Now() + 2500ms);
  timeline.Remove(id);
  timeline.RunUntil(timeline.Now() + 5s);
  EXPECT_EQ(acts, 2);
}

// Answers with the number of the request.
class Counting final : public lab::Fake {
 public:
  lab::Answer Handle(const lab::Call&) override {
    lab::Answer answer;
    answer.response.status = 200;
    answer.response.body = std::to_string(++asked_);
    return answer;
  }
  void Advance() override {}
  std::optional<Instant> NextDue() const override { return std::nullopt; }

 private:
  int asked_ = 0;
};

TEST(Wire, AnswersStaleWithWhatWasSaidSinceItWasStaleAndNotBefore) {
  Timeline timeline;
  Counting fake;
  Wire wire(timeline, fake, Timeline::kNoLane, Rng(1), {});
  HttpRequest request;
  request.method = "GET";
  request.target = "/pods";
  const auto ask = [&] {
    const auto answer = wire.Send(request, 5s);
    return answer ? answer->body : answer.error().what;
  };
  const auto stale = [&] { wire.Add({Trouble::Kind::kStale, 1, 0, timeline.Now() + 10s}); };
  stale();
  EXPECT_EQ(ask(), "1");
  EXPECT_EQ(ask(), "1");
  timeline.SleepUntil(timeline.Now() + 1h);
  EXPECT_EQ(ask(), "2");
  stale();
  EXPECT_EQ(ask(), "3");
  EXPECT_EQ(ask(), "3");
}

TEST(Demand, IsReadFromCsvAndRunsStraightBetweenPoints) {
  const auto curve = DemandCurve::ParseCsv("seconds,demand\n0,2\n100,4\r\n# noon\n200,4\n", "day.csv");
  ASSERT_TRUE(curve) << curve.error().what;
  EXPECT_DOUBLE_EQ(curve->At(0s), 2);
  EXPECT_DOUBLE_EQ(curve->At(50s), 3);
  EXPECT_DOUBLE_EQ(curve->At(1h), 4);
  EXPECT_DOUBLE_EQ(curve->At(25s), 2.5);
}

TEST(Demand, NamesFileAndLineOfWhatMakesNoSense) {
  const auto refusal = [](const std::string& text) {
    const auto curve = DemandCurve::ParseCsv(text, "day.csv");
    return curve ? "accepted" : curve.error().what;
  };
  EXPECT_EQ(refusal("0,1\n5"), "day.csv:2: no comma: a line is \"seconds,demand\"");
  EXPECT_EQ(refusal("0,1\n5,1,2"), "day.csv:2: more than two columns: \"seconds,demand\"");
  EXPECT_EQ(refusal("# one\n0,1\n0,2"), "day.csv:3: the time does not rise: the line before has 0 s");
  EXPECT_EQ(refusal("0,1\n5,-1"), "day.csv:2: '-1' is no demand: replicas of home, from 0 to 10000");
  EXPECT_EQ(refusal("0,1\n5,nan"), "day.csv:2: 'nan' is no demand: replicas of home, from 0 to 10000");
  EXPECT_EQ(refusal("0,1\nx,1"), "day.csv:2: 'x' is no time: seconds since the start, from 0 to a year");
  EXPECT_EQ(refusal("-5,1"), "day.csv:1: '-5' is no time: seconds since the start, from 0 to a year");
  EXPECT_EQ(refusal("seconds,demand\n"), "day.csv: no points; a line is \"seconds,demand\"");
}

CrowdOptions Docile(std::size_t resolvers) {
  CrowdOptions options;
  options.resolvers = resolvers;
  options.skew = 0;
  options.overstayers = options.pinned = options.sticky = 0;
  return options;
}

TEST(Crowd, FollowsTheRatiosWithinATtl) {
  Crowd crowd(Docile(5000), 2, 1);
  Instant now{1h};
  crowd.Move(now, 30s, {{{0, 1}}});
  EXPECT_NEAR(crowd.shares()[0], 1, 1e-9);
  for (int second = 1; second <= 31; ++second) crowd.Move(now + std::chrono::seconds(second), 30s, {{{0, 4}, {1, 3}}});
  EXPECT_NEAR(crowd.shares()[1], 3.0 / 7, 0.03);
}

TEST(Crowd, OneForwarderIsAllOrNothing) {
  Crowd crowd(Docile(1), 2, 3);
  for (int second = 0; second < 300; second += 10) {
    crowd.Move(Instant{1h} + std::chrono::seconds(second), 5s, {{{0, 1}, {1, 1}}});
    EXPECT_NEAR(std::max(crowd.shares()[0], crowd.shares()[1]), 1, 1e-9);
  }
}

TEST(Crowd, OverstayersAndThePinnedComeLater) {
  CrowdOptions options = Docile(1000);
  options.overstayers = 0.1;
  options.pinned = 0.05;
  Crowd crowd(options, 2, 1);
  Instant now{1h};
  crowd.Move(now, 30s, {{{0, 1}}});
  crowd.Move(now + 31s, 30s, {{{1, 1}}});
  EXPECT_GT(crowd.shares()[0], 0.05 + 0.04);
  crowd.Move(now + 601s, 30s, {{{1, 1}}});
  EXPECT_NEAR(crowd.shares()[0], 0.05, 1e-6);
}

TEST(History, KnowsTheMostAndTheLeastLately) {
  History<int> history;
  const Instant start{1h};
  for (const auto& [at, value] : {std::pair{0s, 1}, std::pair{10s, 5}, std::pair{20s, 2}})
    history.Set(start + at, value);
  EXPECT_EQ(history.Most(start + 15s), 5);
  EXPECT_EQ(history.Most(start + 20s), 2);
  EXPECT_EQ(history.Least(start + 5s), 1);
  EXPECT_EQ(history.now(), 2);
}

TEST(Foreign, OnlyWhatSpillwayOwnsMayDiffer) {
  const std::string base = R"({"name":"a","description":"d","_last_modified":"1","groups":[
      {"name":"live","priority":20,"members":[{"ip":"1","ratio":1,"enabled":true}]}]})";
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = base;
    return text.replace(text.find(from), from.size(), to);
  };
  EXPECT_EQ(ForeignDifference(base, with("\"ratio\":1", "\"ratio\":9")), "");
  EXPECT_EQ(ForeignDifference(base, with("modified\":\"1\"", "modified\":\"2\"")), "");
  EXPECT_NE(ForeignDifference(base, with("\"d\"", "\"x\"")), "");
  EXPECT_NE(ForeignDifference(base, with("\"ip\":\"1\"", "\"ip\":\"2\"")), "");
  EXPECT_NE(ForeignDifference(base, with("priority\":20", "priority\":21")), "");
}

TEST(Shrink, KeepsTheOnlyFaultThatMatters) {
  Scenario scenario = BaseScenario(1);
  scenario.demand = DemandCurve::Constant(6);
  scenario.span = 10min;
  for (int i = 0; i < 5; ++i) {
    FaultEvent fault;
    fault.kind = i == 3 ? FaultEvent::Kind::kCrash : FaultEvent::Kind::kRepeatLines;
    fault.at = std::chrono::minutes(i + 1);
    fault.lasting = 10s;
    scenario.faults.push_back(fault);
  }
  RunOptions options;
  options.defect = Defect::kLoseMemory;
  const Scenario shortest = Shrink(scenario, options, 9);
  ASSERT_EQ(shortest.faults.size(), 1U);
  EXPECT_EQ(shortest.faults[0].kind, FaultEvent::Kind::kCrash);
}

TEST(Report, SaysTheSameToPeopleAndPrograms) {
  Scenario scenario = BaseScenario(1);
  scenario.demand = DemandCurve::Constant(6);
  scenario.span = 10min;
  RunOptions options;
  options.sample_every = 30s;
  const Outcomes outcomes = Play(scenario, options);
  EXPECT_NE(ReportText(scenario, outcomes).find("replica-hours"), std::string::npos);
  EXPECT_NE(ReportJson(scenario, outcomes).find("\"failed_requests\":"), std::string::npos);
  const std::string svg = PictureSvg(scenario, outcomes);
  EXPECT_NE(svg.find("<polyline"), std::string::npos);
  EXPECT_NE(svg.find("</svg>"), std::string::npos);
}

}  // namespace
}  // namespace spillway::sim
