// The last hour of every application, in samples: what the dashboard draws when it is opened.
#ifndef SPILLWAY_SRC_DAEMON_HISTORY_H_
#define SPILLWAY_SRC_DAEMON_HISTORY_H_

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "src/base/time.h"

namespace spillway::daemon {

struct AppView;

// One sample as JSON (docs/api.md, SAMPLE), of what was seen and decided in `view`.
std::string SampleJson(const AppView& view, WallTime at);

// Bounded by the configuration: kKept samples of each application. Safe from any thread.
class History {
 public:
  // Chosen: on a chart an hour wide, some three pixels; a sample has 200 to 300 bytes, so an application takes 100 kB.
  static constexpr Duration kEach = 10s;
  static constexpr Duration kSpan = 1h;
  static constexpr std::size_t kKept = 1 + kSpan / kEach;

  // The newest sample is the present: a later one takes its place until it is kEach away from the one before it.
  void Take(const std::string& app, WallTime at, std::string sample);

  // A sample of each record of the journal, oldest first: what a start knows of the hour before it.
  void Recall(const std::vector<std::string>& records);

  // Forgets the applications that are not among `apps`.
  void KeepOnly(const std::set<std::string>& apps);

  // Oldest first, younger than `since` if given, none older than kSpan before the newest.
  std::vector<std::string> Samples(const std::string& app, std::optional<WallTime> since) const;

 private:
  struct Kept {
    WallTime at;
    std::string text;
  };

  mutable std::mutex mutex_;
  std::map<std::string, std::deque<Kept>> samples_;  // by application
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_HISTORY_H_
