#include "src/daemon/order_request.h"

#include <algorithm>
#include <array>
#include <set>

#include "src/base/join.h"
#include "src/base/time_text.h"
#include "src/daemon/config_value.h"
#include "src/daemon/words.h"

namespace spillway::daemon {
namespace {

// Chosen: a paragraph; what is longer belongs into the ticket.
constexpr std::size_t kReasonMost = 500;
constexpr std::size_t kTicketMost = 100;

constexpr std::array<std::string_view, 9> kActions = {"mode", "pause",    "resume",   "drain",         "undrain",
                                                      "pin",  "failover", "failback", "override clear"};

std::vector<std::string> Sites(const Policy& policy, bool with_home) {
  std::vector<std::string> sites;
  if (with_home) sites.push_back(policy.home);
  for (const OverflowPolicy& site : policy.overflow) sites.push_back(site.site);
  return sites;
}

// One request's fields; notes those that are wrong, and at the end those that nobody asked for.
class Fields {
 public:
  Fields(const JsonValue& object, std::vector<BadField>& wrong) : object_(object), wrong_(wrong) {}

  void Text(const std::string& name, std::string& out, std::size_t most, bool required) {
    const JsonValue* found = Take(name);
    const std::string allowed =
        "allowed is a text of 1 to " + std::to_string(most) + " bytes without control characters.";
    if (found == nullptr) {
      if (required) Wrong(name, "is missing, " + allowed);
      return;
    }
    const std::string text = found->IsString() ? std::string(found->GetString(), found->GetStringLength()) : "";
    const bool fits = !text.empty() && text.size() <= most && text.find_first_not_of(' ') != std::string::npos &&
                      std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; });
    if (!fits) return Wrong(name, "is not one, " + allowed);
    out = text;
  }
  void Flag(const std::string& name, bool& out) {
    const JsonValue* found = Take(name);
    if (found == nullptr) return;
    if (!found->IsBool()) return Wrong(name, "must be true or false.");
    out = found->GetBool();
  }
  void Ttl(Duration& out) {
    const JsonValue* found = Take("ttl");
    if (found == nullptr) return;
    const auto ttl = found->IsString() ? ParseDuration(found->GetString()) : std::nullopt;
    if (!ttl || *ttl < kTtlLeast || *ttl > kTtlMost) {
      return Wrong("ttl", "must be a duration such as 30m, from " + DurationText(kTtlLeast) + " to " +
                              DurationText(kTtlMost) + "; without it, " + DurationText(kTtlStandard) + ".");
    }
    out = *ttl;
  }
  // One of `allowed`; if there is none, `out` stays as it is.
  void Choice(const std::string& name, std::string& out, const std::vector<std::string>& allowed, bool required) {
    const JsonValue* found = Take(name);
    const std::string list = "allowed is one of " + Joined(allowed, ", ") + ".";
    if (found == nullptr) {
      if (required) Wrong(name, "is missing, " + list);
      return;
    }
    const std::string text = found->IsString() ? std::string(found->GetString(), found->GetStringLength()) : "";
    if (std::find(allowed.begin(), allowed.end(), text) == allowed.end()) return Wrong(name, "is none, " + list);
    out = text;
  }
  void Counts(const std::string& name, std::map<SiteName, int>& out, const std::vector<std::string>& sites, int most) {
    const JsonValue* found = Take(name);
    if (found == nullptr) return;
    if (!found->IsObject() || found->ObjectEmpty()) {
      return Wrong(name, "must be an object with a number for each of " + Joined(sites, ", ") + ".");
    }
    for (const auto& member : found->GetObject()) {
      const std::string site(member.name.GetString(), member.name.GetStringLength());
      if (std::find(sites.begin(), sites.end(), site) == sites.end()) {
        Wrong(name + "." + site, "is no site that can be named here, allowed is one of " + Joined(sites, ", ") + ".");
      } else if (!member.value.IsInt() || member.value.GetInt() < 0 || member.value.GetInt() > most) {
        Wrong(name + "." + site, "must be a whole number from 0 to " + std::to_string(most) + ".");
      } else {
        out[site] = member.value.GetInt();
      }
    }
  }
  bool Has(const std::string& name) const { return Find(object_, name) != nullptr; }
  void Wrong(const std::string& name, const std::string& detail) { wrong_.push_back({name, detail}); }

