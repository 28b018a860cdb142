#include "tools/lab/probe_book.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace spillway::lab {
namespace {

avi::ProbeTarget Target(const std::string& ip) {
  avi::ProbeTarget target;
  target.ip = ip;
  target.monitor = "healthmonitor-1";
  target.send_interval = 2s;
  target.successful_checks = 2;
  target.failed_checks = 3;
  return target;
}

TEST(ProbeBook, ProbesAtOnceAndThenAtTheInterval) {
  ProbeBook book;
  const std::vector<avi::ProbeTarget> targets = {Target("127.10.0.10")};
  const Instant start{1h};
  EXPECT_EQ(book.Due(targets, start).size(), 1U);
  EXPECT_EQ(book.NextDue(), start + 2s);
  EXPECT_TRUE(book.Due(targets, start + 1999ms).empty());
  EXPECT_EQ(book.Due(targets, start + 2s).size(), 1U);
}

TEST(ProbeBook, DoesNotMakeUpForAPause) {
  ProbeBook book;
  const std::vector<avi::ProbeTarget> targets = {Target("127.10.0.10")};
  const Instant start{1h};
  EXPECT_EQ(book.Due(targets, start).size(), 1U);
  EXPECT_EQ(book.Due(targets, start + 1min).size(), 1U);
  EXPECT_TRUE(book.Due(targets, start + 1min + 500ms).empty());
}

TEST(ProbeBook, AVerdictTakesItsRow) {
  struct Step {
    bool passed;
    std::optional<bool> want;
    std::string why;
  };
  const std::vector<Step> steps = {
      {true, std::nullopt, "one good probe is not yet a verdict"},
      {true, true, "two in a row are"},
      {false, true, "one failure is not yet down"},
      {false, true, "nor are two"},
      {true, true, "a good one ends the row"},
      {false, true, "so it begins anew"},
      {false, true, "and goes on"},
      {false, false, "three in a row are down"},
      {true, false, "one good probe does not raise it"},
      {true, true, "two do"},
  };
  ProbeBook book;
  const avi::ProbeTarget target = Target("127.10.0.10");
  (void)book.Due({target}, Instant{1h});
  for (const Step& step : steps) EXPECT_EQ(book.Record(target, step.passed), step.want) << step.why;
}

// Row 48 of Avi's fidelity checklist: the data path's half of a site's death.
TEST(ProbeBook, Row48_ADeadMemberIsDownAfterItsIntervalTimesItsFailures) {
  ProbeBook book;
  const avi::ProbeTarget target = Target("127.10.0.10");
  std::optional<bool> verdict;
  Instant now{1h};
  for (int i = 0; i < 2; ++i, now += 2s) {
    ASSERT_EQ(book.Due({target}, now).size(), 1U);
    verdict = book.Record(target, true);
  }
  ASSERT_EQ(verdict, true);
  const Instant died = now - 1s;
  for (; verdict == true; now = *book.NextDue()) {
    ASSERT_EQ(book.Due({target}, now).size(), 1U);
    verdict = book.Record(target, false);
    if (verdict == false) EXPECT_EQ(now - died, 5s) << "one second until it is asked, then two intervals of two";
  }
}

TEST(ProbeBook, AMemberThatComesBackStartsUnknown) {
  ProbeBook book;
  const avi::ProbeTarget target = Target("127.10.0.10");
  const Instant start{1h};
  (void)book.Due({target}, start);
  (void)book.Record(target, true);
  EXPECT_EQ(book.Record(target, true), true);
  EXPECT_TRUE(book.Due({}, start + 1s).empty());
  EXPECT_EQ(book.Record(target, true), std::nullopt) << "a late result of a target that has gone";
  EXPECT_EQ(book.Due({target}, start + 1s).size(), 1U);
  EXPECT_EQ(book.Record(target, true), std::nullopt);
}

}  // namespace
}  // namespace spillway::lab
