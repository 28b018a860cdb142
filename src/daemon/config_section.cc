#include "src/daemon/config_section.h"

#include <algorithm>

#include "src/base/join.h"
#include "src/base/time_text.h"

namespace spillway::daemon {
namespace {

int LineOfNode(const YAML::Node& node) { return node.Mark().line + 1; }

// Chosen: far more than a person writes; it bounds what an alias bomb can make us visit.
constexpr std::size_t kEntriesCap = 2000;

}  // namespace

int ReadContext::LineOf(std::string path) const {
  while (!path.empty()) {
    const auto found = lines.find(path);
    if (found != lines.end()) return found->second;
    const std::size_t end = path.find_last_of(".[");
    path.resize(end == std::string::npos ? 0 : end);
  }
  return 1;
}

Section::Section(ReadContext& context, std::string path, const YAML::Node& node, int line)
    : context_(&context), path_(std::move(path)), line_(line) {
  context.lines.emplace(path_, line);
  if (context.describing) return;
  if (!node.IsMap()) {
    context.Wrong(line, path_, "is not a map, allowed is \"key: value\" lines");
    broken_ = true;
    return;
  }
  for (const auto& pair : node) {
    if (entries_.size() >= kEntriesCap) {
      context.Wrong(line, path_, "has too many keys, allowed are " + std::to_string(kEntriesCap));
      return;
    }
    const int key_line = LineOfNode(pair.first);
    if (!pair.first.IsScalar()) {
      context.Wrong(key_line, path_, "has a key that is not a word, allowed are plain keys");
      continue;
    }
    const std::string name = pair.first.Scalar();
    const bool twice =
        std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.name == name; });
    if (twice) {
      Wrong(name, "is there twice, allowed is once");
      context.mistakes.back().line = key_line;
      continue;
    }
    entries_.push_back({name, pair.second, key_line});
    context.lines.emplace(PathOf(name), key_line);
  }
}

std::string Section::PathOf(std::string_view name) const {
  return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

bool Section::Has(std::string_view name) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.name == name; });
}

void Section::Wrong(std::string_view name, const std::string& what) {
  const std::string path = PathOf(name);
  context_->Wrong(context_->LineOf(path), path, what);
}

Section::Entry* Section::Take(std::string_view name, Need need) {
  asked_.emplace_back(name);
  for (Entry& entry : entries_) {
    if (entry.name != name) continue;
    entry.known = true;
    return &entry;
  }
  if (need == Need::kRequired && !describing() && !broken_)
    context_->Wrong(line_, PathOf(name), "is missing, it is required");
  return nullptr;
}

std::optional<std::string> Section::Scalar(std::string_view name, Need need, std::string_view allowed) {
  Entry* entry = Take(name, need);
  if (entry == nullptr) return std::nullopt;
  if (entry->node.IsScalar() && !entry->node.Scalar().empty()) return entry->node.Scalar();
  const bool empty = entry->node.IsScalar() || entry->node.IsNull();
  Wrong(name, std::string(empty ? "is empty" : "is not a single value") + ", allowed is " + std::string(allowed));
  return std::nullopt;
}

void Section::Describe(std::string_view name, std::string_view type, const std::string& standard,
                       const std::string& allowed) {
  if (describing()) context_->keys.push_back({PathOf(name), std::string(type), standard, allowed});
}

void Section::NotOne(std::string_view name, const std::string& text, std::string_view what, std::string_view allowed) {
  Wrong(name, "\"" + text + "\" " + std::string(what) + ", allowed is " + std::string(allowed));
}

void Section::Text(std::string_view name, std::string& out, const TextRule& rule, Need need) {
  Describe(name, rule.type, need == Need::kRequired ? "required" : (out.empty() ? "none" : out),
           std::string(rule.allowed));
  const auto text = Scalar(name, need, rule.allowed);
  if (!text) return;
  if (!rule.holds(*text)) return NotOne(name, *text, "does not fit", rule.allowed);
  out = *text;
}

