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

}  // namespace spillway
