#include "tools/simulate/demand.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace spillway::sim {
namespace {

std::optional<double> Number(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

double DemandCurve::At(Duration since_start) const {
  if (points_.empty()) return 0;
  if (hint_ >= points_.size() || points_[hint_].at > since_start) hint_ = 0;
  while (hint_ + 1 < points_.size() && points_[hint_ + 1].at <= since_start) ++hint_;
  const Point& from = points_[hint_];
  if (since_start <= from.at || hint_ + 1 == points_.size()) return from.demand;
  const Point& to = points_[hint_ + 1];
  return from.demand + (to.demand - from.demand) * Seconds(since_start - from.at) / Seconds(to.at - from.at);
}

double DemandCurve::most() const {
  double most = 0;
  for (const Point& point : points_) most = std::max(most, point.demand);
  return most;
}

DemandCurve DemandCurve::Day(double low, double high, double hours) {
  std::vector<Point> points;
  constexpr int kEach = 5;  // minutes; a day has no corners that this would cut
  for (int minute = 0; minute <= static_cast<int>(hours * 60); minute += kEach) {
    const double phase = 2 * 3.14159265358979 * (minute / 1440.0 - 0.625);  // highest at 15:00
    points.push_back({std::chrono::minutes{minute}, low + (high - low) * (1 + std::cos(phase)) / 2});
  }
  return DemandCurve(std::move(points));
}

DemandCurve DemandCurve::Random(Rng rng, double most, Duration span) {
  std::vector<Point> points;
  double demand = 0.3 + rng.Fraction() * most / 2;
  points.push_back({Duration{}, demand});
  for (Duration at{}; at < span;) {
    at += FromSeconds(60 + rng.Fraction() * 1500);
    points.push_back({at, demand});
    const double next = rng.Chance(0.3) ? 0.3 + rng.Fraction() : 0.3 + rng.Fraction() * (most - 0.3);
    // A step, a spike, or a ramp of up to ten minutes.
    const double over = rng.Chance(0.3) ? 1 : 30 + rng.Fraction() * 570;
    at += FromSeconds(over);
    points.push_back({at, next});
    if (rng.Chance(0.2)) {
      at += FromSeconds(20 + rng.Fraction() * 120);
      points.push_back({at, next});
      at += 1s;
      points.push_back({at, demand});
      continue;
    }
    demand = next;
  }
  return DemandCurve(std::move(points));
}

Result<DemandCurve> DemandCurve::ParseCsv(const std::string& text) {
  std::vector<Point> points;
  int number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.empty() || line == "\r" || line.front() == '#') continue;
    const std::size_t comma = line.find(',');
    const auto seconds = Number(line.substr(0, comma));
    const auto demand = comma == std::string_view::npos ? std::nullopt : Number(line.substr(comma + 1));
    if (!seconds && number == 1) continue;
    const bool later = seconds && (points.empty() || FromSeconds(*seconds) > points.back().at);
    if (!seconds || !demand || *demand < 0 || !later) {
      return Error{Code::kRejected, "line " + std::to_string(number) +
                                        ": \"seconds,demand\" expected, in order of time, demand in replicas of home"};
    }
    points.push_back({FromSeconds(*seconds), *demand});
  }
  if (points.empty()) return Error{Code::kRejected, "the trace has no points"};
  return DemandCurve(std::move(points));
}

}  // namespace spillway::sim