void Section::Texts(std::string_view name, std::vector<std::string>& out, const TextRule& rule, Need need) {
  const std::string allowed = "a list of " + std::string(rule.allowed);
  Describe(name, "list", need == Need::kRequired ? "required" : "none", allowed);
  Entry* entry = Take(name, need);
  if (entry == nullptr) return;
  const YAML::Node& node = entry->node;
  if (!node.IsSequence() || node.size() == 0) {
    Wrong(name, "is not a list with at least one entry, allowed is " + allowed);
    return;
  }
  std::vector<std::string> read;
  for (const auto& item : node) {
    const std::string text = item.IsScalar() ? item.Scalar() : "";
    const std::string path = PathOf(name) + "[" + std::to_string(read.size()) + "]";
    if (!rule.holds(text)) {
      context_->Wrong(LineOfNode(item), path, "\"" + text + "\" does not fit, allowed is " + std::string(rule.allowed));
    } else if (std::find(read.begin(), read.end(), text) != read.end()) {
      context_->Wrong(LineOfNode(item), path, "\"" + text + "\" is there twice, allowed is once");
    }
    read.push_back(text);
    if (read.size() > kEntriesCap) break;
  }
  out = std::move(read);
}

template <class T, class Parse, class Show>
void Section::Ranged(std::string_view name, T& out, Range<T> range, std::string_view type, Parse parse, Show show) {
  const std::string span = show(range.least) + " to " + show(range.most);
  Describe(name, type, show(out), span);
  const std::string allowed = "a " + std::string(type) + " from " + span;
  const auto text = Scalar(name, Need::kOptional, allowed);
  if (!text) return;
  const std::optional<T> value = parse(*text);
  if (!value) return NotOne(name, *text, "is not a " + std::string(type), allowed);
  if (*value < range.least || *value > range.most) return NotOne(name, *text, "is out of range", allowed);
  out = *value;
}

void Section::Count(std::string_view name, int& out, Range<int> range) {
  Ranged(name, out, range, "count", ParseCount, [](int value) { return std::to_string(value); });
}

void Section::Number(std::string_view name, double& out, Range<double> range) {
  Ranged(name, out, range, "number", ParseNumber, NumberText);
}

void Section::Share(std::string_view name, double& out, Range<double> range) {
  Ranged(name, out, range, "share", ParseShare, ShareText);
}

void Section::Time(std::string_view name, Duration& out, Range<Duration> range) {
  Ranged(
      name, out, range, "duration", [](const std::string& text) { return ParseDuration(text); }, DurationText);
}

void Section::Flag(std::string_view name, bool& out) {
  Describe(name, "flag", out ? "true" : "false", "true, false");
  const auto text = Scalar(name, Need::kOptional, "true or false");
  if (!text) return;
  if (*text != "true" && *text != "false") return NotOne(name, *text, "is neither", "true or false");
  out = *text == "true";
}

int Section::ChoiceOf(std::string_view name, int standard, const Choices& choices) {
  std::string allowed, standard_text;
  std::vector<std::string> texts;
  for (const auto& [text, value] : choices) {
    Join(allowed, text, ", ");
    texts.push_back(text);
    if (value == standard) standard_text = text;
  }
  Describe(name, "choice", standard_text, allowed);
  const auto text = Scalar(name, Need::kOptional, "one of " + allowed);
  if (!text) return standard;
  for (const auto& [choice, value] : choices) {
    if (choice == *text) return value;
  }
  const std::string meant = Nearest(*text, texts);
  NotOne(name, *text, meant.empty() ? "is none of them" : "is unknown (did you mean \"" + meant + "\"?)",
         "one of " + allowed);
  return standard;
}

