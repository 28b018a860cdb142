#include "tools/lab/relay.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <deque>
#include <iterator>
#include <list>
#include <thread>
#include <utility>
#include <vector>

#include "src/base/rng.h"
#include "tools/lab/socket.h"

namespace spillway::lab {
namespace {

using Now = std::chrono::steady_clock::time_point;

constexpr std::size_t kPacket = 1460;       // what one Ethernet frame carries of TCP
constexpr std::size_t kWindow = 1U << 18U;  // bytes under way in one direction
// Source: RFC 6298 for a first packet, Linux's TCP_RTO_MIN for later ones; each doubles.
constexpr Duration kFirstRetransmission = 1s;
constexpr Duration kRetransmission = 200ms;
constexpr int kRetransmissionsMost = 5;
// How soon a change of the path is seen while something is under way, and while nothing is.
constexpr int kBusyMs = 5;
constexpr int kIdleMs = 100;

// Bytes from one end that the other has not got yet.
struct Flow {
  struct Piece {
    Now due;
    std::string bytes;  // empty: the end of the stream
  };
  std::deque<Piece> pieces;
  std::size_t size = 0;
  bool ended = false;      // nothing more is read
  bool delivered = false;  // the end has arrived
};

struct Pair {
  Socket near, far;
  Now opens;            // when the connection's first packet has arrived
  bool broken = false;  // one end is gone
  Flow up, down;
};

}  // namespace

struct Relay::Impl {
  Socket listener, stop;
  std::string far_ip;
  int far_port = 0;
  std::function<PathState()> path;
  Rng rng{1};
  std::list<Pair> pairs;
  PathState state;
  std::thread thread;

  void Run();
  void Accept(Now now);
  void Open(Pair& pair, Now now) const;
  void Read(const Socket& from, Flow& flow, Now now);
  void Write(const Socket& to, Flow& flow, Pair& pair, Now now) const;
  Duration Lost(Duration first);
  // Until when nothing happens that poll() would not tell.
  int WaitMs() const;
};

// How much later something arrives because it was lost, perhaps several times.
Duration Relay::Impl::Lost(Duration first) {
  Duration late{};
  for (int tries = 0; tries < kRetransmissionsMost && rng.Chance(state.loss); ++tries, first *= 2) late += first;
  return late;
}

void Relay::Impl::Accept(Now now) {
  Socket accepted(::accept4(listener.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!accepted) return;
  pairs.emplace_back();
  pairs.back().near = std::move(accepted);
  pairs.back().opens = now + state.latency + Lost(kFirstRetransmission);
}

void Relay::Impl::Open(Pair& pair, Now now) const {
  if (pair.far || state.cut || now < pair.opens) return;
  constexpr Duration kLoopback = 1s;
  Result<Socket> far = Connect(Protocol::kTcp, far_ip, far_port, kLoopback);
  if (far) pair.far = std::move(*far);
  pair.broken = !pair.far;
}

void Relay::Impl::Read(const Socket& from, Flow& flow, Now now) {
  std::array<char, kPacket> buffer{};
  while (flow.size < kWindow) {
    const ssize_t got = ::recv(from.fd(), buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    const Now behind = flow.pieces.empty() ? now : flow.pieces.back().due;
    const Now due = std::max(behind, now + state.latency + Lost(kRetransmission));
    flow.pieces.push_back({due, std::string(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(0, got)))});
    if (got <= 0) {
      flow.ended = true;
      return;
    }
    flow.size += static_cast<std::size_t>(got);
  }
}

void Relay::Impl::Write(const Socket& to, Flow& flow, Pair& pair, Now now) const {
  if (!to || state.cut) return;
  while (!flow.pieces.empty() && flow.pieces.front().due <= now) {
    std::string& bytes = flow.pieces.front().bytes;
    if (bytes.empty()) {
      ::shutdown(to.fd(), SHUT_WR);
      flow.delivered = true;
      flow.pieces.pop_front();
      continue;
    }
    const ssize_t sent = ::send(to.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      pair.broken = errno != EAGAIN;
      return;
    }
    flow.size -= static_cast<std::size_t>(sent);
    bytes.erase(0, static_cast<std::size_t>(sent));
    if (bytes.empty()) flow.pieces.pop_front();
  }
}

int Relay::Impl::WaitMs() const {
  const bool busy = std::any_of(pairs.begin(), pairs.end(), [](const Pair& pair) {
    return !pair.far || !pair.up.pieces.empty() || !pair.down.pieces.empty();
  });
  return busy || (state.cut && !pairs.empty()) ? kBusyMs : kIdleMs;
}

void Relay::Impl::Run() {
  while (true) {
    std::vector<pollfd> ready = {{stop.fd(), POLLIN, 0}, {listener.fd(), POLLIN, 0}};
    const auto wants = [&](const Socket& end, const Flow& flow) {
      return end && !state.cut && !flow.ended && flow.size < kWindow;
    };
    for (const Pair& pair : pairs) {
      if (wants(pair.near, pair.up)) ready.push_back({pair.near.fd(), POLLIN, 0});
      if (wants(pair.far, pair.down)) ready.push_back({pair.far.fd(), POLLIN, 0});
    }
    ::poll(ready.data(), ready.size(), WaitMs());
    if (ready[0].revents != 0) return;
    const Now now = std::chrono::steady_clock::now();
    state = path();
    if (ready[1].revents != 0) Accept(now);
    for (auto pair = pairs.begin(); pair != pairs.end();) {
      Open(*pair, now);
      if (wants(pair->near, pair->up)) Read(pair->near, pair->up, now);
      if (wants(pair->far, pair->down)) Read(pair->far, pair->down, now);
      Write(pair->far, pair->up, *pair, now);
      Write(pair->near, pair->down, *pair, now);
      const bool over = pair->broken || (pair->up.delivered && pair->down.delivered);
      pair = over ? pairs.erase(pair) : std::next(pair);
    }
  }
}

Result<std::unique_ptr<Relay>> Relay::Start(const std::string& near_ip, int near_port, const std::string& far_ip,
                                            int far_port, std::function<PathState()> path, std::uint64_t seed) {
  Result<Socket> listener = Listen(Protocol::kTcp, near_ip, near_port);
  if (!listener) return listener.error();
  auto impl = std::make_unique<Impl>();
  impl->listener = std::move(*listener);
  impl->stop = Socket(::eventfd(0, EFD_CLOEXEC));
  impl->far_ip = far_ip;
  impl->far_port = far_port;
  impl->path = std::move(path);
  impl->rng = Rng(seed);
  impl->thread = std::thread([state = impl.get()] { state->Run(); });
  return std::unique_ptr<Relay>(new Relay(std::move(impl)));
}

Relay::Relay(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Relay::~Relay() {
  const std::uint64_t one = 1;
  if (::write(impl_->stop.fd(), &one, sizeof one) < 0) std::abort();  // an eventfd takes 2^64 - 2 of them
  impl_->thread.join();
}

int Relay::port() const { return LocalPort(impl_->listener); }

}  // namespace spillway::lab
