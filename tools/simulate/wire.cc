#include "tools/simulate/wire.h"

#include <algorithm>
#include <utility>

namespace spillway::sim {

// The reader's end of a watch.
class Wire::Stream final : public LineStream {
 public:
  Stream(Wire& wire, std::unique_ptr<lab::Tail> tail, Timeline::Id reader)
      : wire_(wire), tail_(std::move(tail)), reader_(reader) {}

  Item Next(Duration) override {
    told_ = false;
    Fetch();
    if (wire_.Has(Trouble::Kind::kCut) && !cancelled_) return {State::kNothingYet, {}};
    if (!lines_.empty()) {
      Item item{State::kLine, std::move(lines_.front())};
      lines_.pop_front();
      if (wire_.hooks_.heard) wire_.hooks_.heard();
      return item;
    }
    if (cancelled_) return {State::kFailed, "cancelled"};
    if (broken_) return {State::kFailed, "connection reset"};
    if (ended_) return {State::kEnded, {}};
    return {State::kNothingYet, {}};
  }

  void Cancel() override {
    cancelled_ = true;
    tail_.reset();
  }

  void Poke() {
    Fetch();
    const bool due = !lines_.empty() || broken_ || ended_;
    if (!due || told_ || wire_.Has(Trouble::Kind::kCut)) return;
    told_ = true;  // until it is read
    wire_.timeline_.Wake(reader_, wire_.timeline_.Now() + wire_.Latency());
  }

 private:
  void Fetch() {
    if (!tail_ || ended_ || broken_) return;
    const lab::Tail::Part part = tail_->Take();
    ended_ = part.ended;
    broken_ = part.broken;
    rest_ += part.bytes;
    std::size_t at = 0;
    for (std::size_t end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', at)) {
      if (wire_.Befalls(Trouble::Kind::kDropLines) == nullptr) {
        lines_.push_back(rest_.substr(at, end - at));
        if (wire_.Befalls(Trouble::Kind::kRepeatLines) != nullptr) lines_.push_back(lines_.back());
      }
      at = end + 1;
    }
    rest_.erase(0, at);
  }

  Wire& wire_;
  std::unique_ptr<lab::Tail> tail_;
  const Timeline::Id reader_;
  std::string rest_;
  std::deque<std::string> lines_;
  bool ended_ = false, broken_ = false, cancelled_ = false, told_ = false;
};

namespace {

// So that the wire and the reader can both hold on to one stream.
class Shared final : public LineStream {
 public:
  explicit Shared(std::shared_ptr<LineStream> stream) : stream_(std::move(stream)) {}
  Item Next(Duration wait) override { return stream_->Next(wait); }
  void Cancel() override { stream_->Cancel(); }

