#include "src/base/figure_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace spillway {
namespace {

std::string Printed(const char* format, double value) {
  std::array<char, 48> text{};
  const int n = std::snprintf(text.data(), text.size(), format, value);
  return {text.data(), static_cast<std::size_t>(n)};
}

}  // namespace

std::string Percent(double share) {
  const double percent = share * 100;
  return Printed(std::abs(percent - std::round(percent)) < 0.05 ? "%.0f%%" : "%.1f%%", percent);
}

std::string Number(double value) {
  std::string text = Printed("%.2f", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string Span(double seconds) {
  if (seconds < 1) return Printed("%.0fms", std::max(0.0, seconds) * 1000);
  const auto whole = static_cast<long>(seconds);
  if (whole < 60) return std::to_string(whole) + "s";
  if (whole < 3600) return std::to_string(whole / 60) + "m" + (whole % 60 ? std::to_string(whole % 60) + "s" : "");
  return std::to_string(whole / 3600) + "h" + (whole / 60 % 60 ? std::to_string(whole / 60 % 60) + "m" : "");
}

}  // namespace spillway
