#include "tools/lab/serve.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "src/base/clock.h"
#include "src/base/http_client.h"

namespace spillway::lab {
namespace {

// A tail that a test fills.
class Hand final : public Tail {
 public:
  void Give(Part part) {
    const std::lock_guard lock(mutex_);
    next_.bytes += part.bytes;
    next_.ended = part.ended;
    next_.broken = part.broken;
    filled_.notify_all();
  }
  Part Take() override {
    const std::lock_guard lock(mutex_);
    Part part = next_;
    next_.bytes.clear();
    return part;
  }
  void Wait(Duration most) override {
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, most, [&] { return !next_.bytes.empty() || next_.ended || next_.broken; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  Part next_;
};

// A tail is the server's once answered; this one stays the test's too.
class Shared final : public Tail {
 public:
  explicit Shared(std::shared_ptr<Hand> hand) : hand_(std::move(hand)) {}
  Part Take() override { return hand_->Take(); }
  void Wait(Duration most) override { hand_->Wait(most); }

 private:
  std::shared_ptr<Hand> hand_;
};

class Scripted final : public Fake {
 public:
  std::function<Answer(const Call&)> answer;
  std::atomic<int> advances{0};
  std::optional<Instant> due;
  Answer Handle(const Call& call) override { return answer(call); }
  void Advance() override { ++advances; }
  std::optional<Instant> NextDue() const override { return due; }
};

class Serve : public testing::Test {
 protected:
  void Start() {
    Result<std::unique_ptr<ServedFake>> served = ServedFake::Start(fake_, {});
    ASSERT_TRUE(served) << served.error().what;
    served_ = *std::move(served);
    HttpEndpoint endpoint;
    endpoint.scheme = "http";
    endpoint.host = "127.0.0.1";
    endpoint.port = served_->port();
    client_ = std::make_unique<HttpClient>(endpoint);
  }
  Scripted fake_;
  std::unique_ptr<ServedFake> served_;
  std::unique_ptr<HttpClient> client_;
};

TEST_F(Serve, ABodyThatIsTooLongForAnyFakeReachesIt) {
  fake_.answer = [](const Call& call) {
    Answer answer;
    answer.response = {413, {}, std::to_string(call.request.body.size())};
    return answer;
  };
  Start();
  const std::size_t size = (3U << 20U) + 1;
  const Result<HttpResponse> got = client_->Send({"POST", "/", {}, std::string(size, ' ')}, 20s);
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->body, std::to_string(size));
}

TEST_F(Serve, AWholeAnswerArrivesWithItsHeadersAndTheFakeSeesTheRequest) {
  fake_.answer = [](const Call& call) {
    Answer answer;
    answer.response = {201, {{"X-Seen", call.request.method + " " + call.request.target}}, call.request.body};
    return answer;
  };
  Start();
  const Result<HttpResponse> got = client_->Send({"POST", "/a?b=c", {}, "body"}, 5s);
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->status, 201);
  EXPECT_EQ(got->headers.Find("X-Seen"), "POST /a?b=c");
  EXPECT_EQ(got->body, "body");
}

TEST_F(Serve, AStreamArrivesAsItIsFilledAndEndsProperly) {
  auto hand = std::make_shared<Hand>();
  fake_.answer = [hand](const Call&) {
    Answer answer;
    answer.response.status = 200;
    answer.tail = std::make_unique<Shared>(hand);
    return answer;
  };
  Start();
  Result<OpenedStream> stream = client_->Open({}, 5s);  // the head comes before any byte of the body
  ASSERT_TRUE(stream) << stream.error().what;
  hand->Give({.bytes = "one\ntw"});
  EXPECT_EQ(stream->lines->Next(5s).text, "one");
  hand->Give({.bytes = "o\n"});
  EXPECT_EQ(stream->lines->Next(5s).text, "two");
  hand->Give({.bytes = "", .ended = true});
  EXPECT_EQ(stream->lines->Next(5s).state, LineStream::State::kEnded);
}

TEST_F(Serve, ABrokenStreamFailsAtTheClient) {
  auto hand = std::make_shared<Hand>();
  fake_.answer = [hand](const Call&) {
    Answer answer;
    answer.response.status = 200;
    answer.tail = std::make_unique<Shared>(hand);
    return answer;
  };
  Start();
  Result<OpenedStream> stream = client_->Open({}, 5s);
  ASSERT_TRUE(stream) << stream.error().what;
  hand->Give({.bytes = "one\n", .broken = true});
  EXPECT_EQ(stream->lines->Next(5s).text, "one");
  EXPECT_EQ(stream->lines->Next(5s).state, LineStream::State::kFailed);
}

TEST_F(Serve, ADroppedAnswerIsACutConnection) {
  fake_.answer = [](const Call&) {
    Answer answer;
    answer.fate = Answer::Fate::kDropped;
    return answer;
  };
  Start();
  const Result<HttpResponse> got = client_->Send({}, 5s);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::kRetry);
}

TEST_F(Serve, AHungAnswerLastsUntilTheCallersDeadlineAndDoesNotHoldUpTheEnd) {
  fake_.answer = [](const Call&) {
    Answer answer;
    answer.fate = Answer::Fate::kHung;
    return answer;
  };
  Start();
  const SystemClock clock;
  const Instant start = clock.Now();
  EXPECT_FALSE(client_->Send({}, 100ms));
  EXPECT_GE(clock.Now() - start, 100ms);
  served_.reset();
  EXPECT_LT(clock.Now() - start, 30s);
}

TEST_F(Serve, ADelayedAnswerLeavesLate) {
  fake_.answer = [](const Call&) {
    Answer answer;
    answer.response.status = 200;
    answer.delay = 80ms;
    return answer;
  };
  Start();
  const SystemClock clock;
  const Instant start = clock.Now();
  const Result<HttpResponse> got = client_->Send({}, 5s);
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_GE(clock.Now() - start, 80ms);
}

TEST(Pacemaker, AdvancesWhatIsDueAndLeavesTheRestAlone) {
  SystemClock clock;
  Scripted idle;
  Scripted busy;
  busy.due = clock.Now();
  const Pacemaker for_idle(idle, clock);
  const Pacemaker for_busy(busy, clock);
  const Instant give_up = clock.Now() + 30s;
  while (busy.advances < 3 && clock.Now() < give_up) clock.SleepUntil(clock.Now() + 1ms);
  EXPECT_GE(busy.advances, 3);
  EXPECT_EQ(idle.advances, 0);
}

}  // namespace
}  // namespace spillway::lab
