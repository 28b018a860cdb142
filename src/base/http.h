// HTTP as values, and the two ways to speak it: a whole exchange, and an answer that goes on line by line.
#ifndef SPILLWAY_SRC_BASE_HTTP_H_
#define SPILLWAY_SRC_BASE_HTTP_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/result.h"
#include "src/base/time.h"

namespace spillway {

// In the order of the wire; names compare without case; a name may repeat (Set-Cookie does).
class HttpHeaders {
 public:
  HttpHeaders() = default;
  HttpHeaders(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  void Add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  // Replaces every field of that name by one.
  void Set(std::string_view name, std::string value);
  // The first value of that name.
  std::optional<std::string> Find(std::string_view name) const;
  std::vector<std::string> FindAll(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";  // path and query as they go over the wire (percent-encoded)
  HttpHeaders headers;
  std::string body;
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;
  std::string body;
};

// One endpoint (scheme, host, port, TLS identity), one exchange at a time per call; safe from several threads.
//
// Whatever the server answered is a response, 4xx and 5xx included. An Error means that no full answer came within
// `deadline`, which covers connect, TLS, send and receive together. After kRetry a write may have been applied:
// callers re-read before they repeat one. kDenied: the TLS handshake failed verification, the message says why.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual Result<HttpResponse> Send(const HttpRequest& request, Duration deadline) = 0;
};

// A response body that goes on, cut into lines. Used by one thread; Cancel() may come from another.
class LineStream {
 public:
  enum class State { kLine, kNothingYet, kEnded, kFailed };
  struct Item {
    State state;
    std::string text;  // kLine: the line without its end; kFailed: why
  };
  virtual ~LineStream() = default;

  // The next line; kNothingYet after `wait` without one. kEnded: the server closed the body properly. After kEnded
  // or kFailed every further call says the same. A line longer than the stream's cap is kFailed.
  virtual Item Next(Duration wait) = 0;

  // Ends the stream now, and for good; wakes a blocked Next().
  virtual void Cancel() = 0;
};

// The head of a streamed answer. `lines` is set when the status is 200; otherwise `head.body` holds the error.
struct OpenedStream {
  HttpResponse head;
  std::unique_ptr<LineStream> lines;
};

// Opens streams, each on a connection of its own. Safe from several threads.
class StreamTransport {
 public:
  virtual ~StreamTransport() = default;
  // `deadline` bounds connect, TLS, send and the receipt of the head, not the stream's life.
  virtual Result<OpenedStream> Open(const HttpRequest& request, Duration deadline) = 0;
};

// Splits a target into its path and its query ("a=1&b=2", without the question mark).
std::pair<std::string_view, std::string_view> SplitTarget(std::string_view target);

// Percent-decodes `text`; in a query '+' is a space. nullopt: a malformed escape.
std::optional<std::string> PercentDecode(std::string_view text, bool in_query);

// Percent-encodes everything outside the unreserved set of RFC 3986.
std::string PercentEncode(std::string_view text);

// The query's fields in order, decoded. A field without '=' has an empty value; malformed escapes are kept as they are.
std::vector<std::pair<std::string, std::string>> ParseQuery(std::string_view query);

// The first value of a query field of `target`.
std::optional<std::string> QueryValue(std::string_view target, std::string_view name);

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_HTTP_H_
