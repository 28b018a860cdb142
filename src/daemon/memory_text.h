// An application's memory as JSON. Instants are written as wall times, because a monotonic clock means nothing to the
// next process.
#ifndef SPILLWAY_SRC_DAEMON_MEMORY_TEXT_H_
#define SPILLWAY_SRC_DAEMON_MEMORY_TEXT_H_

#include <string>

#include "src/base/result.h"
#include "src/base/time.h"
#include "src/core/memory.h"
#include "src/daemon/field_visit.h"

namespace spillway::daemon {

std::string MemoryText(const Memory& memory, Moment at);

// Fields that are absent or unknown are as if never seen; an instant that would lie in the future (the wall clock was
// set back) becomes now. Time passes while nobody runs, but not for drains: they go on where they were when the text
// was written, since the clock may have been set ahead meanwhile, and replicas that go too soon take users with them.
// kRejected: not JSON, another version, or a field of a wrong type.
Result<Memory> ParseMemory(const std::string& text, Moment at);
// The same, of a text that has been read already.
Result<Memory> ReadMemory(const JsonValue& json, Moment at);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_MEMORY_TEXT_H_
