#include "src/daemon/orders_text.h"

#include <algorithm>
#include <string_view>

#include "src/base/join.h"
#include "src/base/json.h"
#include "src/base/time_text.h"
#include "src/daemon/words.h"

namespace spillway::daemon {
namespace {

constexpr int kVersion = 1;

std::string Wall(Instant t, Moment at) { return Rfc3339Micro(at.wall - (at.now - t)); }

void PutCounts(JsonOut& out, std::string_view key, const std::map<SiteName, int>& counts) {
  if (counts.empty()) return;
  out.Begin(key);
  for (const auto& [site, count] : counts) out.Put(site, count);
  out.End();
}

std::string Listed(const std::map<SiteName, int>& counts) {
  std::string text;
  for (const auto& [site, count] : counts) Join(text, site + " " + std::to_string(count), ", ");
  return text;
}

// Reads an object and remembers the first thing that was wrong.
class Reader {
 public:
  Reader(const JsonValue& object, Moment at, std::string& wrong) : object_(object), at_(at), wrong_(wrong) {}

  std::string Text(const char* key) const {
    const auto text = StringAt(object_, key);
    if (!text) Wrong(key);
    return text.value_or("");
  }
  WallTime Time(const char* key) const {
    const auto time = ParseRfc3339(Text(key));
    if (!time) Wrong(key);
    return time.value_or(at_.wall);
  }
  Instant When(const char* key) const { return at_.now - (at_.wall - Time(key)); }
  bool Has(const char* key) const { return Find(object_, key) != nullptr; }
  std::map<SiteName, int> Counts(const char* key) const {
    std::map<SiteName, int> counts;
    const JsonValue* found = Find(object_, key);
    if (found == nullptr) return counts;
    if (!found->IsObject()) return Wrong(key), counts;
    for (const auto& member : found->GetObject()) {
      if (!member.value.IsInt())
        Wrong(key);
      else
        counts[member.name.GetString()] = member.value.GetInt();
    }
    return counts;
  }
  void Wrong(const char* key) const {
    if (wrong_.empty()) wrong_ = key;
  }

 private:
  const JsonValue& object_;
  Moment at_;
  std::string& wrong_;
};

Order OrderFrom(const Reader& in) {
  Order order;
  const std::string kind = in.Text("kind");
  const auto* known = std::find(kOrderTokens.begin(), kOrderTokens.end(), kind);
  if (known == kOrderTokens.end())
    in.Wrong("kind");
  else
    order.kind = static_cast<OrderKind>(known - kOrderTokens.begin());
  if (order.kind == OrderKind::kMode) {
    const std::string word = in.Text("mode");
    const auto* mode = std::find_if(kModes.begin(), kModes.end(), [&](Mode one) { return Word(one) == word; });
    if (mode == kModes.end())
      in.Wrong("mode");
    else
      order.mode = *mode;
  }
  if (in.Has("site")) order.site = in.Text("site");
  order.ratios = in.Counts("ratios");
  order.replicas = in.Counts("replicas");
  order.actor = in.Text("actor");
  order.reason = in.Text("reason");
  order.ticket = in.Has("ticket") ? in.Text("ticket") : "";
  order.since = in.When("since");
  if (in.Has("expires")) order.expires = in.When("expires");
  order.forced = in.Has("forced");
  return order;
}

template <class Each>
void ForEach(const JsonValue& root, const char* key, std::string& wrong, Each each) {
  const JsonValue* list = Find(root, key);
  if (list == nullptr) return;
  if (!list->IsArray()) {
    if (wrong.empty()) wrong = key;
    return;
  }
  for (const JsonValue& item : list->GetArray()) each(item);
}

}  // namespace

Override OverrideOf(const Orders& orders) {
  Override override;
  for (const KeptOrder& kept : orders.standing) override.orders.push_back(kept.order);
  return override;
}

std::string OrderDetail(const Order& order) {
  switch (order.kind) {
    case OrderKind::kMode:
      return std::string(Word(order.mode));
    case OrderKind::kPinRatios:
      return "ratios " + Listed(order.ratios);
    case OrderKind::kPinReplicas:
      return "replicas " + Listed(order.replicas);
    case OrderKind::kPause:
    case OrderKind::kDrain:
    case OrderKind::kFailover:
    case OrderKind::kFailback:
    case OrderKind::kEnd:
      break;
  }
  return order.site.empty() ? "" : "site " + order.site;
}

void PutOrder(JsonOut& out, const Order& order) {
  out.Put("kind", Token(order.kind));
  if (order.kind == OrderKind::kMode) out.Put("mode", Word(order.mode));
  if (!order.site.empty()) out.Put("site", order.site);
  PutCounts(out, "ratios", order.ratios);
  PutCounts(out, "replicas", order.replicas);
  out.Put("actor", order.actor).Put("reason", order.reason);
  if (!order.ticket.empty()) out.Put("ticket", order.ticket);
  if (order.forced) out.Put("forced", true);
}

std::string OrdersText(const Orders& orders, Moment at) {
  JsonOut out;
  out.Begin().Put("version", kVersion).BeginList("standing");
  for (const KeptOrder& kept : orders.standing) {
    out.Begin().Put("id", kept.id);
    PutOrder(out, kept.order);
    out.Put("since", Wall(kept.order.since, at));
    if (kept.order.expires) out.Put("expires", Wall(*kept.order.expires, at));
    out.End();
  }
  out.EndList().BeginList("answers");
  for (const KeptAnswer& answer : orders.answers) {
    out.Begin().Put("actor", answer.actor).Put("key", answer.key).Put("digest", answer.digest);
    out.Put("at", Rfc3339Micro(answer.at)).Put("body", answer.body).End();
  }
  out.EndList().BeginList("stored");
  for (const std::string& id : orders.stored) out.Text(id);
  out.EndList().BeginList("audit");
  for (const std::string& entry : orders.told) out.Text(entry);
  out.EndList();
  if (orders.moved_at) out.Put("movedAt", Rfc3339Micro(*orders.moved_at));
  out.End();
  return out.Take();
}

Result<Orders> ParseOrders(const std::string& text, Moment at) {
  const auto root = ParseJson(text);
  if (!root) return Error{Code::kRejected, "the orders are not JSON: " + root.error().what};
  if (IntAt(*root, "version") != kVersion) return Error{Code::kRejected, "the orders are of another version"};
  Orders orders;
  std::string wrong;
  ForEach(*root, "standing", wrong, [&](const JsonValue& item) {
    const Reader in(item, at, wrong);
    orders.standing.push_back({in.Text("id"), OrderFrom(in)});
  });
  ForEach(*root, "answers", wrong, [&](const JsonValue& item) {
    const Reader in(item, at, wrong);
    orders.answers.push_back({in.Text("actor"), in.Text("key"), in.Text("digest"), in.Time("at"), in.Text("body")});
  });
  ForEach(*root, "stored", wrong, [&](const JsonValue& item) {
    if (item.IsString()) orders.stored.emplace_back(item.GetString());
  });
  ForEach(*root, "audit", wrong, [&](const JsonValue& item) {
    if (item.IsString()) orders.told.emplace_back(item.GetString());
  });
  const Reader in(*root, at, wrong);
  if (in.Has("movedAt")) orders.moved_at = in.Time("movedAt");
  if (!wrong.empty()) return Error{Code::kRejected, "the orders' field " + wrong + " is missing or wrong"};
  return orders;
}

}  // namespace spillway::daemon
