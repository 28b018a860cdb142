#include "src/daemon/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "src/base/log.h"

namespace spillway::daemon {
namespace {

// Chosen: some hundred records; a start must not read whole files for the few that people look at first.
constexpr off_t kTailBytes = 512 << 10;

bool WriteWhole(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

// The last `most` bytes of a file, from the first whole line on; nothing if it can't be read.
std::string EndOf(const std::string& path, off_t most) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  struct stat status {};
  std::string text;
  if (::fstat(fd, &status) == 0) {
    const off_t from = std::max<off_t>(0, status.st_size - most);
    text.resize(static_cast<std::size_t>(status.st_size - from));
    const ssize_t n = ::pread(fd, text.data(), text.size(), from);
    text.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    if (from > 0) text.erase(0, std::min(text.find('\n'), text.size()));
  }
  ::close(fd);
  return text;
}

// A line cut off by a crash has no end and is left out.
void SplitWholeLines(const std::string& text, std::vector<std::string>& lines) {
  std::size_t at = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', at)) {
    if (end > at) lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
}

}  // namespace

FileJournal::FileJournal(std::string dir, std::size_t file_cap, int files)
    : dir_(std::move(dir)), file_cap_(file_cap), files_(files) {}

FileJournal::~FileJournal() {
  if (fd_ >= 0) ::close(fd_);
}

std::string FileJournal::PathOf(int age) const {
  return dir_ + (age == 0 ? "/journal.jsonl" : "/journal." + std::to_string(age) + ".jsonl");
}

bool FileJournal::Open() {
  if (fd_ >= 0) return true;
  fd_ = ::open(PathOf(0).c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd_ < 0) return false;
  struct stat status {};
  size_ = ::fstat(fd_, &status) == 0 ? static_cast<std::size_t>(status.st_size) : 0;
  // The rest of a line that a crash cut off must not swallow the next one.
  char last = '\n';
  if (size_ > 0 && ::pread(fd_, &last, 1, status.st_size - 1) == 1 && last != '\n') WriteWhole(fd_, "\n");
  return true;
}

void FileJournal::Rotate() {
  ::close(fd_);
  fd_ = -1;
  for (int age = files_ - 1; age > 0; --age) std::rename(PathOf(age - 1).c_str(), PathOf(age).c_str());
}

void FileJournal::Append(const std::string& line) {
  const std::lock_guard lock(mutex_);
  if (Open() && size_ > 0 && size_ + line.size() + 1 > file_cap_) Rotate();
  if (Open() && WriteWhole(fd_, line + "\n")) {
    size_ += line.size() + 1;
    return;
  }
  const std::string why = std::strerror(errno);
  // Every hundredth is enough to be noticed in a log and does not flood it.
  if (lost_++ % 100 == 0) Log(LogLevel::kError, "a journal record was lost", {{"file", PathOf(0)}, {"why", why}});
}

std::size_t FileJournal::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

std::vector<std::string> FileJournal::Tail(std::size_t most) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> lines;
  for (const int age : {1, 0}) {
    if (age < files_) SplitWholeLines(EndOf(PathOf(age), kTailBytes), lines);
  }
  if (lines.size() > most) lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(most));
  return lines;
}

}  // namespace spillway::daemon
