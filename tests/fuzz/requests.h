// Requests as a fuzzer writes them: whole HTTP messages as text, one after the other.
#ifndef SPILLWAY_TESTS_FUZZ_REQUESTS_H_
#define SPILLWAY_TESTS_FUZZ_REQUESTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "src/base/http.h"

namespace spillway::fuzz {

// The requests in `text`, at most ten. Between two stands a line "%%"; a head ends with an empty line; lines may end
// with LF alone; Host and Content-Length may be missing. What our servers would refuse unread is left out.
std::vector<HttpRequest> ReadRequests(std::string_view text);

// A message in three parts, each as it is written: "POST /path HTTP/1.1", the other lines of the head, the body.
struct Message {
  std::string line, fields, body;
};
std::vector<Message> ReadMessages(std::string_view text);

// As a client library would send it: with CRLF, Host and Content-Length.
std::string Wire(const Message& message);

}  // namespace spillway::fuzz

#endif  // SPILLWAY_TESTS_FUZZ_REQUESTS_H_
