#include "tests/base/web.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "src/base/dial.h"

namespace spillway {
namespace {

bool Readable(int fd, Duration wait = kPatience) {
  pollfd waiting = {fd, POLLIN, 0};
  return ::poll(&waiting, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count())) == 1;
}

}  // namespace

const Pki& TestPki() {
  static const Pki pki;
  return pki;
}

std::unique_ptr<HttpServer> Serve(HttpServer::Handler handler, ServerOptions options) {
  auto server = HttpServer::Start(std::move(options), std::move(handler));
  if (!server) {
    ADD_FAILURE() << server.error().what;
    return nullptr;
  }
  return std::move(*server);
}

std::unique_ptr<HttpServer> ServeTls(HttpServer::Handler handler, ServerOptions options) {
  if (options.cert_pem.empty()) {
    options.cert_pem = TestPki().server.cert_pem;
    options.key_pem = TestPki().server.key_pem;
  }
  return Serve(std::move(handler), std::move(options));
}

HttpEndpoint PlainTo(const HttpServer& server) {
  HttpEndpoint endpoint;
  endpoint.scheme = "http";
  endpoint.host = "127.0.0.1";
  endpoint.port = server.port();
  return endpoint;
}

HttpEndpoint TlsTo(const HttpServer& server) {
  HttpEndpoint endpoint = PlainTo(server);
  endpoint.scheme = "https";
  endpoint.ca_pem = TestPki().ca.cert_pem;
  return endpoint;
}

RawClient::RawClient(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ADD_FAILURE() << "cannot connect to port " << port;
  }
}

RawClient::~RawClient() { Close(); }

void RawClient::Close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

bool RawClient::Say(std::string_view bytes) { return RawServer::Say(fd_, bytes); }

std::string RawClient::Hear(std::string_view until) {
  std::string heard;
  std::array<char, 4096> piece{};
  while (until.empty() || heard.find(until) == std::string::npos) {
    if (!Readable(fd_)) {
      ADD_FAILURE() << "nothing more came after: " << heard;
      break;
    }
    const ssize_t n = ::recv(fd_, piece.data(), piece.size(), 0);
    if (n <= 0) break;
    heard.append(piece.data(), static_cast<std::size_t>(n));
  }
  return heard;
}

bool RawClient::ClosedWithin(Duration wait) {
  std::array<char, 4096> piece{};
  while (Readable(fd_, wait)) {
    if (::recv(fd_, piece.data(), piece.size(), 0) <= 0) return true;
  }
  return false;
}

RawServer::RawServer() : fd_(*ListenOn("127.0.0.1", 0)), port_(PortOf(fd_)) {}

RawServer::~RawServer() { ::close(fd_); }

int RawServer::Accept() {
  if (!Readable(fd_)) return -1;
  return ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
}

std::string RawServer::ReadHead(int fd) {
  std::string head;
  char byte = 0;
  while (head.find("\r\n\r\n") == std::string::npos && Readable(fd) && ::recv(fd, &byte, 1, 0) == 1) head += byte;
  return head;
}

bool RawServer::Say(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace spillway
