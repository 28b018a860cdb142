#include "src/base/dial.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

#include "src/base/channel.h"

namespace spillway {
namespace {

constexpr Duration kConnectLimit = 3s;  // Chosen: one SYN and two repeats (1 s, 2 s); the next address may do better
constexpr int kLookupsAtOnce = 16;      // Chosen: a dead resolver must not pile up threads
constexpr int kBacklog = 1024;          // Chosen: a burst of reconnecting watches must not wait for SYN repeats

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
  int family = AF_INET;
};

// What a lookup's thread and its caller share; the caller may leave first.
struct Lookup {
  std::mutex mutex;
  int outcome = EAI_AGAIN;
  std::vector<Address> addresses;
  WakeEvent ready;
};

int Resolve(const std::string& host, int port, int flags, std::vector<Address>& out) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int outcome = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (outcome != 0) return outcome;
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
    Address address;
    std::memcpy(&address.bytes, at->ai_addr, at->ai_addrlen);
    address.size = at->ai_addrlen;
    address.family = at->ai_family;
    out.push_back(address);
  }
  ::freeaddrinfo(list);
  return 0;
}

std::atomic<int>& LookupsUnderWay() {
  static std::atomic<int> count{0};
  return count;
}

// getaddrinfo() knows no deadline and cannot be interrupted (10 s on a dead resolver), so it runs in a thread that is
// left behind when the caller has waited long enough.
bool StartLookup(const std::string& host, int port, const std::shared_ptr<Lookup>& lookup) {
  if (LookupsUnderWay().fetch_add(1) >= kLookupsAtOnce) {
    LookupsUnderWay().fetch_sub(1);
    return false;
  }
  try {
    std::thread([host, port, lookup] {
      std::vector<Address> found;
      const int outcome = Resolve(host, port, 0, found);
      {
        const std::lock_guard<std::mutex> lock(lookup->mutex);
        lookup->outcome = outcome;
        lookup->addresses = std::move(found);
      }
      lookup->ready.Set();
      LookupsUnderWay().fetch_sub(1);
    }).detach();
  } catch (const std::system_error&) {
    LookupsUnderWay().fetch_sub(1);
    return false;
  }
  return true;
}

// Milliseconds for poll(), rounded up.
int MillisUntil(Instant by) {
  if (by == Channel::kNever) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(by - MonotonicNow()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

// Why waiting ended without an event; nullptr: `fd` is ready.
const char* WaitFor(int fd, short events, Instant by, const std::vector<const WakeEvent*>& wakes) {
  std::vector<pollfd> waiting = {{fd, events, 0}};
  for (const WakeEvent* event : wakes) waiting.push_back({event->fd(), POLLIN, 0});
  for (;;) {
    const int ready = ::poll(waiting.data(), waiting.size(), MillisUntil(by));
    if (std::any_of(wakes.begin(), wakes.end(), [](const WakeEvent* event) { return event->IsSet(); })) {
      return "cancelled";
    }
    if (ready > 0 && waiting[0].revents != 0) return nullptr;
    if (MonotonicNow() >= by) return "timed out";
  }
}

Result<std::vector<Address>> AddressesOf(const std::string& host, int port, Instant by,
                                         const std::vector<const WakeEvent*>& wakes) {
  std::vector<Address> numeric;
  if (Resolve(host, port, AI_NUMERICHOST, numeric) == 0) return numeric;
  const auto lookup = std::make_shared<Lookup>();
  if (!StartLookup(host, port, lookup)) {
    return Error{Code::kRetry, host + ": not resolved: too many lookups are waiting for the name service"};
  }
  if (const char* why = WaitFor(lookup->ready.fd(), POLLIN, by, wakes)) {
    return Error{Code::kRetry, host + ": not resolved: " + why};
  }
  const std::lock_guard<std::mutex> lock(lookup->mutex);
  if (lookup->outcome != 0) {
    return Error{Code::kRetry, host + ": not resolved: " + ::gai_strerror(lookup->outcome)};
  }
  return lookup->addresses;
}

// A peer that vanished without a word is noticed within a minute, also on a silent watch.
void NoticeDeadPeers(int fd) {
  const int on = 1;
  const int idle_seconds = 30;        // Chosen: half of the minute
  const int interval_seconds = 10;    // Chosen: three probes fill the other half
  const int probes = 3;               // as above
  const unsigned unacked_ms = 30000;  // Chosen: the same patience for data that nobody acknowledges
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_seconds, sizeof idle_seconds);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_seconds, sizeof interval_seconds);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
  ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacked_ms, sizeof unacked_ms);
}

// A connected socket, or -1 and why.
int Connect(const Address& address, Instant by, const std::vector<const WakeEvent*>& wakes, std::string& why) {
  const int fd = ::socket(address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (fd < 0) {
    why = std::strerror(errno);
    return -1;
  }
  NoticeDeadPeers(fd);
  int failure = 0;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address.bytes), address.size) != 0) {
    failure = errno;
    if (failure == EINPROGRESS) {
      if (const char* waited = WaitFor(fd, POLLOUT, by, wakes)) {
        why = waited;
        ::close(fd);
        return -1;
      }
      socklen_t size = sizeof failure;
      ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size);
    }
  }
  if (failure == 0) return fd;
  why = std::strerror(failure);
  ::close(fd);
  return -1;
}

}  // namespace

Result<int> Dial(const std::string& host, int port, Instant by, const std::vector<const WakeEvent*>& wakes) {
  auto addresses = AddressesOf(host, port, by, wakes);
  if (!addresses) return addresses.error();
  std::string why = "no address";
  for (const Address& address : *addresses) {
    const int fd = Connect(address, std::min(by, MonotonicNow() + kConnectLimit), wakes, why);
    if (fd >= 0) return fd;
    if (MonotonicNow() >= by) break;
  }
  return Error{Code::kRetry, "cannot connect: " + why};
}

Result<int> ListenOn(const std::string& host, int port) {
  const std::string where = host + " port " + std::to_string(port);
  std::vector<Address> addresses;
  if (const int outcome = Resolve(host, port, AI_PASSIVE, addresses); outcome != 0 || addresses.empty()) {
    return Error{Code::kRejected, where + ": " + ::gai_strerror(outcome)};
  }
  const Address& address = addresses.front();
  const int fd = ::socket(address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (fd < 0) return Error{Code::kRejected, where + ": " + std::strerror(errno)};
  // SO_REUSEADDR passes over old connections in TIME_WAIT. SO_REUSEPORT stays off: it would let a second process in.
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address.bytes), address.size) != 0 || ::listen(fd, kBacklog) != 0) {
    const int failure = errno;
    ::close(fd);
    return Error{Code::kRejected, where + ": " + std::strerror(failure)};
  }
  return fd;
}

int PortOf(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

}  // namespace spillway
