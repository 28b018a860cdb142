// A runbook: a named sequence of orders and checks in a YAML file, read whole or refused whole (docs/operations.md).
#ifndef SPILLWAY_TOOLS_CTL_RUNBOOK_BOOK_H_
#define SPILLWAY_TOOLS_CTL_RUNBOOK_BOOK_H_

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "src/base/time.h"
#include "src/daemon/config.h"
#include "tools/ctl/command.h"
#include "tools/ctl/runbook/condition.h"

namespace spillway::ctl {

enum class Do {
  kDrain,
  kUndrain,
  kMode,
  kPin,
  kPause,
  kResume,
  kFailover,
  kFailback,
  kClear,
  kWait,     // let time pass
  kConfirm,  // ask a person
  kCheck,    // only its conditions
};

enum class OnFailure {
  kStop,  // leave everything as it is; the same command goes on from there
  kUndo,  // end what the earlier steps began, the last first
  kGoOn,  // say so and take the next step
};

struct Step {
  Do what = Do::kCheck;
  std::string name;               // for people; "drain azure-eu" if the file has none
  Command order;                  // of an order: operands, reason, ticket, ttl, counts
  std::string question;           // of kConfirm
  Duration lasts{};               // of kWait
  std::vector<Condition> before;  // must hold, else it is not begun
  std::vector<Condition> during;  // must hold all the while
  std::vector<Condition> after;   // are waited for
  Duration within = kWaitMost;    // for all of it; 0 for a check: they must hold at once
  OnFailure on_failure = OnFailure::kStop;
};

struct Book {
  std::string name, tells, app;
  std::vector<Step> steps;  // at least one
};

using Settings = std::map<std::string, std::string>;

// Whether settings that have no value are mistakes, or (to check a file by itself) stand for any word.
enum class Unset { kMistake, kAnyWord };

// `text`: the file's content; `settings`: values for its ${NAME}s.
std::variant<Book, daemon::Mistakes> ReadBook(const std::string& text, const Settings& settings, Unset unset);

// It gives or ends an order.
bool IsOrder(Do what);
// Of IsOrder: the command it is.
Verb VerbOf(Do what);

// What ends the order that `step` gave, if it gave one: undrain, resume, failback, or (mode, pin) clear.
std::vector<Step> UndoOf(const Step& step);

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_RUNBOOK_BOOK_H_
