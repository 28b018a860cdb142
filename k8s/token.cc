#include "k8s/token.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace spillway::k8s {
namespace {

// What the readers of one file share when they are copied.
struct LastGood {
  std::mutex mutex;
  std::string token;
};

}  // namespace

Result<std::string> CleanToken(const std::string& text) {
  constexpr const char* kWhite = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kWhite);
  if (begin == std::string::npos) return Error{Code::kRejected, "holds no token"};
  const std::string token = text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
  if (std::any_of(token.begin(), token.end(), [](char c) { return c <= ' ' || c >= '\x7f'; })) {
    return Error{Code::kRejected, "holds characters that no token has"};
  }
  return token;
}

TokenReader TokenFromFile(std::string path, std::string fallback, FileReader read_file) {
  auto last = std::make_shared<LastGood>();
  last->token = std::move(fallback);
  return [path = std::move(path), read_file = std::move(read_file), last]() -> Result<std::string> {
    const Result<std::string> content = read_file(path);
    Result<std::string> token = content ? CleanToken(*content) : content;
    const std::scoped_lock lock(last->mutex);
    if (token) {
      last->token = *token;
      return token;
    }
    if (!last->token.empty()) return last->token;
    return Error{token.error().code, content ? path + ": " + token.error().what : token.error().what};
  };
}

Result<std::optional<std::string>> Token::Get() {
  if (!read_) return std::optional<std::string>();
  const std::scoped_lock lock(mutex_);
  if (!token_ || clock_.Now() - read_at_ >= kKeepFor) {
    if (const Status read = ReadLocked(); !read) return read.error();
  }
  return token_;
}

bool Token::Renew(const std::string& refused) {
  if (!read_) return false;
  const std::scoped_lock lock(mutex_);
  if (token_ && *token_ != refused) return true;  // another thread was faster
  return ReadLocked() && *token_ != refused;
}

Status Token::ReadLocked() {
  Result<std::string> token = read_();
  if (!token) {
    if (token_) return Ok();  // the server is the judge of the one in use
    return token.error();
  }
  token_ = *std::move(token);
  read_at_ = clock_.Now();
  return Ok();
}

}  // namespace spillway::k8s
