#include "src/base/http_date.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace spillway {
namespace {

// Never of the locale.
constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

std::string HttpDate(WallTime t) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(t.time_since_epoch()).count();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                 kDays.at(static_cast<std::size_t>(parts.tm_wday)), parts.tm_mday,
                                 kMonths.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900,
                                 parts.tm_hour, parts.tm_min, parts.tm_sec);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<WallTime> ParseHttpDate(const std::string& text) {
  std::tm parts{};
  std::array<char, 4> month{};
  int end = 0;
  const int read = std::sscanf(text.c_str(), "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &parts.tm_mday,
                               month.data(), &parts.tm_year, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &end);
  if (read != 6 || end != static_cast<int>(text.size())) return std::nullopt;
  parts.tm_year -= 1900;
  for (parts.tm_mon = 0; parts.tm_mon < 12; ++parts.tm_mon) {
    if (month.data() == std::string(kMonths.at(static_cast<std::size_t>(parts.tm_mon)))) break;
  }
  const std::time_t seconds = ::timegm(&parts);
  const WallTime t{std::chrono::duration_cast<WallTime::duration>(std::chrono::seconds{seconds})};
  // timegm carries over what does not exist, such as the 31st of June.
  return HttpDate(t) == text ? std::optional(t) : std::nullopt;
}

}  // namespace spillway