 private:
  std::shared_ptr<LineStream> stream_;
};

}  // namespace

Wire::Wire(Timeline& timeline, lab::Fake& fake, Timeline::Lane lane, Rng rng, WireHooks hooks)
    : timeline_(timeline), fake_(fake), lane_(lane), rng_(rng), hooks_(std::move(hooks)) {}

Wire::~Wire() = default;

bool Wire::Has(Trouble::Kind kind) const {
  return std::any_of(troubles_.begin(), troubles_.end(),
                     [&](const Trouble& trouble) { return trouble.kind == kind && trouble.until > timeline_.Now(); });
}

const Trouble* Wire::Befalls(Trouble::Kind kind) {
  for (const Trouble& trouble : troubles_) {
    if (trouble.kind == kind && trouble.until > timeline_.Now() && rng_.Chance(trouble.chance)) return &trouble;
  }
  return nullptr;
}

// Chosen: 1 to 12 ms each way, as between machines of one continent; enough for two calls to overlap.
Duration Wire::Latency() { return 1ms + FromSeconds(0.011 * rng_.Fraction()); }

void Wire::Sleep(Duration length, Instant until) {
  if (lane_ == Timeline::kNoLane) {
    timeline_.SleepUntil(std::min(timeline_.Now() + length, until));
  } else {
    const Timeline::Hold hold(timeline_, lane_);
    timeline_.SleepUntil(std::min(timeline_.Now() + length, until));
  }
  if (hooks_.alive) hooks_.alive();
}

Result<lab::Answer> Wire::Pass(HttpRequest request, Instant until) {
  const Error no_answer{Code::kRetry, "no answer in time"};
  const Error cut{Code::kRetry, "the connection was cut"};
  ++sent_;
  std::erase_if(troubles_, [&](const Trouble& trouble) { return trouble.until <= timeline_.Now(); });
  if (!Has(Trouble::Kind::kStale)) last_.clear();
  const Trouble* slow = Befalls(Trouble::Kind::kSlow);
  const Duration more = slow == nullptr ? Duration{} : FromSeconds(slow->value);
  Sleep(Latency() + more, until);
  if (Befalls(Trouble::Kind::kCut) != nullptr) return cut;
  if (Befalls(Trouble::Kind::kHang) != nullptr) {
    Sleep(1h, until);
    return no_answer;
  }
  if (timeline_.Now() >= until) return no_answer;
  if (const Trouble* trouble = Befalls(Trouble::Kind::kStatus)) {
    lab::Answer answer;
    answer.response.status = static_cast<int>(trouble->value);
    answer.response.headers.Set("Content-Type", "text/plain");
    answer.response.body = "the simulator was told to answer this\n";
    Sleep(Latency(), until);
    return answer;
  }
  const bool get = request.method == "GET";
  if (get && Befalls(Trouble::Kind::kStale) != nullptr && last_.contains(request.target)) {
    lab::Answer answer;
    answer.response = last_[request.target];
    Sleep(Latency(), until);
    return answer;
  }
  const std::string target = request.target;
  if (hooks_.tamper) hooks_.tamper(request);
  if (hooks_.before) hooks_.before(request);
  fake_.Advance();
  lab::Answer answer = fake_.Handle({request, "10.9.0.1", {}});
  if (hooks_.after) hooks_.after(request, answer.response);
  if (get && Has(Trouble::Kind::kStale)) last_[target] = answer.response;
  if (answer.fate == lab::Answer::Fate::kHung) {
    Sleep(1h, until);
    return no_answer;
  }
  if (answer.fate == lab::Answer::Fate::kDropped || Befalls(Trouble::Kind::kLoseAnswer) != nullptr) {
    Sleep(Latency(), until);
    return cut;
  }
  Sleep(Latency() + more + answer.delay, until);
  if (timeline_.Now() >= until) return no_answer;
  if (Befalls(Trouble::Kind::kCut) != nullptr) return cut;
  if (hooks_.heard && answer.response.status < 300) hooks_.heard();
  return answer;
}

Result<HttpResponse> Wire::Send(const HttpRequest& request, Duration deadline) {
  Result<lab::Answer> answer = Pass(request, timeline_.Now() + deadline);
  if (!answer) return answer.error();
  return std::move(answer->response);
}

Result<OpenedStream> Wire::Open(const HttpRequest& request, Duration deadline) {
  const Timeline::Id reader = timeline_.current();
  Result<lab::Answer> answer = Pass(request, timeline_.Now() + deadline);
  if (!answer) return answer.error();
  OpenedStream opened{std::move(answer->response), nullptr};
  if (opened.head.status != 200 || answer->tail == nullptr) return opened;
  auto stream = std::make_shared<Stream>(*this, std::move(answer->tail), reader);
  streams_.push_back(stream);
  opened.lines = std::make_unique<Shared>(stream);
  return opened;
}

void Wire::Poke() {
  std::erase_if(streams_, [](const std::weak_ptr<Stream>& stream) { return stream.expired(); });
  for (const auto& stream : streams_) {
    if (const auto held = stream.lock()) held->Poke();
  }
}

}  // namespace spillway::sim
