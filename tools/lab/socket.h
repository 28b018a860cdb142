// A file descriptor that closes itself, and the few socket calls the lab needs.
#ifndef SPILLWAY_TOOLS_LAB_SOCKET_H_
#define SPILLWAY_TOOLS_LAB_SOCKET_H_

#include <string>
#include <string_view>
#include <utility>

#include "src/base/result.h"
#include "src/base/time.h"

namespace spillway::lab {

class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();

  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

enum class Protocol { kUdp, kTcp };

// Non-blocking, close-on-exec, bound to `ip`:`port` (0: any free one); TCP listens. kRejected: taken, or no address.
Result<Socket> Listen(Protocol protocol, const std::string& ip, int port);

// The local port of a bound socket.
int LocalPort(const Socket& socket);

// Non-blocking and connected. UDP at once; TCP within `deadline`. kRetry: refused or too late; kRejected: no address.
Result<Socket> Connect(Protocol protocol, const std::string& ip, int port, Duration deadline);

// Waits until there is something to read. False: `most` has passed.
bool WaitReadable(const Socket& socket, Duration most);

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_SOCKET_H_
