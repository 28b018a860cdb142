#include "tools/simulate/flags.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace spillway::sim {

std::optional<double> ParseNumber(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of(kSpace) - first + 1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

Result<Flags> Flags::Parse(const std::vector<std::string>& arguments, const std::vector<std::string_view>& switches,
                           const std::vector<std::string_view>& values) {
  Flags flags;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& name = arguments[i];
    if (std::find(switches.begin(), switches.end(), name) != switches.end()) {
      flags.given_[name] = "yes";
    } else if (std::find(values.begin(), values.end(), name) == values.end()) {
      return Error{Code::kRejected, "'" + name + "' is unknown"};
    } else if (i + 1 == arguments.size()) {
      return Error{Code::kRejected, name + " needs a value"};
    } else {
      flags.given_[name] = arguments[++i];
    }
  }
  return flags;
}

std::string Flags::Text(const std::string& name, const std::string& standard) const {
  const auto at = given_.find(name);
  return at == given_.end() ? standard : at->second;
}

Result<double> Flags::Number(const std::string& name, double standard, double least, double most) const {
  if (!Has(name)) return standard;
  const auto value = ParseNumber(Text(name));
  if (value && *value >= least && *value <= most) return *value;
  std::array<char, 64> range{};
  std::snprintf(range.data(), range.size(), "a number from %g to %g", least, most);
  return Error{Code::kRejected, name + " " + Text(name) + ": " + range.data() + " is allowed"};
}

}  // namespace spillway::sim
