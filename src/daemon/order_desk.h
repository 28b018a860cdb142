// Where orders for one application are given: judged, written down, stored, and only then in force.
#ifndef SPILLWAY_SRC_DAEMON_ORDER_DESK_H_
#define SPILLWAY_SRC_DAEMON_ORDER_DESK_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "src/base/clock.h"
#include "src/daemon/app.h"
#include "src/daemon/audit.h"
#include "src/daemon/auth.h"
#include "src/daemon/order_answer.h"
#include "src/daemon/order_request.h"
#include "src/daemon/orders_text.h"
#include "src/ports/leadership.h"
#include "src/ports/state_store.h"

namespace spillway::daemon {

// Who asks, and how.
struct Asking {
  Caller caller;
  std::string peer;    // an IP address
  std::string key;     // Idempotency-Key; empty: none
  std::string digest;  // of the whole request; compared with that of an earlier one with the same key
};

// What a desk works with; all outlive it.
struct DeskRoom {
  Clock& clock;
  StateStore& store;
  AuditLog& audit;
  const Leadership& leadership;
  std::function<void(const std::string& app)> wake;  // look at the application now
};

// Safe from any thread. One request at a time, so of two operators the second is judged with the first one's order.
//
// An accepted request leaves, in this order: an audit entry "asked"; the orders in the state store, in one atomic write
// with the answer to its Idempotency-Key; the audit's "accepted"; the order in force. Whatever a crash cuts off is put
// right by Recall: an order that was stored is in force, one that was not never was.
class OrderDesk {
 public:
  // Chosen: a runbook that died is resumed within a day; a hundred orders a day are an unquiet day.
  static constexpr Duration kAnswersKept = 24h;
  static constexpr std::size_t kAnswersMost = 100;
  // Chosen: a night's worth of orders; 10 KiB of the MiB that a ConfigMap may hold for all applications.
  static constexpr std::size_t kTold = 20;

  OrderDesk(App& app, DeskRoom room) : app_(app), room_(std::move(room)) {}

  // The whole answer.
  HttpReply Give(const OrderRequest& request, const Asking& asking);

  // A request that its caller may not make: written down.
  void Deny(Action action, const Asking& asking, const std::string& why);

  // Reads what is stored and puts it in force: at the start, and when this process comes to lead. If it can't be read
  // the application is held (paused) until it can; what is damaged is set aside, and policy alone rules.
  void Recall();

  // After each look: takes out the orders whose time is over, and reads again what could not be read. Does nothing
  // while a request is being handled; there will be another look.
  void Review();

 private:
  // What was asked and is not stored becomes `not_stored` in the audit.
  void RecallLocked(AuditOutcome not_stored, const std::string& why);
  std::string NewId(WallTime now);
  std::optional<HttpReply> Replay(const Asking& asking, WallTime now) const;
  Judgement Judge(const OrderRequest& request, const Caller& caller, Moment at) const;
  Judgement JudgeEnd(const OrderRequest& request, Moment at) const;
  HttpReply Refuse(const OrderRequest& request, const Judgement& judgement, AuditEntry entry);
  HttpReply Accept(const Judgement& judgement, const OrderRequest& request, const Asking& asking, AuditEntry entry,
                   Moment at);
  Orders Wanted(const Judgement& judgement, const OrderRequest& request, const std::string& id, Moment at) const;
  // What `wanted` is to tell other processes of the audit, once it is stored in place of orders_.
  std::vector<std::string> Told(const Orders& wanted, const std::string& end, Moment at) const;
  // Takes over what the process that stored them was asked.
  void Adopt();
  void NoteEnds(const Orders& before, const std::string& end, Moment at);
  void Reconcile(AuditOutcome not_stored, const std::string& why, Moment at);
  void Enforce();
  // Of a process that does not lead: what stands, for those who read there.
  void Follow();
  Moment At() const { return {room_.clock.Now(), room_.clock.WallNow()}; }
  std::string StoreKey() const { return app_.name() + ".orders"; }

  App& app_;
  const DeskRoom room_;
  std::mutex mutex_;
  Orders orders_;
  bool unread_ = true;  // what is stored could not be read yet
  std::string last_id_;
  std::optional<Instant> followed_at_;
};

// By application.
using OrderDesks = std::map<std::string, std::unique_ptr<OrderDesk>>;

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_ORDER_DESK_H_
