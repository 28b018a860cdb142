#include "tests/lab/shell.h"

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <utility>

namespace spillway::lab {

Output Shell(const std::string& command) {
  Output output;
  FILE* pipe = popen(("{ " + command + "; } 2>&1").c_str(), "r");  // NOLINT(cert-env33-c): a test's own command
  if (pipe == nullptr) return output;
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) output.text.append(buffer.data(), n);
  output.status = WEXITSTATUS(pclose(pipe));
  return output;
}

std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string{c};
  return quoted + "'";
}

bool Installed(const std::string& program) { return Shell("command -v " + Quoted(program)).status == 0; }

OpenStream::OpenStream(const std::string& command)
    : pipe_(popen(("exec " + command).c_str(), "r")) {}  // NOLINT(cert-env33-c): a test's own command

std::optional<std::string> OpenStream::Line() {
  if (pipe_ == nullptr) return std::nullopt;
  std::string line;
  for (int c = std::fgetc(pipe_); c != EOF; c = std::fgetc(pipe_)) {
    if (c == '\n') return line;
    line += static_cast<char>(c);
  }
  return line.empty() ? std::nullopt : std::optional(std::move(line));
}

int OpenStream::End() {
  if (pipe_ == nullptr) return status_;
  while (Line()) {
  }
  const int ended = pclose(std::exchange(pipe_, nullptr));
  status_ = WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
  return status_;
}

}  // namespace spillway::lab
