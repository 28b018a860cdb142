// When one target (a Deployment, a GSLB service) may be written again.
#ifndef SPILLWAY_SRC_DAEMON_WRITE_GUARD_H_
#define SPILLWAY_SRC_DAEMON_WRITE_GUARD_H_

#include <algorithm>
#include <optional>
#include <string>

#include "src/base/backoff.h"
#include "src/base/result.h"
#include "src/base/time.h"

namespace spillway::daemon {

// Keeps a write from being repeated before the picture can show what became of it, and a refused one from being
// repeated all the time. One thread.
class WriteGuard {
 public:
  explicit WriteGuard(Rng rng) : backoff_(rng) {}

  // May a write derived from this picture go out now?
  bool Open(Instant now, const std::string& revision, Instant as_of) const {
    if (now < not_before_) return false;
    if (!attempt_ || now >= attempt_->at + kPatience) return true;
    // Revisions move with every change, so the one that was written with is a picture from before the write.
    const bool moved = revision != attempt_->revision;
    return moved || (attempt_->unsure && as_of > attempt_->at);
  }

  // The earliest time at which Open may say yes although nothing new was seen.
  Instant NextTry() const { return attempt_ ? std::max(not_before_, attempt_->at + kPatience) : not_before_; }

  // A write with `revision` ended at `now`; `error` absent: it was done.
  void Attempted(Instant now, const std::string& revision, const std::optional<Error>& error) {
    attempt_ = Attempt{now, revision, false};
    if (!error) {
      backoff_.Succeeded();
      rereads_ = 0;
      not_before_ = Instant{};
      return;
    }
    switch (error->code) {
      case Code::kReread:  // at once, but with a newer picture
        not_before_ = ++rereads_ > kQuickRereads ? now + backoff_.Failed(now) : now;
        return;
      case Code::kRetry:
        attempt_->unsure = true;
        not_before_ = now + backoff_.Failed(now);
        return;
      case Code::kRejected:
      case Code::kMissing:
      case Code::kDenied:
        attempt_.reset();
        not_before_ = now + kSlowRetry;
        return;
    }
  }

 private:
  // Chosen: longer than a watch or a poll needs to show a write. If the picture does not move by then it is tried
  // again: the precondition of the write keeps that harmless.
  static constexpr Duration kPatience = 30s;
  // Chosen: what a person must mend is tried once a minute, so that the mended world is noticed without a restart.
  static constexpr Duration kSlowRetry = 60s;

  // Chosen: one foreign write is the normal course of things, several in a row are a contest that speed can't win.
  static constexpr int kQuickRereads = 3;

  struct Attempt {
    Instant at;
    std::string revision;
    bool unsure;  // it may have been applied, and a picture confirmed since then tells
  };
  Backoff backoff_;
  int rereads_ = 0;  // in a row
  std::optional<Attempt> attempt_;
  Instant not_before_{};
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_WRITE_GUARD_H_
