#include "tools/ctl/watch.h"

#include <utility>

#include "src/base/join.h"
#include "tools/ctl/fields.h"
#include "tools/ctl/listing.h"
#include "tools/ctl/story.h"
#include "tools/ctl/text.h"
#include "tools/ctl/wait.h"

namespace spillway::ctl {
namespace {

// Chosen: an interruption is felt at once.
constexpr Duration kListen = 250ms;
// Chosen: a daemon that restarts is back within seconds.
constexpr Duration kAgain = 2s;
// Chosen: a screen's worth below the table.
constexpr std::size_t kKept = 8;

// Home, then clear to the end. Source: ECMA-48, CUP and ED.
constexpr char kFresh[] = "\x1b[H\x1b[2J";

// "settled: us 4 ready, 57.1%; azure-eu 3 ready, 42.9%"
std::string Settled(const JsonValue& state) {
  std::string text;
  for (const JsonValue& site : ListAt(state, "sites")) {
    Join(text, TextAt(site, "site") + " " + CountText(site, "replicas.ready") + " ready, " +
                   Percent(NumberAt(site, "share.written").value_or(0)));
  }
  return text.empty() ? text : "settled: " + text;
}

class Shown {
 public:
  Shown(const Command& command, Screen& screen) : command_(command), screen_(screen) {}

  void Take(const StreamEvent& event) {
    auto document = ParseJson(event.data);
    if (!document) return;
    if (command_.json) {
      screen_.out("{\"event\":\"" + event.name + "\",\"data\":" + event.data + "}\n");
    } else if (event.name == "state") {
      TakeState(*document);
    } else if (event.name == "decision") {
      TakeLine(RecordText(*document));
    } else if (event.name == "audit") {
      TakeLine(EntryText(*document));
    } else if (event.name == "gap") {
      TakeLine("! something was missed; spillwayctl history and audit have it\n");
    }
  }

  void Lost(const std::string& why) {
    if (!command_.json) TakeLine("! no news: " + why + "; trying again\n");
  }

 private:
  void TakeState(const JsonDocument& state) {
    const std::string app = TextAt(state, "app");
    if (screen_.redraws) {
      states_[app].CopyFrom(state, states_[app].GetAllocator());
      return Draw();
    }
    // Not on a terminal: a line when what is waited for has changed.
    const std::string still = ProgressOf(state).still;
    if (told_.contains(app) && told_[app] == still) return;
    told_[app] = still;
    screen_.out(
        Wrapped(TimeAt(state, "time") + " " + app + ": ", still.empty() ? Settled(state) : "waits, " + still, 2));
  }

  void TakeLine(const std::string& line) {
    if (!screen_.redraws) return screen_.out(line);
    lines_.push_back(line);
    if (lines_.size() > kKept) lines_.erase(lines_.begin());
    Draw();
  }

  void Draw() {
    JsonDocument apps;
    apps.SetArray();
    for (const auto& [app, state] : states_) {
      JsonValue copy;
      copy.CopyFrom(state, apps.GetAllocator());
      apps.PushBack(copy, apps.GetAllocator());
    }
    std::string text = kFresh + StatusText(apps) + "\n";
    for (const std::string& line : lines_) text += line;
    screen_.out(text);
  }

  const Command& command_;
  Screen& screen_;
  std::map<std::string, JsonDocument> states_;
  std::map<std::string, std::string> told_;
  std::vector<std::string> lines_;
};

}  // namespace

std::optional<StreamEvent> EventLines::Take(const std::string& line) {
  if (line.empty()) {
    StreamEvent whole = std::exchange(event_, {});
    if (whole.data.empty()) return std::nullopt;
    if (whole.name.empty()) whole.name = "message";
    return whole;
  }
  const std::size_t colon = line.find(':');
  if (colon == 0) return std::nullopt;  // a comment
  const std::string field = line.substr(0, colon);
  std::string value = colon == std::string::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) value.erase(0, 1);
  if (field == "event") event_.name = value;
  if (field == "id") event_.id = value;
  if (field == "data") Join(event_.data, value, "\n");
  return std::nullopt;
}

Answer Watch(const Command& command, Screen& screen) {
  auto made = Server::At(command);
  if (auto* failed = std::get_if<Answer>(&made)) return std::move(*failed);
  Server& server = std::get<Server>(made);
  const std::string query = command.operands.empty() ? "" : "?app=" + PercentEncode(command.app());
  Shown shown(command, screen);
  std::string last_id;
  for (bool first = true; !screen.stopped(); first = false) {
    auto opened = server.Open("/api/v1/stream" + query, last_id);
    if (auto* failed = std::get_if<Answer>(&opened)) {
      if (first || failed->exit != kUnreachable) return std::move(*failed);
      shown.Lost("spillwayd does not answer");
      screen.pause(kAgain);
      continue;
    }
    EventLines lines;
    LineStream& stream = *std::get<OpenedStream>(opened).lines;
    while (!screen.stopped()) {
      const LineStream::Item item = stream.Next(kListen);
      if (item.state == LineStream::State::kNothingYet) continue;
      if (item.state != LineStream::State::kLine) {
        shown.Lost(item.text.empty() ? "the stream ended" : item.text);
        screen.pause(kAgain);
        break;
      }
      const auto event = lines.Take(item.text);
      if (!event) continue;
      if (!event->id.empty()) last_id = event->id;
      shown.Take(*event);
    }
  }
  return {};
}

}  // namespace spillway::ctl
