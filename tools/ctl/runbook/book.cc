#include "tools/ctl/runbook/book.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <utility>

#include "src/base/time_text.h"
#include "src/core/policy.h"
#include "src/daemon/config_section.h"
#include "tools/ctl/runbook/settings.h"
#include "tools/ctl/wait.h"

namespace spillway::ctl {
namespace {

using daemon::kAnyText;
using daemon::kLabel;
using daemon::Need;
using daemon::ReadContext;
using daemon::Section;

const std::vector<std::pair<std::string, Do>> kDoes = {
    {"drain", Do::kDrain}, {"undrain", Do::kUndrain}, {"mode", Do::kMode},         {"pin", Do::kPin},
    {"pause", Do::kPause}, {"resume", Do::kResume},   {"failover", Do::kFailover}, {"failback", Do::kFailback},
    {"clear", Do::kClear}, {"wait", Do::kWait},       {"confirm", Do::kConfirm},   {"check", Do::kCheck}};

const std::vector<std::pair<std::string, OnFailure>> kFailures = {
    {"stop", OnFailure::kStop}, {"undo", OnFailure::kUndo}, {"go on", OnFailure::kGoOn}};

std::string WordOf(Do what) {
  return std::find_if(kDoes.begin(), kDoes.end(), [&](const auto& each) { return each.second == what; })->first;
}

// What of the whole file each step takes.
struct Shared {
  std::string app, reason, ticket;
  OnFailure on_failure = OnFailure::kStop;
};

void ReadConditions(Section& in, std::string_view name, std::vector<Condition>& out) {
  std::vector<std::string> texts;
  in.Texts(name, texts, kAnyText, Need::kOptional);
  for (const std::string& text : texts) {
    auto condition = ParseCondition(text);
    if (condition) {
      out.push_back(std::move(*condition));
    } else {
      in.Wrong(name, condition.error().what);
    }
  }
}

void ReadCounts(Section& in, std::string_view name, std::map<std::string, int>& out) {
  std::string text;
  in.Text(name, text, kAnyText);
  if (text.empty()) return;
  if (Status taken = ParseCounts(text, out); !taken) {
    in.Wrong(name, "\"" + text + "\": " + taken.error().what + ", allowed is SITE=N,...");
  }
}

void ReadOrder(Section& in, const Shared& shared, Step& step) {
  Command& order = step.order;
  order.verb = VerbOf(step.what);
  order.operands = {shared.app};
  order.reason = shared.reason;
  order.ticket = shared.ticket;
  if (step.what == Do::kMode) {
    Mode mode = Mode::kAuto;
    const std::vector<std::pair<std::string, Mode>> modes = {{"round-robin", Mode::kRoundRobin},
                                                             {"weighted", Mode::kWeighted},
                                                             {"active-passive", Mode::kActivePassive},
                                                             {"auto", Mode::kAuto}};
    if (in.readable() && !in.Has("mode")) in.Wrong("mode", "is missing, it is required");
    in.Choice<Mode>("mode", mode, modes);
    for (const auto& [text, value] : modes) {
      if (value == mode) order.operands.push_back(text);
    }
  }
  const bool of_site = step.what == Do::kDrain || step.what == Do::kUndrain;
  if (of_site || step.what == Do::kFailover) {
    std::string site;
    in.Text("site", site, kLabel, of_site ? Need::kRequired : Need::kOptional);
    if (!site.empty()) order.operands.push_back(site);
  }
  if (step.what == Do::kPin) {
    ReadCounts(in, "ratios", order.ratios);
    ReadCounts(in, "replicas", order.replicas);
    if (in.readable() && in.Has("ratios") == in.Has("replicas")) {
      in.Wrong("ratios", "exactly one of ratios and replicas is needed");
    }
  }
  if (!KindOf(order).empty()) {
    Duration ttl{};
    in.Time("ttl", ttl, {Duration{}, 168h});
    if (in.Has("ttl")) order.ttl = DurationText(ttl);
  }
}

void ReadStep(Section in, const Shared& shared, Step& step) {
  if (in.readable() && !in.Has("do")) in.Wrong("do", "is missing, it is required");
  in.Choice<Do>("do", step.what, kDoes);
  step.on_failure = shared.on_failure;
  if (step.what == Do::kCheck) step.within = {};
  in.Text("name", step.name, kAnyText);
  if (IsOrder(step.what)) ReadOrder(in, shared, step);
  if (step.what == Do::kConfirm) in.Text("question", step.question, kAnyText, Need::kRequired);
  if (step.what == Do::kWait) {
    if (in.readable() && !in.Has("lasts")) in.Wrong("lasts", "is missing, it is required");
    in.Time("lasts", step.lasts, {1s, 24h});
  }
  ReadConditions(in, "before", step.before);
  ReadConditions(in, "during", step.during);
  ReadConditions(in, "after", step.after);
  if (step.what == Do::kCheck && in.readable() && !in.Has("after")) in.Wrong("after", "is missing, it is required");
  if (IsOrder(step.what) && !in.Has("after")) step.after = {*ParseCondition("settled")};
  in.Time("within", step.within, {Duration{}, 24h});
  in.Choice<OnFailure>("onFailure", step.on_failure, kFailures);
  if (step.name.empty()) {
    step.name = WordOf(step.what);
    for (std::size_t i = 1; i < step.order.operands.size(); ++i) step.name += " " + step.order.operands[i];
  }
  in.Done();
}

Book ReadAll(ReadContext& context, const YAML::Node& root) {
  Book book;
  Shared shared;
  Section in(context, "", root, 1);
  std::string version;
  in.Text("apiVersion", version, kRunbookVersion, Need::kRequired);
  in.Text("name", book.name, kLabel, Need::kRequired);
  in.Text("tells", book.tells, kAnyText, Need::kRequired);
  in.Text("app", book.app, kLabel, Need::kRequired);
  in.Text("reason", shared.reason, kAnyText, Need::kRequired);
  in.Text("ticket", shared.ticket, kAnyText);
  in.Choice<OnFailure>("onFailure", shared.on_failure, kFailures);
  shared.app = book.app;
  if (in.readable() && !in.Has("steps")) in.Wrong("steps", "is missing, it is required");
  for (Section& step : in.Items("steps")) ReadStep(std::move(step), shared, book.steps.emplace_back());
  in.Done();
  return book;
}

}  // namespace

bool IsOrder(Do what) { return what <= Do::kClear; }

Verb VerbOf(Do what) {
  constexpr Verb kVerbs[] = {Verb::kDrain,  Verb::kUndrain,  Verb::kMode,     Verb::kPin,  Verb::kPause,
                             Verb::kResume, Verb::kFailover, Verb::kFailback, Verb::kClear};
  return kVerbs[static_cast<std::size_t>(what)];
}

std::vector<Step> UndoOf(const Step& step) {
  Step undo;
  switch (step.what) {
    case Do::kDrain:
      undo.what = Do::kUndrain;
      break;
    case Do::kPause:
      undo.what = Do::kResume;
      break;
    case Do::kFailover:
      undo.what = Do::kFailback;
      break;
    case Do::kMode:
    case Do::kPin:
      undo.what = Do::kClear;
      break;
    default:
      return {};
  }
  undo.order.verb = VerbOf(undo.what);
  undo.order.operands = {step.order.app()};
  if (step.what == Do::kDrain) undo.order.operands.push_back(step.order.operands[1]);
  undo.order.reason = step.order.reason;
  undo.order.ticket = step.order.ticket;
  undo.name = WordOf(undo.what) + (step.what == Do::kDrain ? " " + step.order.operands[1] : "");
  return {undo};
}

std::variant<Book, daemon::Mistakes> ReadBook(const std::string& text, const Settings& settings, Unset unset) {
  ReadContext context;
  Book book;
  try {
    YAML::Node root = YAML::Load(text);
    FillIn(root, settings, unset == Unset::kAnyWord, context);
    book = ReadAll(context, root);
  } catch (const YAML::Exception& e) {
    const int line = e.mark.is_null() ? 1 : e.mark.line + 1;
    return daemon::Mistakes{{line, "", "is not YAML: " + e.msg}};
  }
  if (context.mistakes.empty()) return book;
  std::stable_sort(context.mistakes.begin(), context.mistakes.end(),
                   [](const daemon::Mistake& a, const daemon::Mistake& b) { return a.line < b.line; });
  return context.mistakes;
}

}  // namespace spillway::ctl
