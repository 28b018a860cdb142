#include "src/daemon/change_rules.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>

#include "src/base/time_text.h"

namespace spillway::daemon {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr int kDay = 24 * 60;
constexpr int kWeek = 7 * kDay;

// "18:00"
std::optional<int> MinuteOfDay(std::string_view text) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : 100; };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const int hour = digit(0) * 10 + digit(1), minute = digit(3) * 10 + digit(4);
  if (hour > 23 || minute > 59) return std::nullopt;
  return hour * 60 + minute;
}

// "Fri 18:00"
std::optional<int> MinuteOfWeek(std::string_view text) {
  if (text.size() != 9 || text[3] != ' ') return std::nullopt;
  const auto* day = std::find(kDays.begin(), kDays.end(), text.substr(0, 3));
  const auto minute = MinuteOfDay(text.substr(4));
  if (day == kDays.end() || !minute) return std::nullopt;
  return static_cast<int>(day - kDays.begin()) * kDay + *minute;
}

// Minutes since Monday, 00:00, where this machine is.
int Present(WallTime now) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return (local.tm_wday + 6) % 7 * kDay + local.tm_hour * 60 + local.tm_min;
}

// Minutes until the end of `window`; 0: `minute` lies outside.
int MinutesLeft(const BlockedWindow& window, int minute) {
  const int turn = window.daily ? kDay : kWeek;
  const int length = (window.to - window.from + turn) % turn;
  const int into = (minute % turn - window.from + turn) % turn;
  return into < length ? length - into : 0;
}

}  // namespace

std::optional<BlockedWindow> ParseBlockedWindow(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  BlockedWindow window;
  window.daily = dash == 5;
  const auto read = window.daily ? MinuteOfDay : MinuteOfWeek;
  const auto from = read(text.substr(0, dash)), to = read(text.substr(dash + 1));
  if (!from || !to || *from == *to) return std::nullopt;
  window.from = *from;
  window.to = *to;
  window.text = text;
  return window;
}

std::optional<TimeRefusal> JudgeWindows(const ChangeRules& rules, WallTime now) {
  const int minute = Present(now);
  const BlockedWindow* longest = nullptr;
  int left = 0;
  for (const BlockedWindow& window : rules.blocked) {
    if (MinutesLeft(window, minute) <= left) continue;
    longest = &window;
    left = MinutesLeft(window, minute);
  }
  if (longest == nullptr) return std::nullopt;
  const std::string end = longest->text.substr(longest->text.find('-') + 1);
  return TimeRefusal{"BlockedWindow",
                     "traffic is not to be moved by hand " + longest->text + ", which goes on for " +
                         DurationText(std::chrono::minutes(left)),
                     {{"minutes_left", static_cast<double>(left)}},
                     "an order from " + end + " on, or force"};
}

std::optional<TimeRefusal> JudgePace(const ChangeRules& rules, std::optional<WallTime> moved_at, WallTime now) {
  // A clock that was set back must not block for longer than the rule says.
  if (!moved_at || now < *moved_at) return std::nullopt;
  const Duration since = now - *moved_at;
  if (since >= rules.min_between) return std::nullopt;
  const Duration left = std::chrono::ceil<std::chrono::seconds>(rules.min_between - since);
  return TimeRefusal{"MinimumBetweenChanges",
                     "the last order that moves something is " +
                         DurationText(std::chrono::floor<std::chrono::seconds>(since)) + " old, allowed is one each " +
                         DurationText(rules.min_between),
                     {{"seconds_since", Seconds(since)}, {"seconds_between", Seconds(rules.min_between)}},
                     "an order in " + DurationText(left)};
}

}  // namespace spillway::daemon
