#include "src/daemon/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "src/daemon/gauges.h"
#include "src/daemon/words.h"

namespace spillway::daemon {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;

// Chosen: from a write on loopback to the longest deadline.
const Histogram::BucketBoundaries kWriteBuckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
// Chosen: the promise is 20 ms at the median on loopback, so that region is the finest.
const Histogram::BucketBoundaries kReactionBuckets{0.001, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05,
                                                   0.1,   0.25,   0.5,   1,    2.5,   5,    10,   30};

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  Family<Counter>& decisions =
      BuildCounter().Name("spillway_decisions_total").Help("Decisions by each of their reasons.").Register(registry);
  Family<Counter>& writes =
      BuildCounter()
          .Name("spillway_writes_total")
          .Help("Writes to Avi and Kubernetes; enforced=false: held by a dry run, a pause or a standby.")
          .Register(registry);
  Family<Histogram>& write_seconds_family = BuildHistogram()
                                                .Name("spillway_write_seconds")
                                                .Help("How long a write took, whatever its outcome.")
                                                .Register(registry);
  Histogram& write_seconds_avi = write_seconds_family.Add({{"target", "avi"}}, kWriteBuckets);
  Histogram& write_seconds_kubernetes = write_seconds_family.Add({{"target", "kubernetes"}}, kWriteBuckets);
  Histogram& reaction_seconds = BuildHistogram()
                                    .Name("spillway_reaction_seconds")
                                    .Help("From the signal that woke an application to the acknowledged write.")
                                    .Register(registry)
                                    .Add({}, kReactionBuckets);
  Family<Counter>& burst_seconds = BuildCounter()
                                       .Name("spillway_burst_replica_seconds_total")
                                       .Help("Replicas that ran at an overflow site, times seconds.")
                                       .Register(registry);
  Family<Counter>& burst_cost = BuildCounter()
                                    .Name("spillway_burst_cost_total")
                                    .Help("What they cost, in the currency of pricePerReplicaHour.")
                                    .Register(registry);

  Family<Counter>& violations = BuildCounter()
                                    .Name("spillway_invariant_violations_total")
                                    .Help("Decisions that broke a rule that must always hold; not 0: a bug.")
                                    .Register(registry);

  Counter& Writes(const std::string& target, const std::string& outcome, bool enforced) {
    return writes.Add({{"target", target}, {"outcome", outcome}, {"enforced", enforced ? "true" : "false"}});
  }
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {
  for (const std::string_view rule : kInvariantTokens) impl_->violations.Add({{"rule", std::string(rule)}});
  for (const std::string target : {"avi", "kubernetes"}) {
    impl_->Writes(target, "done", true);
    impl_->Writes(target, "held", false);
    for (const Code code : {Code::kRetry, Code::kReread, Code::kRejected, Code::kMissing, Code::kDenied}) {
      impl_->Writes(target, std::string(Word(code)), true);
    }
  }
}

Metrics::~Metrics() = default;

void Metrics::Declare(const AppConfig& app) {
  for (const ReasonText& reason : kReasonTexts) {
    impl_->decisions.Add({{"app", app.name}, {"reason", std::string(reason.token)}});
  }
  for (const SiteConfig& site : app.overflow) BurstUsed(app.name, site.site, 0, 0);
}

void Metrics::Decided(const std::string& app, const std::vector<Reason>& reasons) {
  for (const Reason& reason : reasons) {
    impl_->decisions.Add({{"app", app}, {"reason", std::string(spillway::Text(reason.code).token)}}).Increment();
  }
}

void Metrics::Violated(Invariant invariant) {
  impl_->violations.Add({{"rule", std::string(Word(invariant))}}).Increment();
}

void Metrics::Wrote(const WriteOutcome& write, bool enforced) {
  impl_->Writes(write.target, write.outcome, enforced).Increment();
  if (!enforced) return;
  (write.target == "avi" ? impl_->write_seconds_avi : impl_->write_seconds_kubernetes).Observe(Seconds(write.took));
}

void Metrics::Reacted(Duration after) { impl_->reaction_seconds.Observe(Seconds(after)); }

void Metrics::BurstUsed(const std::string& app, const SiteName& site, double replica_seconds, double cost) {
  impl_->burst_seconds.Add({{"app", app}, {"site", site}}).Increment(replica_seconds);
  impl_->burst_cost.Add({{"app", app}, {"site", site}}).Increment(cost);
}

std::string Metrics::Text(const std::vector<AppView>& apps, const LeaderView& leader, Instant now) const {
  auto families = impl_->registry.Collect();
  for (auto& family : CollectGauges(apps, leader, now)) families.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace spillway::daemon
