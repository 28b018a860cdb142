#include "src/base/channel.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace spillway {
namespace {

constexpr std::size_t kBufferSize = 16384;         // bytes; Source: RFC 8446 section 5.1, the largest TLS record
constexpr std::size_t kFarewellDrain = 1U << 18U;  // bytes; Chosen: more than a well-behaved peer has in flight

// Milliseconds for poll(), rounded up so that a deadline is never met early by a spin.
int PollMillis(Instant by) {
  if (by == Channel::kNever) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(by - MonotonicNow()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

}  // namespace

Instant MonotonicNow() { return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now()); }

Channel::Channel(int fd, std::vector<const WakeEvent*> wakes)
    : fd_(fd), wakes_(std::move(wakes)), session_(nullptr, [](ssl_st*) {}) {
  ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) | O_NONBLOCK);
  // Head and body are two writes: with Nagle's algorithm the second would wait for an acknowledgement.
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Channel::~Channel() {
  session_.reset();
  ::close(fd_);
}

bool Channel::Woken() const {
  return std::any_of(wakes_.begin(), wakes_.end(), [](const WakeEvent* event) { return event->IsSet(); });
}

bool Channel::Fail(Fault fault, std::string why) {
  fault_ = fault;
  why_ = std::move(why);
  return false;
}

bool Channel::Await(short events, Instant by) {
  std::vector<pollfd> waiting = {{fd_, events, 0}};
  for (const WakeEvent* event : wakes_) waiting.push_back({event->fd(), POLLIN, 0});
  for (;;) {
    if (Woken()) return Fail(Fault::kWoken, "cancelled");
    const int ready = ::poll(waiting.data(), waiting.size(), PollMillis(by));
    if (Woken()) return Fail(Fault::kWoken, "cancelled");
    if (ready > 0 && waiting[0].revents != 0) return true;
    if (ready < 0 && errno != EINTR) return Fail(Fault::kBroken, std::string("poll: ") + std::strerror(errno));
    if (MonotonicNow() >= by) return Fail(Fault::kTimeout, "timed out");
  }
}

// After a TLS call that returned `result` <= 0: waits if that is all it wants; otherwise notes why it failed.
bool Channel::AwaitTls(int result, Instant by) {
  const int system = errno;
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Await(POLLIN, by);
    case SSL_ERROR_WANT_WRITE:
      return Await(POLLOUT, by);
    case SSL_ERROR_ZERO_RETURN:
      return Fail(Fault::kClosed, "closed by the peer");
    case SSL_ERROR_SYSCALL:
      ERR_clear_error();
      return Fail(Fault::kBroken, system == 0 ? "connection cut" : std::strerror(system));
    default: {
      const bool trust = TlsFaultIsTrust(session_.get());
      return Fail(trust ? Fault::kDenied : Fault::kBroken, "TLS: " + TlsFault(session_.get()));
    }
  }
}

bool Channel::Handshake(TlsSession session) {
  if (!session) return Fail(Fault::kBroken, "TLS: no session, or no name to verify");
  session_ = std::move(session);
  for (;;) {
    ERR_clear_error();
    errno = 0;
    const int result = SSL_do_handshake(session_.get());
    if (result == 1) return true;
    if (!AwaitTls(result, read_by_)) return false;
  }
}

ssize_t Channel::Receive(char* data, std::size_t size) {
  for (;;) {
    if (Woken()) {
      Fail(Fault::kWoken, "cancelled");
      return -1;
    }
    bool again = false;
    if (session_) {
      ERR_clear_error();
      errno = 0;
      const int n = SSL_read(session_.get(), data, static_cast<int>(size));
      if (n > 0) return n;
      again = AwaitTls(n, read_by_);
    } else {
      const ssize_t n = ::recv(fd_, data, size, 0);
      if (n > 0) return n;
      if (n == 0) {
        Fail(Fault::kClosed, "closed by the peer");
      } else if (errno == EINTR) {
        again = true;
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        again = Await(POLLIN, read_by_);
      } else {
        Fail(Fault::kBroken, std::strerror(errno));
      }
    }
    if (!again) return fault_ == Fault::kClosed ? 0 : -1;
  }
}

