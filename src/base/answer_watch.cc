#include "src/base/answer_watch.h"

#include <algorithm>
#include <utility>

namespace spillway {
namespace {

constexpr std::size_t kHeadCap = 65536;       // bytes; Chosen: twice what the servers concerned allow themselves
constexpr std::size_t kStatusLineCap = 1024;  // bytes; httplib matches this line by a recursive regular expression
constexpr std::size_t kFrameLineCap = 16384;  // bytes; a chunk's size line, which httplib would gather without end

}  // namespace

bool AnswerWatch::Refuse(std::string why) {
  refusal_ = std::move(why);
  return false;
}

bool AnswerWatch::SawHead(std::string_view got) {
  raw_ += got;
  if (raw_.size() > kHeadCap) return Refuse("the answer's head is too long");
  if (raw_.size() == kStatusLineCap && raw_.find('\n') == std::string::npos) {
    return Refuse("the answer's status line is too long");
  }
  if (raw_.size() < 4 || raw_.compare(raw_.size() - 4, 4, "\r\n\r\n") != 0) return true;
  auto head = ReadResponseHead(raw_);
  if (!head) return Refuse("the answer's head is malformed");
  if (head->status < 200) return Refuse("interim answer " + std::to_string(head->status) + " where a final one is due");
  if (head->headers.Find("Content-Encoding").value_or("identity") != "identity") {
    return Refuse("the answer is compressed though that was not asked for");
  }
  head_ = std::move(head);
  return true;
}

bool AnswerWatch::SawBody(std::string_view got) {
  const std::size_t kept = std::min(got.size(), tail_.size());
  std::copy(tail_.begin() + static_cast<std::ptrdiff_t>(kept), tail_.end(), tail_.begin());
  got.copy(tail_.data() + tail_.size() - kept, kept, got.size() - kept);
  frame_line_ = got.size() == 1 && got.front() != '\n' ? frame_line_ + 1 : 0;
  return frame_line_ <= kFrameLineCap || Refuse("a line of the body's framing is too long");
}

}  // namespace spillway
