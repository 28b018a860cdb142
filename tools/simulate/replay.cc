#include "tools/simulate/replay.h"

#include <string_view>

#include "src/base/join.h"
#include "src/base/json.h"
#include "src/base/time_text.h"
#include "src/core/decide.h"
#include "src/daemon/question_text.h"

namespace spillway::sim {
namespace {

// Any will do: a decision depends on how long ago things were, not on when.
constexpr Instant kNow{std::chrono::hours{24 * 365}};

// What is wrong with the record, or what is different now; empty: the same decision.
std::string DecideAgain(const JsonValue& record, std::size_t& decided) {
  const auto time = StringAt(record, "time");
  const auto wall = time ? ParseRfc3339(*time) : std::nullopt;
  const JsonValue* asked = Find(record, "question");
  const JsonValue* answered = Find(record, "answer");
  if (!wall || asked == nullptr || answered == nullptr) return "holds no question and answer; passed over";
  const auto question = daemon::ReadQuestion(*asked, kNow, *wall);
  if (!question) return "can't be asked again: " + question.error().what;
  ++decided;
  const Outcome outcome =
      Decide(question->policy, question->observation, question->override, question->memory, question->now);
  const auto again = ParseJson(daemon::AnswerText(outcome.decision, question->now));
  return Joined(daemon::Differences(*answered, *again));
}

}  // namespace

Replayed Replay(const std::string& journal) {
  Replayed replayed;
  std::size_t number = 0;
  for (std::size_t at = 0; at < journal.size();) {
    const std::size_t end = std::min(journal.find('\n', at), journal.size());
    const std::string_view line = std::string_view(journal).substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.empty()) continue;
    ++replayed.records;
    const auto record = ParseJson(line);
    const std::string place = "line " + std::to_string(number);
    if (!record || !record->IsObject()) {
      replayed.told.push_back(place + ": is no record" + (end == journal.size() ? " (cut off)" : ""));
      continue;
    }
    const std::size_t before = replayed.decided;
    const std::string what = DecideAgain(*record, replayed.decided);
    if (what.empty()) continue;
    if (replayed.decided > before) ++replayed.different;
    replayed.told.push_back(place + ", " + StringAt(*record, "time").value_or("no time") + ", " +
                            StringAt(*record, "app").value_or("no app") + ": " + what);
  }
  return replayed;
}

}  // namespace spillway::sim
