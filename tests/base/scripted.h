// A server that says exactly what a test wants it to.
#ifndef SPILLWAY_TESTS_BASE_SCRIPTED_H_
#define SPILLWAY_TESTS_BASE_SCRIPTED_H_

#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/base/web.h"

namespace spillway {

// Plays one script a connection, in order, in a thread; more connections than scripts are not accepted.
class Scripted {
 public:
  using Script = std::function<void(int fd)>;
  explicit Scripted(std::vector<Script> scripts)
      : thread_([this, scripts = std::move(scripts)] {
          for (const Script& script : scripts) {
            const int fd = raw_.Accept();
            if (fd < 0) return;
            script(fd);
            ++played_;
            ::close(fd);
          }
        }) {}
  ~Scripted() { thread_.join(); }
  HttpEndpoint endpoint() const {
    HttpEndpoint endpoint;
    endpoint.scheme = "http";
    endpoint.host = "127.0.0.1";
    endpoint.port = raw_.port();
    return endpoint;
  }
  int played() const { return played_; }

 private:
  RawServer raw_;
  std::atomic<int> played_{0};
  std::thread thread_;
};

inline Scripted::Script Says(std::string answer) {
  return [answer = std::move(answer)](int fd) {
    RawServer::ReadHead(fd);
    RawServer::Say(fd, answer);
  };
}

// Until the client closes.
inline void AwaitEnd(int fd) {
  while (!RawServer::ReadHead(fd).empty()) continue;
}

inline const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

}  // namespace spillway

#endif  // SPILLWAY_TESTS_BASE_SCRIPTED_H_
