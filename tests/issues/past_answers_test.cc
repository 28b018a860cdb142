// An answer may tell of the past: of a partition, of a server that lags behind, of a proxy that repeats itself.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/k8s/list_watch_fixture.h"

namespace spillway::k8s {
namespace {

// Found by the simulator (seed 2052 of two hours): each confirmation showed home as it had been minutes before, and the
// stream then told at once how it was, so that weights went to and fro every 45 seconds.
TEST_F(ListWatchTest, AListOfThePastIsAFailureAndReplacesNothing) {
  struct Row {
    const char* what;
    std::string list;
  };
  for (const Row& row : {Row{"the very list of before", List("1000", Deployment("10", 3, 3))},
                         Row{"a list of in between", List("1005", Deployment("10", 3, 3))}}) {
    SCOPED_TRACE(row.what);
    server_ = std::make_shared<ScriptedServer>(clock_);
    Make("shopping");
    auto stream = Open();
    stream->Line(Event("MODIFIED", Deployment("11", 5, 3)));
    Step();
    const Instant heard = clock_.Now();
    server_->Answer(200, row.list);
    ASSERT_TRUE(StepUntil([&] { return Look().failure.has_value(); }));
    EXPECT_NE(Look().failure->what.find("older than what was seen"), std::string::npos) << Look().failure->what;
    EXPECT_EQ(Revision(), "11");
    EXPECT_LE(*Look().as_of, heard);
    EXPECT_FALSE(stream->cancelled) << "the stream tells of the present";
    server_->Answer(200, List("1200", Deployment("11", 5, 3)));
    ASSERT_TRUE(StepUntil([&] { return !Look().failure; }));
    EXPECT_FALSE(stream->cancelled);
  }
}

// A list that was of the past without anybody knowing must not make the present a thing of the past.
TEST_F(ListWatchTest, WhatAListHidIsBelievedWhenItIsShownAgain) {
  auto stream = Open();
  stream->Line(Event("MODIFIED", Deployment("20", 5, 3)));
  Step();
  server_->Answer(200, List("1005", Deployment("15", 4, 3)));  // between two that were seen
  server_->Watch();
  ASSERT_TRUE(StepUntil([&] { return Revision() == "15"; }));
  server_->Answer(200, List("1100", Deployment("20", 5, 3)));
  server_->Watch();
  ASSERT_TRUE(StepUntil([&] { return Revision() == "20"; }));
  EXPECT_FALSE(Look().failure);
  server_->Answer(200, List("1100", ""));  // of before it was made
  server_->Watch();
  ASSERT_TRUE(StepUntil([&] { return Revision().empty(); }));
  server_->Answer(200, List("1100", Deployment("20", 5, 3)));
  server_->Watch();
  ASSERT_TRUE(StepUntil([&] { return Revision() == "20"; }));
  EXPECT_FALSE(Look().failure);
}

// A quiet cluster's position stays the same; a bookmark of before the list may still have been on its way.
TEST_F(ListWatchTest, ALateBookmarkDoesNotMakeTheNextListOneOfThePast) {
  auto stream = Open();
  server_->Answer(200, List("1200", Deployment("10", 3, 3)));
  ASSERT_TRUE(StepUntil([&] { return server_->sent.size() == 2; }));
  stream->Line(Bookmark("1100"));
  Step();
  server_->Answer(200, List("1200", Deployment("10", 3, 3)));
  ASSERT_TRUE(StepUntil([&] { return server_->sent.size() == 3; }));
  EXPECT_FALSE(Look().failure);
  EXPECT_FALSE(stream->cancelled);
}

TEST_F(ListWatchTest, AnEventThatIsToldAgainChangesNothing) {
  auto stream = Open();
  const std::string second = Event("MODIFIED", Deployment("11", 5, 3));
  stream->Line(second);
  stream->Line(Event("MODIFIED", Deployment("12", 6, 6)));
  stream->Line(second);
  Steps(3);
  EXPECT_EQ(Revision(), "12");
  stream->Line(Event("DELETED", Deployment("13", 6, 6)));
  stream->Line(Event("ADDED", Deployment("14", 1, 0)));
  stream->Line(Event("DELETED", Deployment("13", 6, 6)));
  stream->Line(second);
  Steps(4);
  EXPECT_EQ(Revision(), "14");
  stream->End();
  server_->Watch();
  Steps(2);
  EXPECT_EQ(Asked(server_->opened.at(1), "resourceVersion"), "14");
}

// After a partition the watch tells of the past, event by event; acting on the first of them would be acting blind.
TEST_F(ListWatchTest, WhatItMissedIsNotFreshBeforeAListConfirmsIt) {
  auto stream = Open();
  clock_.Advance(2s);
  const Instant heard = *Look().as_of;
  stream->End();
  ASSERT_TRUE(StepUntil([&] { return Look().failure.has_value(); }));
  clock_.Advance(5min);
  auto resumed = server_->Watch();
  ASSERT_TRUE(StepUntil([&] { return resumed.use_count() > 1 && Look().failure && server_->opened.size() > 2; }));
  resumed->Line(Event("MODIFIED", Deployment("11", 2, 1)));
  Step();
  EXPECT_EQ(Revision(), "11");
  EXPECT_EQ(Look().as_of, heard);
  EXPECT_TRUE(Look().failure);
  server_->Answer(200, List("1200", Deployment("11", 2, 1)));
  ASSERT_TRUE(StepUntil([&] { return !Look().failure; }));
  EXPECT_GE(*Look().as_of, heard + 5min);
}

}  // namespace
}  // namespace spillway::k8s
