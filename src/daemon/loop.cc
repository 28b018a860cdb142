#include "src/daemon/loop.h"

#include <algorithm>

namespace spillway::daemon {

void Loop::Add(std::unique_ptr<App> app) {
  const std::lock_guard lock(mutex_);
  std::string name = app->name();
  Slot slot;
  slot.app = std::move(app);
  slot.due = clock_.Now();
  slots_.emplace(std::move(name), std::move(slot));
}

void Loop::Wake(const std::string& app) {
  const Instant now = clock_.Now();
  {
    const std::lock_guard lock(mutex_);
    const auto slot = slots_.find(app);
    if (slot == slots_.end()) return;
    if (!slot->second.signal) slot->second.signal = now;
    slot->second.due = std::min(slot->second.due, now);
  }
  changed_.notify_one();
}

void Loop::WakeAll() {
  std::vector<std::string> apps;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, slot] : slots_) apps.push_back(name);
  }
  for (const std::string& app : apps) Wake(app);
}

Loop::Slot* Loop::EarliestLocked() const {
  const Slot* earliest = nullptr;
  for (const auto& [name, slot] : slots_) {
    if (!slot.busy && (earliest == nullptr || slot.due < earliest->due)) earliest = &slot;
  }
  return const_cast<Slot*>(earliest);  // NOLINT: one search for the reader and the worker
}

Instant Loop::NextDue() const {
  const std::lock_guard lock(mutex_);
  const Slot* earliest = EarliestLocked();
  return earliest == nullptr ? Instant::max() : earliest->due;
}

bool Loop::RunDue(Instant now) {
  Slot* slot = nullptr;
  std::optional<Instant> signal;
  {
    const std::lock_guard lock(mutex_);
    slot = EarliestLocked();
    if (slot == nullptr || slot->due > now) return false;
    slot->busy = true;
    slot->due = Instant::max();
    signal = std::exchange(slot->signal, std::nullopt);
  }
  const Instant next = slot->app->Tick(signal);
  {
    const std::lock_guard lock(mutex_);
    slot->busy = false;
    slot->due = std::min(slot->due, next);  // a wake-up that came meanwhile is not lost
  }
  changed_.notify_all();
  return true;
}

void Loop::Work() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    const Slot* earliest = EarliestLocked();
    const Instant due = earliest == nullptr ? Instant::max() : earliest->due;
    const Instant now = clock_.Now();
    if (due <= now) {
      lock.unlock();
      RunDue(now);
      lock.lock();
    } else if (due == Instant::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, due);
    }
  }
}

void Loop::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

void Loop::WaitIdle(Duration most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, most, [this] {
    return std::none_of(slots_.begin(), slots_.end(), [](const auto& slot) { return slot.second.busy; });
  });
}

void Loop::Flush() {
  for (auto& [name, slot] : slots_) slot.app->Flush();
}

App* Loop::Find(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto slot = slots_.find(name);
  return slot == slots_.end() ? nullptr : slot->second.app.get();
}

std::vector<AppView> Loop::Views() const {
  std::vector<const App*> apps;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, slot] : slots_) apps.push_back(slot.app.get());
  }
  std::vector<AppView> views;
  views.reserve(apps.size());
  for (const App* app : apps) views.push_back(app->View());
  return views;
}

}  // namespace spillway::daemon
