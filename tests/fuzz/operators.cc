// What operators hand to spillwayctl, and what a run of it left behind.
#include <variant>

#include "src/base/json.h"
#include "tests/fuzz/entries.h"
#include "tools/ctl/runbook/book.h"
#include "tools/ctl/runbook/progress.h"

namespace spillway::fuzz {
namespace {

// A state in which every site and figure that a condition may name is known.
constexpr char kState[] = R"({"decidedAt":"2026-01-01T00:00:00Z","mode":"weighted","demand":{"replicas":6},"inputs":[],
  "conditions":[{"name":"HomeDown","detail":"x"}],"override":{"orders":[{"kind":"drain","actor":"otto"}]},
  "sites":[{"site":"us","share":{"intended":1,"written":1,"measured":1},"member":{"health":"up"},"phase":"home",
  "replicas":{"ready":4,"total":4}}]})";

void Use(const ctl::Book& book) {
  static const JsonDocument state = std::move(*ParseJson(kState));
  Promise(!book.name.empty() && !book.app.empty() && !book.steps.empty(), "a runbook has a name, an app and steps");
  for (const ctl::Step& step : book.steps) {
    Promise(!step.name.empty(), "a step can be named");
    Promise(step.lasts >= Duration{} && step.within >= Duration{}, "no time is negative");
    if (ctl::IsOrder(step.what)) Promise(!step.order.operands.empty(), "an order names its application");
    for (const auto* conditions : {&step.before, &step.during, &step.after}) {
      (void)ctl::Missing(*conditions, state);
      for (const ctl::Condition& condition : *conditions) {
        const auto again = ctl::ParseCondition(condition.text);
        Promise(again && again->subject == condition.subject, "a condition reads as it is written");
      }
    }
    for (const ctl::Step& undo : ctl::UndoOf(step)) {
      Promise(ctl::IsOrder(undo.what) && ctl::UndoOf(undo).empty(), "an undo gives an order that ends one");
    }
  }
}

}  // namespace

void Runbook(std::string_view bytes) {
  for (const ctl::Unset unset : {ctl::Unset::kMistake, ctl::Unset::kAnyWord}) {
    const auto read = ctl::ReadBook(std::string(bytes), {{"site", "us"}}, unset);
    if (const auto* mistakes = std::get_if<daemon::Mistakes>(&read)) {
      Promise(!mistakes->empty() && !daemon::MistakesText("f", *mistakes).empty(), "a refusal says why");
    } else {
      Use(std::get<ctl::Book>(read));
    }
  }
}

void RunbookProgress(std::string_view bytes) {
  const auto progress = ctl::ParseProgress(std::string(bytes));
  if (!progress) return Promise(!progress.error().what.empty(), "a refusal says why");
  const std::string text = ctl::ProgressText(*progress);
  const auto again = ctl::ParseProgress(text);
  Promise(again && ctl::ProgressText(*again) == text, "what was read can be written and read again");
}

}  // namespace spillway::fuzz
