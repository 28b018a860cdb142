#include "tools/ctl/runbook/condition.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>

#include "src/base/join.h"
#include "src/core/condition.h"
#include "src/core/override.h"
#include "src/daemon/config_value.h"
#include "tools/ctl/fields.h"
#include "tools/ctl/text.h"
#include "tools/ctl/wait.h"

namespace spillway::ctl {
namespace {

// Chosen: below what a ratio of 1 in 20 changes, above what floating point does.
constexpr double kSame = 0.0005;

enum class Sort {
  kShare,    // compared with a share
  kCount,    // compared with a whole number
  kWord,     // is, or is not, a word
  kPlain,    // stands alone
  kPresence  // there, or not there; of that name or any
};

struct Form {
  std::string_view subject;
  bool of_site;
  Sort sort;
  std::string_view shown;
};

constexpr Form kForms[] = {
    {"share of", true, Sort::kShare, "share of SITE = 0%          the GSLB's; also != < <= > >="},
    {"measured share of", true, Sort::kShare, "measured share of SITE < 2% of the members' requests"},
    {"ready of", true, Sort::kCount, "ready of SITE >= 3          ready replicas"},
    {"pods of", true, Sort::kCount, "pods of SITE = 0            all of them, ready or not"},
    {"demand", false, Sort::kCount, "demand <= 4                 in replicas of the home site"},
    {"phase of", true, Sort::kWord, "phase of SITE is rest       or: is not"},
    {"health of", true, Sort::kWord, "health of SITE is up        of the GSLB's member"},
    {"mode", false, Sort::kWord, "mode is weighted            the one in force"},
    {"served", false, Sort::kPlain, "served                      whoever gets traffic is healthy"},
    {"settled", false, Sort::kPlain, "settled                     all that was decided is so"},
    {"condition", false, Sort::kPresence, "no condition HomeDown       or: no condition; condition NAME"},
    {"order", false, Sort::kPresence, "no order drain              or: no order; order KIND"},
};

const Form* FormOf(std::string_view subject) {
  const auto* found =
      std::find_if(std::begin(kForms), std::end(kForms), [&](const Form& form) { return form.subject == subject; });
  return found == std::end(kForms) ? nullptr : found;
}

std::vector<std::string> WordsOf(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text + " ") {
    if (c != ' ' && c != '\t') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, ""));
    }
  }
  return words;
}

// The words that may stand behind "is", or behind "condition" and "order".
std::vector<std::string> Vocabulary(std::string_view subject) {
  const auto of = [](std::span<const std::string_view> words) {
    return std::vector<std::string>(words.begin(), words.end());
  };
  if (subject == "phase of") return {"rest", "provisioning", "serving", "draining", "tail", "home", "down"};
  if (subject == "health of") return {"up", "down", "unknown"};
  if (subject == "mode") return {"round-robin", "weighted", "active-passive", "auto"};
  if (subject == "condition") return of(kConditionTokens);
  return of(kOrderTokens);
}

Error Wrong(const std::string& text, const std::string& what) { return {Code::kRejected, "\"" + text + "\" " + what}; }

Status TakeWord(Condition& condition, const std::string& word) {
  const auto known = Vocabulary(condition.subject);
  condition.word = word;
  if (std::find(known.begin(), known.end(), word) != known.end()) return Ok();
  std::string allowed;
  for (const std::string& each : known) Join(allowed, each, ", ");
  const std::string meant = daemon::Nearest(word, known);
  return Wrong(condition.text, "names " + word + (meant.empty() ? "" : " (did you mean " + meant + "?)") +
                                   ", allowed is one of " + allowed);
}

Status TakeNumber(Condition& condition, Sort sort, const std::string& op, const std::string& number) {
  static const std::vector<std::string> ops = {"=", "!=", "<", "<=", ">", ">="};
  if (std::find(ops.begin(), ops.end(), op) == ops.end()) {
    return Wrong(condition.text, "compares by " + op + ", allowed is one of = != < <= > >=");
  }
  condition.op = op;
  const auto value = sort == Sort::kShare ? daemon::ParseShare(number) : daemon::ParseNumber(number);
  if (!value || *value < 0 || (sort == Sort::kShare && *value > 1)) {
    return Wrong(condition.text, "compares with " + number + ", allowed is " +
                                     (sort == Sort::kShare ? "a share such as 0% or 12.5%" : "a number from 0 on"));
  }
  condition.number = *value;
  return Ok();
}

// `words` behind the subject and the site.
Status TakeRest(Condition& condition, Sort sort, std::vector<std::string> words) {
  switch (sort) {
    case Sort::kShare:
    case Sort::kCount:
      if (words.size() != 2) break;
      return TakeNumber(condition, sort, words[0], words[1]);
    case Sort::kWord:
      if (words.size() == 3 && words[1] == "not") {
        condition.negated = true;
        words.erase(words.begin() + 1);
      }
      if (words.size() != 2 || words[0] != "is") break;
      return TakeWord(condition, words[1]);
    case Sort::kPlain:
      if (!words.empty()) break;
      return Ok();
    case Sort::kPresence:
      if (words.empty() && condition.negated) return Ok();
      if (words.size() != 1) break;
      return TakeWord(condition, words[0]);
  }
  return Wrong(condition.text, "is not whole, allowed is:\n" + ConditionForms());
}

bool Compares(const std::string& op, double left, double right) {
  const bool same = std::abs(left - right) < kSame;
  if (op == "=") return same;
  if (op == "!=") return !same;
  if (op == "<") return left < right && !same;
  if (op == "<=") return left < right || same;
  if (op == ">") return left > right && !same;
  return left > right || same;
}

