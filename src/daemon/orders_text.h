// What stands of an application's orders, as it is stored.
#ifndef SPILLWAY_SRC_DAEMON_ORDERS_TEXT_H_
#define SPILLWAY_SRC_DAEMON_ORDERS_TEXT_H_

#include <optional>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/base/time.h"
#include "src/core/override.h"
#include "src/daemon/json_out.h"
#include "src/daemon/memory_text.h"

namespace spillway::daemon {

// An order and the id of the audit entry of the request that gave it.
struct KeptOrder {
  std::string id;
  Order order;
};

// The answer to a request with an Idempotency-Key that was accepted.
struct KeptAnswer {
  std::string actor, key;
  std::string digest;  // of what was asked
  WallTime at;
  std::string body;
};

struct Orders {
  std::vector<KeptOrder> standing;
  std::vector<KeptAnswer> answers;   // oldest first
  std::vector<std::string> stored;   // ids of the last requests that were stored, oldest first
  std::vector<std::string> told;     // the last audit entries as JSON, oldest first: for who stands by, or leads next
  std::optional<WallTime> moved_at;  // the last order that may move traffic or replicas
};

// What Decide is handed.
Override OverrideOf(const Orders& orders);

std::string OrdersText(const Orders& orders, Moment at);
// kRejected: not JSON, another version, or a field that is missing or of a wrong type; the message names it.
Result<Orders> ParseOrders(const std::string& text, Moment at);

// The order's own fields, into an object that is open: kind, what it names, who, why. Not from when to when.
void PutOrder(JsonOut& out, const Order& order);

// "site eu", "weighted" (of a mode), "ratios eu 5, us 15"; empty for an order that names nothing.
std::string OrderDetail(const Order& order);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_ORDERS_TEXT_H_
