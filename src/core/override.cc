#include "src/core/override.h"

namespace spillway {

Override With(Override override, const Order& order) {
  override = Without(std::move(override), order.kind, order.site);
  if (order.kind == OrderKind::kFailover) override = Without(std::move(override), OrderKind::kFailback);
  if (order.kind == OrderKind::kFailback) override = Without(std::move(override), OrderKind::kFailover);
  override.orders.push_back(order);
  return override;
}

Override Without(Override override, OrderKind kind, const SiteName& site) {
  std::erase_if(override.orders, [&](const Order& order) {
    return order.kind == kind && (kind != OrderKind::kDrain || order.site == site);
  });
  return override;
}

Override Unexpired(Override override, Instant now) {
  std::erase_if(override.orders, [&](const Order& order) { return !Counts(order, now); });
  return override;
}

}  // namespace spillway
