#ifndef SPILLWAY_SRC_PORTS_JOURNAL_H_
#define SPILLWAY_SRC_PORTS_JOURNAL_H_

#include <string>

namespace spillway {

// Append-only record of decisions and writes, one JSON text a line. Never blocks a decision on failure: a record that
// can't be kept is counted and logged by the implementation. Safe from any thread.
class Journal {
 public:
  virtual ~Journal() = default;
  virtual void Append(const std::string& line) = 0;
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_PORTS_JOURNAL_H_
