// A fake's front door, broken as the fault board says.
#ifndef SPILLWAY_TOOLS_LAB_FAULTY_FAKE_H_
#define SPILLWAY_TOOLS_LAB_FAULTY_FAKE_H_

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "tools/lab/fake.h"
#include "tools/lab/fault_board.h"

namespace spillway::lab {

// Nothing is done, and:          down         the connection is cut
//                                hang         nothing ever comes, not on open watches either
//                                http         that status is answered
//                                rate-limit   429 is answered
// It is done, and:               latency      the answer leaves later
//                                lose-answer  a write's connection is cut before its answer; logins are spared
// Before a write:                conflict     somebody else changes the object
// Reads answer as the last time: stale        and watches fall silent; what happened meanwhile comes afterwards
class FaultyFake final : public Fake {
 public:
  // `touch` is somebody else's change of what the request is about to write.
  FaultyFake(Fake& inner, const FaultBoard& board, std::string target,
             std::function<void(const HttpRequest&)> touch = {})
      : inner_(inner), board_(board), target_(std::move(target)), touch_(std::move(touch)) {}
  Answer Handle(const Call& call) override;
  void Advance() override { inner_.Advance(); }
  std::optional<Instant> NextDue() const override { return inner_.NextDue(); }

 private:
  // The answer that was given the last time.
  std::optional<HttpResponse> Remembered(const HttpRequest& request) const;
  void Remember(const HttpRequest& request, const Answer& answer);

  Fake& inner_;
  const FaultBoard& board_;
  const std::string target_;
  const std::function<void(const HttpRequest&)> touch_;
  mutable std::mutex mutex_;
  std::map<std::string, HttpResponse> last_;  // by target of the request
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_FAULTY_FAKE_H_
