// Reads all GSLB services of the federation again and again, in as few requests as possible.
#ifndef SPILLWAY_AVI_POLL_H_
#define SPILLWAY_AVI_POLL_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "avi/federation.h"
#include "avi/picture.h"
#include "src/ports/feed.h"

namespace spillway::avi {

// Each round: the inventory of all services (configuration in outline, runtime) and the federation's sync state. The
// services' whole configuration, which the inventory does not carry, is read when the outline differs from the last
// one, after writes, and otherwise once a minute.
// Source: Avi GSLB swagger 30.2.1: GslbServiceConfig, the inventory's part, lacks ttl, num_dns_ip, created_by,
// topology_policy_enabled and _last_modified.
class Poll final : public Feed {
 public:
  Poll(std::shared_ptr<Federation> federation, std::shared_ptr<Picture> picture);

  Instant Step() override;
  void Cancel() override { cancelled_ = true; }
  const std::string& name() const override { return name_; }

 private:
  // One service of the inventory, inside the pages it was read in.
  struct Found {
    std::string name, uuid;
    const JsonValue* runtime = nullptr;
    const JsonValue* json = nullptr;
  };
  using Configs = std::map<std::string, std::shared_ptr<const JsonDocument>>;  // by uuid

  Status Round(Instant until);
  Status ReadServices(Session& session, Instant until);
  Status ReadConfigs(Session& session, const std::map<std::string, std::string>& wanted, Instant until);
  void ReadSync(std::size_t controller, Instant until);
  void Take(const Session& session, const std::vector<Found>& found, const std::vector<std::size_t>& at, Instant began);
  // The pages are those of the last time, and nothing else wants to be read: what is known was seen again at `began`.
  bool Confirm(const Session::Pages& pages, const std::vector<std::uint64_t>& writes, Instant began);
  static std::vector<Found> Outlines(const Session::Pages& pages);
  // The position in `found` of every directed service, or its length.
  std::vector<std::size_t> Resolve(const std::vector<Found>& found) const;
  // By uuid, for the directed services: text that differs when the configuration does.
  static std::map<std::string, std::string> OutlineTexts(const std::vector<Found>& found,
                                                         const std::vector<std::size_t>& at);

  const std::shared_ptr<Federation> federation_;
  const std::shared_ptr<Picture> picture_;
  const std::string name_ = "avi services";
  std::atomic<bool> cancelled_ = false;
  std::size_t failures_ = 0;  // in a row: then the next reader is tried

  std::vector<LastAnswer> inventory_, services_;  // pages
  LastAnswer sync_;
  Session::Pages taken_;  // of the inventory, when it was last taken over

  Configs configs_;  // of the directed services, and what they were read for:
  std::map<std::string, std::string> outlines_;
  std::vector<std::uint64_t> writes_;
  std::optional<Instant> configs_as_of_;
};

// A value of its own; nullptr stays nullptr.
std::shared_ptr<const JsonDocument> CopyOf(const JsonValue* value);

// Whether every site that answers DNS has the present configuration, read at the leader. nullopt: this controller does
// not tell (old, or not permitted). kRetry: no answer.
Result<std::optional<bool>> ReadInForce(Session& leader, const GslbView& gslb, Instant until, LastAnswer& last);

}  // namespace spillway::avi

#endif  // SPILLWAY_AVI_POLL_H_
