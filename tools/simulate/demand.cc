#include "tools/simulate/demand.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "tools/simulate/flags.h"

namespace spillway::sim {
namespace {

constexpr double kSecondsMost = 366.0 * 86400;

// One point; the error is what is wrong with the line.
Result<DemandCurve::Point> ParsePoint(std::string_view line, const std::vector<DemandCurve::Point>& before) {
  const auto wrong = [](const std::string& what) { return Error{Code::kRejected, what}; };
  const std::size_t comma = line.find(',');
  if (comma == std::string_view::npos) return wrong("no comma: a line is \"seconds,demand\"");
  if (line.find(',', comma + 1) != std::string_view::npos) return wrong("more than two columns: \"seconds,demand\"");
  const auto number = [&](std::string_view text, double most) {
    const auto value = ParseNumber(text);
    return value && *value >= 0 && *value <= most ? value : std::nullopt;
  };
  const auto seconds = number(line.substr(0, comma), kSecondsMost);
  if (!seconds) {
    return wrong("'" + std::string(line.substr(0, comma)) + "' is no time: seconds since the start, from 0 to a year");
  }
  const auto demand = number(line.substr(comma + 1), kDemandMost);
  if (!demand) {
    return wrong("'" + std::string(line.substr(comma + 1)) + "' is no demand: replicas of home, from 0 to 10000");
  }
  const DemandCurve::Point point{FromSeconds(*seconds), *demand};
  if (before.empty() || point.at > before.back().at) return point;
  return wrong("the time does not rise: the line before has " + std::to_string(before.back().at / 1s) + " s");
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

DemandCurve DemandCurve::Delayed(Duration by) const {
  std::vector<Point> points = points_;
  for (Point& point : points) point.at += by;
  return DemandCurve(std::move(points));
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

Result<DemandCurve> DemandCurve::ParseCsv(const std::string& text, const std::string& file) {
  std::vector<Point> points;
  int number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    const bool heading = number == 1 && std::isalpha(static_cast<unsigned char>(line.front())) != 0;
    if (heading) continue;
    const auto point = ParsePoint(line, points);
    if (!point) return Error{Code::kRejected, file + ":" + std::to_string(number) + ": " + point.error().what};
    points.push_back(*point);
  }
  if (points.empty()) return Error{Code::kRejected, file + ": no points; a line is \"seconds,demand\""};
  return DemandCurve(std::move(points));
}

}  // namespace spillway::sim
