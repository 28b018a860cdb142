// One connection, plain or TLS, on which every wait is bounded and can be woken.
#ifndef SPILLWAY_SRC_BASE_CHANNEL_H_
#define SPILLWAY_SRC_BASE_CHANNEL_H_

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/base/time.h"
#include "src/base/tls.h"
#include "src/base/wake.h"

namespace spillway {

// Used by one thread; the wake events may be set by others, and end every wait at once.
class Channel {
 public:
  enum class Fault {
    kNone,
    kClosed,   // the peer closed, properly
    kTimeout,  // the deadline passed
    kWoken,    // a wake event was set
    kBroken,   // reset, or closed without TLS's farewell
    kDenied,   // TLS: one end does not trust the other
  };
  static constexpr Instant kNever = Instant::max();

  // Takes `fd`, a connected socket, and makes it non-blocking. The events must outlive the channel.
  Channel(int fd, std::vector<const WakeEvent*> wakes);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Speaks TLS from now on; false: see fault() and why(). The handshake is bounded by the deadline of reading.
  bool Handshake(TlsSession session);

  // Absolute, for all that follows. At the start: never.
  void ReadBy(Instant by) { read_by_ = by; }
  void WriteBy(Instant by) { write_by_ = by; }

  // Up to `size` bytes, waiting for the first. 0: the peer closed properly. -1: see fault().
  ssize_t Read(char* data, std::size_t size);

  // All of it. What fits the socket's buffer goes out even after a wake event.
  bool Write(std::string_view bytes);

  // Waits for input; true: Read() will not wait long. Bytes already here count.
  bool AwaitInput(Instant by);

  // Waits for the peer to go, at most until `by`. False: it has gone, or a wake event is set.
  bool AwaitAlive(Instant by);

  // True if the peer sent something unasked or has gone: not fit for another request.
  bool Stale() const;

  // Says farewell and gives the peer a moment to read what was sent: closing at once over unread input would make the
  // kernel answer with a reset, which destroys the last answer.
  void CloseGently(Duration most);

  Fault fault() const { return fault_; }
  const std::string& why() const { return why_; }
  std::string PeerIp() const;
  std::string Subject() const { return session_ ? PeerSubject(session_.get()) : std::string(); }

 private:
  bool Await(short events, Instant by);
  bool AwaitTls(int result, Instant by);
  bool Woken() const;
  bool Fail(Fault fault, std::string why);
  void HarvestAlert();
  ssize_t Receive(char* data, std::size_t size);
  ssize_t SendSome(std::string_view bytes);

  int fd_;
  std::vector<const WakeEvent*> wakes_;
  TlsSession session_;
  Instant read_by_ = kNever;
  Instant write_by_ = kNever;
  Fault fault_ = Fault::kNone;
  std::string why_;
  std::string buffer_;
  std::size_t taken_ = 0;
};

// The monotonic clock of this room's sockets.
Instant MonotonicNow();

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_CHANNEL_H_
