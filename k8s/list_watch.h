// Keeps a picture of some objects of one kind: a list, then a watch from there on, for ever.
#ifndef SPILLWAY_K8S_LIST_WATCH_H_
#define SPILLWAY_K8S_LIST_WATCH_H_

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "k8s/api.h"
#include "k8s/picture.h"
#include "k8s/superseded.h"
#include "k8s/wire.h"
#include "src/base/backoff.h"
#include "src/base/clock.h"
#include "src/base/rng.h"
#include "src/ports/feed.h"

namespace spillway::k8s {

// Which objects.
struct Collection {
  std::string api;       // "/apis/apps/v1"
  std::string resource;  // "deployments"
  std::string in_namespace;
  std::string name;         // of the one object; empty: all of the namespace
  std::string absent_hint;  // added when the API server does not know the resource at all

  // "/apis/apps/v1/namespaces/acme/deployments"
  std::string Path() const;
  // "deployments in acme"
  std::string Text() const;
};

struct WatchTimes {
  // Chosen: twice what a loaded API server needs for a page; a watch's head comes at once.
  Duration call_deadline = 10s;
  // Chosen: half of the default staleAfter (90 s), so that one failed try does not make the picture stale. Bookmarks
  // come about every minute, too late for that.
  Duration confirm_after = 45s;
  // Chosen: bounds a Step(). Lines end the wait at once, so it is no latency.
  Duration line_wait = 1s;
  // A stream that ends sooner, without any event, has failed.
  // Source: kubernetes/client-go tools/cache/reflector.go, "very short watch".
  Duration shortest_life = 1s;
  // Chosen: for a server that is late to end a stream; after that it is taken for half open.
  Duration overdue_after = 30s;
};

// How a watch ends, and what then:
//   * a clean end, or a cut after at least one line or a second: at once again, from the last revision seen;
//   * an end sooner than that: again after a back-off;
//   * 410, as an ERROR event or as an answer: list again and replace the picture (after a back-off if the revision came
//     fresh from a list); any other ERROR, and a line that makes no sense: the same, after a back-off;
//   * silence: after confirm_after, and after a failure as soon as a stream is open again, one list confirms the
//     picture; events that come before it tell of what was missed and do not make it fresh. If it shows the same
//     objects, the stream goes on; if not, the stream has lost events (half open) and is replaced.
// An answer that is older than what was seen before, such as a server's that lags behind the others, never replaces the
// picture: an event of the past is skipped, a list of the past is a failure, and the stream goes on.
// Every other refusal is a failure and is tried again after a back-off, or after Retry-After if that is longer.
class ListWatch final : public Feed {
 public:
  ListWatch(std::shared_ptr<Api> api, Collection collection, Clock& clock, Rng rng, WatchTimes times = {});

  Instant Step() override;
  void Cancel() override;
  const std::string& name() const override { return name_; }

  // Calls look(picture) under the picture's lock, from any thread. Keep it short.
  template <class F>
  auto Look(F look) const {
    const std::scoped_lock lock(mutex_);
    return look(picture_);
  }

  // To be called before the first Step().
  void Observe(std::shared_ptr<Observer> observer) { observers_.push_back(std::move(observer)); }

  const Collection& collection() const { return collection_; }

 private:
  struct Stream {
    std::shared_ptr<LineStream> lines;
    Instant opened_at{};
    Instant overdue_at{};
    bool had_line = false;
  };

  Instant ListOnePage();
  Instant TakeList(ListPage page);
  Instant Confirm();
  Instant OpenWatch();
  Instant TakeLine();
  Instant TakeEvent(WatchEvent event);
  Instant StreamEnded(const std::string& why);
  Instant RefusedToWatch(const Refusal& refusal);

  HttpRequest ListRequest(const std::string& next) const;
  HttpRequest WatchRequest(int timeout_seconds) const;
  bool Wanted(const Object& object) const;
  bool OfThePast(const ListPage& page) const;
  Instant ToldOfThePast();
  Instant ConfirmDue() const;
  Refusal Refused(const HttpResponse& response, const char* verb) const;

  // Makes `change` to the objects, which answers whether anything is new, and marks all as confirmed at `as_of`, unless
  // that is nullopt.
  void Commit(std::optional<Instant> as_of, const std::function<bool(std::map<ObjectKey, Object>&)>& change);
  // Records the failure and sets when to try again.
  Instant Fail(const Error& error, std::optional<Duration> retry_after = std::nullopt);
  void BackOff(std::optional<Duration> retry_after = std::nullopt);
  void Relist();
  void CloseStream();

  const std::shared_ptr<Api> api_;
  const Collection collection_;
  Clock& clock_;
  const WatchTimes times_;
  const std::string name_;
  Rng rng_;
  Backoff backoff_;
  std::vector<std::shared_ptr<Observer>> observers_;

  // Of the stepping thread.
  bool listed_ = false;
  std::vector<Object> pages_;         // of the list under way
  std::string next_page_;             // its continue token
  Instant list_began_{};              // its first request's time
  bool list_restarted_ = false;       // its token expired once already
  std::string revision_;              // from where to watch
  bool revision_is_of_list_ = false;  // nothing came after the list
  Superseded superseded_;
  int short_lives_ = 0;   // streams in a row that ended at once
  Instant not_before_{};  // of the next attempt
  std::atomic<bool> cancelled_ = false;

  std::mutex stream_mutex_;  // guards the pointer against Cancel(); only the stepping thread uses the stream
  Stream stream_;

  mutable std::mutex mutex_;
  Picture picture_;
};

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_LIST_WATCH_H_
