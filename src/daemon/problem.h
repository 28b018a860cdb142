// Problem details that say more than a sentence: which field, which rule, which numbers.
#ifndef SPILLWAY_SRC_DAEMON_PROBLEM_H_
#define SPILLWAY_SRC_DAEMON_PROBLEM_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/http_server.h"
#include "src/daemon/json_out.h"

namespace spillway::daemon {

struct BadField {
  std::string field;   // "limit", "ratios.us"
  std::string detail;  // one sentence: what is wrong and what is allowed
};

// As ProblemReply, with further members that `put` writes. Source: RFC 9457, section 3.2.
HttpReply ProblemWith(int status, std::string_view title, std::string_view detail,
                      const std::function<void(JsonOut&)>& put);

// 422 that names every bad field in `errors`. At least one.
HttpReply BadFields(const std::vector<BadField>& fields);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_PROBLEM_H_
