// What somebody asks for, read from a request: whole, or with every field that is wrong.
#ifndef SPILLWAY_SRC_DAEMON_ORDER_REQUEST_H_
#define SPILLWAY_SRC_DAEMON_ORDER_REQUEST_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/json.h"
#include "src/core/override.h"
#include "src/daemon/problem.h"

namespace spillway::daemon {

// The calls that write, by the last part of their path; kClear is DELETE .../override.
enum class Action { kMode, kPause, kResume, kDrain, kUndrain, kPin, kFailover, kFailback, kClear };
std::string_view Word(Action action);

// It ends orders instead of giving one.
constexpr bool Ends(Action action) {
  return action == Action::kResume || action == Action::kUndrain || action == Action::kClear;
}

// Chosen: a shift. Long enough for a planned repair, short enough that nothing that was forgotten outlives it by much.
constexpr Duration kTtlStandard = 4h;
// Chosen: a week covers every planned outage; what is to hold longer belongs into the configuration.
constexpr Duration kTtlMost = 168h;
constexpr Duration kTtlLeast = 10s;

struct OrderRequest {
  Action action = Action::kPause;
  // Its kind and what it names, who and why. Of an action that ends: the site it ends (undrain), who and why.
  Order order;
  Duration ttl = kTtlStandard;
  bool dry_run = false, force = false;
};

// `fields`: the body's object, or of a DELETE what its query says. Sites are checked against `policy`.
struct ReadOrder {
  OrderRequest request;
  std::vector<BadField> wrong;  // not empty: the request means nothing
};
ReadOrder ReadOrderRequest(Action action, const JsonValue& fields, const Policy& policy);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_ORDER_REQUEST_H_
