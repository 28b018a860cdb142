// Leadership by a Lease of coordination.k8s.io/v1, with the rules of client-go's leader election.
#ifndef SPILLWAY_K8S_LEASE_H_
#define SPILLWAY_K8S_LEASE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "k8s/api.h"
#include "src/base/clock.h"
#include "src/base/json.h"
#include "src/base/rng.h"
#include "src/ports/feed.h"
#include "src/ports/leadership.h"

namespace spillway::k8s {

// Source: client-go tools/leaderelection, LeaderElectionConfig: 15 s, 10 s, 2 s; lease > renew > 1.2 * retry.
struct LeaseTimes {
  Duration lease = 15s;  // others wait this long after the last change of the Lease that they saw
  Duration renew = 10s;  // this process leads this long after its last renewal
  Duration retry = 2s;   // between two tries
  // Chosen: half of `renew`, so that a call that hangs leaves time for another one.
  Duration call = 5s;
};

struct LeaseOptions {
  std::string in_namespace, name;
  std::string identity;  // of this process, unlike any other's, an earlier one on this machine included
  std::string url;       // of its API; told to the others in the annotation spillway.io/url
  LeaseTimes times{};
};

// One candidate. Its feed's Step() makes one try: it renews what this process holds, reads what another one does, and
// takes what is free.
//
//   * Another's Lease is free when it names no holder or has not changed for its leaseDurationSeconds, measured on this
//     process' monotonic clock from the moment the last change was seen. Its times are never compared with ours.
//   * Every write carries the resourceVersion it was derived from, so of two candidates one wins. Whoever is not the
//     last holder raises leaseTransitions, which is the number of the term.
//   * This process leads from the answer of a write until `renew` after that write was sent. So it stops `lease -
//   renew`
//     before anybody else can begin, however long its calls hang. Suspended machines stop the monotonic clock: should
//     the wall clock say that more time has passed, that counts.
//   * A write without an answer may have been done: the Lease is read before it is written again.
class Lease final : public Feed, public Leadership {
 public:
  Lease(std::shared_ptr<Api> api, LeaseOptions options, Clock& clock, Rng rng);

  Instant Step() override;
  void Cancel() override;
  const std::string& name() const override { return text_; }

  std::optional<Term> Lead() const override;
  LeaderView View() const override;

  // Stops leading, then tells the others that they need not wait. To be called when Step() is not called any more.
  void Release(Duration deadline);

 private:
  enum class Put { kDone, kRefused, kFailed };
  struct Held {
    std::int64_t number = 0;
    Instant renewed_at;  // when the write that renewed it was sent
    WallTime renewed_wall;
  };

  void Try();
  bool Read();
  Put Write(const JsonDocument& lease, std::string_view doing);
  JsonDocument Taken() const;
  JsonDocument Released() const;
  void See(JsonDocument lease);
  void Follow();
  void Fail(const Error& error);
  std::optional<Duration> LeftLocked() const;
  bool Free() const;
  Instant NextTry(Instant began);
  void TellChange();

  const std::shared_ptr<Api> api_;
  const LeaseOptions options_;
  const std::string path_, text_;
  Clock& clock_;
  Rng rng_;
  std::atomic<bool> cancelled_ = false;

  // Of the stepping thread.
  std::optional<JsonDocument> seen_;  // the Lease as last seen; absent: it does not exist, or was never read
  Instant seen_at_{};                 // when it was first seen like that
  std::int64_t transitions_ = 0;      // the most ever seen
  bool sure_ = false;                 // seen_ is the answer to our last write
  std::optional<Error> refusal_;      // of the last write
  Instant next_try_{};
  std::string told_;

  mutable std::mutex mutex_;
  std::optional<Held> held_;
  LeaderView view_;
};

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_LEASE_H_
