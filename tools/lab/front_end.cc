#include "tools/lab/front_end.h"

#include <algorithm>
#include <utility>

namespace spillway::lab {

FrontEnd::FrontEnd(std::string site, const Clock& clock, FrontEndOptions options)
    : site_(std::move(site)), clock_(clock), options_(options) {
  present_.filled = lately_.filled = clock.Now();
}

void FrontEnd::Fill(Bucket& bucket, Instant now) const {
  if (now <= bucket.filled) return;
  const double rate = bucket.replicas * options_.capacity_per_replica;
  const double most = bucket.replicas == 0 ? 0 : std::max(1.0, rate * options_.queue_seconds);
  bucket.tokens = std::min(most, bucket.tokens + rate * Seconds(now - bucket.filled));
  bucket.filled = now;
}

void FrontEnd::Resize(Bucket& bucket, int replicas, Instant now) const {
  Fill(bucket, now);
  if (replicas == bucket.replicas) return;
  // A new replica comes with its own empty queue, a lost one takes its part of the room along.
  const double room_of_one = options_.capacity_per_replica * options_.queue_seconds;
  bucket.tokens = std::max(0.0, bucket.tokens + (replicas - bucket.replicas) * room_of_one);
  bucket.replicas = replicas;
}

int FrontEnd::MostLately(Instant now) {
  while (!past_.empty() && past_.front().until + options_.scaled_away_for < now) past_.pop_front();
  int most = present_.replicas;
  for (const Past& past : past_) most = std::max(most, past.replicas);
  return most;
}

void FrontEnd::SetReplicas(int ready, int terminating) {
  const std::scoped_lock lock(mutex_);
  const Instant now = clock_.Now();
  ready_ = ready;
  const int serving = ready + terminating;
  if (serving < present_.replicas) past_.push_back({now, present_.replicas});
  Resize(present_, serving, now);
  Resize(lately_, MostLately(now), now);
}

Service FrontEnd::Arrive() {
  const std::scoped_lock lock(mutex_);
  const Instant now = clock_.Now();
  arrived_.Count(now);
  Fill(present_, now);
  Resize(lately_, MostLately(now), now);
  const bool could_lately = lately_.tokens >= 1;
  if (could_lately) lately_.tokens -= 1;
  if (present_.tokens >= 1) {
    present_.tokens -= 1;
    served_.Count(now);
    return Service::kServed;
  }
  if (present_.replicas == 0 || could_lately) {
    failed_.Count(now);
    return Service::kFailed;
  }
  overloaded_.Count(now);
  return Service::kOverloaded;
}

bool FrontEnd::Healthy() const {
  const std::scoped_lock lock(mutex_);
  return ready_ > 0;
}

FrontEndCounts FrontEnd::Totals() const {
  const std::scoped_lock lock(mutex_);
  return {arrived_.total(), served_.total(), overloaded_.total(), failed_.total()};
}

double FrontEnd::ArrivingPerSecond(Duration window) const {
  const std::scoped_lock lock(mutex_);
  return arrived_.PerSecond(clock_.Now(), window);
}

double FrontEnd::ServedPerSecond(Duration window) const {
  const std::scoped_lock lock(mutex_);
  return served_.PerSecond(clock_.Now(), window);
}

double FrontEnd::OverloadedPerSecond(Duration window) const {
  const std::scoped_lock lock(mutex_);
  return overloaded_.PerSecond(clock_.Now(), window);
}

double FrontEnd::FailedPerSecond(Duration window) const {
  const std::scoped_lock lock(mutex_);
  return failed_.PerSecond(clock_.Now(), window);
}

}  // namespace spillway::lab
