// The head of an HTTP/1.1 message, read strictly: what is ambiguous is refused, so that nobody on the way can have
// read it differently.
#ifndef SPILLWAY_SRC_BASE_HTTP_HEAD_H_
#define SPILLWAY_SRC_BASE_HTTP_HEAD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/http.h"

namespace spillway {

// A request's head, or the answer it deserves.
struct RequestHead {
  std::string method;
  std::string target;
  HttpHeaders headers;
  std::uint64_t body_size = 0;
  bool http_1_0 = false;
  bool close = false;  // the client wants the connection closed after the answer
  bool expects_continue = false;
  int refused = 0;          // 0: fine; else the status to answer with, and then close
  std::string_view reason;  // of the refusal
};

// `raw`: everything up to and with the empty line. Refused: what is malformed, Transfer-Encoding, Content-Encoding,
// several Content-Length, a body on GET/HEAD/OPTIONS/DELETE without a length, a missing or second Host, forged
// REMOTE_*/LOCAL_* names (400); POST/PUT/PATCH without Content-Length (411); a body beyond `body_cap` (413); a path
// beyond 1024 bytes (414); more than 100 fields (431); methods beyond the usual seven (501); other versions (505).
RequestHead ReadRequestHead(std::string_view raw, std::size_t body_cap);

// An answer's head. nullopt: malformed, or its framing is ambiguous (two lengths, a length beside chunks, another
// coding than "chunked").
struct ResponseHead {
  int status = 0;
  HttpHeaders headers;
  std::optional<std::uint64_t> body_size;
  bool chunked = false;
  bool close = false;  // the connection ends with this answer
};
std::optional<ResponseHead> ReadResponseHead(std::string_view raw);

// May this go into a message? Names are tokens of RFC 9110; values hold no control characters but tab; a target starts
// with '/' and holds only visible ASCII without '#'.
bool IsToken(std::string_view text);
bool IsFieldValue(std::string_view text);
bool IsTarget(std::string_view text);

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_HTTP_HEAD_H_
