#include "src/base/http_head.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace spillway {
namespace {

constexpr std::size_t kPathCap = 1024;   // bytes; Chosen: three times the longest path that any of our APIs has
constexpr std::size_t kFieldsCap = 100;  // Chosen: browsers send about 20

constexpr std::array<std::string_view, 7> kMethods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes the next line off `raw`; nullopt: it does not end with CRLF, or holds a bare CR or LF.
std::optional<std::string_view> TakeLine(std::string_view& raw) {
  const std::size_t end = raw.find("\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = raw.substr(0, end);
  raw.remove_prefix(end + 2);
  if (line.find_first_of("\r\n") != std::string_view::npos) return std::nullopt;
  return line;
}

// The fields up to the empty line, which must be the end of `raw`.
std::optional<HttpHeaders> ReadFields(std::string_view raw) {
  HttpHeaders headers;
  for (;;) {
    const auto line = TakeLine(raw);
    if (!line) return std::nullopt;
    if (line->empty()) return raw.empty() ? std::optional(std::move(headers)) : std::nullopt;
    const std::size_t colon = line->find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    // No space before the colon and no folded lines: both have split one message into two for others.
    const std::string_view name = line->substr(0, colon);
    const std::string_view value = Trimmed(line->substr(colon + 1));
    if (!IsToken(name) || !IsFieldValue(value)) return std::nullopt;
    headers.Add(std::string(name), std::string(value));
  }
}

std::optional<std::uint64_t> Digits(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Does the list in Connection name `word`?
bool ConnectionSays(const HttpHeaders& headers, std::string_view word) {
  for (const std::string& list : headers.FindAll("Connection")) {
    std::string_view rest = list;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (Lower(Trimmed(rest.substr(0, comma))) == word) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

bool Forged(const HttpHeaders& headers) {
  return std::any_of(headers.fields().begin(), headers.fields().end(), [](const auto& field) {
    const std::string name = Lower(field.first);
    return name.rfind("remote_", 0) == 0 || name.rfind("local_", 0) == 0;
  });
}

RequestHead Refuse(int status, std::string_view reason) {
  RequestHead head;
  head.refused = status;
  head.reason = reason;
  head.close = true;
  return head;
}

// "METHOD target HTTP/1.x" into `head`.
RequestHead ReadRequestLine(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return Refuse(400, "the request line is malformed");
  RequestHead head;
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, second - first - 1);
  const std::string_view version = line.substr(second + 1);
  if (!IsToken(head.method) || version.rfind("HTTP/", 0) != 0) return Refuse(400, "the request line is malformed");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return Refuse(505, "only HTTP/1.1 is spoken here");
  if (std::find(kMethods.begin(), kMethods.end(), head.method) == kMethods.end()) {
    return Refuse(501, "the method is not known here");
  }
  if (SplitTarget(head.target).first.size() > kPathCap) return Refuse(414, "the path is too long");
  if (!IsTarget(head.target)) return Refuse(400, "the target is malformed");
  head.http_1_0 = version == "HTTP/1.0";
  return head;
}

// How long the body is, or the refusal.
void ReadBodySize(RequestHead& head, std::size_t body_cap) {
  auto refuse = [&](int status, std::string_view reason) { head = Refuse(status, reason); };
  if (head.headers.Find("Transfer-Encoding")) return refuse(400, "Transfer-Encoding is not accepted");
  if (head.headers.Find("Content-Encoding")) return refuse(400, "Content-Encoding is not accepted");
  const std::vector<std::string> lengths = head.headers.FindAll("Content-Length");
  const bool needs = head.method == "POST" || head.method == "PUT" || head.method == "PATCH";
  if (lengths.size() > 1) return refuse(400, "Content-Length is given twice");
  if (lengths.empty()) {
    if (needs) refuse(411, "Content-Length is missing");
    return;
  }
  const auto size = Digits(lengths.front());
  if (!size) return refuse(400, "Content-Length is not a number");
  if (*size > 0 && !needs && head.method != "DELETE") return refuse(400, "this method takes no body");
  if (*size > body_cap) return refuse(413, "the body is too long");
  head.body_size = *size;
}

}  // namespace

bool IsToken(std::string_view text) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || kMarks.find(static_cast<char>(c)) != std::string_view::npos);
  });
}

bool IsFieldValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c == '\t' || (c >= 0x20 && c != 0x7f); });
}

bool IsTarget(std::string_view text) {
  return !text.empty() && text.front() == '/' &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '#'; });
}

RequestHead ReadRequestHead(std::string_view raw, std::size_t body_cap) {
  const auto line = TakeLine(raw);
  if (!line) return Refuse(400, "the request line is malformed");
  RequestHead head = ReadRequestLine(*line);
  if (head.refused != 0) return head;
  auto headers = ReadFields(raw);
  if (!headers) return Refuse(400, "a header field is malformed");
  head.headers = std::move(*headers);
  if (head.headers.fields().size() > kFieldsCap) return Refuse(431, "there are too many header fields");
  // Health monitors speak HTTP/1.0 without Host.
  const std::size_t hosts = head.headers.FindAll("Host").size();
  if (hosts > 1 || (hosts == 0 && !head.http_1_0)) return Refuse(400, "exactly one Host is needed");
  if (Forged(head.headers)) return Refuse(400, "REMOTE_* and LOCAL_* are not for clients to set");
  head.close = ConnectionSays(head.headers, "close") || (head.http_1_0 && !ConnectionSays(head.headers, "keep-alive"));
  head.expects_continue = Lower(head.headers.Find("Expect").value_or("")) == "100-continue";
  ReadBodySize(head, body_cap);
  return head;
}

std::optional<ResponseHead> ReadResponseHead(std::string_view raw) {
  const auto line = TakeLine(raw);
  if (!line || line->size() < 12 || (line->substr(0, 9) != "HTTP/1.1 " && line->substr(0, 9) != "HTTP/1.0 ")) {
    return std::nullopt;
  }
  ResponseHead head;
  const auto status = Digits(line->substr(9, 3));
  auto headers = ReadFields(raw);
  if (!status || !headers) return std::nullopt;
  head.status = static_cast<int>(*status);
  head.headers = std::move(*headers);
  head.close = line->substr(0, 9) == "HTTP/1.0 " || ConnectionSays(head.headers, "close");
  const std::vector<std::string> lengths = head.headers.FindAll("Content-Length");
  const std::vector<std::string> codings = head.headers.FindAll("Transfer-Encoding");
  if (lengths.size() + codings.size() > 1) return std::nullopt;
  if (!codings.empty()) {
    if (Lower(codings.front()) != "chunked") return std::nullopt;
    head.chunked = true;
  }
  if (!lengths.empty()) {
    head.body_size = Digits(lengths.front());
    if (!head.body_size) return std::nullopt;
  }
  return head;
}

}  // namespace spillway
