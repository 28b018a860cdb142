#include "src/daemon/events.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace spillway::daemon {

std::string EventFrame(std::string_view kind, std::string_view id, std::string_view json) {
  std::string frame = "event: " + std::string(kind) + "\n";
  if (!id.empty()) frame += "id: " + std::string(id) + "\n";
  return frame + "data: " + std::string(json) + "\n\n";
}

Subscription::~Subscription() {
  const std::lock_guard lock(hub_.mutex_);
  hub_.listeners_.erase(this);
}

std::vector<EventText> Subscription::Take(Duration wait) {
  std::unique_lock lock(hub_.mutex_);
  changed_.wait_for(lock, wait, [this] { return ended_ || !states_.empty() || !records_.empty(); });
  std::vector<EventText> taken;
  if (ended_) return taken;
  // Records first: the state that follows them is the one they led to.
  taken.assign(std::make_move_iterator(records_.begin()), std::make_move_iterator(records_.end()));
  for (auto& [app, text] : states_) taken.push_back(std::move(text));
  records_.clear();
  states_.clear();
  return taken;
}

bool Subscription::ended() const {
  const std::lock_guard lock(hub_.mutex_);
  return ended_;
}

bool EventHub::Heard(const std::string& app) {
  const std::lock_guard lock(mutex_);
  return std::any_of(listeners_.begin(), listeners_.end(),
                     [&](const Subscription* listener) { return listener->Wants(app); });
}

void EventHub::State(const std::string& app, const std::function<std::string()>& json) {
  if (!Heard(app)) return;
  const auto text = std::make_shared<const std::string>(EventFrame("state", "", json()));
  const std::lock_guard lock(mutex_);
  for (Subscription* listener : listeners_) {
    if (!listener->Wants(app)) continue;
    listener->states_[app] = text;
    listener->changed_.notify_one();
  }
}

void EventHub::Record(std::string_view kind, const std::string& app, const std::string& json) {
  const std::lock_guard lock(mutex_);
  const std::string id = epoch_ + "-" + std::to_string(++last_);
  const auto text = std::make_shared<const std::string>(EventFrame(kind, id, json));
  kept_.push_back({last_, app, text});
  kept_bytes_ += text->size();
  while (kept_.size() > kReplay || (kept_bytes_ > kReplayBytes && kept_.size() > 1)) {
    kept_bytes_ -= kept_.front().text->size();
    kept_.pop_front();
  }
  for (Subscription* listener : listeners_) {
    if (!listener->Wants(app)) continue;
    listener->records_.push_back(text);
    listener->ended_ = listener->records_.size() > kLagMost;
    listener->changed_.notify_one();
  }
}

// False: some of them are gone, or the id is not one of ours.
bool EventHub::Replay(Subscription& to, const std::string& last_id) const {
  const std::string prefix = epoch_ + "-";
  std::uint64_t seen = 0;
  if (last_id.compare(0, prefix.size(), prefix) != 0) return false;
  const char* const end = last_id.data() + last_id.size();
  const auto [at, error] = std::from_chars(last_id.data() + prefix.size(), end, seen);
  if (error != std::errc{} || at != end || seen > last_) return false;
  for (const Kept& kept : kept_) {
    if (kept.number > seen && (to.app_.empty() || to.app_ == kept.app)) to.records_.push_back(kept.text);
  }
  return seen + kept_.size() >= last_;
}

EventHub::Opened EventHub::Subscribe(const std::string& app, const std::string& owner, const std::string& last_id) {
  Opened opened;
  std::unique_ptr<Subscription> subscription(new Subscription(*this, app, owner));
  const std::lock_guard lock(mutex_);
  const auto of_one = std::count_if(listeners_.begin(), listeners_.end(),
                                    [&](const Subscription* listener) { return listener->owner_ == owner; });
  if (listeners_.size() >= kListenersMost || static_cast<std::size_t>(of_one) >= kListenersOfOne) return opened;
  if (!last_id.empty()) opened.gap = !Replay(*subscription, last_id);
  listeners_.insert(subscription.get());
  opened.subscription = std::move(subscription);
  return opened;
}

void EventHub::EndAll() {
  const std::lock_guard lock(mutex_);
  for (Subscription* listener : listeners_) {
    listener->ended_ = true;
    listener->changed_.notify_one();
  }
}

}  // namespace spillway::daemon
