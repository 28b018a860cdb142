// Open watches: each is a buffer that changes fill and a Tail empties.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_WATCH_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_WATCH_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/rng.h"
#include "src/base/time.h"
#include "tools/lab/fake.h"
#include "tools/lab/kubernetes/selector.h"
#include "tools/lab/kubernetes/store.h"

namespace spillway::lab::kube {

struct WatchRequest {
  std::string table, in_namespace;
  Selector labels, fields;
  bool bookmarks = false;
  Instant deadline;
  // An object as the watcher wants to see it: its view, perhaps as a Table.
  std::function<Tree(const Tree& object)> show;
  std::string kind, api_version;  // of bookmarks
};

// One line of the stream.
std::string WatchLine(std::string_view type, const Tree& object);

// Not synchronised, except that a Tail may be used by another thread at any time; the owner locks.
class Watches {
 public:
  // `buffer_cap`: bytes a watcher may lag behind; then its stream ends.
  // `ragged`: the seed of where a stream's bytes are cut into pieces; absent: they are not.
  Watches(Duration bookmark_period, std::size_t buffer_cap, std::optional<std::uint64_t> ragged = {});
  ~Watches();

  // `first`: lines that stand in the stream from the start.
  std::unique_ptr<Tail> Open(WatchRequest request, std::string first, Instant now);
  // A stream of these lines that ends after them.
  static std::unique_ptr<Tail> Ended(std::string lines);

  // Tells those whom it concerns. An object that leaves a selection is DELETED to that watcher, one that enters ADDED.
  void Tell(const Change& change);
  // Sends bookmarks and ends what has reached its deadline. `version`: the store's.
  void Advance(Instant now, std::int64_t version);
  std::optional<Instant> NextDue() const;
  // Breaks every stream.
  void CutAll();
  // Forgets every stream without ending it.
  void SilenceAll();

  // The event that `change` is to `request`, as a line; empty: none.
  static std::string LineFor(const WatchRequest& request, const Change& change);

 private:
  class Feed;
  class FeedTail;
  struct Watch {
    WatchRequest request;
    std::shared_ptr<Feed> feed;
    Instant next_bookmark;
    bool last_bookmark_sent = false;
  };
  void Forget();

  const Duration bookmark_period_;
  const std::size_t buffer_cap_;
  std::optional<Rng> ragged_;
  std::vector<Watch> watches_;
};

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_WATCH_H_
