#include "tools/lab/faulty_fake.h"

#include <cstddef>
#include <memory>
#include <thread>

namespace spillway::lab {
namespace {

bool Writes(const HttpRequest& request) { return request.method != "GET" && request.method != "HEAD"; }
// A session is nothing that anybody could read again.
bool LogsIn(const HttpRequest& request) { return request.target == "/login" || request.target == "/logout"; }

Answer Say(int status, const std::string& text) {
  Answer answer;
  answer.response.status = status;
  answer.response.headers.Set("Content-Type", "text/plain");
  answer.response.body = text;
  return answer;
}

// The answer of a fault that keeps the request from being done.
std::optional<Answer> Instead(const ActiveFault& fault) {
  Answer broken;
  if (fault.kind == "down") {
    broken.fate = Answer::Fate::kDropped;
    return broken;
  }
  if (fault.kind == "hang") {
    broken.fate = Answer::Fate::kHung;
    return broken;
  }
  if (fault.kind == "http") return Say(static_cast<int>(fault.value), "the lab was told to answer this\n");
  if (fault.kind == "rate-limit") {
    // Source: Kubernetes server/filters maxinflight.go: plain text and a second; Avi's text is not published.
    broken = Say(429, "Too many requests, please try again later.\n");
    broken.response.headers.Set("Retry-After", "1");
    return broken;
  }
  return std::nullopt;
}

// A watch that says nothing while its server is stale or hangs, and everything afterwards.
class HeldTail final : public Tail {
 public:
  HeldTail(std::unique_ptr<Tail> inner, const FaultBoard& board, std::string target)
      : inner_(std::move(inner)), board_(board), target_(std::move(target)) {}
  Part Take() override { return Held() ? Part{} : inner_->Take(); }
  void Wait(Duration most) override {
    // What is held back would end the inner wait at once.
    if (Held()) return std::this_thread::sleep_for(most);
    inner_->Wait(most);
  }

 private:
  bool Held() const { return board_.Is(target_, "stale") || board_.Is(target_, "hang"); }

  const std::unique_ptr<Tail> inner_;
  const FaultBoard& board_;
  const std::string target_;
};

}  // namespace

std::optional<HttpResponse> FaultyFake::Remembered(const HttpRequest& request) const {
  const std::scoped_lock lock(mutex_);
  const auto found = last_.find(request.target);
  if (Writes(request) || found == last_.end()) return std::nullopt;
  return found->second;
}

void FaultyFake::Remember(const HttpRequest& request, const Answer& answer) {
  constexpr std::size_t kMost = 500;  // Chosen: far more than a daemon reads; a crawler may cost a stale answer
  if (Writes(request) || answer.tail || answer.response.status != 200) return;
  const std::scoped_lock lock(mutex_);
  if (last_.size() >= kMost) last_.clear();
  last_.insert_or_assign(request.target, answer.response);
}

Answer FaultyFake::Handle(const Call& call) {
  Duration delay{};
  bool lost = false;
  bool stale = false;
  for (const ActiveFault& fault : board_.ActiveAt(target_)) {
    if (std::optional<Answer> broken = Instead(fault)) return std::move(*broken);
    if (fault.kind == "latency") delay += FromSeconds(fault.value / 1000);
    if (fault.kind == "lose-answer") lost = Writes(call.request) && !LogsIn(call.request);
    if (fault.kind == "conflict" && Writes(call.request) && !LogsIn(call.request) && touch_) touch_(call.request);
    if (fault.kind == "stale") stale = true;
  }
  if (stale) {
    if (std::optional<HttpResponse> old = Remembered(call.request)) {
      Answer answer;
      answer.response = std::move(*old);
      answer.delay = delay;
      return answer;
    }
  }
  Answer answer = inner_.Handle(call);
  if (!stale) Remember(call.request, answer);
  if (answer.tail) answer.tail = std::make_unique<HeldTail>(std::move(answer.tail), board_, target_);
  if (lost) answer.fate = Answer::Fate::kDropped;
  answer.delay += delay;
  return answer;
}

}  // namespace spillway::lab
