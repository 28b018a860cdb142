// An API server that says what it was told to say: for tests of single rules.
#ifndef SPILLWAY_TESTS_K8S_SCRIPT_H_
#define SPILLWAY_TESTS_K8S_SCRIPT_H_

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "k8s/access.h"
#include "src/base/clock.h"
#include "src/base/http.h"

namespace spillway::k8s {

// One watch: the test puts items in, the client takes them out. While there is none, waiting moves the clock.
struct ScriptedWatch {
  explicit ScriptedWatch(ManualClock& manual) : clock(manual) {}
  void Line(std::string text) { items.push_back({LineStream::State::kLine, std::move(text)}); }
  void End() { items.push_back({LineStream::State::kEnded, ""}); }
  void Break(std::string why) { items.push_back({LineStream::State::kFailed, std::move(why)}); }

  ManualClock& clock;
  std::deque<LineStream::Item> items;
  bool cancelled = false;
};

class ScriptedLines final : public LineStream {
 public:
  explicit ScriptedLines(std::shared_ptr<ScriptedWatch> watch) : watch_(std::move(watch)) {}
  Item Next(Duration wait) override {
    if (watch_->cancelled) return {State::kFailed, "cancelled"};
    if (watch_->items.empty()) {
      watch_->clock.Advance(wait);
      return {State::kNothingYet, ""};
    }
    Item item = watch_->items.front();
    if (item.state == State::kLine) watch_->items.pop_front();
    return item;
  }
  void Cancel() override { watch_->cancelled = true; }

 private:
  std::shared_ptr<ScriptedWatch> watch_;
};

// Answers each request with the next of its list, in order; without one, as an unreachable server does.
class ScriptedServer final : public HttpTransport, public StreamTransport {
 public:
  explicit ScriptedServer(ManualClock& clock) : clock_(clock) {}

  void Answer(int status, std::string body, HttpHeaders headers = {}) {
    answers_.push_back(HttpResponse{status, std::move(headers), std::move(body)});
  }
  void Fail(Code code, std::string what) { answers_.push_back(Error{code, std::move(what)}); }
  // The next watch opens.
  std::shared_ptr<ScriptedWatch> Watch() {
    auto watch = std::make_shared<ScriptedWatch>(clock_);
    openings_.push_back({200, "", watch});
    return watch;
  }
  // The next watch is refused.
  void RefuseWatch(int status, std::string body, HttpHeaders headers = {}) {
    openings_.push_back({status, std::move(body), nullptr, std::move(headers)});
  }

  Result<HttpResponse> Send(const HttpRequest& request, Duration deadline) override {
    sent.push_back(request);
    deadlines.push_back(deadline);
    if (answers_.empty()) return Error{Code::kRetry, "connection refused"};
    Result<HttpResponse> answer = answers_.front();
    answers_.pop_front();
    return answer;
  }
  Result<OpenedStream> Open(const HttpRequest& request, Duration deadline) override {
    opened.push_back(request);
    deadlines.push_back(deadline);
    if (openings_.empty()) return Error{Code::kRetry, "connection refused"};
    const Opening opening = openings_.front();
    openings_.pop_front();
    OpenedStream stream;
    stream.head = {opening.status, opening.headers, opening.body};
    if (opening.watch) stream.lines = std::make_unique<ScriptedLines>(opening.watch);
    return stream;
  }

  std::vector<HttpRequest> sent, opened;
  std::vector<Duration> deadlines;

 private:
  struct Opening {
    int status;
    std::string body;
    std::shared_ptr<ScriptedWatch> watch;
    HttpHeaders headers = {};
  };
  ManualClock& clock_;
  std::deque<Result<HttpResponse>> answers_;
  std::deque<Opening> openings_;
};

inline ClusterAccess TestAccess(TokenReader token = {}) {
  ClusterAccess access;
  access.endpoint.host = "127.0.0.1";
  access.endpoint.port = 6443;
  access.read_token = std::move(token);
  return access;
}

inline std::string Deployment(const std::string& revision, int replicas, int available) {
  return R"({"kind":"Deployment","metadata":{"name":"shopping","namespace":"acme","resourceVersion":")" + revision +
         R"(","generation":1},"spec":{"replicas":)" + std::to_string(replicas) +
         R"(},"status":{"observedGeneration":1,"replicas":)" + std::to_string(available) + R"(,"availableReplicas":)" +
         std::to_string(available) + "}}";
}

// `items`: objects, separated by commas.
inline std::string List(const std::string& revision, const std::string& items, const std::string& next = "") {
  return R"({"kind":"List","metadata":{"resourceVersion":")" + revision + R"(","continue":")" + next +
         R"("},"items":[)" + items + "]}";
}

inline std::string Event(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}";
}

inline std::string Bookmark(const std::string& revision) {
  return Event("BOOKMARK", R"({"kind":"Deployment","metadata":{"resourceVersion":")" + revision + R"("}})");
}

inline std::string StatusBody(int code, const std::string& reason, const std::string& message) {
  return R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","reason":")" + reason + R"(","code":)" +
         std::to_string(code) + R"(,"message":")" + message + R"("})";
}

}  // namespace spillway::k8s

#endif  // SPILLWAY_TESTS_K8S_SCRIPT_H_
