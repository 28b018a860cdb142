// Plays a runbook, step by step.
#ifndef SPILLWAY_TOOLS_CTL_RUNBOOK_RUNNER_H_
#define SPILLWAY_TOOLS_CTL_RUNBOOK_RUNNER_H_

#include <functional>
#include <optional>
#include <string>

#include "tools/ctl/runbook/book.h"
#include "tools/ctl/runbook/progress.h"
#include "tools/ctl/runbook/stage.h"

namespace spillway::ctl {

// What is kept of a run. `save` must be durable before it returns; an error ends the run before it does more.
struct Kept {
  std::function<Status(const RunProgress&)> save;
  std::function<void()> finished;  // done, or undone: there is nothing to go on with
  std::function<std::optional<double>(const Step&)> usual;
  std::function<void(const Step&, double seconds)> learn;
};

// Plays on from `progress`, and says on standard error how it goes. kDone: all steps are done or passed over. kRefused:
// a step failed (and what was done is undone, if the runbook says so). kTimedOut: interrupted. Others as the API's
// failures.
Answer Play(const Book& book, RunProgress& progress, const Kept& kept, Stage& stage);

// What Play would do: each step with its usual time, its limit, what becomes of it now, and what a failure does.
// kRefused: the run would fail at once.
Answer Rehearse(const Book& book, const RunProgress& progress, const Kept& kept, Stage& stage);

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_RUNBOOK_RUNNER_H_
