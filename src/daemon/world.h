// The real world as the configuration names it: its clusters and its Avi federation, as ports and feeds.
#ifndef SPILLWAY_SRC_DAEMON_WORLD_H_
#define SPILLWAY_SRC_DAEMON_WORLD_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "avi/avi.h"
#include "src/base/clock.h"
#include "src/daemon/app.h"
#include "src/daemon/cluster_slot.h"
#include "src/daemon/config.h"
#include "src/daemon/late_transport.h"
#include "src/daemon/picture.h"
#include "src/ports/feed.h"

namespace spillway::daemon {

// Nothing is read or reached before the feeds run. Ports and feeds live as long as this; the clock outlives it.
class World {
 public:
  World(const Config& config, Clock& clock);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const AppPorts& PortsOf(const std::string& app) const { return ports_.at(app); }

  // To be called once, before any feed runs. `wake`: something changed that concerns the application. `start_feed`:
  // a cluster was opened and brings one more feed; called from a feed's Step().
  void Connect(const ClusterSlot::Wake& wake, const ClusterSlot::StartFeed& start_feed);

  // A Deployment was scaled: an Event is written there, if it is an overflow site's. Never waits. Safe from any thread.
  void Announce(const AppView& view, const WriteOutcome& write);

  std::vector<Feed*> feeds() const;

  // Asks the Avi federation anew; needs no feeds. From any thread.
  avi::FederationSeen SurveyAvi(Instant until) const { return avi_->Survey(until); }

  // Ends every exchange under way and refuses new ones. Safe from any thread.
  void Cancel();

 private:
  void Direct(const AppConfig& app);

  std::map<std::string, std::unique_ptr<ClusterSlot>> clusters_;
  std::vector<std::shared_ptr<LateTransport>> controllers_;
  std::unique_ptr<avi::Avi> avi_;
  std::vector<std::shared_ptr<Feed>> avi_feeds_;
  std::vector<std::shared_ptr<TrafficDirector>> directors_;
  std::map<std::string, AppPorts> ports_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_WORLD_H_
