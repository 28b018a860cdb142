// How well traffic follows the share that was meant: a published weight is a hypothesis.
#ifndef SPILLWAY_SRC_CORE_SHARE_QUALITY_H_
#define SPILLWAY_SRC_CORE_SHARE_QUALITY_H_

#include <map>
#include <optional>

#include "src/core/failover.h"
#include "src/core/tick.h"
#include "src/core/trust.h"

namespace spillway {

// N below, once enough was measured to tell; nullopt before.
std::optional<double> ResolversSeen(const ShareQuality& quality);

// Answers are drawn by resolvers, not by requests: with home's published share p and N resolvers of equal weight, what
// is measured within one TTL scatters about p with the variance p (1 - p) / N. So once each TTL, while the ratios have
// stood for ttlFactor TTLs, the measured share is compared, and N is 1 / (mean square of the difference / (p (1 - p))).
// N about 3 or less is reported (TooFewResolvers): then a share is all or nothing, and active-passive fits better.
//
// Example: p = 0.5 and measured 0.8, 0.2, 0.8, ...: spread 0.09 / 0.25, so N is 2.8. Measured 0.52, 0.48: N is 625.
//
// `intended`: home's share before any correction; absent: it is not split now. Writes decision.resolvers.
void LookAtShares(Tick& tick, const Trusted& trusted, std::optional<double> intended);

// Adds the correction that was learned to home's share and takes it from the others in proportion. With
// ramp.correctBias, and only where the bias is beyond the noise of the mean (twice its standard error, at least a
// point), it grows by one ramp.deadBand (a point at least) against the bias, at most once in two TTLs, up to ten
// points.
//
// Example: meant 50 %, measured 56 % on average of many looks, dead band 2.5 %: home is published at 47.5 %, later 45
// %.
void LeanAgainstBias(const Tick& tick, const HomeStanding& home, std::map<SiteName, double>& shares);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_SHARE_QUALITY_H_
