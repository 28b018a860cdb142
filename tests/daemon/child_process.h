// A program of ours as a process: what it prints, how it ends.
#ifndef SPILLWAY_TESTS_DAEMON_CHILD_PROCESS_H_
#define SPILLWAY_TESTS_DAEMON_CHILD_PROCESS_H_

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "src/base/clock.h"

namespace spillway {

// A child whose standard output and error come through one pipe, or are one terminal. Killed when it goes out of scope.
class ChildProcess {
 public:
  enum class Out { kPipe, kTerminal };

  ChildProcess(const std::string& program, std::vector<std::string> arguments, Out out = Out::kPipe) {
    arguments.insert(arguments.begin(), program);
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    int ends[2];
    EXPECT_EQ(out == Out::kPipe ? ::pipe2(ends, O_CLOEXEC) : Terminal(ends), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::dup2(ends[1], STDERR_FILENO);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    out_ = ends[0];
  }
  ~ChildProcess() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(out_);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Reads until `text` was printed; false: the end of the output, or 20 s, came first.
  bool Prints(const std::string& text) {
    const Instant end = clock_.Now() + 20s;
    while (printed_.find(text, from_) == std::string::npos) {
      pollfd waiting{out_, POLLIN, 0};
      char buffer[4096];
      if (clock_.Now() > end || ::poll(&waiting, 1, 1000) < 0) return false;
      if (waiting.revents == 0) continue;
      const ssize_t n = ::read(out_, buffer, sizeof buffer);
      if (n <= 0) return false;
      printed_.append(buffer, static_cast<std::size_t>(n));
    }
    from_ = printed_.find(text, from_) + text.size();
    return true;
  }
  // All it printed until its end; its exit code.
  int End() {
    Prints("\x01 never printed");
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  void Signal(int number) const { ::kill(pid_, number); }
  // "SOFT HARD", the limits that it set itself for core dumps.
  std::string CoreLimits() const {
    std::ifstream limits("/proc/" + std::to_string(pid_) + "/limits");
    const std::string name = "Max core file size";
    std::string line, soft, hard;
    while (std::getline(limits, line) && !line.starts_with(name)) {
    }
    std::istringstream(line.substr(std::min(line.size(), name.size()))) >> soft >> hard;
    return soft + " " + hard;
  }
  pid_t pid() const { return pid_; }
  const std::string& printed() const { return printed_; }

 private:
  // Its two ends; the one that the child gets is the second.
  static int Terminal(int ends[2]) {
    ends[0] = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (ends[0] < 0 || ::unlockpt(ends[0]) != 0) return -1;
    ends[1] = ::open(::ptsname(ends[0]), O_RDWR | O_NOCTTY | O_CLOEXEC);  // NOLINT(concurrency-mt-unsafe)
    return ends[1] < 0 ? -1 : 0;
  }

  SystemClock clock_;
  pid_t pid_ = -1;
  int out_ = -1;
  std::string printed_;
  std::size_t from_ = 0;
};

}  // namespace spillway

#endif  // SPILLWAY_TESTS_DAEMON_CHILD_PROCESS_H_
