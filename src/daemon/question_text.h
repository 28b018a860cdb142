// What Decide was asked, and what it answered, as JSON: a record of the journal holds both, so that anybody can make
// the decision again from the record alone.
#ifndef SPILLWAY_SRC_DAEMON_QUESTION_TEXT_H_
#define SPILLWAY_SRC_DAEMON_QUESTION_TEXT_H_

#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/core/decide.h"
#include "src/daemon/field_visit.h"

namespace spillway::daemon {

// The arguments of Decide.
struct Question {
  Policy policy;
  Observation observation;
  Override override;
  Memory memory;
  Instant now;
};

// `at`: the question's now on both clocks.
std::string QuestionText(const Question& question, WallTime wall);

// Every number comes back to its last digit. `now`: what the question's now shall be on the reader's clock. kRejected
// names the field that is of a wrong kind.
Result<Question> ReadQuestion(const JsonValue& json, Instant now, WallTime wall);

// What of a decision moves something or explains it; equal texts are equal decisions.
std::string AnswerText(const Decision& decision, Instant now);

// "sites.cloud.target: was 3, is 4" for everything that differs between two answers; empty: nothing does.
std::vector<std::string> Differences(const JsonValue& was, const JsonValue& is);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_QUESTION_TEXT_H_
