// A foreign program, run by a test.
#ifndef SPILLWAY_TESTS_LAB_SHELL_H_
#define SPILLWAY_TESTS_LAB_SHELL_H_

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

}  // namespace spillway::lab

#endif  // SPILLWAY_TESTS_LAB_SHELL_H_