  void Done() {
    for (const auto& member : object_.GetObject()) {
      const std::string name(member.name.GetString(), member.name.GetStringLength());
      if (known_.contains(name)) continue;
      const std::vector<std::string> known(known_.begin(), known_.end());
      const std::string meant = Nearest(name, known);
      Wrong(name, "has no meaning here" + (meant.empty() ? std::string() : " (did you mean " + meant + "?)") +
                      ", allowed is " + Joined(known, ", ") + ".");
    }
  }

 private:
  const JsonValue* Take(const std::string& name) {
    known_.insert(name);
    return Find(object_, name);
  }

  const JsonValue& object_;
  std::vector<BadField>& wrong_;
  std::set<std::string> known_;
};

void ReadMode(Fields& in, Order& order) {
  std::vector<std::string> words;
  for (const Mode mode : kModes) words.emplace_back(Word(mode));
  std::string word(Word(order.mode));
  in.Choice("mode", word, words, true);
  order.kind = OrderKind::kMode;
  order.mode = kModes.at(static_cast<std::size_t>(std::find(words.begin(), words.end(), word) - words.begin()));
}

void ReadPin(Fields& in, Order& order, const Policy& policy) {
  int most = 0;
  for (const OverflowPolicy& site : policy.overflow) most = std::max(most, site.replicas_max);
  const std::vector<std::string> all = Sites(policy, true);
  const bool ratios = in.Has("ratios");
  if (ratios == in.Has("replicas")) {
    in.Wrong("ratios", "or replicas must be given, allowed is exactly one of them.");
  }
  in.Counts("ratios", order.ratios, all, kRatioMax);
  in.Counts("replicas", order.replicas, Sites(policy, false), most);
  order.kind = ratios ? OrderKind::kPinRatios : OrderKind::kPinReplicas;
  for (const std::string& site : all) {
    if (!order.ratios.empty() && !order.ratios.contains(site)) {
      in.Wrong("ratios." + site, "is missing, allowed is a ratio for every site, 0 for no traffic.");
    }
  }
}

void ReadWhat(Action action, Fields& in, Order& order, const Policy& policy) {
  switch (action) {
    case Action::kMode:
      return ReadMode(in, order);
    case Action::kPin:
      return ReadPin(in, order, policy);
    case Action::kDrain:
    case Action::kUndrain:
      order.kind = OrderKind::kDrain;
      return in.Choice("site", order.site, Sites(policy, true), true);
    case Action::kFailover:
      order.kind = OrderKind::kFailover;
      order.site = policy.overflow.front().site;
      return in.Choice("site", order.site, Sites(policy, false), false);
    case Action::kFailback:
      order.kind = OrderKind::kFailback;
      return;
    case Action::kPause:
    case Action::kResume:
    case Action::kClear:
      order.kind = OrderKind::kPause;
      return;
  }
}

}  // namespace

std::string_view Word(Action action) { return kActions.at(static_cast<std::size_t>(action)); }

ReadOrder ReadOrderRequest(Action action, const JsonValue& fields, const Policy& policy) {
  ReadOrder read;
  OrderRequest& request = read.request;
  request.action = action;
  Fields in(fields, read.wrong);
  ReadWhat(action, in, request.order, policy);
  in.Flag("dryRun", request.dry_run);
  // Who only looks what would happen need not know yet whether and why it is to happen.
  in.Text("reason", request.order.reason, kReasonMost, action != Action::kClear && !request.dry_run);
  in.Text("ticket", request.order.ticket, kTicketMost, false);
  in.Flag("force", request.force);
  if (!Ends(action)) in.Ttl(request.ttl);
  in.Done();
  return read;
}

}  // namespace spillway::daemon
