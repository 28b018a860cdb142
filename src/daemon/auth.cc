#include "src/daemon/auth.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <charconv>

#include "src/base/file.h"

namespace spillway::daemon {
namespace {

std::string_view NextWord(std::string_view& line) {
  const std::size_t begin = std::min(line.find_first_not_of(" \t\r"), line.size());
  line.remove_prefix(begin);
  const std::size_t end = std::min(line.find_first_of(" \t\r"), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

std::optional<Role> RoleOf(std::string_view word) {
  if (word == "viewer") return Role::kViewer;
  if (word == "operator") return Role::kOperator;
  if (word == "admin") return Role::kAdmin;
  return std::nullopt;
}

bool ReadDigest(std::string_view word, std::array<unsigned char, 32>& digest) {
  constexpr std::string_view kPrefix = "sha256:";
  if (word.substr(0, kPrefix.size()) != kPrefix) return false;
  word.remove_prefix(kPrefix.size());
  if (word.size() != 2 * digest.size()) return false;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const char* at = word.data() + 2 * i;
    const auto [end, error] = std::from_chars(at, at + 2, digest.at(i), 16);
    if (error != std::errc{} || end != at + 2) return false;
  }
  return true;
}

// The rest of a line "cert:SUBJECT".
std::optional<std::string_view> ReadSubject(std::string_view line) {
  constexpr std::string_view kPrefix = "cert:";
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  if (line.substr(0, kPrefix.size()) != kPrefix) return std::nullopt;
  line.remove_prefix(kPrefix.size());
  line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
  return line.empty() ? std::nullopt : std::optional(line);
}

}  // namespace

std::string_view Word(Role role) {
  constexpr std::array<std::string_view, 3> kWords = {"viewer", "operator", "admin"};
  return kWords.at(static_cast<std::size_t>(role));
}

Result<Tokens> Tokens::Parse(std::string_view text) {
  Tokens tokens;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view name = NextWord(line);
    if (name.empty() || name.front() == '#') continue;
    const auto role = RoleOf(NextWord(line));
    const Caller caller{std::string(name), role.value_or(Role::kViewer), false};
    if (const auto subject = ReadSubject(line); role && subject) {
      tokens.subjects_.push_back({caller, std::string(*subject)});
      continue;
    }
    Entry entry{caller, {}};
    if (!role || !ReadDigest(NextWord(line), entry.digest) || !NextWord(line).empty()) {
      return Error{Code::kRejected, "line " + std::to_string(number) +
                                        " is not \"NAME ROLE sha256:HEX\" or \"NAME ROLE cert:SUBJECT\" with a role of "
                                        "viewer, operator, admin and 64 hexadecimal digits"};
    }
    tokens.entries_.push_back(std::move(entry));
  }
  if (tokens.entries_.empty() && tokens.subjects_.empty()) {
    return Error{Code::kRejected, "no token in it, so nobody could ask anything"};
  }
  return tokens;
}

Result<Tokens> Tokens::Load(const std::string& path) {
  const auto text = ReadSecretFile(path);
  if (!text) return Error{text.error().code, "tokens file " + text.error().what};
  auto tokens = Parse(*text);
  if (!tokens) return Error{tokens.error().code, "tokens file " + path + ": " + tokens.error().what};
  return tokens;
}

std::optional<Caller> Tokens::Check(std::string_view token) const {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), digest.data());
  const Entry* found = nullptr;
  for (const Entry& entry : entries_) {
    if (CRYPTO_memcmp(entry.digest.data(), digest.data(), digest.size()) == 0) found = &entry;
  }
  return found == nullptr ? std::nullopt : std::optional(found->caller);
}

std::optional<Caller> Tokens::CheckSubject(std::string_view subject) const {
  for (const Subject& entry : subjects_) {
    if (!subject.empty() && entry.subject == subject) return entry.caller;
  }
  return std::nullopt;
}

}  // namespace spillway::daemon
