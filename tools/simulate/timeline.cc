#include "tools/simulate/timeline.h"

#include <algorithm>
#include <utility>

namespace spillway::sim {

Timeline::Id Timeline::Add(std::string name, Lane lane, Instant first, Step step) {
  Actor actor;
  actor.name = std::move(name);
  actor.lane = lane;
  actor.due = first;
  actor.step = std::move(step);
  actors_.push_back(std::move(actor));
  return actors_.size() - 1;
}

void Timeline::Remove(Id id) {
  Actor& actor = actors_[id];
  actor.gone = true;
  if (!actor.acting) actor.step = nullptr;
}

void Timeline::Wake(Id id, Instant at) { actors_[id].due = std::min(actors_[id].due, at); }

Timeline::Actor* Timeline::NextBy(Instant limit, Id& id) {
  Actor* next = nullptr;
  for (Id i = 0; i < actors_.size(); ++i) {
    Actor& actor = actors_[i];
    if (actor.gone || actor.acting || actor.due > limit) continue;
    if (next != nullptr && actor.due >= next->due) continue;
    if (actor.lane != kNoLane && held_[actor.lane] > 0) continue;
    next = &actor;
    id = i;
  }
  return next;
}

void Timeline::MoveTo(Instant at) {
  if (at <= now_) return;
  wall_ += at - now_;
  now_ = at;
}

void Timeline::SleepUntil(Instant until) {
  const Id outer = current_;
  Id id = 0;
  while (Actor* actor = NextBy(until, id)) {
    MoveTo(actor->due);
    current_ = id;
    ++steps_;
    actor->acting = true;
    actor->due = Instant::max();
    const Instant next = actor->step();
    actor->acting = false;
    actor->due = std::min(actor->due, next);  // a wake-up that came meanwhile is not lost
    if (actor->gone) actor->step = nullptr;
    current_ = outer;
  }
  MoveTo(until);
}

}  // namespace spillway::sim
