// The network between a daemon and one API: the daemon's transports on one end, a fake on the other, and everything
// that can go wrong in between.
#ifndef SPILLWAY_TOOLS_SIMULATE_WIRE_H_
#define SPILLWAY_TOOLS_SIMULATE_WIRE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/base/http.h"
#include "src/base/rng.h"
#include "tools/lab/fake.h"
#include "tools/simulate/timeline.h"

namespace spillway::sim {

// What is wrong with a wire for a while. Each request draws anew.
struct Trouble {
  enum class Kind : std::uint8_t {
    kCut,          // nothing passes; open streams fall silent
    kHang,         // requests are swallowed
    kStatus,       // `value` is answered, nothing is done
    kLoseAnswer,   // done, then the connection is cut
    kSlow,         // `value` seconds more each way
    kStale,        // a GET is answered as it was the last time
    kDropLines,    // lines of streams get lost
    kRepeatLines,  // lines of streams come twice
  };
  Kind kind = Kind::kCut;
  double chance = 1;
  double value = 0;
  Instant until{};
};

// Thrown out of a call when the daemon that makes it is killed meanwhile.
struct Killed {};

// Who looks at the wire. All optional.
struct WireHooks {
  // Just before and just after the fake deals with a request.
  std::function<void(const HttpRequest&)> before;
  std::function<void(const HttpRequest&, const HttpResponse&)> after;
  std::function<void()> heard;               // something true came back
  std::function<void()> alive;               // throws Killed if the caller is dead
  std::function<void(HttpRequest&)> tamper;  // of a planted defect
};

class Wire final : public HttpTransport, public StreamTransport {
 public:
  // `lane`: held while a call waits; Timeline::kNoLane: nobody is kept from acting.
  Wire(Timeline& timeline, lab::Fake& fake, Timeline::Lane lane, Rng rng, WireHooks hooks);
  ~Wire() override;

  Result<HttpResponse> Send(const HttpRequest& request, Duration deadline) override;
  Result<OpenedStream> Open(const HttpRequest& request, Duration deadline) override;

  void Add(Trouble trouble) { troubles_.push_back(trouble); }
  void Heal() { troubles_.clear(); }
  bool Has(Trouble::Kind kind) const;

  // Lets streams take what the fake has for them, and wakes who reads them.
  void Poke();

  std::uint64_t sent() const { return sent_; }

 private:
  class Stream;
  struct Passed {
    lab::Answer answer;
    bool lost = false;
  };
  // The trouble of that kind that befalls this request.
  const Trouble* Befalls(Trouble::Kind kind);
  Duration Latency();
  void Sleep(Duration length, Instant until);
  Result<lab::Answer> Pass(HttpRequest request, Instant until);

  Timeline& timeline_;
  lab::Fake& fake_;
  const Timeline::Lane lane_;
  Rng rng_;
  const WireHooks hooks_;
  std::deque<Trouble> troubles_;
  std::vector<std::weak_ptr<Stream>> streams_;
  std::map<std::string, HttpResponse> last_;  // by target; kept only while kStale is about
  std::uint64_t sent_ = 0;
};

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_WIRE_H_
