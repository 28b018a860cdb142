#include "src/core/share_quality.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "src/core/layout.h"
#include "src/core/measured_share.h"

namespace spillway {
namespace {

// Chosen: enough looks for a mean and a variance to mean something; later ones weigh a sixteenth, so that a change of
// the crowd is noticed within half an hour at a TTL of two minutes.
constexpr int kLooksLeast = 8;
constexpr int kLooksMost = 16;

// Chosen: shares nearer to the ends than this scatter too little to tell anything.
constexpr double kShareLeast = 0.05;

// "About 3 or less"; it is over once there seem to be 5.
constexpr double kResolversFew = 3.5;
constexpr double kResolversEnough = 5;

// Chosen: a point is below what ratios express in the middle; ten points are more than any crowd should need.
constexpr double kStepLeast = 0.01;
constexpr double kCorrectionMost = 0.10;

void Look(ShareQuality& quality, double measured, double published, double intended) {
  quality.looks = std::min(quality.looks + 1, kLooksMost);
  const double weight = 1.0 / quality.looks;
  const double off = measured - published;
  quality.bias += weight * (measured - intended - quality.bias);
  quality.published += weight * (off - quality.published);
  const double around = off - quality.published;
  quality.spread += weight * (around * around / (published * (1 - published)) - quality.spread);
}

void Correct(Tick& tick, double published, Duration ttl) {
  ShareQuality& quality = tick.memory.share;
  const double noise = 2 * std::sqrt(published * (1 - published) * quality.spread / quality.looks);
  if (std::abs(quality.bias) <= std::max(noise, kStepLeast)) return;
  if (quality.corrected_at && tick.now - *quality.corrected_at < 2 * ttl) return;
  const double step = std::max(tick.policy.ramp.dead_band, kStepLeast);
  quality.correction =
      std::clamp(quality.correction - std::copysign(step, quality.bias), -kCorrectionMost, kCorrectionMost);
  quality.corrected_at = tick.now;
  quality.looks = 0;  // what was measured so far tells of the old ratios
  quality.bias = quality.published = quality.spread = 0;
}

// Says how many resolvers there seem to be, once that can be told.
void Tell(Tick& tick) {
  const auto known = ResolversSeen(tick.memory.share);
  if (!known) return;
  const double resolvers = *known;
  tick.decision.resolvers = resolvers;
  const bool was = tick.memory.conditions.contains(ConditionName::kTooFewResolvers);
  if (resolvers > (was ? kResolversEnough : kResolversFew)) return;
  tick.Holds(ConditionName::kTooFewResolvers,
             "the measured shares scatter as if " + std::to_string(std::lround(resolvers)) +
                 " resolvers asked, so a share is all or nothing; active-passive fits better");
}

}  // namespace

std::optional<double> ResolversSeen(const ShareQuality& quality) {
  if (quality.looks < kLooksLeast || quality.spread <= 0) return std::nullopt;
  return 1 / quality.spread;
}

void LookAtShares(Tick& tick, const Trusted& trusted, std::optional<double> intended) {
  if (trusted.traffic == nullptr) return;
  ShareQuality& quality = tick.memory.share;
  const double share = PublishedShare(tick.memory.layout, tick.policy.home);
  if (!intended || share <= 0 || share >= 1) return;
  const Duration ttl = std::max(trusted.traffic->ttl, Duration{1s});
  const auto measured = MeasuredHomeShare(*trusted.traffic, tick.policy.home);
  const bool tells = measured && share > kShareLeast && share < 1 - kShareLeast;
  const Duration settled = FromSeconds(tick.policy.drain.ttl_factor * Seconds(ttl));
  const bool due =
      tick.Lasted(tick.memory.layout_since, settled) && (!quality.looked_at || tick.Lasted(quality.looked_at, ttl));
  if (tells && due) {
    Look(quality, *measured, share, *intended);
    quality.looked_at = tick.now;
    if (quality.looks >= kLooksLeast && tick.policy.ramp.correct_bias) Correct(tick, share, ttl);
  }
  Tell(tick);
}

void LeanAgainstBias(const Tick& tick, const HomeStanding& home, std::map<SiteName, double>& shares) {
  const double correction = tick.memory.share.correction;
  const bool splits = tick.policy.mode == Mode::kWeighted || tick.policy.mode == Mode::kAuto;
  const auto at = shares.find(tick.policy.home);
  if (!tick.policy.ramp.correct_bias || correction == 0 || !splits || home.away() || shares.size() < 2) return;
  if (at == shares.end() || !tick.order.ratios.empty()) return;
  const double before = at->second;
  if (before <= kShareLeast || before >= 1 - kShareLeast) return;
  const double after = std::clamp(before + correction, kShareLeast, 1 - kShareLeast);
  for (auto& [site, share] : shares) share *= (1 - after) / (1 - before);
  at->second = after;
}

}  // namespace spillway
