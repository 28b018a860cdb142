// A fake of the lab as a transport in virtual time: no socket, no thread, no waiting.
#ifndef SPILLWAY_TESTS_K8S_VIRTUAL_TRANSPORT_H_
#define SPILLWAY_TESTS_K8S_VIRTUAL_TRANSPORT_H_

#include <memory>
#include <string>
#include <utility>

#include "src/base/clock.h"
#include "src/base/http.h"
#include "tools/lab/fake.h"

namespace spillway::k8s {

// Never waits: what has not come yet is kNothingYet at once, and whoever drives the feeds moves the clock.
class VirtualLines final : public LineStream {
 public:
  explicit VirtualLines(std::unique_ptr<lab::Tail> tail) : tail_(std::move(tail)) {}

  Item Next(Duration) override {
    if (!over_) {
      lab::Tail::Part part = tail_->Take();
      bytes_ += part.bytes;
      if (part.ended) end_ = {State::kEnded, ""};
      if (part.broken) end_ = {State::kFailed, "connection broken"};
      over_ = part.ended || part.broken;
    }
    const std::size_t newline = bytes_.find('\n');
    if (newline == std::string::npos) return over_ ? end_ : Item{State::kNothingYet, ""};
    Item item{State::kLine, bytes_.substr(0, newline)};
    bytes_.erase(0, newline + 1);
    return item;
  }
  void Cancel() override {
    over_ = true;
    bytes_.clear();
    end_ = {State::kFailed, "cancelled"};
  }

 private:
  std::unique_ptr<lab::Tail> tail_;
  std::string bytes_;
  bool over_ = false;
  Item end_{};
};

class VirtualTransport final : public HttpTransport, public StreamTransport {
 public:
  VirtualTransport(lab::Fake& fake, ManualClock& clock) : fake_(fake), clock_(clock) {}

  Result<HttpResponse> Send(const HttpRequest& request, Duration deadline) override {
    Result<lab::Answer> answer = Handle(request, deadline);
    if (!answer) return answer.error();
    return std::move(answer->response);
  }
  Result<OpenedStream> Open(const HttpRequest& request, Duration deadline) override {
    Result<lab::Answer> answer = Handle(request, deadline);
    if (!answer) return answer.error();
    OpenedStream opened;
    opened.head = std::move(answer->response);
    if (answer->tail) opened.lines = std::make_unique<VirtualLines>(std::move(answer->tail));
    return opened;
  }

  // The cable: out, nothing arrives and nothing comes back.
  bool connected = true;

 private:
  Result<lab::Answer> Handle(const HttpRequest& request, Duration deadline) {
    if (!connected) return Error{Code::kRetry, "cannot connect: No route to host"};
    fake_.Advance();
    lab::Answer answer = fake_.Handle({request, "127.0.0.1", ""});
    if (answer.fate == lab::Answer::Fate::kHung || answer.delay > deadline) {
      clock_.Advance(deadline);
      return Error{Code::kRetry, "no answer in time"};
    }
    clock_.Advance(answer.delay);
    if (answer.fate == lab::Answer::Fate::kDropped) return Error{Code::kRetry, "connection closed without an answer"};
    return answer;
  }

  lab::Fake& fake_;
  ManualClock& clock_;
};

}  // namespace spillway::k8s

#endif  // SPILLWAY_TESTS_K8S_VIRTUAL_TRANSPORT_H_
