#ifndef SPILLWAY_SRC_PORTS_LEADERSHIP_H_
#define SPILLWAY_SRC_PORTS_LEADERSHIP_H_

#include <cstdint>
#include <optional>
#include <string>

#include "src/base/time.h"
#include "src/core/observation.h"

namespace spillway {

// Of several processes with one configuration one leads: it alone writes, to clusters, to Avi, and what is remembered.

// The right to write, as it is now.
struct Term {
  // Greater than that of every term of another process before it; 0 where there is no election. What was read in
  // another term may be old.
  std::int64_t number = 0;
  // No write may begin or last beyond this: until then no other process can have come to lead. Moves on while the
  // leadership is renewed.
  Instant until = Instant::max();
};

// For people, metrics and the API.
struct LeaderView {
  bool elected = false;  // false: there is no election, and this process is the only one
  bool leads = true;     // this process may write
  std::string identity;  // of this process; empty without an election
  std::string holder;    // of who leads, this process included; empty: nobody, or not known
  std::string url;       // of the holder's API, for those who want to write; empty: not told
  std::int64_t term = 0;
  std::optional<Instant> since;    // the holder has been the same since, as far as this process saw
  std::optional<Failure> failure;  // why the election can't be followed now
};

// Safe from any thread; never blocks.
class Leadership {
 public:
  virtual ~Leadership() = default;
  // nullopt: this process does not lead. To be asked before each write, with a deadline that ends by `until`.
  virtual std::optional<Term> Lead() const = 0;
  virtual LeaderView View() const = 0;
};

// The only process there is.
class Alone final : public Leadership {
 public:
  std::optional<Term> Lead() const override { return Term{}; }
  LeaderView View() const override { return {}; }
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_PORTS_LEADERSHIP_H_
