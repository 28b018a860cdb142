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
#include "tools/lab/fake.h"

namespace spillway::lab {

struct ActiveFault {
  int id = 0;
  std::string target;            // avi-us avi-eu k8s-us k8s-eu dns site-us site-eu
  std::string kind;              // see FaultBoard::Kinds
  double value = 0;              // latency: milliseconds; http: the status
  std::optional<Instant> until;  // absent: until it is removed
};

// Safe from several threads.
class FaultBoard {
 public:
  explicit FaultBoard(const Clock& clock) : clock_(clock) {}

  // Puts a fault up for `lasting` (absent: until removed); answers its id. kRejected: no such target, or it can't fail
  // in that way; the message says what is allowed.
  Result<int> Add(const std::string& target, const std::string& kind, double value, std::optional<Duration> lasting);
  bool Remove(int id);
  void Clear();

  // Those that hold now, oldest first.
  std::vector<ActiveFault> Active() const;
  std::vector<ActiveFault> ActiveAt(std::string_view target) const;
  bool Is(std::string_view target, std::string_view kind) const;

  // The kinds a target knows; empty: no such target.
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

// A fake with a fault board in front of it: down cuts the connection, hang never answers, latency answers later, http
// answers that status instead. In the first, second and fourth case the request is not executed.
class FaultyFake final : public Fake {
 public:
  FaultyFake(Fake& inner, const FaultBoard& board, std::string target)
      : inner_(inner), board_(board), target_(std::move(target)) {}
  Answer Handle(const Call& call) override;
  void Advance() override { inner_.Advance(); }
  std::optional<Instant> NextDue() const override { return inner_.NextDue(); }

 private:
  Fake& inner_;
  const FaultBoard& board_;
  const std::string target_;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_FAULT_BOARD_H_
