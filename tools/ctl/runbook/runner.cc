#include "tools/ctl/runbook/runner.h"

#include <algorithm>
#include <utility>

#include "src/base/join.h"
#include "tools/ctl/fields.h"
#include "tools/ctl/text.h"
#include "tools/ctl/wait.h"

namespace spillway::ctl {
namespace {

// Chosen: often enough for a person, seldom enough for a server.
constexpr Duration kEach = 1s;
// Chosen: how often a line may tell what is still waited for.
constexpr Duration kTellEach = 10s;
// Chosen: what follows from an undo is a drain's end or a return in steps.
constexpr Duration kUndoMost = 30min;
// Source: docs/api.md, Orders: a reason has at most 500 bytes; ours leaves room for the run.
constexpr std::size_t kReasonMost = 400;

// A message in one line, without the program's name: part of another message.
std::string Plain(const std::string& message) {
  std::string plain;
  for (const char c : message) {
    const bool blank = c == '\n' || c == ' ';
    if (!blank) plain += c;
    if (blank && !plain.empty() && plain.back() != ' ') plain += ' ';
  }
  if (plain.starts_with("spillwayctl: ")) plain.erase(0, plain.find(' ') + 1);
  if (plain.ends_with(' ')) plain.pop_back();
  return plain;
}

// How a step ended. Empty `why`: as it should.
struct Ended {
  std::string why;
  Exit exit = kRefused;
  bool over = false;  // not the step's failure: interrupted, nobody to ask, a disk that is full. It can be gone on with
};

// Its conditions must hold when it is looked at, or it fails.
bool AtOnce(const Step& step) { return step.what == Do::kCheck && step.within == Duration{}; }

class Player {
 public:
  Player(const Book& book, RunProgress& progress, const Kept& kept, Stage& stage)
      : book_(book), progress_(progress), kept_(kept), stage_(stage) {}

  Answer Play() {
    for (std::size_t i = 0; i < book_.steps.size() && !progress_.undoing; ++i) {
      const Reached reached = progress_.steps[i].reached;
      if (reached == Reached::kDone || reached == Reached::kPassed) continue;
      const Step& step = book_.steps[i];
      const Ended ended = Perform(step, i);
      if (ended.why.empty()) {
        if (!Reach(i, Reached::kDone)) return Unkept();
        Say("done in " + Span(progress_.steps[i].seconds));
        if (!AtOnce(step)) kept_.learn(step, progress_.steps[i].seconds);
        continue;
      }
      if (ended.over) return Failed(ended.exit, ended.why, "The same command goes on from here.");
      stage_.screen.err(Wrapped("! " + label_ + ": ", ended.why, 2));
      if (step.on_failure == OnFailure::kGoOn) {
        if (!Reach(i, Reached::kPassed)) return Unkept();
        continue;
      }
      if (step.on_failure == OnFailure::kStop) return Stopped(ended, i);
      progress_.undoing = true;
      if (!kept_.save(progress_)) return Unkept();
    }
    if (progress_.undoing) return Undo();
    kept_.finished();
    return {kDone, "runbook " + book_.name + ": done\n", ""};
  }

 private:
  Answer Stopped(const Ended& ended, std::size_t i) const {
    return Failed(ended.exit,
                  "stopped at step " + std::to_string(i + 1) + ", " + book_.steps[i].name + ": " + ended.why,
                  "Nothing is undone; orders given stand (spillwayctl status " + book_.app +
                      "). The same command tries this step again, --restart begins anew.");
  }
  static Answer Unkept() {
    return Failed(kUsage, "how far it came can't be kept on the disk",
                  "Give a file that can be written: --progress FILE.");
  }

  bool Reach(std::size_t i, Reached reached) {
    StepProgress& step = progress_.steps[i];
    const WallTime now = stage_.screen.wall();
    if (reached == Reached::kBegun) step.begun = now;
    if (reached == Reached::kDone) step.seconds = std::max(0.0, Seconds(now - step.begun));
    step.reached = reached;
    return static_cast<bool>(kept_.save(progress_));
  }

