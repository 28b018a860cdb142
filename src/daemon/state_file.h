// Memory in a folder: one file for each application, replaced atomically.
#ifndef SPILLWAY_SRC_DAEMON_STATE_FILE_H_
#define SPILLWAY_SRC_DAEMON_STATE_FILE_H_

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "src/ports/state_store.h"

namespace spillway::daemon {

// Files are "APP.memory.json"; application names are DNS labels, so they need no escaping. Safe from any thread as
// long as one thread at a time deals with one application.
class StateFiles final : public StateStore {
 public:
  // Makes the folder if it does not exist (mode 0700). An error names the folder.
  static Status Prepare(const std::string& dir);

  explicit StateFiles(std::string dir) : dir_(std::move(dir)) {}

  Result<std::optional<std::string>> Load(const std::string& app) override;
  Status Save(const std::string& app, const std::string& text) override;
  // Renames to "APP.memory.json.damaged-N", N the first that is free.
  Result<std::string> SetAside(const std::string& app) override;

 private:
  std::string PathOf(const std::string& app) const { return dir_ + "/" + app + ".memory.json"; }
  std::string dir_;
};

// For a dry run: begins with what the files of `dir` say and keeps what is saved to itself. Safe from any thread.
class ScratchState final : public StateStore {
 public:
  // An empty `dir`: begins with nothing.
  explicit ScratchState(std::string dir) : begins_with_nothing_(dir.empty()), files_(std::move(dir)) {}

  Result<std::optional<std::string>> Load(const std::string& app) override;
  Status Save(const std::string& app, const std::string& text) override;
  Result<std::string> SetAside(const std::string& app) override;

 private:
  const bool begins_with_nothing_;
  StateFiles files_;
  std::mutex mutex_;
  std::map<std::string, std::optional<std::string>> texts_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_STATE_FILE_H_
