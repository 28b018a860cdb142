#include "tools/lab/dns/stub.h"

#include <sys/socket.h>

#include <array>

#include "tools/lab/socket.h"

namespace spillway::lab {

Result<Addresses> AskNameServer(const std::string& ip, int port, const std::string& name, std::uint16_t id,
                                Duration deadline) {
  const Result<Socket> socket = Connect(Protocol::kUdp, ip, port, deadline);
  if (!socket) return socket.error();
  const std::string query = EncodeQuery(name, id);
  if (::send(socket->fd(), query.data(), query.size(), MSG_NOSIGNAL) < 0 || !WaitReadable(*socket, deadline)) {
    return Error{Code::kRetry, ip + ':' + std::to_string(port) + ": no DNS answer in time"};
  }
  std::array<char, 4096> buffer{};
  const ssize_t got = ::recv(socket->fd(), buffer.data(), buffer.size(), 0);
  if (got < 0) return Error{Code::kRetry, ip + ':' + std::to_string(port) + ": no DNS server"};
  return DecodeAnswer({buffer.data(), static_cast<std::size_t>(got)}, id);
}

}  // namespace spillway::lab
