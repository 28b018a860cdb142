// Requests as a fuzzer writes them: whole HTTP messages as text, one after the other.
#ifndef SPILLWAY_TESTS_FUZZ_REQUESTS_H_
#define SPILLWAY_TESTS_FUZZ_REQUESTS_H_

#include <string_view>
#include <vector>

#include "src/base/http.h"

namespace spillway::fuzz {

// The requests in `text`, at most ten. Between two stands a line "%%"; a head ends with an empty line; lines may end
// with LF alone; Host and Content-Length may be missing. What our servers would refuse unread is left out.
std::vector<HttpRequest> ReadRequests(std::string_view text);

}  // namespace spillway::fuzz

#endif  // SPILLWAY_TESTS_FUZZ_REQUESTS_H_
