#include "k8s/quantity.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace spillway::k8s {
namespace {

constexpr auto kSuffixes = std::to_array<std::pair<std::string_view, double>>({
    {"", 1},
    {"n", 1e-9},
    {"u", 1e-6},
    {"m", 1e-3},
    {"k", 1e3},
    {"M", 1e6},
    {"G", 1e9},
    {"T", 1e12},
    {"P", 1e15},
    {"E", 1e18},
    {"Ki", 1024.},
    {"Mi", 1048576.},
    {"Gi", 1073741824.},
    {"Ti", 1099511627776.},
    {"Pi", 1125899906842624.},
    {"Ei", 1152921504606846976.},
});

}  // namespace

std::optional<double> ParseQuantity(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const bool begins =
      !text.empty() && (text.front() == '-' || text.front() == '.' || (text.front() >= '0' && text.front() <= '9'));
  if (!begins) return std::nullopt;
  double number = 0;
  // Reads an exponent too: "2e3" leaves nothing, of "2E" it leaves the suffix.
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (wrong != std::errc{} || !std::isfinite(number)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  for (const auto& [suffix, factor] : kSuffixes) {
    if (text == suffix && std::isfinite(number * factor)) return number * factor;
  }
  return std::nullopt;
}

std::optional<double> QuantityAt(const JsonValue& value, std::string_view dotted) {
  if (const auto text = StringAt(value, dotted)) return ParseQuantity(*text);
  return NumberAt(value, dotted);
}

}  // namespace spillway::k8s
