#include "tools/lab/kubernetes/watch.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace spillway::lab::kube {
namespace {

// Source: Kubernetes storage/cacher: a last bookmark goes out 2 s before the timeout.
constexpr Duration kBeforeDeadline = 2s;

bool Selected(const WatchRequest& request, const ObjectPtr& object) {
  return object != nullptr && request.labels.Fits(*object) && request.fields.Fits(*object);
}

}  // namespace

class Watches::Feed {
 public:
  explicit Feed(std::optional<Rng> ragged) : ragged_(ragged) {}
  void Push(std::string_view bytes, std::size_t cap) {
    const std::lock_guard lock(mutex_);
    if (ended_ || broken_) return;
    if (pending_.size() + bytes.size() > cap) {
      ended_ = true;
    } else {
      pending_ += bytes;
    }
    filled_.notify_all();
  }
  void End(bool broken) {
    const std::lock_guard lock(mutex_);
    (broken ? broken_ : ended_) = true;
    filled_.notify_all();
  }
  // The reader has gone.
  void Leave() { End(false); }
  bool over() const {
    const std::lock_guard lock(mutex_);
    return ended_ || broken_;
  }
  Tail::Part Take() {
    const std::lock_guard lock(mutex_);
    if (!ragged_ || pending_.size() < 2) return {std::exchange(pending_, {}), ended_, broken_};
    const std::size_t cut = 1 + ragged_->Below(pending_.size());
    Tail::Part part{pending_.substr(0, cut), ended_ && cut == pending_.size(), broken_ && cut == pending_.size()};
    pending_.erase(0, cut);
    return part;
  }
  void Wait(Duration most) {
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, most, [&] { return !pending_.empty() || ended_ || broken_; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::string pending_;
  std::optional<Rng> ragged_;
  bool ended_ = false;
  bool broken_ = false;
};

class Watches::FeedTail final : public Tail {
 public:
  explicit FeedTail(std::shared_ptr<Feed> feed) : feed_(std::move(feed)) {}
  ~FeedTail() override { feed_->Leave(); }
  Part Take() override { return feed_->Take(); }
  void Wait(Duration most) override { feed_->Wait(most); }

 private:
  std::shared_ptr<Feed> feed_;
};

std::string WatchLine(std::string_view type, const Tree& object) {
  return "{\"type\":\"" + std::string(type) + "\",\"object\":" + object.Text() + "}\n";
}

Watches::Watches(Duration bookmark_period, std::size_t buffer_cap, std::optional<std::uint64_t> ragged)
    : bookmark_period_(std::max<Duration>(bookmark_period, 1ms)), buffer_cap_(buffer_cap) {
  if (ragged) ragged_ = Rng(*ragged);
}

Watches::~Watches() { CutAll(); }

std::unique_ptr<Tail> Watches::Open(WatchRequest request, std::string first, Instant now) {
  auto feed = std::make_shared<Feed>(ragged_ ? std::optional(ragged_->Split()) : std::nullopt);
  feed->Push(first, std::max(buffer_cap_, first.size()));
  watches_.push_back({std::move(request), feed, now + bookmark_period_});
  return std::make_unique<FeedTail>(std::move(feed));
}

std::unique_ptr<Tail> Watches::Ended(std::string lines) {
  auto feed = std::make_shared<Feed>(std::nullopt);
  feed->Push(lines, lines.size());
  feed->End(false);
  return std::make_unique<FeedTail>(std::move(feed));
}

std::string Watches::LineFor(const WatchRequest& request, const Change& change) {
  if (change.table != request.table) return {};
  if (!request.in_namespace.empty() && change.key.in_namespace != request.in_namespace) return {};
  const bool was = Selected(request, change.before);
  const bool is = Selected(request, change.after);
  if (is) return WatchLine(was ? "MODIFIED" : "ADDED", request.show(*change.after));
  if (!was) return {};
  Tree last = *change.before;  // what the watcher knew, with the version of the event that took it away
  last.Make("metadata.resourceVersion") = std::to_string(change.version);
  return WatchLine("DELETED", request.show(last));
}

void Watches::Tell(const Change& change) {
  for (const Watch& watch : watches_) {
    const std::string line = LineFor(watch.request, change);
    if (!line.empty()) watch.feed->Push(line, buffer_cap_);
  }
  Forget();
}

void Watches::Advance(Instant now, std::int64_t version) {
  for (Watch& watch : watches_) {
    const bool last = !watch.last_bookmark_sent && now >= watch.request.deadline - kBeforeDeadline;
    if (watch.request.bookmarks && (last || now >= watch.next_bookmark)) {
      const Tree mark(Tree::Object{{"kind", watch.request.kind},
                                   {"apiVersion", watch.request.api_version},
                                   {"metadata", Tree::Object{{"resourceVersion", std::to_string(version)}}}});
      watch.feed->Push(WatchLine("BOOKMARK", mark), buffer_cap_);
    }
    watch.last_bookmark_sent = watch.last_bookmark_sent || last;
    while (watch.next_bookmark <= now) watch.next_bookmark += bookmark_period_;
    if (now >= watch.request.deadline) watch.feed->End(false);
  }
  Forget();
}

std::optional<Instant> Watches::NextDue() const {
  std::optional<Instant> next;
  for (const Watch& watch : watches_) {
    Instant due = watch.request.deadline;
    if (watch.request.bookmarks) {
      due = std::min(due, watch.next_bookmark);
      if (!watch.last_bookmark_sent) due = std::min(due, watch.request.deadline - kBeforeDeadline);
    }
    if (!next || due < *next) next = due;
  }
  return next;
}

void Watches::CutAll() {
  for (const Watch& watch : watches_) watch.feed->End(true);
  watches_.clear();
}

void Watches::SilenceAll() { watches_.clear(); }

void Watches::Forget() {
  std::erase_if(watches_, [](const Watch& watch) { return watch.feed->over(); });
}

}  // namespace spillway::lab::kube
