// One Avi federation as a client sees it: the entry to this room. Build it once, run its feeds, ask its directors.
#ifndef SPILLWAY_AVI_AVI_H_
#define SPILLWAY_AVI_AVI_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "avi/match.h"
#include "avi/survey.h"
#include "src/base/clock.h"
#include "src/base/http.h"
#include "src/base/result.h"
#include "src/base/time.h"
#include "src/ports/feed.h"
#include "src/ports/traffic_director.h"

namespace spillway::avi {

// The password as it is now; read anew before every login, so that a changed file is noticed. White space at its end
// is dropped.
using PasswordReader = std::function<Result<std::string>()>;

// Called once for each controller, with its URL as given in Options.
using TransportFactory = std::function<std::shared_ptr<HttpTransport>(const std::string& url)>;

struct Options {
  std::vector<std::string> controllers;  // "https://host[:port]", any of the federation; at least one
  std::string tenant = "admin";          // of the GSLB services
  std::string username;
  PasswordReader password;
  // Chosen: health and foreign edits are seen within 5 s at about three small reads each time, a fiftieth of what a
  // controller takes from one address.
  Duration poll_interval = 5s;
  // Chosen: twice what a loaded controller needs for a page of a hundred services. Of one request of a feed, its login
  // included.
  Duration call_deadline = 10s;
  std::uint64_t seed = 1;  // of the jitter of back-offs
};

// One application's GSLB service.
struct ServiceOptions {
  std::string app;        // for sentences
  std::string service;    // the GSLB service's name, or its uuid
  MemberMatches members;  // by site
};

// One controller as last seen; for status pages and for `doctor`.
struct ControllerReport {
  std::string url;
  std::string version;  // "30.2.1"; empty: not logged in yet
  std::string site;     // its name in the federation; empty: unknown
  bool leader = false;  // it says of itself that it leads
  std::string problem;  // why it can't be used now; empty: nothing, or not read yet
};

// Safe from several threads once the feeds and directors are made. The clock must outlive it, and everything handed
// out shares what it needs, so the order of destruction does not matter.
class Avi {
 public:
  Avi(Options options, Clock& clock, const TransportFactory& transports);
  ~Avi();
  Avi(const Avi&) = delete;
  Avi& operator=(const Avi&) = delete;

  // Read() answers from the picture that the feeds keep. Write() speaks to the leader on the caller's thread. To be
  // called before the feeds run.
  std::shared_ptr<TrafficDirector> Direct(ServiceOptions options);

  // One for each controller (who leads?) and one for the services. Each may run on a thread of its own. A Step() does
  // nothing when it is called early, and never answers a time more than a second ahead, so that PollSoon() takes
  // effect. Cancel() takes effect between two exchanges: whoever made the transports cancels those.
  std::vector<std::shared_ptr<Feed>> feeds() const;

  // Lets the next Step() of every feed read, and the services be read every second for a while.
  void PollSoon();

  // In the order of Options::controllers.
  std::vector<ControllerReport> Controllers() const;

  // Asks every controller, and one of them about the services, on the caller's thread; reads only. Needs no feeds.
  FederationSeen Survey(Instant until) const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace spillway::avi

#endif  // SPILLWAY_AVI_AVI_H_
