// What operators asked for. Stands beside what policy computes, never over it, and ends by itself.
#ifndef SPILLWAY_SRC_CORE_OVERRIDE_H_
#define SPILLWAY_SRC_CORE_OVERRIDE_H_

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/time.h"
#include "src/core/layout.h"
#include "src/core/policy.h"

namespace spillway {

enum class OrderKind : std::uint8_t {
  kMode,         // `mode` instead of the policy's
  kPause,        // observe and explain, write nothing
  kDrain,        // `site` is held off traffic; its end is called undrain
  kPinRatios,    // `ratios` for every site, 0 = no traffic
  kPinReplicas,  // `replicas` for some overflow sites, neither more nor fewer
  kFailover,     // the overflow sites take all, `site` first, as if home were down
  kFailback,     // home gets its traffic back: releases `failback: manual`, and ends an ordered failover
  kEnd
};
// An interface: the label of spillway_override_active{kind}, and what the API calls it.
inline constexpr auto kOrderTokens =
    std::to_array<std::string_view>({"mode", "pause", "drain", "pin-ratios", "pin-replicas", "failover", "failback"});
static_assert(kOrderTokens.size() == static_cast<std::size_t>(OrderKind::kEnd), "one token per kind of order");
constexpr std::string_view Token(OrderKind kind) { return kOrderTokens.at(static_cast<std::size_t>(kind)); }

struct Order {
  OrderKind kind = OrderKind::kPause;
  Mode mode = Mode::kWeighted;              // kMode only
  SiteName site{};                          // kDrain (any site) and kFailover (an overflow site) only
  std::map<SiteName, int> ratios{};         // kPinRatios only; 0..kRatioMax
  std::map<SiteName, int> replicas{};       // kPinReplicas only; held to the policy's range
  std::string actor{}, reason{}, ticket{};  // who, why, and where it is written down (may be empty)
  Instant since{};
  std::optional<Instant>
      expires{};        // from then on it counts no more, without anyone clearing it; absent: until cleared
  bool forced = false;  // accepted without the capacity rule; a forced drain does not wait for substitutes
  bool operator==(const Order&) const = default;
};

// All orders that stand for one application. At most one of each kind, but for drains: one for each site.
struct Override {
  std::vector<Order> orders;
  bool operator==(const Override&) const = default;
};

constexpr bool Counts(const Order& order, Instant now) { return !order.expires || now < *order.expires; }

// `override` with `order` in it. It takes the place of an earlier one of its kind (of a drain: of its kind and site);
// of failover and failback only the later one stands.
Override With(Override override, const Order& order);

// `override` without the orders of `kind`; of drains only the one of `site`.
Override Without(Override override, OrderKind kind, const SiteName& site = {});

// `override` without the orders that count no more.
Override Unexpired(Override override, Instant now);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_OVERRIDE_H_
