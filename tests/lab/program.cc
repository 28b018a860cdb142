#include "tests/lab/program.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/lab/socket.h"

namespace spillway::lab {

Program::Program(std::vector<std::string> words) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ != 0) return;
  ::setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

Program::~Program() {
  if (pid_ <= 0) return;  // it could not be started; kill(-1) would reach everybody
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

int FreePort() {
  const Result<Socket> socket = Listen(Protocol::kUdp, "127.0.0.1", 0);
  return socket ? LocalPort(*socket) : 0;
}

}  // namespace spillway::lab
