// A foreign server, run beside a test.
#ifndef SPILLWAY_TESTS_LAB_PROGRAM_H_
#define SPILLWAY_TESTS_LAB_PROGRAM_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace spillway::lab {

// A program in the foreground, ended with the object. The words are its name, looked up in the system's folders (sbin
// too), and its arguments.
class Program {
 public:
  explicit Program(std::vector<std::string> words);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

 private:
  pid_t pid_;
};

// A UDP port of 127.0.0.1 that was free just now; 0: there is none.
int FreePort();

}  // namespace spillway::lab

#endif  // SPILLWAY_TESTS_LAB_PROGRAM_H_
