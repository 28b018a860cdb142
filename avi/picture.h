// What is known of the services that Spillway directs: filled by the poll and by writes, read by directors.
#ifndef SPILLWAY_AVI_PICTURE_H_
#define SPILLWAY_AVI_PICTURE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "avi/avi.h"
#include "avi/gslb.h"
#include "avi/wire.h"
#include "src/base/json.h"
#include "src/core/observation.h"

namespace spillway::avi {

// One service's JSON, shared because it is large and never changed.
struct ServiceJson {
  std::string uuid;
  std::shared_ptr<const JsonDocument> config;   // a GslbService
  std::shared_ptr<const JsonDocument> runtime;  // its GslbServiceRuntime; nullptr: not known
};

// Safe from several threads. Services are numbered in the order in which they were added.
class Picture {
 public:
  std::size_t Add(ServiceOptions options);
  std::size_t size() const;
  ServiceOptions options(std::size_t service) const;

  // The state as the federation's verdict lets it appear.
  Reading<TrafficState> Read(std::size_t service, const Verdict& verdict) const;

  // The last JSON; absent until the service was found.
  std::optional<ServiceJson> Json(std::size_t service) const;

  // Moves with every write, and twice: a read that began before and ends after tells nothing.
  std::uint64_t Writes(std::size_t service) const;
  void WriteTouched(std::size_t service);

  // What a read that began at `as_of`, with Writes() == `writes` then, found. False: a write came between, nothing was
  // taken over.
  bool Update(std::size_t service, std::uint64_t writes, ServiceJson json, Instant as_of);
  // A read that began at `as_of` found what is known. False: a write came between, or the last read had failed.
  bool Confirm(std::size_t service, std::uint64_t writes, Instant as_of);
  // What a write left behind, read back from `as_of` on; its sites may take a while to hear of it.
  void Written(std::size_t service, ServiceJson json, Instant as_of);
  // What was seen stays; the failure's begin too if it goes on.
  void Fail(std::size_t service, const Error& error, Instant now);

  // From the leader's sync state, read from `as_of` on; nullopt: it can't be known, and is then no reason to wait.
  void InForce(std::optional<bool> everywhere, Instant as_of);

  // Whether anything differs since the last call that could change a decision.
  bool Changed(const Verdict& verdict);

 private:
  struct Entry {
    ServiceOptions options;
    std::optional<ServiceJson> json;
    std::optional<Seen<ServiceView>> seen;
    std::optional<Failure> failure;
    std::uint64_t writes = 0;
    std::optional<Instant> written;  // the last write of ours was acknowledged before this
    Reading<TrafficState> told;      // at the last Changed()
  };
  struct Sync {
    bool everywhere;
    Instant as_of;
  };

  Reading<TrafficState> ReadEntry(const Entry& entry, const Verdict& verdict) const;
  static void Take(Entry& entry, ServiceJson json, Instant as_of);

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  std::optional<Sync> sync_;
};

}  // namespace spillway::avi

#endif  // SPILLWAY_AVI_PICTURE_H_
