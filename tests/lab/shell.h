// A foreign program, run by a test.
#ifndef SPILLWAY_TESTS_LAB_SHELL_H_
#define SPILLWAY_TESTS_LAB_SHELL_H_

#include <cstdio>
#include <optional>
#include <string>

namespace spillway::lab {

struct Output {
  int status = -1;
  std::string text;  // stdout and stderr
};

// Runs `command` in a shell and waits for its end.
Output Shell(const std::string& command);
// As one word of a shell's command.
std::string Quoted(const std::string& text);
// Whether a program of that name is installed.
bool Installed(const std::string& program);

// A program that goes on talking while the test does something else: curl or kubectl on an open watch.
class OpenStream {
 public:
  // Starts `command` in a shell; its stderr is not read. It has to end by itself, the destructor waits for it.
  explicit OpenStream(const std::string& command);
  ~OpenStream() { End(); }
  OpenStream(const OpenStream&) = delete;
  OpenStream& operator=(const OpenStream&) = delete;

  // The next line without its end; waits for it. nullopt: there will be none. While nobody calls this, nothing is read.
  std::optional<std::string> Line();
  // Waits for the program's end. Its status; -1: it could not be started.
  int End();

 private:
  FILE* pipe_;
  int status_ = -1;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TESTS_LAB_SHELL_H_