ssize_t Channel::Read(char* data, std::size_t size) {
  if (taken_ == buffer_.size()) {
    // A peer that trickles keeps every single wait short: the deadline must be looked at before each.
    if (MonotonicNow() >= read_by_) {
      Fail(Fault::kTimeout, "timed out");
      return -1;
    }
    taken_ = 0;
    buffer_.resize(kBufferSize);
    const ssize_t n = Receive(buffer_.data(), buffer_.size());
    buffer_.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    if (n <= 0) return n;
  }
  const std::size_t n = std::min(size, buffer_.size() - taken_);
  std::memcpy(data, buffer_.data() + taken_, n);
  taken_ += n;
  return static_cast<ssize_t>(n);
}

ssize_t Channel::SendSome(std::string_view bytes) {
  if (session_) {
    ERR_clear_error();
    errno = 0;
    const int n = SSL_write(session_.get(), bytes.data(), static_cast<int>(std::min(bytes.size(), kBufferSize)));
    if (n > 0) return n;
    return AwaitTls(n, write_by_) ? 0 : -1;
  }
  const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (n >= 0) return n;
  if (errno == EINTR) return 0;
  if (errno == EAGAIN || errno == EWOULDBLOCK) return Await(POLLOUT, write_by_) ? 0 : -1;
  Fail(Fault::kBroken, std::strerror(errno));
  return -1;
}

bool Channel::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = SendSome(bytes);
    if (n < 0) {
      if (fault_ == Fault::kBroken) HarvestAlert();
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

// In TLS 1.3 a server refuses our certificate after our handshake is done: its alert may be waiting behind a write
// that failed, and it is the one thing that a person needs to know.
void Channel::HarvestAlert() {
  if (!session_) return;
  const std::string first = why_;
  read_by_ = MonotonicNow();
  std::array<char, 1> byte{};
  const bool nothing_better = Receive(byte.data(), byte.size()) >= 0 || fault_ != Fault::kDenied;
  if (nothing_better) Fail(Fault::kBroken, first);
}

bool Channel::AwaitInput(Instant by) {
  if (taken_ < buffer_.size()) return true;
  if (session_ && SSL_pending(session_.get()) > 0) return true;
  return Await(POLLIN, by);
}

bool Channel::AwaitAlive(Instant by) {
  if (Await(POLLRDHUP, by)) return Fail(Fault::kClosed, "closed by the peer");
  if (fault_ != Fault::kTimeout) return false;
  fault_ = Fault::kNone;
  return true;
}

bool Channel::Stale() const {
  if (fault_ != Fault::kNone || taken_ < buffer_.size()) return true;
  pollfd waiting = {fd_, POLLIN | POLLRDHUP, 0};
  return ::poll(&waiting, 1, 0) != 0;
}

void Channel::CloseGently(Duration most) {
  if (session_ && (fault_ == Fault::kNone || fault_ == Fault::kClosed)) {
    ERR_clear_error();
    SSL_shutdown(session_.get());
  }
  ::shutdown(fd_, SHUT_WR);
  const Instant by = MonotonicNow() + most;
  std::array<char, 4096> waste{};
  for (std::size_t drained = 0; drained < kFarewellDrain;) {
    const ssize_t n = ::recv(fd_, waste.data(), waste.size(), 0);
    if (n > 0) {
      drained += static_cast<std::size_t>(n);
      if (MonotonicNow() >= by) return;
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR) || !Await(POLLIN, by)) {
      return;
    }
  }
}

std::string Channel::PeerIp() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* ip = address.ss_family == AF_INET6
                       ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr)
                       : static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  if (::inet_ntop(address.ss_family, ip, text.data(), text.size()) == nullptr) return {};
  return text.data();
}

}  // namespace spillway
