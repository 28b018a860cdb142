#include "src/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace spillway {
namespace {

Error FromErrno(const std::string& path, const char* doing) {
  const int number = errno;
  const Code code = number == ENOENT                      ? Code::kMissing
                    : number == EACCES || number == EPERM ? Code::kDenied
                                                          : Code::kRetry;
  return {code, path + ": " + doing + ": " + std::strerror(number)};
}

// Closes on every way out.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

bool WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

Result<std::string> ReadWhole(int fd, const std::string& path, std::size_t cap) {
  std::string content;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EISDIR) return Error{Code::kRejected, path + ": is a folder, not a file"};
    if (n < 0) return FromErrno(path, "read");
    if (n == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(n));
    if (content.size() > cap) {
      return Error{Code::kRejected, path + ": longer than " + std::to_string(cap) + " bytes"};
    }
  }
}

// What is wrong with the mode of an open file that holds a secret; empty: nothing.
std::string TooOpen(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return {};
  const bool group_may_read = status.st_uid == 0 && ::geteuid() != 0;
  const unsigned forbidden = group_may_read ? 0037U : 0077U;
  const unsigned mode = status.st_mode & 0777U;
  if ((mode & forbidden) == 0) return {};
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode);
  return std::string("holds a secret but its mode is ") + text.data() + ", so others can use it, allowed is " +
         (group_may_read ? "0640" : "0600") + " or less (chmod " + (group_may_read ? "o=,g-wx" : "go=") + ")";
}

}  // namespace

Result<std::string> ReadFile(const std::string& path, std::size_t cap) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return FromErrno(path, "open");
  return ReadWhole(file.get(), path, cap);
}

Result<std::string> ReadSecretFile(const std::string& path, std::size_t cap) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return FromErrno(path, "open");
  if (const std::string wrong = TooOpen(file.get()); !wrong.empty()) return Error{Code::kDenied, path + ": " + wrong};
  return ReadWhole(file.get(), path, cap);
}

Status WriteFileAtomically(const std::string& path, const std::string& content, int mode) {
  std::string temporary = path + ".XXXXXX";
  const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return FromErrno(temporary, "create");
  auto failed = [&](const char* doing) {
    Error error = FromErrno(temporary, doing);
    ::unlink(temporary.c_str());
    return error;
  };
  if (::fchmod(file.get(), static_cast<mode_t>(mode)) != 0) return failed("chmod");
  if (!WriteAll(file.get(), content)) return failed("write");
  if (::fsync(file.get()) != 0) return failed("fsync");
  if (::rename(temporary.c_str(), path.c_str()) != 0) return failed("rename");

  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const Descriptor parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() < 0 || ::fsync(parent.get()) != 0) return FromErrno(folder, "fsync");
  return Ok();
}

}  // namespace spillway