// What an old reading says must not end a wait.
std::string Blind(const JsonValue& state, const std::string& input) {
  for (const JsonValue& each : ListAt(state, "inputs")) {
    if (StringAt(each, "name") == input && StringAt(each, "state") != "ok") return input + " can't be read now";
  }
  return "";
}

std::string MissingNumber(const Condition& condition, const JsonValue& state) {
  const bool share = FormOf(condition.subject)->sort == Sort::kShare;
  const JsonValue* where = condition.site.empty() ? &state : SiteOf(state, condition.site);
  if (where == nullptr) return "there is no site " + condition.site;
  const char* field = "demand.replicas";
  if (condition.subject == "share of") field = "share.written";
  if (condition.subject == "measured share of") field = "share.measured";
  if (condition.subject == "ready of") field = "replicas.ready";
  if (condition.subject == "pods of") field = "replicas.total";
  const std::string input = condition.site.empty() ? "demand" : share ? "gslb" : "workload " + condition.site;
  if (std::string blind = Blind(state, input); !blind.empty()) return blind;
  const auto value = NumberAt(*where, field);
  const std::string name = condition.subject + (condition.site.empty() ? "" : " " + condition.site);
  if (!value) return name + " is not known";
  if (Compares(condition.op, *value, condition.number)) return "";
  return name + " is " + (share ? Percent(*value) : Number(*value)) + ", is to be " + condition.op + " " +
         (share ? Percent(condition.number) : Number(condition.number));
}

std::string MissingWord(const Condition& condition, const JsonValue& state) {
  const JsonValue* where = condition.site.empty() ? &state : SiteOf(state, condition.site);
  if (where == nullptr) return "there is no site " + condition.site;
  if (condition.subject == "health of") {
    if (std::string blind = Blind(state, "gslb"); !blind.empty()) return blind;
  }
  const char* field = "mode";
  if (condition.subject == "phase of") field = "phase";
  if (condition.subject == "health of") field = "member.health";
  const auto word = StringAt(*where, field);
  const std::string name = condition.subject + (condition.site.empty() ? "" : " " + condition.site);
  if (!word) return name + " is not known";
  if ((*word == condition.word) != condition.negated) return "";
  return name + " is " + *word + ", is " + (condition.negated ? "not " : "") + "to be " + condition.word;
}

std::string MissingPresence(const Condition& condition, const JsonValue& state) {
  const bool order = condition.subject == "order";
  std::string found;
  for (const JsonValue& each : ListAt(state, order ? "override.orders" : "conditions")) {
    const std::string name = TextAt(each, order ? "kind" : "name");
    if (!condition.word.empty() && name != condition.word) continue;
    const std::string more = order ? "by " + TextAt(each, "actor") : TextAt(each, "detail");
    Join(found, condition.subject + " " + name + " (" + more + ")");
  }
  if (found.empty() == condition.negated) return "";
  return condition.negated ? "there is " + found : "there is no " + condition.subject + " " + condition.word;
}

std::string MissingService(const JsonValue& state) {
  if (std::string blind = Blind(state, "gslb"); !blind.empty()) return blind;
  bool served = false;
  for (const JsonValue& site : ListAt(state, "sites")) {
    const auto share = NumberAt(site, "share.written");
    if (!share || *share < kSame) continue;
    const std::string health = StringAt(site, "member.health").value_or("unknown");
    if (health != "up") return TextAt(site, "site") + " gets " + Percent(*share) + " and its health is " + health;
    served = true;
  }
  return served ? "" : "nobody gets traffic";
}

}  // namespace

std::string ConditionForms() {
  std::string text;
  for (const Form& form : kForms) text += "  " + std::string(form.shown) + "\n";
  return text;
}

Result<Condition> ParseCondition(const std::string& text) {
  Condition condition;
  condition.text = text;
  std::vector<std::string> words = WordsOf(text);
  if (!words.empty() && words[0] == "no") {
    condition.negated = true;
    words.erase(words.begin());
  }
  const Form* form = nullptr;
  std::string subject;
  for (std::size_t taken = 0; taken < words.size() && form == nullptr;) {
    Join(subject, words[taken++], " ");
    form = FormOf(subject);
    if (form != nullptr) words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(taken));
  }
  if (form == nullptr || (condition.negated && form->sort != Sort::kPresence)) {
    return Wrong(text, "is no condition, allowed is:\n" + ConditionForms());
  }
  condition.subject = subject;
  if (form->of_site) {
    if (words.empty()) return Wrong(text, "names no site, allowed is:\n" + ConditionForms());
    condition.site = words[0];
    words.erase(words.begin());
  }
  if (Status rest = TakeRest(condition, form->sort, std::move(words)); !rest) return rest.error();
  return condition;
}

std::string Missing(const Condition& condition, const JsonValue& state) {
  if (!StringAt(state, "decidedAt")) return "spillwayd has decided nothing yet";
  switch (FormOf(condition.subject)->sort) {
    case Sort::kShare:
    case Sort::kCount:
      return MissingNumber(condition, state);
    case Sort::kWord:
      return MissingWord(condition, state);
    case Sort::kPresence:
      return MissingPresence(condition, state);
    case Sort::kPlain:
      break;
  }
  return condition.subject == "served" ? MissingService(state) : ProgressOf(state).still;
}

std::string Missing(const std::vector<Condition>& conditions, const JsonValue& state) {
  std::string missing;
  for (const Condition& condition : conditions) {
    const std::string one = Missing(condition, state);
    if (!one.empty()) Join(missing, one);
  }
  return missing;
}

}  // namespace spillway::ctl