  void Say(const std::string& what) const { stage_.screen.err(Wrapped(label_ + ": ", what, 2)); }

  // The command of a step, marked with the run, so that its order is known again.
  Command Marked(const Step& step) const {
    Command order = step.order;
    order.reason = order.reason.substr(0, kReasonMost) + Mark();
    return order;
  }
  std::string Mark() const { return " (runbook " + book_.name + ", run " + progress_.run + ")"; }

  Ended Perform(const Step& step, std::size_t i) {
    label_ = "step " + std::to_string(i + 1) + " of " + std::to_string(book_.steps.size()) + ", " + step.name;
    const auto usual = AtOnce(step) ? std::nullopt : kept_.usual(step);
    Say((usual ? "usually " + Span(*usual) + ", " : "") + (step.within > Duration{} ? "at most " : "") +
        (step.within > Duration{} ? Span(Seconds(step.within)) : "must hold now"));
    end_ = stage_.screen.now() + step.within + step.lasts;
    if (progress_.steps[i].reached == Reached::kNothing) {
      if (Ended ended = Await(step.before, nullptr, Duration{}); !ended.why.empty()) return ended;
      if (!Reach(i, Reached::kBegun)) return {Plain(Unkept().err), kUsage, true};
    }
    if (step.what == Do::kConfirm) {
      if (Ended ended = Confirm(step); !ended.why.empty()) return ended;
    }
    if (IsOrder(step.what)) {
      if (step.what == Do::kClear) {
        if (std::string others = Others(); !others.empty()) return {others};
      }
      if (Ended ended = Give(Marked(step), progress_.run + "-" + std::to_string(i + 1)); !ended.why.empty()) {
        // What was refused was not done, so it is judged anew, with what must hold before, when it is tried again.
        if (ended.exit == kRefused && !Reach(i, Reached::kNothing)) return {Plain(Unkept().err), kUsage, true};
        return ended;
      }
      if (!Reach(i, Reached::kGiven)) return {Plain(Unkept().err), kUsage, true};
    }
    const WallTime until = progress_.steps[i].begun + step.lasts;
    const Duration left = std::clamp(until - stage_.screen.wall(), Duration{}, step.lasts);
    return Await(step.after, &step, left);
  }

  Ended Confirm(const Step& step) {
    if (stage_.yes) return {};
    const auto line = stage_.screen.ask(step.question + " [yes/no] ");
    if (!line)
      return {"nobody is there to answer \"" + step.question + "\" (on a terminal, or by --yes)", kUsage, true};
    if (*line == "yes" || *line == "y") return {};
    return {"answered " + (line->empty() ? "nothing" : *line), kRefused, true};
  }

  // Asks again under the same key until there is an answer.
  Ended Give(const Command& order, const std::string& key) {
    for (;;) {
      const Answer answer = stage_.give(order, key);
      if (answer.exit == kDone) return {};
      if (answer.exit != kUnreachable) return {Plain(answer.err), answer.exit};
      if (Ended ended = Pause(Plain(answer.err)); !ended.why.empty()) return ended;
    }
  }

  // Orders that this run did not give, which clear would end too.
  std::string Others() {
    auto looked = stage_.look();
    const auto* state = std::get_if<JsonDocument>(&looked);
    if (state == nullptr || !KnowsOrders(*state)) return "spillwayd does not say which orders stand, so none is ended";
    std::string others;
    for (const JsonValue& order : ListAt(*state, "override.orders")) {
      if (TextAt(order, "reason").find(Mark()) != std::string::npos) continue;
      Join(others, TextAt(order, "kind") + " by " + TextAt(order, "actor"), ", ");
    }
    return others.empty() ? "" : "clear would end orders that are not this run's: " + others;
  }

