// Which parts of the lab are broken now, and how.
#ifndef SPILLWAY_TOOLS_LAB_FAULT_BOARD_H_
#define SPILLWAY_TOOLS_LAB_FAULT_BOARD_H_

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/base/time.h"

namespace spillway::lab {

struct ActiveFault {
  int id = 0;
  std::string target;            // avi-us avi-eu k8s-us k8s-eu tunnel dns site-us site-eu autoscaler
  std::string kind;              // see FaultBoard::Kinds
  double value = 0;              // see docs/lab.md: milliseconds, a status, seconds, percent
  std::optional<Instant> until;  // absent: until it is removed
};

// Safe from several threads.
class FaultBoard {
 public:
  explicit FaultBoard(const Clock& clock) : clock_(clock) {}

  // Puts a fault up for `lasting` (absent: until removed); answers its id. `value` absent: the kind's usual one.
  // kRejected: no such target, it can't fail in that way, or a value that the kind needs is absent or out of its range;
  // the message says what is allowed.
  Result<int> Add(const std::string& target, const std::string& kind, std::optional<double> value,
                  std::optional<Duration> lasting);
  bool Remove(int id);
  void Clear();

  // Those that hold now, oldest first.
  std::vector<ActiveFault> Active() const;
  std::vector<ActiveFault> ActiveAt(std::string_view target) const;
  bool Is(std::string_view target, std::string_view kind) const { return Value(target, kind).has_value(); }
  // Of the latest fault of that kind; nullopt: there is none.
  std::optional<double> Value(std::string_view target, std::string_view kind) const;

  // Every target and the kinds it knows.
  static std::vector<std::string> Targets();
  static std::vector<std::string> Kinds(std::string_view target);

  // Called after each Add with the new fault, on the caller's thread: for kinds that happen once.
  void OnAdd(std::function<void(const ActiveFault&)> notify) { notify_ = std::move(notify); }

 private:
  const Clock& clock_;
  std::function<void(const ActiveFault&)> notify_;
  mutable std::mutex mutex_;
  int last_id_ = 0;
  std::vector<ActiveFault> faults_;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_FAULT_BOARD_H_
