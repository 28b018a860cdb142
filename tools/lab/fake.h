// What all fakes of the lab share: a plain object with memory, request in, answer out. One fake, two transports: the
// lab serves it over TLS (tools/lab/serve.h), the simulator hands it requests in virtual time.
#ifndef SPILLWAY_TOOLS_LAB_FAKE_H_
#define SPILLWAY_TOOLS_LAB_FAKE_H_

#include <memory>
#include <optional>
#include <string>

#include "src/base/http.h"
#include "src/base/time.h"

namespace spillway::lab {

// One request and who sends it.
struct Call {
  HttpRequest request;
  std::string peer_ip;
  std::string client_subject;  // RFC 2253 subject of a verified client certificate; empty: none
};

// The rest of an answer that goes on (a watch).
class Tail {
 public:
  struct Part {
    std::string bytes;    // what has become due since the last Take; may be empty
    bool ended = false;   // nothing more will come: close the body properly after `bytes`
    bool broken = false;  // cut the connection after `bytes`
  };
  virtual ~Tail() = default;
  // Never blocks.
  virtual Part Take() = 0;
  // Blocks until Take() may have something, at most `most` of real time. For the served transport only.
  virtual void Wait(Duration most) = 0;
};

struct Answer {
  enum class Fate {
    kSent,     // `response` reaches the caller
    kDropped,  // the connection is cut; what the request did stays done
    kHung,     // nothing ever comes
  };
  HttpResponse response;
  std::unique_ptr<Tail> tail;  // set: `response` is the head only
  Fate fate = Fate::kSent;
  Duration delay{};  // before the answer leaves
};

// Time comes from the Clock a fake is built with. Safe from several threads.
class Fake {
 public:
  virtual ~Fake() = default;
  virtual Answer Handle(const Call& call) = 0;
  // Does what has become due by now: pods start, sessions expire, followers catch up.
  virtual void Advance() = 0;
  // When Advance() will next have something to do; absent: nothing is planned.
  virtual std::optional<Instant> NextDue() const = 0;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_FAKE_H_
