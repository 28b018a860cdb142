#include "src/base/time_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace spillway {
namespace {

struct Unit {
  std::string_view name;
  Duration length;
};
constexpr std::array<Unit, 4> kUnits = {{{"h", 1h}, {"ms", 1ms}, {"m", 1min}, {"s", 1s}}};
constexpr std::int64_t kMostUnits = 1'000'000;  // of one unit: far beyond any sensible setting, far below overflow
constexpr Duration kMost = kMostUnits * 1h;     // of all together, or enough of them would overflow

// Reads exactly `digits` digits at `at` and moves past them; -1 if they are not there.
int Digits(std::string_view text, std::size_t& at, std::size_t digits) {
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i, ++at) {
    if (at >= text.size() || std::isdigit(static_cast<unsigned char>(text[at])) == 0) return -1;
    value = value * 10 + (text[at] - '0');
  }
  return value;
}

bool Skip(std::string_view text, std::size_t& at, char c) {
  if (at >= text.size() || text[at] != c) return false;
  ++at;
  return true;
}

// Two digits of something below a hundred.
void TwoDigits(char* at, unsigned value) {
  at[0] = static_cast<char>('0' + value / 10 % 10);
  at[1] = static_cast<char>('0' + value % 10);
}

// By hand, for memory and journal are full of times and snprintf was a tenth of writing them.
std::string Calendar(WallTime t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<std::chrono::seconds> time(std::chrono::floor<std::chrono::seconds>(t - day));
  const auto year = static_cast<unsigned>(std::clamp(static_cast<int>(date.year()), 0, 9999));
  std::string text = "0000-00-00T00:00:00";
  TwoDigits(&text[0], year / 100);
  TwoDigits(&text[2], year % 100);
  TwoDigits(&text[5], static_cast<unsigned>(date.month()));
  TwoDigits(&text[8], static_cast<unsigned>(date.day()));
  TwoDigits(&text[11], static_cast<unsigned>(time.hours().count()));
  TwoDigits(&text[14], static_cast<unsigned>(time.minutes().count()));
  TwoDigits(&text[17], static_cast<unsigned>(time.seconds().count()));
  return text;
}

// ".123456789" as microseconds, digits beyond the sixth dropped; -1 if malformed.
std::int64_t Fraction(std::string_view text, std::size_t& at) {
  std::int64_t micros = 0;
  int digits = 0;
  for (; at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0; ++at, ++digits) {
    if (digits < 6) micros = micros * 10 + (text[at] - '0');
  }
  for (int i = digits; i < 6; ++i) micros *= 10;
  return digits >= 1 && digits <= 9 ? micros : -1;
}

// "Z" or "+hh:mm"; nullopt if malformed.
std::optional<std::chrono::minutes> Offset(std::string_view text, std::size_t& at) {
  if (Skip(text, at, 'Z') || Skip(text, at, 'z')) return std::chrono::minutes{0};
  const bool east = Skip(text, at, '+');
  if (!east && !Skip(text, at, '-')) return std::nullopt;
  const int hours = Digits(text, at, 2);
  if (!Skip(text, at, ':')) return std::nullopt;
  const int minutes = Digits(text, at, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const std::chrono::minutes offset = std::chrono::hours{hours} + std::chrono::minutes{minutes};
  return east ? offset : -offset;
}

}  // namespace

std::optional<Duration> ParseDuration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  Duration sum{};
  while (!text.empty()) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || text.front() == '-' || count > kMostUnits) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const Unit* unit = nullptr;
    for (const Unit& candidate : kUnits) {
      if (unit == nullptr && text.substr(0, candidate.name.size()) == candidate.name) unit = &candidate;
    }
    if (unit == nullptr) return std::nullopt;
    text.remove_prefix(unit->name.size());
    sum += count * unit->length;
    if (sum > kMost) return std::nullopt;
  }
  return sum;
}

std::string DurationText(Duration d) {
  auto left = std::chrono::round<std::chrono::milliseconds>(d).count();
  if (left <= 0) return "0s";
  std::string text;
  auto take = [&](std::int64_t unit, const char* name) {
    if (left >= unit) text += std::to_string(left / unit) + name;
    left %= unit;
  };
  take(3'600'000, "h");
  take(60'000, "m");
  take(1'000, "s");
  take(1, "ms");
  return text;
}

std::string Rfc3339(WallTime t) { return Calendar(t) + "Z"; }

std::string Rfc3339Micro(WallTime t) {
  const auto micros = static_cast<unsigned>((t - std::chrono::floor<std::chrono::seconds>(t)).count());
  std::string text = Calendar(t) + ".000000Z";
  TwoDigits(&text[20], micros / 10'000);
  TwoDigits(&text[22], micros / 100);
  TwoDigits(&text[24], micros);
  return text;
}

std::optional<WallTime> ParseRfc3339(std::string_view text) {
  std::size_t at = 0;
  const int year = Digits(text, at, 4);
  if (!Skip(text, at, '-')) return std::nullopt;
  const int month = Digits(text, at, 2);
  if (!Skip(text, at, '-')) return std::nullopt;
  const int day = Digits(text, at, 2);
  if (!Skip(text, at, 'T') && !Skip(text, at, 't')) return std::nullopt;
  const int hour = Digits(text, at, 2);
  if (!Skip(text, at, ':')) return std::nullopt;
  const int minute = Digits(text, at, 2);
  if (!Skip(text, at, ':')) return std::nullopt;
  const int second = Digits(text, at, 2);
  const std::int64_t micros = Skip(text, at, '.') ? Fraction(text, at) : 0;
  const auto offset = Offset(text, at);
  if (!offset || at != text.size() || micros < 0) return std::nullopt;

  const std::chrono::year_month_day date(std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)});
  if (year < 0 || month < 0 || day < 0 || !date.ok()) return std::nullopt;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours{hour} + std::chrono::minutes{minute} +
         std::chrono::seconds{second} + Duration{micros} - *offset;
}

}  // namespace spillway