void Section::OrderOf(std::string_view name, std::vector<int>& out, const Choices& choices) {
  std::string allowed, standard;
  std::vector<std::string> texts;
  for (const auto& [text, value] : choices) {
    Join(allowed, text, ", ");
    texts.push_back(text);
  }
  for (const int value : out) {
    for (const auto& [text, choice] : choices) {
      if (choice == value) Join(standard, text, ", ");
    }
  }
  allowed = "a list of some of " + allowed;
  Describe(name, "list", standard, allowed);
  Entry* entry = Take(name, Need::kOptional);
  if (entry == nullptr) return;
  if (!entry->node.IsSequence() || entry->node.size() == 0) {
    Wrong(name, "is not a list with at least one entry, allowed is " + allowed);
    return;
  }
  std::vector<int> read;
  for (const auto& item : entry->node) {
    const std::string text = item.IsScalar() ? item.Scalar() : "";
    const auto choice = std::find_if(choices.begin(), choices.end(), [&](const auto& c) { return c.first == text; });
    const std::string path = PathOf(name) + "[" + std::to_string(read.size()) + "]";
    if (choice == choices.end()) {
      const std::string meant = Nearest(text, texts);
      context_->Wrong(LineOfNode(item), path,
                      "\"" + text + "\" is unknown" + (meant.empty() ? "" : " (did you mean \"" + meant + "\"?)") +
                          ", allowed is " + allowed);
    } else if (std::find(read.begin(), read.end(), choice->second) != read.end()) {
      context_->Wrong(LineOfNode(item), path, "\"" + text + "\" is there twice, allowed is once");
    }
    read.push_back(choice == choices.end() ? out.front() : choice->second);
    if (read.size() > kEntriesCap) break;
  }
  out = std::move(read);
}

std::optional<Section> Section::Below(std::string_view name, Need need) {
  if (describing()) return Section(*context_, PathOf(name), YAML::Node(), 0);
  Entry* entry = Take(name, need);
  if (entry == nullptr) return std::nullopt;
  return Section(*context_, PathOf(name), entry->node, entry->line);
}

std::vector<Section> Section::Items(std::string_view name) {
  std::vector<Section> items;
  if (describing()) {
    items.emplace_back(*context_, PathOf(name) + "[]", YAML::Node(), 0);
    return items;
  }
  Entry* entry = Take(name, Need::kRequired);
  if (entry == nullptr) return items;
  const YAML::Node& node = entry->node;
  if (!node.IsSequence() || node.size() == 0 || node.size() > kEntriesCap) {
    Wrong(name, "is not a list, allowed is a list of 1 to " + std::to_string(kEntriesCap) + " maps");
    return items;
  }
  for (const auto& item : node) {
    items.emplace_back(*context_, PathOf(name) + "[" + std::to_string(items.size()) + "]", item, LineOfNode(item));
  }
  return items;
}

std::vector<std::pair<std::string, Section>> Section::Named(std::string_view name, const TextRule& rule) {
  std::vector<std::pair<std::string, Section>> sections;
  if (describing()) {
    sections.emplace_back("NAME", Section(*context_, PathOf(name) + ".NAME", YAML::Node(), 0));
    return sections;
  }
  Entry* entry = Take(name, Need::kRequired);
  if (entry == nullptr) return sections;
  Section all(*context_, PathOf(name), entry->node, entry->line);
  if (entry->node.IsMap() && all.entries_.empty()) Wrong(name, "is empty, allowed is at least one entry");
  for (const Entry& below : all.entries_) {
    if (!rule.holds(below.name)) {
      all.Wrong(below.name, "is no good name, allowed is " + std::string(rule.allowed));
    }
    sections.emplace_back(below.name, Section(*context_, all.PathOf(below.name), below.node, below.line));
  }
  return sections;
}

void Section::Done() {
  for (const Entry& entry : entries_) {
    if (entry.known) continue;
    const std::string meant = Nearest(entry.name, asked_);
    const std::string allowed = Joined(asked_, ", ");
    Wrong(entry.name, meant.empty() ? "is an unknown key, allowed are " + allowed
                                    : "is an unknown key, did you mean \"" + meant + "\"?");
  }
}

}  // namespace spillway::daemon
