// One application's GSLB service, through the federation.
#ifndef SPILLWAY_AVI_DIRECTOR_H_
#define SPILLWAY_AVI_DIRECTOR_H_

#include <cstddef>
#include <memory>
#include <string>

#include "avi/federation.h"
#include "avi/picture.h"
#include "src/ports/traffic_director.h"

namespace spillway::avi {

// Revisions are Avi's `_last_modified`.
class Director final : public TrafficDirector {
 public:
  Director(std::shared_ptr<Federation> federation, std::shared_ptr<Picture> picture, std::size_t service);

  Reading<TrafficState> Read() const override;

  // One GET of the whole object at the leader, one PUT of it with `_last_modified`, and the reads that verify it. No
  // PUT if the members stand as wanted already. kReread: its `_last_modified` is not `revision`, or the PUT was
  // answered 409 or 412. kRetry: Avi takes no writes now (the message says why), or no answer came and it may have
  // been applied: the feeds read at once. kRejected: somebody else owns the service, or `want` can't be arranged.
  // kMissing: no such service or member.
  Result<TrafficState> Write(const Layout& want, const std::string& revision, bool urgent, Duration deadline) override;

 private:
  struct Target {
    Session& leader;
    GslbView gslb;
    std::string uuid;
  };

  Result<Target> FindTarget() const;
  Result<TrafficState> WriteTo(const Target& target, const Layout& want, const std::string& revision, Instant until);
  Result<JsonDocument> Put(const Target& target, const JsonValue& config, Instant until);
  Result<TrafficState> ReadBack(const Target& target, JsonDocument answered, Instant until);

  const std::shared_ptr<Federation> federation_;
  const std::shared_ptr<Picture> picture_;
  const std::size_t service_;
};

}  // namespace spillway::avi

#endif  // SPILLWAY_AVI_DIRECTOR_H_
