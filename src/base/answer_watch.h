// Looks at an answer's bytes while cpp-httplib reads them, and refuses what httplib would misread.
#ifndef SPILLWAY_SRC_BASE_ANSWER_WATCH_H_
#define SPILLWAY_SRC_BASE_ANSWER_WATCH_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/http_head.h"

namespace spillway {

// Keeps the raw head, because httplib's own copy of the fields has lost their order and percent-decoded their values.
// Refuses, before the body is touched: heads that are too long, malformed, interim, or of ambiguous framing.
class AnswerWatch {
 public:
  // `head_request`: the answer to HEAD, which has no body whatever its fields say.
  explicit AnswerWatch(bool head_request) : head_request_(head_request) {}

  // The next bytes, in the pieces in which httplib takes them: lines byte by byte. False: see refusal().
  bool Saw(std::string_view got) { return head_ ? SawBody(got) : SawHead(got); }

  bool started() const { return !raw_.empty(); }
  // Set once it is whole and accepted.
  const std::optional<ResponseHead>& head() const { return head_; }
  // Why the answer itself is at fault; empty: it is not.
  const std::string& refusal() const { return refusal_; }
  // Needs the head.
  bool Bodyless() const { return head_request_ || head_->status == 204 || head_->status == 304; }

  // httplib takes a chunk that is not followed by CRLF for the end of the body: a cut answer would pass for a whole
  // one. To be asked when httplib says that it has the whole answer.
  bool EndedProperly() const {
    return !head_ || !head_->chunked || Bodyless() || std::string_view(tail_.data(), tail_.size()) == "\r\n\r\n";
  }

 private:
  bool SawHead(std::string_view got);
  bool SawBody(std::string_view got);
  bool Refuse(std::string why);

  const bool head_request_;
  std::string raw_;
  std::optional<ResponseHead> head_;
  std::string refusal_;
  std::array<char, 4> tail_{};
  std::size_t frame_line_ = 0;
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_ANSWER_WATCH_H_