  bool Stands(const Step& step, const JsonValue& state) const {
    const std::string kind = KindOf(step.order);
    if (kind.empty()) return true;
    const auto orders = ListAt(state, "override.orders");
    return std::any_of(orders.Begin(), orders.End(), [&](const JsonValue& order) {
      return StringAt(order, "kind") == kind && TextAt(order, "reason").find(Mark()) != std::string::npos;
    });
  }

  // Waits until `conditions` hold and `lasts` is over. `step`: whose order must stand, and what must hold meanwhile;
  // nullptr: the conditions must hold at the first look.
  Ended Await(const std::vector<Condition>& conditions, const Step* step, Duration lasts) {
    const Instant until = stage_.screen.now() + lasts;
    std::string decided, missing;
    const bool ordered = step != nullptr && IsOrder(step->what);
    if (conditions.empty() && !ordered && lasts == Duration{}) return {};
    for (;;) {
      auto looked = stage_.look();
      const auto* state = std::get_if<JsonDocument>(&looked);
      if (state != nullptr && step != nullptr && !AtOnce(*step) && !KnowsOrders(*state)) {
        // It was started a moment ago: as if it did not answer yet.
        missing = "spillwayd has decided nothing yet";
        Tell(missing);
      } else if (state != nullptr) {
        if (ordered && !Stands(*step, *state))
          return {"its order is not in force any more; spillwayctl audit tells why"};
        if (step != nullptr) {
          if (std::string lost = Missing(step->during, *state); !lost.empty())
            return {"it is not safe to go on: " + lost};
        }
        missing = Missing(conditions, *state);
        if (step == nullptr || (!missing.empty() && AtOnce(*step))) return {missing};
        // The first state may still be that of the decision before the order.
        const std::string at = StringAt(*state, "decidedAt").value_or("");
        const bool fresh = !ordered || (!decided.empty() && at != decided);
        if (decided.empty()) decided = at;
        if (missing.empty() && fresh && stage_.screen.now() >= until) return {};
        Tell(missing.empty() ? ProgressOf(*state).still : missing);
      } else {
        const Answer& failed = std::get<Answer>(looked);
        if (failed.exit != kUnreachable) return {Plain(failed.err), failed.exit};
        missing = "spillwayd does not answer";
        Tell(missing);
      }
      if (Ended ended = Pause(missing); !ended.why.empty()) return ended;
    }
  }

  // A second, unless it was interrupted or the time is over.
  Ended Pause(const std::string& still) {
    if (stage_.screen.stopped()) return {"interrupted", kTimedOut, true};
    if (stage_.screen.now() >= end_)
      return {(still.empty() ? "its time is over" : "waited in vain, still: " + still), kTimedOut};
    stage_.screen.pause(kEach);
    return {};
  }

  void Tell(const std::string& still) {
    const Instant now = stage_.screen.now();
    if (still.empty() || still == told_ || (told_at_ && now - *told_at_ < kTellEach)) return;
    stage_.screen.err(Wrapped("  … ", still, 4));
    told_ = still;
    told_at_ = now;
  }

  Answer Undo() {
    std::vector<Step> undos;
    for (std::size_t i = book_.steps.size(); i-- > 0;) {
      const Reached reached = progress_.steps[i].reached;
      if (reached == Reached::kNothing) continue;
      for (Step& undo : UndoOf(book_.steps[i])) {
        // A clear ends whatever the run gave: once is enough.
        const bool again = undo.what == Do::kClear && std::any_of(undos.begin(), undos.end(), [](const Step& other) {
                             return other.what == Do::kClear;
                           });
        if (!again) undos.push_back(std::move(undo));
      }
    }
    end_ = stage_.screen.now() + kUndoMost;
    int number = 0;
    for (const Step& undo : undos) {
      label_ = "undo, " + undo.name;
      if (undo.what == Do::kClear) {
        if (std::string others = Others(); !others.empty()) return NotUndone(others, kRefused);
      }
      const Ended ended = Give(Marked(undo), progress_.run + "-undo-" + std::to_string(++number));
      if (!ended.why.empty()) return NotUndone(ended.why, ended.exit);
      Say("done");
    }
    if (!undos.empty()) {
      label_ = "undo";
      Step settled;
      settled.what = Do::kUndrain;  // an order without one that must stand
      settled.after = {*ParseCondition("settled")};
      if (Ended ended = Await(settled.after, &settled, Duration{}); !ended.why.empty()) {
        return NotUndone(ended.why, ended.exit);
      }
    }
    kept_.finished();
    if (undos.empty()) {
      return Failed(kRefused, "runbook " + book_.name + " failed before it did anything", "Nothing is to be undone.");
    }
    return Failed(kRefused, "runbook " + book_.name + " failed, and what it did is undone",
                  "spillwayctl audit " + book_.app + " has all of it.");
  }

