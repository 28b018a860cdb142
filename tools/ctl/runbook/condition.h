// What a runbook may ask of an application: a small, fixed vocabulary over STATE (docs/api.md).
#ifndef SPILLWAY_TOOLS_CTL_RUNBOOK_CONDITION_H_
#define SPILLWAY_TOOLS_CTL_RUNBOOK_CONDITION_H_

#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"

namespace spillway::ctl {

struct Condition {
  std::string text;     // as written, for people
  std::string subject;  // "share of", "served", "condition", …
  std::string site;     // empty: it is about the application
  bool negated = false;
  std::string op;     // "=" "!=" "<" "<=" ">" ">="; empty where nothing is compared
  double number = 0;  // of op
  std::string word;   // a phase, a health, a mode, a condition, a kind of order
};

// Every form, one a line, for people who wrote none of them.
std::string ConditionForms();

// kRejected: it is none; the error says what is allowed.
Result<Condition> ParseCondition(const std::string& text);

// Empty: it holds. Else what is so instead. What is not known, was not decided yet, or comes from an input that fails
// now does not hold.
std::string Missing(const Condition& condition, const JsonValue& state);

// Of all, what is missing; empty: all hold.
std::string Missing(const std::vector<Condition>& conditions, const JsonValue& state);

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_RUNBOOK_CONDITION_H_
