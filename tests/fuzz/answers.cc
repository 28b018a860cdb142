#include "tests/fuzz/answers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "src/base/http_head.h"
#include "src/base/json.h"
#include "tests/fuzz/entries.h"
#include "tests/fuzz/requests.h"

namespace spillway::fuzz {
namespace {

// Chosen: more than any round trip of a client takes, so that lists may be long.
constexpr std::size_t kAnswersMost = 40;
constexpr Duration kAnswerTakes = 10ms;
// Chosen: what the clients cut what they quote to, twice, and room for their own words.
constexpr std::size_t kSentenceMost = 2000;

Result<HttpResponse> Lost() { return Error{Code::kRetry, "connection lost"}; }

Result<HttpResponse> ReadAnswer(const Message& message) {
  std::string raw = message.line + "\r\n";
  for (const char c : message.fields) raw += c == '\n' ? "\r\n" : std::string(1, c);
  raw += message.fields.empty() ? "\r\n" : "\r\n\r\n";
  std::optional<spillway::ResponseHead> head = ReadResponseHead(raw);
  if (!head) return Lost();
  return HttpResponse{head->status, std::move(head->headers), message.body};
}

}  // namespace

Answers::Answers(std::string_view text, ManualClock& clock) : clock_(clock) {
  for (const Message& message : ReadMessages(text)) {
    if (answers_.size() < kAnswersMost) answers_.push_back(ReadAnswer(message));
  }
}

Result<HttpResponse> Answers::Send(const HttpRequest& request, Duration deadline) {
  ++asked_;
  Promise(deadline > Duration{}, "a call has time");
  Promise(IsToken(request.method) && IsTarget(request.target), "a request is well formed");
  for (const auto& [name, value] : request.headers.fields()) {
    Promise(IsToken(name) && IsFieldValue(value), "the fields of a request are well formed");
  }
  Promise(request.body.empty() || ParseJson(request.body), "what is sent is JSON");
  last_call_ = request.method + ' ' + request.target;
  last_status_ = 0;
  clock_.Advance(kAnswerTakes);
  if (left() == 0) return Lost();
  Result<HttpResponse> answer = answers_[given_++];
  if (answer) last_status_ = answer->status;
  return answer;
}

void PromiseSentence(const Error& error) {
  Promise(!error.what.empty() && error.what.size() < kSentenceMost, "an error is a sentence: " + error.what);
  Promise(std::none_of(error.what.begin(), error.what.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }),
          "an error is one line: " + error.what);
}

}  // namespace spillway::fuzz
