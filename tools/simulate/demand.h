// How much work arrives, over time.
#ifndef SPILLWAY_TOOLS_SIMULATE_DEMAND_H_
#define SPILLWAY_TOOLS_SIMULATE_DEMAND_H_

#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/base/rng.h"
#include "src/base/time.h"

namespace spillway::sim {

// The most that a trace may ask for, in replicas of home. Chosen: what a maxReplicas may be.
inline constexpr double kDemandMost = 10000;

// Points of a curve, in replicas of the home site; straight lines between them, the ends go on level.
class DemandCurve {
 public:
  struct Point {
    Duration at;
    double demand;
  };
  DemandCurve() = default;
  // Points in order of time.
  explicit DemandCurve(std::vector<Point> points) : points_(std::move(points)) {}

  double At(Duration since_start) const;
  double most() const;
  const std::vector<Point>& points() const { return points_; }

  // The same, `by` later.
  DemandCurve Delayed(Duration by) const;

  static DemandCurve Constant(double demand) { return DemandCurve({{Duration{}, demand}}); }

  // A day: low at night, high in the afternoon, `hours` long.
  static DemandCurve Day(double low, double high, double hours);

  // Steps, ramps and spikes between 0.3 and `most`, drawn at random.
  static DemandCurve Random(Rng rng, double most, Duration span);

  // Lines "seconds,demand", both at least 0, seconds rising; empty lines and such that begin with # mean nothing, a
  // first one that begins with a letter is a heading. kRejected: "FILE:LINE: what is wrong, what is allowed".
  static Result<DemandCurve> ParseCsv(const std::string& text, const std::string& file);

 private:
  std::vector<Point> points_;
  mutable std::size_t hint_ = 0;  // times are asked for in order
};

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_DEMAND_H_
