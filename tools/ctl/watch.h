// The stream of events, shown as it comes.
#ifndef SPILLWAY_TOOLS_CTL_WATCH_H_
#define SPILLWAY_TOOLS_CTL_WATCH_H_

#include <map>
#include <optional>
#include <string>

#include "tools/ctl/call.h"
#include "tools/ctl/screen.h"

namespace spillway::ctl {

// One server-sent event. Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
struct StreamEvent {
  std::string name, data, id;
};

// Puts events together from lines.
class EventLines {
 public:
  // The event that the line ends; most lines end none.
  std::optional<StreamEvent> Take(const std::string& line);

 private:
  StreamEvent event_;
};

// Shows the stream until interrupted (kDone). A stream that ends is opened again and goes on where it was; what was
// missed is said. kUnreachable: it could not be opened at all.
Answer Watch(const Command& command, Screen& screen);

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_WATCH_H_
