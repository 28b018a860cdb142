#include "tools/lab/dns/server.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <list>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "tools/lab/dns/framing.h"
#include "tools/lab/socket.h"

namespace spillway::lab {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kConnectionsCap = 64;
constexpr auto kConnectionLife = std::chrono::seconds{10};

struct Connection {
  Socket socket;
  SteadyClock::time_point until;
  MessageQueue received;
};

}  // namespace

struct DnsServer::Impl {
  Socket udp, tcp, stop;
  Handler handler;
  std::list<Connection> connections;
  std::thread thread;

  void Run();
  void ServeDatagrams();
  void Accept();
  // False: the connection is done with.
  bool ServeConnection(Connection& connection);
  bool AnswerWhole(Connection& connection);
};

void DnsServer::Impl::ServeDatagrams() {
  std::array<char, 4096> buffer{};
  // Bounded, so that a flood of datagrams leaves time for connections.
  for (int most = 64; most > 0; --most) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    auto* from = reinterpret_cast<sockaddr*>(&peer);  // NOLINT(*-reinterpret-cast): the sockets interface wants it
    const ssize_t got = ::recvfrom(udp.fd(), buffer.data(), buffer.size(), 0, from, &size);
    if (got < 0) return;
    const std::string reply = handler({buffer.data(), static_cast<std::size_t>(got)}, false);
    if (!reply.empty()) ::sendto(udp.fd(), reply.data(), reply.size(), MSG_NOSIGNAL, from, size);
  }
}

void DnsServer::Impl::Accept() {
  Socket accepted(::accept4(tcp.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!accepted || connections.size() >= kConnectionsCap) return;
  connections.push_back({std::move(accepted), SteadyClock::now() + kConnectionLife, {}});
}

bool DnsServer::Impl::AnswerWhole(Connection& connection) {
  while (const std::optional<std::string> query = connection.received.Take()) {
    const std::string reply = handler(*query, true);
    if (reply.empty()) return false;
    const Result<std::string> framed = Framed(reply);
    if (!framed) return false;
    // An answer is far smaller than a socket's buffer: one that does not fit has a peer that reads nothing.
    const ssize_t sent = ::send(connection.socket.fd(), framed->data(), framed->size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(framed->size())) return false;
  }
  return true;
}

bool DnsServer::Impl::ServeConnection(Connection& connection) {
  std::array<char, 4096> buffer{};
  const ssize_t got = ::recv(connection.socket.fd(), buffer.data(), buffer.size(), 0);
  if (got <= 0) return got < 0 && errno == EAGAIN;
  connection.received.Feed({buffer.data(), static_cast<std::size_t>(got)});
  return AnswerWhole(connection);
}

void DnsServer::Impl::Run() {
  while (true) {
    std::vector<pollfd> ready = {{stop.fd(), POLLIN, 0}, {udp.fd(), POLLIN, 0}, {tcp.fd(), POLLIN, 0}};
    for (const Connection& connection : connections) ready.push_back({connection.socket.fd(), POLLIN, 0});
    ::poll(ready.data(), ready.size(), connections.empty() ? -1 : 1000);
    if (ready[0].revents != 0) return;
    const auto now = SteadyClock::now();
    std::size_t at = 3;
    for (auto it = connections.begin(); it != connections.end(); ++at) {
      const bool keep = ready[at].revents == 0 || ServeConnection(*it);
      it = keep && now < it->until ? std::next(it) : connections.erase(it);
    }
    if (ready[1].revents != 0) ServeDatagrams();
    if (ready[2].revents != 0) Accept();
  }
}

Result<std::unique_ptr<DnsServer>> DnsServer::Start(const std::string& ip, int port, Handler handler) {
  auto impl = std::make_unique<Impl>();
  impl->handler = std::move(handler);
  // A port that is free for TCP may be taken for UDP: draw again.
  for (int tries = 0;; ++tries) {
    Result<Socket> tcp = Listen(Protocol::kTcp, ip, port);
    if (!tcp) return tcp.error();
    Result<Socket> udp = Listen(Protocol::kUdp, ip, LocalPort(*tcp));
    if (!udp && (port != 0 || tries > 20)) return udp.error();
    if (!udp) continue;
    // Queries that come while another program has the processor wait here; the kernel may grant less.
    const int waiting = 4 << 20;
    ::setsockopt(udp->fd(), SOL_SOCKET, SO_RCVBUF, &waiting, sizeof waiting);
    impl->tcp = std::move(*tcp);
    impl->udp = std::move(*udp);
    break;
  }
  impl->stop = Socket(::eventfd(0, EFD_CLOEXEC));
  impl->thread = std::thread([state = impl.get()] { state->Run(); });
  return std::unique_ptr<DnsServer>(new DnsServer(std::move(impl)));
}

DnsServer::DnsServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

DnsServer::~DnsServer() {
  const std::uint64_t one = 1;
  if (::write(impl_->stop.fd(), &one, sizeof one) < 0) std::abort();  // an eventfd takes 2^64 - 2 of them
  impl_->thread.join();
}

int DnsServer::port() const { return LocalPort(impl_->tcp); }

}  // namespace spillway::lab
