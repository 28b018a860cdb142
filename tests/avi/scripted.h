// A controller that answers by a script: each request is checked against what is due, and remembered.
#ifndef SPILLWAY_TESTS_AVI_SCRIPTED_H_
#define SPILLWAY_TESTS_AVI_SCRIPTED_H_

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "src/base/http.h"

namespace spillway::avi {

inline HttpResponse Answer(int status, std::string body = "{}", HttpHeaders headers = {}) {
  for (char& c : body) {
    if (c == '\'') c = '"';
  }
  return {status, std::move(headers), std::move(body)};
}

// A login as a controller of that version answers it, with a session of that number.
inline HttpResponse Welcome(int number = 1, const std::string& version = "30.2.1") {
  const std::string n = std::to_string(number);
  return Answer(200,
                "{'session_cookie_name':'avi-sessionid','version':{'Version':'" + version +
                    "','Product':'controller'},'user':{'name':'spillway'}}",
                {{"Set-Cookie", "csrftoken=csrf" + n + "; Max-Age=31449600; Path=/; Secure"},
                 {"Set-Cookie", "avi-sessionid=s" + n + "; HttpOnly; Path=/; Secure"},
                 {"Set-Cookie", "sessionid=s" + n + "; HttpOnly; Path=/; Secure"}});
}

// What is due first answers; where nothing is due, the standing answer to that very call does.
class Scripted final : public HttpTransport {
 public:
  using Reply = std::function<Result<HttpResponse>(const HttpRequest&)>;

  explicit Scripted(ManualClock& clock) : clock_(clock) {}

  // The next request must be `call`, "GET /api/gslb".
  Scripted& Then(std::string call, Reply reply) {
    due_.emplace_back(std::move(call), std::move(reply));
    return *this;
  }
  Scripted& Then(std::string call, HttpResponse response) {
    return Then(std::move(call), [response = std::move(response)](const HttpRequest&) { return response; });
  }
  Scripted& Then(std::string call, Error error) {
    return Then(std::move(call), [error = std::move(error)](const HttpRequest&) { return error; });
  }
  // Answers `call` whenever nothing is due; replaces an earlier one.
  void Always(const std::string& call, Reply reply) { standing_[call] = std::move(reply); }
  void Always(const std::string& call, HttpResponse response) {
    Always(call, [response = std::move(response)](const HttpRequest&) { return response; });
  }
  void Always(const std::string& call, Error error) {
    Always(call, [error = std::move(error)](const HttpRequest&) { return error; });
  }

  Result<HttpResponse> Send(const HttpRequest& request, Duration deadline) override {
    const std::string call = request.method + " " + request.target;
    requests.push_back(request);
    calls.push_back(call);
    times.push_back(clock_.Now());
    EXPECT_GT(deadline, Duration::zero());
    if (!due_.empty() && (due_.front().first == call || !standing_.contains(call))) {
      auto [expected, reply] = std::move(due_.front());
      due_.pop_front();
      EXPECT_EQ(call, expected);
      return reply(request);
    }
    const auto standing = standing_.find(call);
    if (standing != standing_.end()) return standing->second(request);
    ADD_FAILURE() << "unexpected request " << call;
    return Error{Code::kRetry, "unexpected"};
  }

  // Nothing that was due is left over.
  bool Played() const { return due_.empty(); }
  std::size_t Count(const std::string& call) const {
    return static_cast<std::size_t>(std::count(calls.begin(), calls.end(), call));
  }

  std::vector<HttpRequest> requests;
  std::vector<std::string> calls;
  std::vector<Instant> times;

 private:
  ManualClock& clock_;
  std::deque<std::pair<std::string, Reply>> due_;
  std::map<std::string, Reply> standing_;
};

}  // namespace spillway::avi

#endif  // SPILLWAY_TESTS_AVI_SCRIPTED_H_
