#include "tools/lab/socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

namespace spillway::lab {
namespace {

std::optional<sockaddr_in> Address(const std::string& ip, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (inet_pton(AF_INET, ip.c_str(), &address.sin_addr) != 1) return std::nullopt;
  return address;
}

const sockaddr* Plain(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);  // NOLINT(*-reinterpret-cast): the sockets interface wants it
}

Socket Open(Protocol protocol) {
  const int type = protocol == Protocol::kUdp ? SOCK_DGRAM : SOCK_STREAM;
  return Socket(::socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

int Milliseconds(Duration d) { return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(d).count()); }

}  // namespace

Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}

Result<Socket> Listen(Protocol protocol, const std::string& ip, int port) {
  const std::string name = ip + ':' + std::to_string(port);
  const std::optional<sockaddr_in> address = Address(ip, port);
  if (!address) return Error{Code::kRejected, name + ": not an IPv4 address"};
  Socket socket = Open(protocol);
  const int on = 1;
  if (protocol == Protocol::kTcp) ::setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!socket || ::bind(socket.fd(), Plain(*address), sizeof *address) != 0 ||
      (protocol == Protocol::kTcp && ::listen(socket.fd(), 128) != 0)) {
    return Error{Code::kRejected, name + ": " + std::strerror(errno)};
  }
  return socket;
}

int LocalPort(const Socket& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  // NOLINTNEXTLINE(*-reinterpret-cast): the sockets interface wants it
  if (::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.sin_port);
}

Result<Socket> Connect(Protocol protocol, const std::string& ip, int port, Duration deadline) {
  const std::string name = ip + ':' + std::to_string(port);
  const std::optional<sockaddr_in> address = Address(ip, port);
  if (!address) return Error{Code::kRejected, name + ": not an IPv4 address"};
  Socket socket = Open(protocol);
  if (!socket) return Error{Code::kRetry, name + ": " + std::strerror(errno)};
  if (::connect(socket.fd(), Plain(*address), sizeof *address) == 0) return socket;
  if (errno != EINPROGRESS) return Error{Code::kRetry, name + ": " + std::strerror(errno)};
  pollfd ready{socket.fd(), POLLOUT, 0};
  if (::poll(&ready, 1, Milliseconds(deadline)) != 1) return Error{Code::kRetry, name + ": no connection in time"};
  int failure = 0;
  socklen_t size = sizeof failure;
  ::getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &failure, &size);
  if (failure != 0) return Error{Code::kRetry, name + ": " + std::strerror(failure)};
  return socket;
}

bool WaitReadable(const Socket& socket, Duration most) {
  pollfd ready{socket.fd(), POLLIN, 0};
  return ::poll(&ready, 1, Milliseconds(most)) == 1;
}

}  // namespace spillway::lab
