#include "src/daemon/order_desk.h"

#include <algorithm>
#include <utility>

#include "src/base/join.h"
#include "src/base/log.h"
#include "src/base/time_text.h"
#include "src/daemon/change_rules.h"
#include "src/daemon/problem.h"

namespace spillway::daemon {
namespace {

constexpr char kNeverStored[] = "spillwayd ended, or lost its leadership, before it was stored";
// Chosen: what somebody who reads on a standby may see late; one small read for each application.
constexpr Duration kFollowEvery = 10s;
constexpr std::size_t kStoredIds = 200;  // Chosen: more than a crash can leave open, fewer than the audit keeps

Refused From(const Refusal& refusal) {
  return {Text(refusal.rule).token, refusal.why, refusal.compared, refusal.satisfied_by,
          refusal.rule == SafetyRule::kWellFormed};
}

Refused From(const TimeRefusal& refusal) {
  return {refusal.rule, refusal.why, refusal.compared, refusal.satisfied_by, false};
}

Judgement JudgementOf(Verdict verdict) {
  Judgement judgement;
  judgement.warnings = std::move(verdict.warnings);
  judgement.override = std::move(verdict.override);
  if (!verdict.change.before.sites.empty()) judgement.change = std::move(verdict.change);
  if (verdict.forced) judgement.passed = Text(SafetyRule::kCapacityFloor).token;
  if (verdict.refusal) judgement.refused = From(*verdict.refusal);
  return judgement;
}

// A pause only holds, and an order's end only gives way to the policy: neither has to wait for its time.
bool Moves(Action action) { return action != Action::kPause && !Ends(action); }

// Its own end comes first, though nobody has noticed yet.
std::string EndOf(const KeptOrder& kept, const std::string& end, Moment at) {
  return Counts(kept.order, at.now) ? end : "expired";
}

HttpReply NotStored(const std::string& why) {
  HttpReply reply = ProblemReply(503, "Not stored", why + "; nothing was done.");
  reply.response.headers.Set("Retry-After", "5");
  return reply;
}

bool Stands(const Orders& orders, const std::string& id) {
  return std::any_of(orders.standing.begin(), orders.standing.end(),
                     [&](const KeptOrder& kept) { return kept.id == id; });
}

}  // namespace

std::string OrderDesk::NewId(WallTime now) {
  std::string id = std::to_string(now.time_since_epoch().count());
  // Two requests of one microsecond, or a clock that was set back: ids still rise.
  if (!last_id_.empty() && id <= last_id_) id = std::to_string(std::stoll(last_id_) + 1);
  return last_id_ = id;
}

std::optional<HttpReply> OrderDesk::Replay(const Asking& asking, WallTime now) const {
  for (const KeptAnswer& answer : orders_.answers) {
    if (asking.key.empty() || answer.actor != asking.caller.name || answer.key != asking.key) continue;
    if (now - answer.at > kAnswersKept) continue;
    if (answer.digest != asking.digest) {
      return BadFields({{"Idempotency-Key", "was used before with another request, allowed is a new one."}});
    }
    HttpReply reply = JsonReply(200, answer.body);
    reply.response.headers.Set("Idempotency-Replayed", "true");
    return reply;
  }
  return std::nullopt;
}

Judgement OrderDesk::JudgeEnd(const OrderRequest& request, Moment at) const {
  const Override standing = Unexpired(OverrideOf(orders_), at.now);
  const Override wanted =
      request.action == Action::kClear ? Override{} : Without(standing, request.order.kind, request.order.site);
  Judgement judgement = JudgementOf(app_.JudgeEnd(wanted, request.force));
  if (wanted == standing) judgement.warnings.emplace_back("no such order stands, so nothing changes");
  return judgement;
}

Judgement OrderDesk::Judge(const OrderRequest& request, const Caller& caller, Moment at) const {
  if (Ends(request.action)) return JudgeEnd(request, at);
  Order order = request.order;
  order.actor = caller.name;
  order.since = at.now;
  order.expires = at.now + request.ttl;
  Judgement judgement = JudgementOf(app_.Judge(order, request.force));
  if (judgement.refused || !Moves(request.action)) return judgement;
  const ChangeRules& rules = app_.config().changes;
  if (const auto blocked = JudgeWindows(rules, at.wall)) {
    if (request.force) {
      Join(judgement.passed, blocked->rule, ", ");
      judgement.warnings.push_back("forced: " + blocked->why);
    } else {
      judgement.refused = From(*blocked);
      return judgement;
    }
  }
  if (const auto early = JudgePace(rules, orders_.moved_at, at.wall)) judgement.refused = From(*early);
  return judgement;
}

HttpReply OrderDesk::Give(const OrderRequest& request, const Asking& asking) {
  const std::lock_guard lock(mutex_);
  const Moment at = At();
  if (!room_.leadership.Lead()) return NotStored("this process does not lead any more");
  if (unread_) RecallLocked(AuditOutcome::kLost, kNeverStored);
  if (unread_) return NotStored("the orders that stand can't be read");
  if (!request.dry_run) {
    if (auto replayed = Replay(asking, at.wall)) return *replayed;
  }
  Judgement judgement = Judge(request, asking.caller, at);
  AuditEntry entry;
  entry.id = NewId(at.wall);
  entry.at = at.wall;
  entry.actor = asking.caller.name;
  entry.role = Word(asking.caller.role);
  entry.peer = asking.peer;
  entry.app = app_.name();
  entry.action = Word(request.action);
  entry.detail = Ends(request.action) && request.action != Action::kUndrain ? "" : OrderDetail(request.order);
  entry.reason = request.order.reason;
  entry.ticket = request.order.ticket;
  entry.forced = !judgement.passed.empty();
  entry.passed = judgement.passed;
  if (judgement.refused) return Refuse(request, judgement, std::move(entry));
  if (!Ends(request.action)) entry.expires = at.wall + request.ttl;
  return Accept(judgement, request, asking, std::move(entry), at);
}

void OrderDesk::Deny(Action action, const Asking& asking, const std::string& why) {
  const std::lock_guard lock(mutex_);
  AuditEntry entry;
  entry.at = room_.clock.WallNow();
  entry.id = NewId(entry.at);
  entry.actor = asking.caller.name;
  entry.role = Word(asking.caller.role);
  entry.peer = asking.peer;
  entry.app = app_.name();
  entry.action = Word(action);
  entry.outcome = AuditOutcome::kDenied;
  entry.why = why;
  if (const Status kept = room_.audit.Append(entry); !kept) {
    Log(LogLevel::kError, "a denial was not audited", {{"app", app_.name()}, {"why", kept.error().what}});
  }
}

HttpReply OrderDesk::Refuse(const OrderRequest& request, const Judgement& judgement, AuditEntry entry) {
  entry.outcome = AuditOutcome::kRefused;
  entry.why = request.dry_run ? "a dry run; " : "";
  entry.why += std::string(judgement.refused->rule) + ": " + judgement.refused->why;
  if (const Status kept = room_.audit.Append(entry); !kept) return NotStored("the audit can't be written");
  return RefusedReply(request.action, judgement);
}

Orders OrderDesk::Wanted(const Judgement& judgement, const OrderRequest& request, const std::string& id,
                         Moment at) const {
  Orders wanted = orders_;
  wanted.standing.clear();
  for (const Order& order : judgement.override.orders) {
    const auto kept = std::find_if(orders_.standing.begin(), orders_.standing.end(),
                                   [&](const KeptOrder& one) { return one.order == order; });
    wanted.standing.push_back({kept == orders_.standing.end() ? id : kept->id, order});
  }
  wanted.stored.push_back(id);
  if (wanted.stored.size() > kStoredIds) wanted.stored.erase(wanted.stored.begin());
  if (Moves(request.action)) wanted.moved_at = at.wall;
  std::erase_if(wanted.answers, [&](const KeptAnswer& answer) { return at.wall - answer.at > kAnswersKept; });
  return wanted;
}

HttpReply OrderDesk::Accept(const Judgement& judgement, const OrderRequest& request, const Asking& asking,
                            AuditEntry entry, Moment at) {
  const std::string body = AcceptedJson(app_.name(), entry.id, request.action, judgement, entry.expires);
  if (request.dry_run) entry.outcome = AuditOutcome::kDryRun;
  if (const Status kept = room_.audit.Append(entry); !kept) return NotStored("the audit can't be written");
  if (request.dry_run) return JsonReply(200, body);

  Orders wanted = Wanted(judgement, request, entry.id, at);
  if (!asking.key.empty()) {
    if (wanted.answers.size() >= kAnswersMost) wanted.answers.erase(wanted.answers.begin());
    wanted.answers.push_back({asking.caller.name, asking.key, asking.digest, at.wall, body});
  }
  const std::string by = (Ends(request.action) ? "ended by " : "replaced by ") + entry.actor;
  wanted.told = Told(wanted, by, at);
  if (const Status saved = room_.store.Save(StoreKey(), OrdersText(wanted, at)); !saved) {
    // It may have been stored all the same; what is there is read before anything else is done.
    unread_ = true;
    Log(LogLevel::kError, "an order could not be stored", {{"app", app_.name()}, {"why", saved.error().what}});
    RecallLocked(AuditOutcome::kFailed, saved.error().what);
    const bool there =
        !unread_ && std::find(orders_.stored.begin(), orders_.stored.end(), entry.id) != orders_.stored.end();
    return there ? JsonReply(200, body) : NotStored("the orders can't be stored");
  }
  const Orders before = std::exchange(orders_, std::move(wanted));
  if (const Status kept = room_.audit.Follow(entry.id, at.wall, AuditOutcome::kAccepted, ""); !kept) {
    Log(LogLevel::kError, "an acceptance was not audited", {{"app", app_.name()}, {"why", kept.error().what}});
  }
  NoteEnds(before, by, at);
  Log(entry.forced ? LogLevel::kWarn : LogLevel::kInfo, "order accepted",
      {{"app", app_.name()},
       {"action", entry.action + (entry.detail.empty() ? "" : " " + entry.detail)},
       {"actor", entry.actor},
       {"reason", entry.reason},
       {"forced", entry.passed}});
  Enforce();
  room_.wake(app_.name());
  return JsonReply(200, body);
}

std::vector<std::string> OrderDesk::Told(const Orders& wanted, const std::string& end, Moment at) const {
  std::vector<std::string> told;
  for (AuditEntry& entry : room_.audit.Entries(kTold, std::nullopt, app_.name())) {
    const bool stored = std::find(wanted.stored.begin(), wanted.stored.end(), entry.id) != wanted.stored.end();
    if (entry.outcome == AuditOutcome::kAsked && stored) entry.outcome = AuditOutcome::kAccepted;
    const auto stood = std::find_if(orders_.standing.begin(), orders_.standing.end(),
                                    [&](const KeptOrder& kept) { return kept.id == entry.id; });
    if (stood != orders_.standing.end() && !Stands(wanted, entry.id)) {
      entry.ended = at.wall;
      entry.end = EndOf(*stood, end, at);
    }
    told.insert(told.begin(), AuditJson(entry));
  }
  return told;
}

void OrderDesk::Adopt() {
  for (const std::string& entry : orders_.told) {
    const Status kept = room_.audit.Adopt(entry);
    if (kept) continue;
    Log(LogLevel::kError, "the audit can't be written", {{"app", app_.name()}, {"why", kept.error().what}});
    return;
  }
}

void OrderDesk::NoteEnds(const Orders& before, const std::string& end, Moment at) {
  for (const KeptOrder& kept : before.standing) {
    if (Stands(orders_, kept.id)) continue;
    if (const Status noted = room_.audit.End(kept.id, at.wall, EndOf(kept, end, at)); !noted) {
      Log(LogLevel::kError, "an order's end was not audited", {{"app", app_.name()}, {"why", noted.error().what}});
    }
  }
}

void OrderDesk::Enforce() { app_.SetOverride(OverrideOf(orders_)); }

void OrderDesk::Recall() {
  const std::lock_guard lock(mutex_);
  RecallLocked(AuditOutcome::kLost, kNeverStored);
}

void OrderDesk::RecallLocked(AuditOutcome not_stored, const std::string& why) {
  const Moment at = At();
  const auto text = room_.store.Load(StoreKey());
  if (!text) {
    if (!unread_ || orders_.standing.empty()) {
      Log(LogLevel::kError, "the orders can't be read; the application is held until they can",
          {{"app", app_.name()}, {"why", text.error().what}});
    }
    unread_ = true;
    Order hold;
    hold.actor = "spillwayd";
    hold.reason = "the orders that stand can't be read";
    hold.since = at.now;
    app_.SetOverride({{hold}});
    return;
  }
  unread_ = false;
  orders_ = {};
  if (*text) {
    auto orders = ParseOrders(**text, at);
    if (orders) {
      orders_ = std::move(*orders);
    } else if (room_.leadership.Lead()) {
      const auto aside = room_.store.SetAside(StoreKey());
      Log(LogLevel::kError, "the orders are damaged; policy alone rules",
          {{"app", app_.name()}, {"why", orders.error().what}, {"kept", aside ? *aside : aside.error().what}});
    }
  }
  Adopt();
  Reconcile(not_stored, why, at);
  Enforce();
}

void OrderDesk::Reconcile(AuditOutcome not_stored, const std::string& why, Moment at) {
  for (const AuditEntry& entry : room_.audit.Entries(AuditLog::kKept, std::nullopt, app_.name())) {
    if (entry.outcome != AuditOutcome::kAsked) continue;
    const bool stored = std::find(orders_.stored.begin(), orders_.stored.end(), entry.id) != orders_.stored.end();
    const Status noted = stored ? room_.audit.Follow(entry.id, at.wall, AuditOutcome::kAccepted, "")
                                : room_.audit.Follow(entry.id, at.wall, not_stored, why);
    if (!noted) Log(LogLevel::kError, "the audit can't be written", {{"why", noted.error().what}});
  }
}

void OrderDesk::Follow() {
  unread_ = true;  // whatever is read here, it is read again before anything is done
  const Moment at = At();
  if (followed_at_ && at.now < *followed_at_ + kFollowEvery) return;
  followed_at_ = at.now;
  const auto text = room_.store.Peek(StoreKey());
  if (!text || !*text) return;
  auto orders = ParseOrders(**text, at);
  if (!orders) return;
  orders_ = std::move(*orders);
  Adopt();
  Enforce();
}

void OrderDesk::Review() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return;
  if (!room_.leadership.Lead()) return Follow();
  if (unread_) return RecallLocked(AuditOutcome::kLost, kNeverStored);
  const Moment at = At();
  Orders wanted = orders_;
  std::erase_if(wanted.standing, [&](const KeptOrder& kept) { return !Counts(kept.order, at.now); });
  if (wanted.standing.size() == orders_.standing.size()) return;
  wanted.told = Told(wanted, "expired", at);
  // Without the store they count no more either: the next look tries again to take them out.
  if (!room_.store.Save(StoreKey(), OrdersText(wanted, at))) return;
  const Orders before = std::exchange(orders_, std::move(wanted));
  NoteEnds(before, "expired", at);
  Enforce();
}

}  // namespace spillway::daemon
