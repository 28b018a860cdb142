#include "src/core/layout.h"

namespace spillway {

std::map<SiteName, double> PublishedShares(const Layout& layout) {
  int sum = 0;
  for (const auto& [site, placement] : layout) {
    if (placement.place == Place::kServed) sum += placement.ratio;
  }
  std::map<SiteName, double> shares;
  for (const auto& [site, placement] : layout) {
    if (placement.place == Place::kServed) shares[site] = static_cast<double>(placement.ratio) / sum;
  }
  return shares;
}

double ShareOf(const std::map<SiteName, double>& shares, const SiteName& site) {
  const auto at = shares.find(site);
  return at == shares.end() ? 0 : at->second;
}

}  // namespace spillway
