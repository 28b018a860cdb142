#include "src/base/line_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace spillway {
namespace {

bool WriteWhole(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

// A new file's name is only as durable as its folder.
bool SyncFolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool synced = ::fsync(fd) == 0;
  ::close(fd);
  return synced;
}

}  // namespace

LineFile::LineFile(std::string path, Sync sync) : path_(std::move(path)), sync_(sync) {}

LineFile::~LineFile() { Close(); }

void LineFile::Close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Status LineFile::Open() {
  if (fd_ >= 0) return Ok();
  fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd_ < 0) return Error{Code::kDenied, path_ + ": open: " + std::strerror(errno)};
  struct stat status {};
  size_ = ::fstat(fd_, &status) == 0 ? static_cast<std::size_t>(status.st_size) : 0;
  // The rest of a line that a crash cut off must not swallow the next one.
  char last = '\n';
  if (size_ > 0 && ::pread(fd_, &last, 1, status.st_size - 1) == 1 && last != '\n') WriteWhole(fd_, "\n");
  if (sync_ == Sync::kEach && !SyncFolderOf(path_)) {
    Error error{Code::kDenied, path_ + ": fsync of its folder: " + std::strerror(errno)};
    Close();
    return error;
  }
  return Ok();
}

Status LineFile::Append(std::string_view line) {
  if (Status opened = Open(); !opened) return opened;
  const bool written = WriteWhole(fd_, std::string(line) + "\n");
  if (!written || (sync_ == Sync::kEach && ::fsync(fd_) != 0)) {
    Error error{Code::kDenied, path_ + (written ? ": fsync: " : ": write: ") + std::strerror(errno)};
    Close();
    return error;
  }
  size_ += line.size() + 1;
  return Ok();
}

std::vector<std::string> LastLines(const std::string& path, std::size_t bytes) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  struct stat status {};
  std::string text;
  off_t from = 0;
  if (::fstat(fd, &status) == 0) {
    from = std::max<off_t>(0, status.st_size - static_cast<off_t>(bytes));
    text.resize(static_cast<std::size_t>(status.st_size - from));
    const ssize_t n = ::pread(fd, text.data(), text.size(), from);
    text.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
  }
  ::close(fd);
  std::size_t at = from > 0 ? std::min(text.find('\n'), text.size() - 1) + 1 : 0;
  std::vector<std::string> lines;
  for (std::size_t end = text.find('\n', at); end != std::string::npos; end = text.find('\n', at)) {
    if (end > at) lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace spillway
