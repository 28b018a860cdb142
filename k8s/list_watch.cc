#include "k8s/list_watch.h"

#include <algorithm>

namespace spillway::k8s {
namespace {

// Source: kubernetes/client-go tools/pager: 500 objects a page.
constexpr int kPage = 500;
// How long one watch is asked to last: 300 to 600 s, at random, so that many clients do not come back together.
// Source: kubernetes/client-go tools/cache/reflector.go, minWatchTimeout.
constexpr int kTimeoutLeast = 300;
constexpr std::uint64_t kTimeoutSpan = 301;

bool SameObjects(const std::map<ObjectKey, Object>& known, const std::vector<Object>& listed) {
  return known.size() == listed.size() && std::all_of(listed.begin(), listed.end(), [&](const Object& object) {
           const auto found = known.find(object.key);
           return found != known.end() && found->second.revision == object.revision;
         });
}

}  // namespace

std::string Collection::Path() const {
  return api + "/namespaces/" + PercentEncode(in_namespace) + "/" + PercentEncode(resource);
}

std::string Collection::Text() const { return resource + " in " + in_namespace; }

ListWatch::ListWatch(std::shared_ptr<Api> api, Collection collection, Clock& clock, Rng rng, WatchTimes times)
    : api_(std::move(api)),
      collection_(std::move(collection)),
      clock_(clock),
      times_(times),
      name_(api_->cluster() + " " + collection_.resource + " " + collection_.in_namespace +
            (collection_.name.empty() ? "" : "/" + collection_.name)),
      rng_(rng),
      backoff_(rng_.Split()) {}

Instant ListWatch::Step() {
  const Instant now = clock_.Now();
  if (cancelled_) return now + 1h;
  const bool open = stream_.lines != nullptr;
  if (!open && now < not_before_) return not_before_;
  if (!listed_) return ListOnePage();
  if (!open) return OpenWatch();
  if (now >= ConfirmDue()) return Confirm();
  return TakeLine();
}

void ListWatch::Cancel() {
  const std::scoped_lock lock(stream_mutex_);
  cancelled_ = true;
  if (stream_.lines) stream_.lines->Cancel();
}

HttpRequest ListWatch::ListRequest(const std::string& next) const {
  HttpRequest request;
  request.target = collection_.Path() + "?limit=" + std::to_string(kPage);
  if (!collection_.name.empty())
    request.target += "&fieldSelector=" + PercentEncode("metadata.name=" + collection_.name);
  if (!next.empty()) request.target += "&continue=" + PercentEncode(next);
  return request;
}

HttpRequest ListWatch::WatchRequest(int timeout_seconds) const {
  HttpRequest request;
  request.target = collection_.Path() +
                   "?watch=true&allowWatchBookmarks=true&resourceVersion=" + PercentEncode(revision_) +
                   "&timeoutSeconds=" + std::to_string(timeout_seconds);
  if (!collection_.name.empty())
    request.target += "&fieldSelector=" + PercentEncode("metadata.name=" + collection_.name);
  return request;
}

bool ListWatch::Wanted(const Object& object) const {
  return collection_.name.empty() || object.key.name == collection_.name;
}

Refusal ListWatch::Refused(const HttpResponse& response, const char* verb) const {
  Refusal refusal = ReadRefusal(response, std::string(verb) + " " + collection_.Text());
  if (refusal.code == 404 && !collection_.absent_hint.empty()) refusal.error.what += "; " + collection_.absent_hint;
  refusal.error = api_->Named(refusal.error);
  return refusal;
}

Instant ListWatch::ListOnePage() {
  if (next_page_.empty()) list_began_ = clock_.Now();
  const Result<HttpResponse> response = api_->Call(ListRequest(next_page_), times_.call_deadline);
  if (!response) return Fail(response.error());
  if (response->status != 200) {
    const Refusal refusal = Refused(*response, "list");
    const bool expired = refusal.code == 410 && !next_page_.empty();
    pages_.clear();
    next_page_.clear();
    if (!expired || list_restarted_) return Fail(refusal.error, refusal.retry_after);
    list_restarted_ = true;  // the snapshot is gone; a consistent list starts anew
    return clock_.Now();
  }
  Result<ListPage> page = ReadListPage(response->body);
  if (!page) {
    pages_.clear();
    next_page_.clear();
    return Fail(api_->Named({Code::kRetry, "cannot list " + collection_.Text() + ": " + page.error().what}));
  }
  for (Object& object : page->items) {
    if (Wanted(object)) pages_.push_back(std::move(object));
  }
  next_page_ = page->next;
  if (!next_page_.empty()) return clock_.Now();
  page->items = std::exchange(pages_, {});
  list_restarted_ = false;
  if (OfThePast(*page)) return ToldOfThePast();
  return TakeList(*std::move(page));
}

bool ListWatch::OfThePast(const ListPage& page) const {
  return std::any_of(page.items.begin(), page.items.end(),
                     [&](const Object& object) { return superseded_.Has(object.revision); });
}

Instant ListWatch::ToldOfThePast() {
  return Fail(api_->Named(
      {Code::kRetry, "cannot list " + collection_.Text() + ": the answer is older than what was seen before"}));
}

// Replaces the picture by a whole list that was begun at list_began_.
Instant ListWatch::TakeList(ListPage page) {
  Commit(list_began_, [&](std::map<ObjectKey, Object>& objects) {
    const bool news = !SameObjects(objects, page.items);
    objects.clear();
    for (Object& object : page.items) objects[object.key] = std::move(object);
    return news;
  });
  listed_ = true;
  revision_ = page.revision;
  revision_is_of_list_ = true;
  return clock_.Now();
}

Instant ListWatch::ConfirmDue() const {
  const Instant due = Look([&](const Picture& picture) {
    if (picture.failure) return stream_.opened_at + times_.shortest_life;
    return picture.as_of.value_or(stream_.opened_at) + times_.confirm_after;
  });
  return std::max(due, not_before_);
}

Instant ListWatch::Confirm() {
  list_began_ = clock_.Now();
  const Result<HttpResponse> response = api_->Call(ListRequest(""), times_.call_deadline);
  if (!response) return Fail(response.error());
  if (response->status != 200) {
    const Refusal refusal = Refused(*response, "list");
    return Fail(refusal.error, refusal.retry_after);
  }
  Result<ListPage> page = ReadListPage(response->body);
  if (!page) return Fail(api_->Named({Code::kRetry, "cannot list " + collection_.Text() + ": " + page.error().what}));
  if (!page->next.empty()) {  // too many for one page
    CloseStream();
    Relist();
    return clock_.Now();
  }
  std::erase_if(page->items, [&](const Object& object) { return !Wanted(object); });
  if (OfThePast(*page)) return ToldOfThePast();
  const bool same = Look([&](const Picture& picture) { return SameObjects(picture.objects, page->items); });
  // What the list shows and the stream did not tell may still be on its way, but the stream may also be half open.
  if (!same) CloseStream();
  backoff_.Succeeded();
  return TakeList(*std::move(page));
}

Instant ListWatch::OpenWatch() {
  const int timeout = kTimeoutLeast + static_cast<int>(rng_.Below(kTimeoutSpan));
  Result<OpenedStream> opened = api_->Open(WatchRequest(timeout), times_.call_deadline);
  if (!opened) return Fail(opened.error());
  if (opened->head.status != 200 || !opened->lines) return RefusedToWatch(Refused(opened->head, "watch"));
  const Instant now = clock_.Now();
  const std::scoped_lock lock(stream_mutex_);
  stream_ = {std::move(opened->lines), now, now + std::chrono::seconds(timeout) + times_.overdue_after, false};
  if (cancelled_) stream_.lines->Cancel();
  return now;
}

// The answer to a watch, or an ERROR inside one.
Instant ListWatch::RefusedToWatch(const Refusal& refusal) {
  CloseStream();
  if (refusal.code == 410) {
    Relist();
    if (revision_is_of_list_) BackOff();  // even a fresh list was too old
    return std::max(clock_.Now(), not_before_);
  }
  // 400 and 422: the server does not take the revision. 404: the resource has gone. Only a list can tell.
  if (refusal.error.code == Code::kRejected || refusal.error.code == Code::kMissing) Relist();
  return Fail(refusal.error, refusal.retry_after);
}

Instant ListWatch::TakeLine() {
  const Instant start = clock_.Now();
  const Duration wait = std::clamp(ConfirmDue() - start, Duration::zero(), times_.line_wait);
  const LineStream::Item item = stream_.lines->Next(wait);
  const Instant now = clock_.Now();
  switch (item.state) {
    case LineStream::State::kLine: {
      Result<WatchEvent> event = ReadWatchEvent(item.text, "watch " + collection_.Text());
      if (event) return TakeEvent(*std::move(event));
      CloseStream();
      Relist();
      return Fail(api_->Named({Code::kRetry, "cannot watch " + collection_.Text() + ": " + event.error().what}));
    }
    case LineStream::State::kNothingYet:
      if (now - stream_.opened_at >= times_.shortest_life) short_lives_ = 0;
      if (now >= stream_.overdue_at) CloseStream();
      // A simulated stream does not wait: then time is moved by whoever steps.
      return std::max(now, start + wait);
    case LineStream::State::kEnded:
      return StreamEnded("");
    case LineStream::State::kFailed:
      break;
  }
  return StreamEnded(item.text);
}

// `why`: empty after a clean end.
Instant ListWatch::StreamEnded(const std::string& why) {
  const Instant now = clock_.Now();
  const bool short_life = !stream_.had_line && now - stream_.opened_at < times_.shortest_life;
  CloseStream();
  if (cancelled_) return now + 1h;
  if (!short_life) {
    short_lives_ = 0;
    return now;
  }
  // Once may be a server that is just going down.
  if (++short_lives_ == 1) {
    BackOff();
    return not_before_;
  }
  return Fail(
      api_->Named({Code::kRetry, "cannot watch " + collection_.Text() + ": the stream ends as soon as it is open" +
                                     (why.empty() ? "" : ": " + why)}));
}

Instant ListWatch::TakeEvent(WatchEvent event) {
  if (event.type == EventType::kError) {
    event.refusal.error = api_->Named(event.refusal.error);
    if (event.refusal.code != 410) Relist();
    return RefusedToWatch(event.refusal);
  }
  const Instant now = clock_.Now();
  stream_.had_line = true;
  short_lives_ = 0;
  if (superseded_.Has(event.object.revision)) return now;  // told a second time
  backoff_.Succeeded();
  not_before_ = Instant{};
  revision_ = event.object.revision;
  revision_is_of_list_ = false;
  // The first events after a failure tell of what was missed, in order: the picture is of the past until a list
  // confirms it.
  const bool catching_up = Look([&](const Picture& picture) {
    return picture.failure.has_value() && picture.failure->since < stream_.opened_at;
  });
  Commit(catching_up ? std::nullopt : std::optional(now), [&](std::map<ObjectKey, Object>& objects) {
    if (event.type == EventType::kBookmark || !Wanted(event.object)) return false;
    if (event.type == EventType::kDeleted) {
      const auto gone = objects.extract(event.object.key);
      superseded_.Note(event.object.revision);
      if (!gone.empty()) superseded_.Note(gone.mapped().revision);
      return !gone.empty();
    }
    Object& known = objects[event.object.key];
    if (known.revision == event.object.revision) return false;
    superseded_.Note(known.revision);
    known = std::move(event.object);
    return true;
  });
  return now;
}

void ListWatch::Commit(std::optional<Instant> as_of, const std::function<bool(std::map<ObjectKey, Object>&)>& change) {
  bool news = false;
  {
    const std::scoped_lock lock(mutex_);
    const std::optional<Instant> before = picture_.as_of;
    news = change(picture_.objects) || (as_of && picture_.failure) || !before;
    if (as_of) {
      picture_.failure.reset();
      picture_.as_of = std::max(*as_of, before.value_or(*as_of));
    }
    if (news) {
      for (const auto& observer : observers_) observer->Changed(picture_, before, clock_.Now());
    }
  }
  if (news) NotifyChange();
}

Instant ListWatch::Fail(const Error& error, std::optional<Duration> retry_after) {
  const Instant now = clock_.Now();
  BackOff(retry_after);
  bool news = false;
  {
    const std::scoped_lock lock(mutex_);
    news = !picture_.failure || picture_.failure->code != error.code;
    picture_.failure = Failure{error.code, error.what, picture_.failure ? picture_.failure->since : now};
  }
  if (news) NotifyChange();
  return stream_.lines ? now : not_before_;
}

void ListWatch::BackOff(std::optional<Duration> retry_after) {
  const Instant now = clock_.Now();
  not_before_ = now + std::max(backoff_.Failed(now), retry_after.value_or(Duration::zero()));
}

void ListWatch::Relist() {
  listed_ = false;
  pages_.clear();
  next_page_.clear();
  list_restarted_ = false;
}

void ListWatch::CloseStream() {
  Stream closed;  // ends after the lock is let go: that may wait for the stream's thread
  const std::scoped_lock lock(stream_mutex_);
  std::swap(closed, stream_);
  if (closed.lines) closed.lines->Cancel();
}

}  // namespace spillway::k8s
