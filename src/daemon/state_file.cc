#include "src/daemon/state_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "src/base/file.h"

namespace spillway::daemon {

Status StateFiles::Prepare(const std::string& dir) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(dir, error);
  if (error) return Error{Code::kDenied, "state folder " + dir + ": " + error.message()};
  if (made) std::filesystem::permissions(dir, std::filesystem::perms::owner_all, error);
  if (::access(dir.c_str(), W_OK | X_OK) != 0) return Error{Code::kDenied, "state folder " + dir + ": not writable"};
  return Ok();
}

Result<std::optional<std::string>> StateFiles::Load(const std::string& app) {
  auto text = ReadFile(PathOf(app));
  if (text) return std::optional<std::string>(std::move(*text));
  if (text.error().code == Code::kMissing) return std::optional<std::string>();
  return text.error();
}

Status StateFiles::Save(const std::string& app, const std::string& text) {
  return WriteFileAtomically(PathOf(app), text);
}

Result<std::string> StateFiles::SetAside(const std::string& app) {
  // Chosen: a folder with this many damaged files has a person's attention already.
  constexpr int kMost = 1000;
  for (int n = 1; n <= kMost; ++n) {
    const std::string to = PathOf(app) + ".damaged-" + std::to_string(n);
    std::error_code error;
    if (std::filesystem::exists(to, error)) continue;
    std::filesystem::rename(PathOf(app), to, error);
    if (error) return Error{Code::kDenied, PathOf(app) + ": rename: " + error.message()};
    return to;
  }
  return Error{Code::kRejected, PathOf(app) + ": too many damaged files beside it"};
}

Result<std::optional<std::string>> ScratchState::Load(const std::string& app) {
  const std::lock_guard lock(mutex_);
  const auto text = texts_.find(app);
  if (text != texts_.end()) return text->second;
  return begins_with_nothing_ ? std::optional<std::string>() : files_.Load(app);
}

Status ScratchState::Save(const std::string& app, const std::string& text) {
  const std::lock_guard lock(mutex_);
  texts_[app] = text;
  return Ok();
}

Result<std::string> ScratchState::SetAside(const std::string& app) {
  const std::lock_guard lock(mutex_);
  texts_[app] = std::nullopt;
  return std::string("in its place: a dry run moves nothing");
}

}  // namespace spillway::daemon
