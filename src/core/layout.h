// Where traffic goes: the part of a GSLB service that Spillway owns.
#ifndef SPILLWAY_SRC_CORE_LAYOUT_H_
#define SPILLWAY_SRC_CORE_LAYOUT_H_

#include <compare>
#include <map>
#include <string>

namespace spillway {

// A site's name as the configuration gives it.
using SiteName = std::string;

// Avi's range for the relative weight of a pool member. There is no zero: a site that should get nothing is parked.
// Source: Avi GSLB swagger 30.2.1, GslbPoolMember.ratio (avi/README.md).
inline constexpr int kRatioMin = 1;
inline constexpr int kRatioMax = 20;

// The smallest share that ratios of two sites can express.
inline constexpr double kShareSmallest = 1.0 / (kRatioMin + kRatioMax);

// Chosen: well above the rounding of sums of shares, well below what ratios can express.
inline constexpr double kRoundingError = 1e-9;

enum class Place {
  kServed,    // in the pool that answers, with a ratio
  kStandby,   // monitored; answered only when no site of a better rank is up (Avi does that by itself)
  kParked,    // monitored, never answered
  kDisabled,  // not answered and perhaps not monitored; Spillway never puts a site here, an operator may
};

struct Placement {
  Place place = Place::kParked;
  int ratio = kRatioMin;  // kServed only
  int rank = 0;           // kStandby only; 1 is the first to take over
  auto operator<=>(const Placement&) const = default;
};

// By site; ordered, so that everything derived from it is too.
using Layout = std::map<SiteName, Placement>;

// The share of answers (0..1) each served site is given by a layout's ratios. Sites not served are absent.
std::map<SiteName, double> PublishedShares(const Layout& layout);

// One site's part of them; 0 if it is not served.
double PublishedShare(const Layout& layout, const SiteName& of);

// A site's part of `shares`; 0 if it has none.
double ShareOf(const std::map<SiteName, double>& shares, const SiteName& site);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_LAYOUT_H_
