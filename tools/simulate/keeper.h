// Where a simulated daemon keeps its memory and its journal. Outlives the daemon, as a disk does.
#ifndef SPILLWAY_TOOLS_SIMULATE_KEEPER_H_
#define SPILLWAY_TOOLS_SIMULATE_KEEPER_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/ports/journal.h"
#include "src/ports/state_store.h"

namespace spillway::sim {

class Keeper final : public StateStore {
 public:
  Result<std::optional<std::string>> Load(const std::string& app) override {
    const auto text = texts_.find(app);
    std::optional<std::string> found;
    if (text != texts_.end()) found = text->second;
    if (on_load) on_load(found);
    return found;
  }
  Status Save(const std::string& app, const std::string& text) override {
    if (fails) return Error{Code::kDenied, "state folder: no space left on device"};
    handed_in_[app] = text;
    if (!forgets) texts_[app] = text;
    ++saves;
    if (on_save) on_save();
    return Ok();
  }
  Result<std::string> SetAside(const std::string& app) override {
    texts_.erase(app);
    return std::string("aside");
  }

  // What was last handed in and acknowledged, whether it was kept or not.
  std::optional<std::string> HandedIn(const std::string& app) const {
    const auto text = handed_in_.find(app);
    return text == handed_in_.end() ? std::nullopt : std::optional(text->second);
  }
  void CopyFrom(const Keeper& other) { texts_ = handed_in_ = other.texts_; }

  bool fails = false;
  bool forgets = false;  // a planted defect
  int saves = 0;
  std::function<void()> on_save;  // may throw Killed
  std::function<void(const std::optional<std::string>&)> on_load;

 private:
  std::map<std::string, std::string> texts_, handed_in_;
};

class Lines final : public Journal {
 public:
  void Append(const std::string& line) override {
    ++count;
    last = line;
    if (keep) all.push_back(line);
  }
  bool keep = false;
  std::size_t count = 0;
  std::string last;
  std::vector<std::string> all;
};

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_KEEPER_H_
