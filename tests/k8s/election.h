// Candidates for one Lease, each with its own wire and wall clock, in virtual time against the lab's API server.
#ifndef SPILLWAY_TESTS_K8S_ELECTION_H_
#define SPILLWAY_TESTS_K8S_ELECTION_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "k8s/cluster.h"
#include "k8s/lease.h"
#include "src/base/json.h"
#include "tests/k8s/script.h"
#include "tests/k8s/virtual_transport.h"
#include "tools/lab/kubernetes/cluster.h"

namespace spillway::k8s {

inline constexpr char kLeasePath[] = "/apis/coordination.k8s.io/v1/namespaces/spillway/leases/spillway";

// The common monotonic clock, and a wall clock that may be wrong.
class OwnClock final : public Clock {
 public:
  explicit OwnClock(ManualClock& common) : common_(common) {}
  Instant Now() const override { return common_.Now(); }
  WallTime WallNow() const override { return common_.WallNow() + wrong; }
  void SleepUntil(Instant until) override { common_.SleepUntil(until); }
  Duration wrong{};

 private:
  ManualClock& common_;
};

// One process.
class Candidate {
 public:
  Candidate(const std::string& identity, lab::Cluster& fake, ManualClock& common, TokenReader token = {})
      : wire(std::make_shared<VirtualTransport>(fake, common)),
        clock(common),
        cluster("us", TestAccess(std::move(token)), clock, wire, wire, 1),
        lease(cluster.StandFor({"spillway", "spillway", identity, "http://" + identity + ":9440", {}}, seed_++)) {
    lease->OnChange([this] { ++changes; });
  }

  bool leads() const { return !frozen && lease->Lead().has_value(); }

  std::shared_ptr<VirtualTransport> wire;
  OwnClock clock;
  Cluster cluster;
  std::shared_ptr<Lease> lease;
  bool frozen = false;  // its process does nothing: killed, or stopped
  Instant next{};
  int changes = 0;

 private:
  static inline std::uint64_t seed_ = 7;
};

class Election {
 public:
  Election() { EXPECT_EQ(fake.Create(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"spillway"}})"), ""); }

  Candidate& Add(const std::string& identity, TokenReader token = {}) {
    return *all.emplace_back(std::make_unique<Candidate>(identity, fake, clock, std::move(token)));
  }

  // Everybody steps when due. At no instant may two lead.
  void Run(Duration by) {
    const Instant end = clock.Now() + by;
    while (true) {
      for (const auto& one : all) {
        if (!one->frozen && one->next <= clock.Now()) one->next = one->lease->Step();
      }
      const auto leading = std::count_if(all.begin(), all.end(), [](const auto& one) { return one->leads(); });
      ASSERT_LE(leading, 1) << "two lead";
      if (clock.Now() >= end) return;
      Instant next = std::min(end, clock.Now() + 100ms);
      for (const auto& one : all) {
        if (!one->frozen) next = std::min(next, std::max(one->next, clock.Now() + 1ms));
      }
      clock.SleepUntil(next);
    }
  }
  // How long until it leads, at most `most`; `most` if it does not.
  Duration Until(const Candidate& one, bool leads, Duration most) {
    const Instant began = clock.Now();
    while (one.leads() != leads && clock.Now() - began < most) Run(100ms);
    return clock.Now() - began;
  }

  std::string Stored(const char* path) const {
    const auto lease = Lease();
    return lease ? StringAt(*lease, path).value_or("") : "";
  }
  int StoredNumber(const char* path) const {
    const auto lease = Lease();
    return lease ? static_cast<int>(IntAt(*lease, path).value_or(-1)) : -1;
  }
  // As somebody with kubectl would.
  void Merge(const std::string& patch) {
    HttpRequest request{"PATCH", kLeasePath, {{"Content-Type", "application/merge-patch+json"}}, patch};
    EXPECT_EQ(fake.Handle({request, "127.0.0.1", ""}).response.status, 200);
  }
  void Delete() {
    EXPECT_EQ(fake.Handle({HttpRequest{"DELETE", kLeasePath, {}, ""}, "127.0.0.1", ""}).response.status, 200);
  }

  ManualClock clock;
  lab::Cluster fake{clock};
  std::vector<std::unique_ptr<Candidate>> all;

 private:
  Result<JsonDocument> Lease() const {
    return ParseJson(fake.Get("coordination.k8s.io/v1", "leases", "spillway", "spillway"));
  }
};

}  // namespace spillway::k8s

#endif  // SPILLWAY_TESTS_K8S_ELECTION_H_