  Answer NotUndone(const std::string& why, Exit exit) const {
    return Failed(exit, label_ + ": " + why,
                  "The same command tries to undo it again; spillwayctl status " + book_.app + " shows what stands.");
  }

  const Book& book_;
  RunProgress& progress_;
  const Kept& kept_;
  Stage& stage_;
  std::string label_;  // of what is under way
  Instant end_{};
  std::string told_;
  std::optional<Instant> told_at_;
};

}  // namespace

Answer Play(const Book& book, RunProgress& progress, const Kept& kept, Stage& stage) {
  return Player(book, progress, kept, stage).Play();
}

Answer Rehearse(const Book& book, const RunProgress& progress, const Kept& kept, Stage& stage) {
  auto looked = stage.look();
  if (auto* failed = std::get_if<Answer>(&looked)) return std::move(*failed);
  const auto& state = std::get<JsonDocument>(looked);
  std::vector<Row> rows = {{"STEP", "WHAT", "USUALLY", "AT MOST", "FAILS", "NOW"}};
  std::string notes;
  bool first_order = true, fails = false;
  for (std::size_t i = 0; i < book.steps.size(); ++i) {
    const Step& step = book.steps[i];
    const Reached reached = progress.steps[i].reached;
    const bool over = reached == Reached::kDone || reached == Reached::kPassed;
    std::string now = over ? "done already" : "", why;
    if (!over && first_order) {
      std::vector<Condition> needed = step.before;
      if (step.what == Do::kCheck) needed.insert(needed.end(), step.after.begin(), step.after.end());
      why = Missing(needed, state);
      now = why.empty() ? "" : "would fail";
      if (needed.empty() && !IsOrder(step.what)) now = "";
      fails = fails || !why.empty();
    }
    if (!over && IsOrder(step.what)) {
      Command order = step.order;
      order.dry_run = true;
      Answer answer = stage.give(order, progress.run + "-dry-" + std::to_string(i + 1));
      if (answer.exit != kDone && answer.exit != kRefused) return answer;
      if (now.empty()) now = answer.exit == kDone ? "accepted" : "refused";
      if (answer.exit == kRefused) {
        Join(why, Plain(answer.err));
        fails = fails || first_order;
      }
      first_order = false;
    }
    const auto usual = AtOnce(step) ? std::nullopt : kept.usual(step);
    const char* failure = step.on_failure == OnFailure::kUndo   ? "undo"
                          : step.on_failure == OnFailure::kStop ? "stop"
                                                                : "go on";
    rows.push_back({std::to_string(i + 1), step.name,
                    usual          ? Span(*usual)
                    : AtOnce(step) ? "at once"
                                   : "not known",
                    AtOnce(step) ? "at once" : Span(Seconds(step.within + step.lasts)), failure, now});
    if (!why.empty()) notes += Wrapped("! step " + std::to_string(i + 1) + ": ", why, 2);
  }
  return {fails ? kRefused : kDone,
          Table(rows) + notes + "each order was judged by what is so now, not by what the steps before it make of it\n",
          ""};
}

}  // namespace spillway::ctl
