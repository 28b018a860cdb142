// When to probe what, and what a row of probes says. No sockets and no clock.
#ifndef SPILLWAY_TOOLS_LAB_PROBE_BOOK_H_
#define SPILLWAY_TOOLS_LAB_PROBE_BOOK_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/base/time.h"
#include "tools/lab/avi/federation.h"

namespace spillway::lab {

// One DNS service's probes. Not safe from several threads.
class ProbeBook {
 public:
  // Those of `targets` whose time has come. A new one is due at once; one that is no longer there is forgotten, so
  // that a member that comes back starts unknown.
  std::vector<avi::ProbeTarget> Due(const std::vector<avi::ProbeTarget>& targets, Instant now);

  // Takes one result. The verdict, where there is one: up after successful_checks in a row, down after failed_checks
  // in a row, in between what it was.
  std::optional<bool> Record(const avi::ProbeTarget& target, bool passed);

  // When Due() will next answer something, if the targets stay.
  std::optional<Instant> NextDue() const;

  // By address: up if every monitor that has a verdict says so. An address without a verdict is absent.
  std::map<std::string, bool> Verdicts() const;

 private:
  struct Entry {
    avi::ProbeTarget target;
    Instant due;
    int passed_in_a_row = 0;
    int failed_in_a_row = 0;
    std::optional<bool> up;
  };
  std::map<std::string, Entry> entries_;  // by address and monitor
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_PROBE_BOOK_H_
