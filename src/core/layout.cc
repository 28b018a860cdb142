#include "src/core/layout.h"

namespace spillway {

std::map<SiteName, double> PublishedShares(const Layout& layout) {
  int sum = 0;
  for (const auto& [site, placement] : layout) {
    if (placement.place == Place::kServed) sum += placement.ratio;
  }
  std::map<SiteName, double> shares;
  for (const auto& [site, placement] : layout) {
    if (placement.place != Place::kServed) continue;
    shares.emplace_hint(shares.end(), site, static_cast<double>(placement.ratio) / sum);
  }
  return shares;
}

double PublishedShare(const Layout& layout, const SiteName& of) {
  int sum = 0;
  int ratio = 0;
  for (const auto& [site, placement] : layout) {
    if (placement.place != Place::kServed) continue;
    sum += placement.ratio;
    if (site == of) ratio = placement.ratio;
  }
  return sum > 0 ? static_cast<double>(ratio) / sum : 0;
}

double ShareOf(const std::map<SiteName, double>& shares, const SiteName& site) {
  const auto at = shares.find(site);
  return at == shares.end() ? 0 : at->second;
}

}  // namespace spillway
