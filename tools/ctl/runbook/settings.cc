#include "tools/ctl/runbook/settings.h"

#include <utility>
#include <vector>

#include "src/base/join.h"
#include "src/daemon/config_value.h"

namespace spillway::ctl {
namespace {

using Values = std::map<std::string, std::string>;

// Chosen: far more than a person writes; bounds what aliases of aliases can make us visit.
constexpr int kNodesMost = 20000;

// Chosen: a runbook is three deep.
constexpr int kDepthMost = 16;

int LineOf(const YAML::Node& node) { return node.Mark().line + 1; }

std::string Names(const Values& values) {
  std::string names;
  for (const auto& [name, value] : values) Join(names, name, ", ");
  return names.empty() ? "none" : names;
}

class Filler {
 public:
  Filler(const Values& values, daemon::ReadContext& context) : values_(values), context_(context) {}

  // True: it was filled in and is empty now. `depth`: of maps and lists around it; an alias may hold itself.
  bool Fill(YAML::Node node, int depth = 0) {
    if (++visited_ > kNodesMost || depth > kDepthMost) return false;
    if (node.IsScalar()) return FillText(node);
    if (node.IsSequence()) {
      for (std::size_t i = 0; i < node.size(); ++i) Fill(node[i], depth + 1);
    } else if (node.IsMap()) {
      std::vector<std::string> empty;
      for (const auto& pair : node) {
        if (Fill(pair.second, depth + 1) && pair.first.IsScalar()) empty.push_back(pair.first.Scalar());
      }
      for (const std::string& key : empty) node.remove(key);
    }
    return false;
  }

  bool TooMany() const { return visited_ > kNodesMost; }

 private:
  bool FillText(YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (text.find("${") == std::string::npos) return false;
    std::string filled;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t begin = std::min(text.find("${", at), text.size());
      filled += text.substr(at, begin - at);
      if (begin == text.size()) break;
      const std::size_t end = text.find('}', begin);
      const std::string name = text.substr(begin + 2, end == std::string::npos ? end : end - begin - 2);
      const auto value = values_.find(name);
      if (end == std::string::npos || value == values_.end()) {
        context_.Wrong(LineOf(node), "${" + name + "}", "is no setting, allowed are: " + Names(values_));
        return false;
      }
      filled += value->second;
      at = end + 1;
    }
    node = filled;
    return filled.empty();
  }

  const Values& values_;
  daemon::ReadContext& context_;
  int visited_ = 0;
};

// The settings as the file has them: a value, or nothing where one must be given.
Values Standards(const YAML::Node& settings, std::vector<std::pair<std::string, int>>& needed,
                 daemon::ReadContext& context) {
  Values values;
  if (!settings.IsMap()) {
    context.Wrong(LineOf(settings), "settings", "is not a map, allowed is \"name: value\" lines");
    return values;
  }
  for (const auto& pair : settings) {
    const std::string name = pair.first.IsScalar() ? pair.first.Scalar() : "";
    if (name.empty() || !(pair.second.IsScalar() || pair.second.IsNull())) {
      context.Wrong(LineOf(pair.first), "settings." + name, "is not a single value, allowed is text, or nothing");
      continue;
    }
    if (pair.second.IsNull()) needed.emplace_back(name, LineOf(pair.first));
    values[name] = pair.second.IsNull() ? "" : pair.second.Scalar();
  }
  return values;
}

}  // namespace

const daemon::TextRule kRunbookVersion{"text", "spillway.runbook/v1",
                                       [](const std::string& text) { return text == "spillway.runbook/v1"; }};

void FillIn(YAML::Node& root, const Values& given, bool any_word, daemon::ReadContext& context) {
  if (!root.IsMap()) return;
  std::vector<std::pair<std::string, int>> needed;
  Values values;
  const YAML::Node& read_only = root;  // asked otherwise, a key that is not there would be made
  if (const YAML::Node settings = read_only["settings"]; settings.IsDefined()) {
    values = Standards(settings, needed, context);
  }
  for (const auto& [name, value] : given) {
    const auto known = values.find(name);
    if (known == values.end()) {
      context.Wrong(1, "settings." + name, "is no setting of this runbook, allowed with --set are: " + Names(values));
    } else if (value.find("${") != std::string::npos) {
      context.Wrong(1, "settings." + name, "holds \"${\", allowed is plain text");
    } else {
      known->second = value;
    }
  }
  for (const auto& [name, line] : needed) {
    if (given.contains(name)) continue;
    if (!any_word) context.Wrong(line, "settings." + name, "has no value, give one with --set " + name + "=VALUE");
    values[name] = "x";
  }
  root.remove("settings");
  Filler filler(values, context);
  filler.Fill(root);
  if (filler.TooMany()) context.Wrong(1, "", "has too many values, allowed are " + std::to_string(kNodesMost));
}

}  // namespace spillway::ctl
