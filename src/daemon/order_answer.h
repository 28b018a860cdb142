// What an order would do, as it is answered.
#ifndef SPILLWAY_SRC_DAEMON_ORDER_ANSWER_H_
#define SPILLWAY_SRC_DAEMON_ORDER_ANSWER_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/http_server.h"
#include "src/core/safety.h"
#include "src/daemon/order_request.h"

namespace spillway::daemon {

// The rule that refuses, whether of src/core/safety.h or of the clock.
struct Refused {
  std::string_view rule;
  std::string why;
  std::vector<Figure> compared;
  std::string satisfied_by;
  bool form = false;  // the order itself makes no sense: 422
};

struct Judgement {
  std::optional<Refused> refused;
  std::vector<std::string> warnings;
  std::string passed;  // the rules that `force` passed: "CapacityFloor, BlockedWindow"
  Override override;   // what stands if it is accepted
  std::optional<Change> change;
};

// 200 with {"accepted":true,"id":...,"plan":{before,atOnce,after},"warnings":[...]}; `expires` of an order that does.
std::string AcceptedJson(const std::string& app, const std::string& id, Action action, const Judgement& judgement,
                         std::optional<WallTime> expires);

// 409 with the rule, its numbers, and what would satisfy it; or 422 that names the field.
HttpReply RefusedReply(Action action, const Judgement& judgement);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_ORDER_ANSWER_H_
