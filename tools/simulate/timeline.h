// Virtual time, and who does what when. One thread: a step that waits lets time pass for everybody else.
#ifndef SPILLWAY_TOOLS_SIMULATE_TIMELINE_H_
#define SPILLWAY_TOOLS_SIMULATE_TIMELINE_H_

#include <deque>
#include <functional>
#include <map>
#include <string>

#include "src/base/clock.h"
#include "src/base/time.h"

namespace spillway::sim {

// Repeatable: actors that are due at the same time act in the order in which they were added.
class Timeline final : public Clock {
 public:
  using Step = std::function<Instant()>;  // answers when to be called again
  using Id = std::size_t;
  // Actors that share a lane other than kNoLane never act while another of them waits inside a call: they share locks,
  // and a lock that is waited for in real time would stand still for ever.
  using Lane = int;
  static constexpr Lane kNoLane = -1;

  Instant Now() const override { return now_; }
  WallTime WallNow() const override { return wall_; }

  // Inside a step: the others act until then. If one of them takes longer, it is later when this returns.
  void SleepUntil(Instant until) override;

  // Due for the first time at `first`.
  Id Add(std::string name, Lane lane, Instant first, Step step);
  // May be called while the actor acts; it then never acts again.
  void Remove(Id id);
  // Due at `at` at the latest.
  void Wake(Id id, Instant at);
  // The actor that acts now, innermost; only inside a step.
  Id current() const { return current_; }

  // From outside of every step: all act until `end`.
  void RunUntil(Instant end) { SleepUntil(end); }

  // Held while a call of that lane waits.
  class Hold {
   public:
    Hold(Timeline& timeline, Lane lane) : timeline_(timeline), lane_(lane) { ++timeline_.held_[lane_]; }
    ~Hold() { --timeline_.held_[lane_]; }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    Timeline& timeline_;
    Lane lane_;
  };

  std::uint64_t steps() const { return steps_; }

 private:
  struct Actor {
    std::string name;
    Lane lane = kNoLane;
    Instant due;
    Step step;
    bool acting = false;
    bool gone = false;
  };
  // nullptr: nobody. Sets `id`.
  Actor* NextBy(Instant limit, Id& id);
  void MoveTo(Instant at);

  Instant now_{std::chrono::hours{1}};
  WallTime wall_{std::chrono::hours{24 * 365 * 56}};
  std::deque<Actor> actors_;  // never shrinks: an Id is a position
  std::map<Lane, int> held_;
  Id current_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_TIMELINE_H_
