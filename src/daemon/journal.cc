#include "src/daemon/journal.h"

#include <cstddef>
#include <cstdio>

#include "src/base/log.h"

namespace spillway::daemon {
namespace {

// Chosen: some hundred records; a start must not read whole files for the few that people look at first.
constexpr std::size_t kTailBytes = 512U << 10U;

}  // namespace

FileJournal::FileJournal(std::string dir, std::size_t file_cap, int files)
    : dir_(std::move(dir)), file_cap_(file_cap), files_(files), newest_(PathOf(0), LineFile::Sync::kNo) {}

std::string FileJournal::PathOf(int age) const {
  return dir_ + (age == 0 ? "/journal.jsonl" : "/journal." + std::to_string(age) + ".jsonl");
}

void FileJournal::Rotate() {
  newest_.Close();
  for (int age = files_ - 1; age > 0; --age) std::rename(PathOf(age - 1).c_str(), PathOf(age).c_str());
}

void FileJournal::Append(const std::string& line) {
  const std::lock_guard lock(mutex_);
  Status kept = newest_.Open();
  if (kept && newest_.size() > 0 && newest_.size() + line.size() + 1 > file_cap_) Rotate();
  if (kept) kept = newest_.Append(line);
  // Every hundredth is enough to be noticed in a log and does not flood it.
  if (!kept && lost_++ % 100 == 0) Log(LogLevel::kError, "a journal record was lost", {{"why", kept.error().what}});
}

std::size_t FileJournal::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

std::vector<std::string> FileJournal::Tail(std::size_t most) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> lines;
  for (const int age : {1, 0}) {
    if (age >= files_) continue;
    for (std::string& line : LastLines(PathOf(age), kTailBytes)) lines.push_back(std::move(line));
  }
  if (lines.size() > most) lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(most));
  return lines;
}

}  // namespace spillway::daemon
