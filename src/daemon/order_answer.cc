#include "src/daemon/order_answer.h"

#include "src/base/time_text.h"
#include "src/daemon/json_out.h"
#include "src/daemon/plan.h"
#include "src/daemon/problem.h"
#include "src/daemon/words.h"

namespace spillway::daemon {
namespace {

void PutForecast(JsonOut& out, std::string_view key, const Forecast& forecast) {
  out.Begin(key).Put("mode", Word(forecast.mode)).Put("writesHeld", forecast.writes_held).BeginList("sites");
  for (const auto& [site, what] : forecast.sites) {
    out.Begin().Put("site", site).Put("replicas", what.replicas).Put("placement", PlacementText(what.placement));
    out.Put("share", Rounded(what.share)).End();
  }
  out.EndList().End();
}

void PutPlan(JsonOut& out, const Judgement& judgement) {
  if (!judgement.change) return;
  out.Begin("plan");
  PutForecast(out, "before", judgement.change->before);
  PutForecast(out, "atOnce", judgement.change->at_once);
  PutForecast(out, "after", judgement.change->after);
  out.End();
}

void PutWarnings(JsonOut& out, const Judgement& judgement) {
  out.BeginList("warnings");
  for (const std::string& warning : judgement.warnings) out.Text(warning);
  out.EndList();
}

std::string_view FieldOf(Action action) {
  if (action == Action::kMode) return "mode";
  return action == Action::kPin ? "ratios" : "site";
}

}  // namespace

std::string AcceptedJson(const std::string& app, const std::string& id, Action action, const Judgement& judgement,
                         std::optional<WallTime> expires) {
  JsonOut out;
  out.Begin().Put("accepted", true).Put("id", id).Put("app", app).Put("action", Word(action));
  if (expires) out.Put("expires", Rfc3339(*expires));
  if (!judgement.passed.empty()) out.Put("passed", judgement.passed);
  PutPlan(out, judgement);
  PutWarnings(out, judgement);
  out.End();
  return out.Take();
}

HttpReply RefusedReply(Action action, const Judgement& judgement) {
  const Refused& refused = *judgement.refused;
  if (refused.form) {
    return BadFields({{std::string(FieldOf(action)), refused.why + ", allowed is " + refused.satisfied_by + "."}});
  }
  const std::string detail = refused.why + ". What would satisfy it: " + refused.satisfied_by + ".";
  return ProblemWith(409, "Refused by a safety rule", detail, [&](JsonOut& out) {
    out.Put("accepted", false).Put("rule", refused.rule).Begin("figures");
    for (const Figure& figure : refused.compared) out.Put(figure.name, Rounded(figure.value));
    out.End().Put("satisfiedBy", refused.satisfied_by);
    PutPlan(out, judgement);
    PutWarnings(out, judgement);
  });
}

}  // namespace spillway::daemon
