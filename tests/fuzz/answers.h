// A server that says what a fuzzer wrote, one answer after the other, and looks at what it is asked.
#ifndef SPILLWAY_TESTS_FUZZ_ANSWERS_H_
#define SPILLWAY_TESTS_FUZZ_ANSWERS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/clock.h"
#include "src/base/http.h"

namespace spillway::fuzz {

// Answers each request with the next whole HTTP answer of `text` (separated as in requests.h), 10 ms later. An answer
// whose head can't be read is lost on the way, and so is every one after the last. Not safe from several threads.
class Answers final : public HttpTransport {
 public:
  Answers(std::string_view text, ManualClock& clock);

  // Breaks the promise that is not kept: a request is well formed, its body is JSON, and it has time.
  Result<HttpResponse> Send(const HttpRequest& request, Duration deadline) override;

  // Answers not given yet.
  std::size_t left() const { return answers_.size() - given_; }
  std::size_t asked() const { return asked_; }
  // The last exchange: "PUT /path", and the status; 0: no answer came, or there was no exchange.
  const std::string& last_call() const { return last_call_; }
  int last_status() const { return last_status_; }

 private:
  ManualClock& clock_;
  std::vector<Result<HttpResponse>> answers_;
  std::size_t given_ = 0, asked_ = 0;
  std::string last_call_;
  int last_status_ = 0;
};

// An error is one clause for people: not empty, one line, and not as long as a page.
void PromiseSentence(const Error& error);

}  // namespace spillway::fuzz

#endif  // SPILLWAY_TESTS_FUZZ_ANSWERS_H_
