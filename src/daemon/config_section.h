// One map of the configuration while it is read. The same calls that read a file also list its keys, so that what is
// documented can't differ from what is read.
#ifndef SPILLWAY_SRC_DAEMON_CONFIG_SECTION_H_
#define SPILLWAY_SRC_DAEMON_CONFIG_SECTION_H_

#include <yaml-cpp/yaml.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/time.h"
#include "src/daemon/config.h"
#include "src/daemon/config_value.h"

namespace spillway::daemon {

enum class Need { kRequired, kOptional };

template <class T>
struct Range {
  T least, most;  // both allowed
};

// What one pass over the file collects.
struct ReadContext {
  Mistakes mistakes;
  std::map<std::string, int> lines;  // of every key that was there, by path
  bool describing = false;           // there is no file: only list the keys
  std::vector<ConfigKey> keys;

  void Wrong(int line, const std::string& key, const std::string& what) { mistakes.push_back({line, key, what}); }
  // The line of `path` or of the nearest key around it that is there; 1 if none is.
  int LineOf(std::string path) const;
};

// Each reader leaves `out` as it is (its default) if the key is absent or wrong; a wrong one is a mistake. Done() must
// be called last: it reports the keys that nobody asked for.
class Section {
 public:
  Section(ReadContext& context, std::string path, const YAML::Node& node, int line);

  void Text(std::string_view name, std::string& out, const TextRule& rule, Need need = Need::kOptional);
  void Texts(std::string_view name, std::vector<std::string>& out, const TextRule& rule, Need need);
  void Count(std::string_view name, int& out, Range<int> range);
  void Number(std::string_view name, double& out, Range<double> range);
  void Share(std::string_view name, double& out, Range<double> range);
  void Time(std::string_view name, Duration& out, Range<Duration> range);
  void Flag(std::string_view name, bool& out);

  using Choices = std::vector<std::pair<std::string, int>>;
  template <class E>
  void Choice(std::string_view name, E& out, const std::vector<std::pair<std::string, E>>& choices) {
    Choices plain;
    for (const auto& [text, value] : choices) plain.emplace_back(text, static_cast<int>(value));
    out = static_cast<E>(ChoiceOf(name, static_cast<int>(out), plain));
  }

  // A list of choices, each at most once; at least one.
  template <class E>
  void Order(std::string_view name, std::vector<E>& out, const std::vector<std::pair<std::string, E>>& choices) {
    Choices plain;
    for (const auto& [text, value] : choices) plain.emplace_back(text, static_cast<int>(value));
    std::vector<int> order;
    for (const E value : out) order.push_back(static_cast<int>(value));
    OrderOf(name, order, plain);
    out.clear();
    for (const int value : order) out.push_back(static_cast<E>(value));
  }

  // A map below this one; nullopt if absent or wrong.
  std::optional<Section> Below(std::string_view name, Need need = Need::kOptional);
  // A list of maps, at least one.
  std::vector<Section> Items(std::string_view name);
  // A map of maps by free names, at least one.
  std::vector<std::pair<std::string, Section>> Named(std::string_view name, const TextRule& rule);

  void Done();

  bool Has(std::string_view name) const;
  void Wrong(std::string_view name, const std::string& what);
  std::string PathOf(std::string_view name) const;
  const std::string& path() const { return path_; }
  bool describing() const { return context_->describing; }
  // There is a map to judge: neither a wrong one nor none at all.
  bool readable() const { return !broken_ && !describing(); }

 private:
  struct Entry {
    std::string name;
    YAML::Node node;
    int line;
    bool known = false;
  };

  // Marks `name` as known; its entry if it is there.
  Entry* Take(std::string_view name, Need need);
  // Take, and the text of a scalar; a value that is not one is a mistake.
  std::optional<std::string> Scalar(std::string_view name, Need need, std::string_view allowed);
  void Describe(std::string_view name, std::string_view type, const std::string& standard, const std::string& allowed);
  void NotOne(std::string_view name, const std::string& text, std::string_view what, std::string_view allowed);
  void OrderOf(std::string_view name, std::vector<int>& out, const Choices& choices);
  int ChoiceOf(std::string_view name, int standard, const Choices& choices);
  template <class T, class Parse, class Show>
  void Ranged(std::string_view name, T& out, Range<T> range, std::string_view type, Parse parse, Show show);

  ReadContext* context_;
  std::string path_;
  int line_;
  bool broken_ = false;  // not a map: one mistake is enough
  std::vector<Entry> entries_;
  std::vector<std::string> asked_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_CONFIG_SECTION_H_
