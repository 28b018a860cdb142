#include "avi/picture.h"

#include <utility>

namespace spillway::avi {
namespace {

bool SameReading(const Reading<TrafficState>& a, const Reading<TrafficState>& b) {
  if (a.seen.has_value() != b.seen.has_value() || a.failure.has_value() != b.failure.has_value()) return false;
  if (a.failure && a.failure->code != b.failure->code) return false;
  return !a.seen || SameForDecisions(a.seen->value, b.seen->value);
}

}  // namespace

std::size_t Picture::Add(ServiceOptions options) {
  const std::lock_guard lock(mutex_);
  Entry entry;
  entry.options = std::move(options);
  entries_.push_back(std::move(entry));
  return entries_.size() - 1;
}

std::size_t Picture::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

ServiceOptions Picture::options(std::size_t service) const {
  const std::lock_guard lock(mutex_);
  return entries_.at(service).options;
}

Reading<TrafficState> Picture::Read(std::size_t service, const Verdict& verdict) const {
  const std::lock_guard lock(mutex_);
  return ReadEntry(entries_.at(service), verdict);
}

Reading<TrafficState> Picture::ReadEntry(const Entry& entry, const Verdict& verdict) const {
  Reading<TrafficState> reading;
  reading.failure = entry.failure;
  if (!entry.seen) return reading;
  const bool unheard = entry.written && (!sync_ || sync_->as_of < *entry.written);
  const bool in_force = sync_ ? sync_->everywhere && !unheard : !unheard;
  reading.seen = Seen<TrafficState>{Overlay(entry.seen->value, verdict, in_force), entry.seen->as_of};
  return reading;
}

std::optional<ServiceJson> Picture::Json(std::size_t service) const {
  const std::lock_guard lock(mutex_);
  return entries_.at(service).json;
}

std::uint64_t Picture::Writes(std::size_t service) const {
  const std::lock_guard lock(mutex_);
  return entries_.at(service).writes;
}

void Picture::WriteTouched(std::size_t service) {
  const std::lock_guard lock(mutex_);
  ++entries_.at(service).writes;
}

void Picture::Take(Entry& entry, ServiceJson json, Instant as_of) {
  Result<ServiceView> view = ReadService(*json.config, json.runtime.get(), entry.options.members);
  entry.json = std::move(json);
  if (view) {
    entry.seen = Seen<ServiceView>{std::move(*view), as_of};
    entry.failure.reset();
  } else if (!entry.failure || entry.failure->what != view.error().what) {
    entry.failure = Failure{view.error().code, view.error().what, as_of};
  }
}

bool Picture::Update(std::size_t service, std::uint64_t writes, ServiceJson json, Instant as_of) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_.at(service);
  if (entry.writes != writes) return false;
  Take(entry, std::move(json), as_of);
  return true;
}

bool Picture::Confirm(std::size_t service, std::uint64_t writes, Instant as_of) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_.at(service);
  if (entry.writes != writes || !entry.seen || entry.failure) return false;
  entry.seen->as_of = as_of;
  return true;
}

void Picture::Written(std::size_t service, ServiceJson json, Instant as_of) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_.at(service);
  ++entry.writes;
  entry.written = as_of;
  Take(entry, std::move(json), as_of);
}

void Picture::Fail(std::size_t service, const Error& error, Instant now) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_.at(service);
  const Instant since = entry.failure ? entry.failure->since : now;
  entry.failure = Failure{error.code, error.what, since};
}

void Picture::InForce(std::optional<bool> everywhere, Instant as_of) {
  const std::lock_guard lock(mutex_);
  // Unknowable counts as everywhere: it must not hold up a drain for ever.
  sync_ = Sync{everywhere.value_or(true), as_of};
}

bool Picture::Changed(const Verdict& verdict) {
  const std::lock_guard lock(mutex_);
  bool changed = false;
  for (Entry& entry : entries_) {
    Reading<TrafficState> now = ReadEntry(entry, verdict);
    if (SameReading(now, entry.told)) continue;
    entry.told = std::move(now);
    changed = true;
  }
  return changed;
}

}  // namespace spillway::avi
