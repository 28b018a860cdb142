#include "tools/simulate/traces.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "src/base/rng.h"

namespace spillway::sim {
namespace {

using Points = std::vector<DemandCurve::Point>;

// Up within a second, down within a second.
void Burst(Points& points, Duration from, Duration until, double low, double high) {
  points.push_back({from, low});
  points.push_back({from + 1s, high});
  points.push_back({until, high});
  points.push_back({until + 1s, low});
}

DemandCurve Bursts(double low, double high, Duration first, Duration each, Duration every, int count) {
  Points points{{Duration{}, low}};
  for (int i = 0; i < count; ++i) Burst(points, first + i * every, first + i * every + each, low, high);
  return DemandCurve(std::move(points));
}

// A day squeezed into eight hours, a new value each minute: what a load balancer's counters look like. The noise
// remembers (0.9 of it from one minute to the next, 4 % of the load), and some minutes stand out by up to a half.
DemandCurve Recorded(std::uint64_t seed) {
  Rng rng(seed);
  const auto draw = [&] {  // about normal, variance 1
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += rng.Fraction();
    return sum;
  };
  Points points;
  double noise = 0;
  for (int minute = 0; minute <= 480; ++minute) {
    const double smooth = 2.0 + 4.5 * (1 - std::cos(2 * 3.14159265358979 * minute / 480)) / 2;
    noise = 0.9 * noise + std::sqrt(1 - 0.81) * draw();
    const double peak = rng.Chance(0.02) ? 0.5 * rng.Fraction() : 0;
    points.push_back({std::chrono::minutes{minute}, std::max(0.1, smooth * (1 + 0.04 * noise + peak))});
  }
  return DemandCurve(std::move(points));
}

}  // namespace

std::vector<Trace> Traces(std::uint64_t seed) {
  const auto trace = [](const char* name, const char* what, DemandCurve demand, Duration span) {
    return Trace{name, what, std::move(demand), span};
  };
  return {
      trace("calm", "3 all the time: home suffices", DemandCurve::Constant(3), 1h),
      trace("constant", "6 all the time", DemandCurve::Constant(6), 3h),
      trace("ramps", "2, in 20 minutes to 7, an hour there, in 20 minutes back",
            DemandCurve({{0s, 2}, {10min, 2}, {30min, 7}, {90min, 7}, {110min, 2}}), 160min),
      trace("step", "from 2 to 9 within a second, for 45 minutes", Bursts(2, 9, 10min, 45min, 1h, 1), 100min),
      trace("day", "1.5 at night, 7 in the afternoon", DemandCurve::Day(1.5, 7, 24), 24h),
      trace("spikes", "2.5, every 40 minutes 6.5 for five", Bursts(2.5, 6.5, 10min, 5min, 40min, 6), 5h),
      trace("flapping", "3.4 and 4.6 in turn, four minutes each", Bursts(3.4, 4.6, 8min, 4min, 8min, 22), 4h),
      trace("recorded", "a day in eight hours, noisy, from 2 to 6.5 and beyond", Recorded(seed), 8h),
  };
}

}  // namespace spillway::sim
