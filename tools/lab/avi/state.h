// The whole federation's memory, behind one lock: what the pages of the API read and change.
#ifndef SPILLWAY_TOOLS_LAB_AVI_STATE_H_
#define SPILLWAY_TOOLS_LAB_AVI_STATE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "src/base/rng.h"
#include "tools/lab/avi/config.h"
#include "tools/lab/avi/federation.h"
#include "tools/lab/avi/health.h"
#include "tools/lab/avi/rate_limit.h"
#include "tools/lab/avi/sessions.h"
#include "tools/lab/avi/store.h"

namespace spillway::lab::avi {

// A leader's word on its way to one other site.
struct Change {
  enum class What : std::uint8_t { kPut, kDelete, kAdopt };  // kAdopt: hold exactly what the sender holds
  What what = What::kPut;
  Instant due;
  std::size_t from = 0;
  std::int64_t view = 0;  // of the sender when it sent
  std::int64_t sent = 0;  // as _last_modified counts: a checkpoint made later lets it pass
  ObjectPtr object;
};

struct CannedAnswer {
  int status = 0;
  int count = 0;
  std::string body;
};

// A page as it was answered, and of which state: State::changes, State::traffic_changes.
struct WrittenPage {
  std::pair<std::uint64_t, std::uint64_t> of;
  HttpResponse response;
};

struct SiteState {
  SiteState(std::size_t index_, SiteOptions options_, Rng rng, std::vector<User> users)
      : index(index_), options(std::move(options_)), sessions(rng, std::move(users)) {}

  std::size_t index;
  SiteOptions options;
  Store store;
  GslbConfig gslb;  // of `store`
  HealthBook health;
  Sessions sessions;
  RateLimit rate_limit;
  std::deque<Change> inbox;
  std::deque<CannedAnswer> canned;
  std::map<std::string, WrittenPage> pages;  // by everything of a request that shapes the answer
  bool alive = true;

  bool leads() const { return gslb.leader == options.cluster_uuid; }
};

struct Traffic {
  double requests_per_second = 0;
  double open_connections = 0;
};

struct State {
  State(const Clock& clock_, FederationOptions options_)
      : clock(clock_), options(std::move(options_)), rng(options.seed) {}

  const Clock& clock;
  FederationOptions options;
  mutable std::mutex mutex;
  Rng rng;
  std::vector<std::unique_ptr<SiteState>> sites;
  std::set<std::pair<std::size_t, std::size_t>> broken_links;  // smaller index first
  std::map<std::pair<std::size_t, std::size_t>, Duration> link_latency;
  std::map<std::string, bool> controller_says;  // by address: what each member's own controller says
  std::map<std::string, std::string> vips;      // by address: the one that is in use instead
  std::map<std::string, Traffic> traffic;       // by address
  std::uint64_t changes = 0;                    // moves whenever a page about objects may have to be written anew
  std::uint64_t traffic_changes = 0;            // the same, of those that show traffic
  WallTime event_at{};                          // wall time of what is being done; behind the clock while catching up
  std::int64_t modified = 0;                    // the last _last_modified given
  std::uint64_t order = 0;                      // the last Object::order given
  std::deque<WriteRecord> writes;               // the newest kWritesKept
  std::uint64_t versions_given = 0;             // accepted writes: what replication_stats count by
  std::map<std::string, std::uint64_t> requests;

  // Throws std::out_of_range.
  SiteState& Site(std::string_view name);
  SiteState* SiteByCluster(const std::string& cluster_uuid);
  bool Connected(std::size_t a, std::size_t b) const;
  // When what `from` sends now is at `to`.
  Instant Arrival(std::size_t from, std::size_t to) const;
  std::string NewUuid(std::string_view type);
  std::int64_t NewModified();
};

// Does what is due by now, in order. Called before anything else looks.
void CatchUp(State& state);
std::optional<Instant> NextEvent(const State& state);

// Puts an object into (out of) one site's store, with all that follows there.
void Keep(State& state, SiteState& site, const ObjectPtr& object);
void Remove(State& state, SiteState& site, const ObjectPtr& object);

}  // namespace spillway::lab::avi

#endif  // SPILLWAY_TOOLS_LAB_AVI_STATE_H_
