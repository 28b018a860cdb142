// GET /api/v1/stream over real HTTP.
#include <gtest/gtest.h>

#include "tests/daemon/api_world.h"

namespace spillway::daemon {
namespace {

struct Event {
  std::string kind, id;
  JsonDocument data;
};

class StreamTest : public ApiTest {
 protected:
  std::unique_ptr<LineStream> Open(const std::string& target, const std::string& last_id = "",
                                   const std::string& token = "") {
    HttpRequest request{"GET", target, {}, ""};
    if (!last_id.empty()) request.headers.Set("Last-Event-ID", last_id);
    if (!token.empty()) request.headers.Set("Authorization", "Bearer " + token);
    auto opened = client_->Open(request, 10s);
    EXPECT_TRUE(opened) << opened.error().what;
    status_ = opened ? opened->head.status : 0;
    if (status_ == 200) {
      EXPECT_EQ(opened->head.headers.Find("Content-Type"), "text/event-stream");
      EXPECT_EQ(opened->head.headers.Find("Cache-Control"), "no-store");
    }
    return opened ? std::move(opened->lines) : nullptr;
  }
  // The next event; an empty kind: the stream ended.
  static Event Next(LineStream& lines) {
    Event event;
    for (;;) {
      const LineStream::Item item = lines.Next(20s);
      if (item.state != LineStream::State::kLine) return {};
      const std::string& line = item.text;
      if (line.empty() && !event.kind.empty()) return event;
      if (line.rfind("event: ", 0) == 0) event.kind = line.substr(7);
      if (line.rfind("id: ", 0) == 0) event.id = line.substr(4);
      if (line.rfind("data: ", 0) != 0) continue;
      auto data = ParseJson(line.substr(6));
      EXPECT_TRUE(data) << line;
      if (data) event.data = std::move(*data);
    }
  }
  int status_ = 0;
};

TEST_F(StreamTest, BeginsWithTheStateAndGoesOnWithWhatHappens) {
  const auto lines = Open("/api/v1/stream");
  ASSERT_TRUE(lines);
  const Event first = Next(*lines);
  EXPECT_EQ(first.kind, "state");
  EXPECT_EQ(StringAt(first.data, "app"), "shop");
  EXPECT_EQ(StringAt(first.data, "decidedAt"), std::nullopt);

  world_.SetDemand(4, 6.0);
  Look();
  const Event decision = Next(*lines);
  EXPECT_EQ(decision.kind, "decision");
  EXPECT_EQ(decision.id, "1-1");
  EXPECT_EQ(StringAt((*Find(decision.data, "writes"))[0], "change"), "replicas 0 -> 3");
  const Event state = Next(*lines);
  EXPECT_EQ(state.kind, "state");
  EXPECT_EQ(IntAt((*Find(state.data, "sites"))[1], "replicas.target"), 3);
}

TEST_F(StreamTest, WhoComesBackIsSentWhatWasMissed) {
  world_.SetDemand(4, 6.0);
  Look();
  const auto back = Open("/api/v1/stream", "1-0");
  EXPECT_EQ(Next(*back).kind, "state");
  EXPECT_EQ(Next(*back).id, "1-1");
  const auto late = Open("/api/v1/stream", "of another process");
  EXPECT_EQ(Next(*late).kind, "gap");
  EXPECT_EQ(Next(*late).kind, "state");
}

TEST_F(StreamTest, IsOfOneApplicationIfAskedAndOfNoneThatDoesNotExist) {
  const auto lines = Open("/api/v1/stream?app=shop");
  EXPECT_EQ(StringAt(Next(*lines).data, "app"), "shop");
  Open("/api/v1/stream?app=nobody");
  EXPECT_EQ(status_, 404);
}

TEST_F(StreamTest, NeedsATokenAndEndsWhenTheTokensAreReadAnew) {
  AskForTokens();
  Open("/api/v1/stream");
  EXPECT_EQ(status_, 401);
  const auto lines = Open("/api/v1/stream", "", kViewer);
  ASSERT_TRUE(lines);
  EXPECT_EQ(Next(*lines).kind, "state");
  AskForTokens();
  EXPECT_EQ(Next(*lines).kind, "") << "whoever was admitted before has to show the token again";
}

TEST_F(StreamTest, OneCallerMayNotTakeEveryPlace) {
  std::vector<std::unique_ptr<LineStream>> open;
  for (std::size_t i = 0; i < EventHub::kListenersOfOne; ++i) {
    open.push_back(Open("/api/v1/stream"));
    ASSERT_EQ(status_, 200);
  }
  Open("/api/v1/stream");
  EXPECT_EQ(status_, 503);
  EXPECT_EQ(Get("/metrics").status, 200);
}

TEST_F(StreamTest, TellsAuditEntries) {
  const auto lines = Open("/api/v1/stream");
  EXPECT_EQ(Next(*lines).kind, "state");
  AuditEntry entry;
  entry.id = "a";
  entry.app = "shop";
  entry.action = "drain";
  ASSERT_TRUE(audit_.Append(entry));
  const Event told = Next(*lines);
  EXPECT_EQ(told.kind, "audit");
  EXPECT_EQ(StringAt(told.data, "action"), "drain");
}

}  // namespace
}  // namespace spillway::daemon
