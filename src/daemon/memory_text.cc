#include "src/daemon/memory_text.h"

#include <algorithm>

#include "src/base/json.h"
#include "src/base/time_text.h"
#include "src/daemon/field_words.h"
#include "src/daemon/json_out.h"

namespace spillway::daemon {
namespace {

constexpr int kVersion = 1;

// A drain waits for something that was watched meanwhile, or for clients of whom nobody knows.
void StopDrains(SiteMemory& site, Duration unwatched, Instant now) {
  for (std::optional<Instant>* since : {&site.lowered_since, &site.quiet_since, &site.tail_since}) {
    if (*since) *since = std::min(now, **since + unwatched);
  }
}

}  // namespace

template <class Visitor, OneOf<SiteMemory> M>
void Describe(Visitor& visit, M& site) {
  visit.Field("known", site.known);
  visit.Field("replicasTarget", site.replicas_target);
  visit.Field("replicasNeeded", site.replicas_needed);
  visit.Field("replicasDue", site.replicas_due);
  visit.Field("loweredAt", site.lowered_at);
  visit.Field("readySince", site.ready_since);
  visit.Field("healthySince", site.healthy_since);
  visit.Field("eligibleSince", site.eligible_since);
  visit.Field("provisioningSince", site.provisioning_since);
  visit.Field("loweredSince", site.lowered_since);
  visit.Field("quietSince", site.quiet_since);
  visit.Field("tailSince", site.tail_since);
  visit.Field("residualFirst", site.residual_first);
  visit.Field("halfAt", site.half_at);
  visit.Field("eighthAt", site.eighth_at);
  visit.Field("flaps", site.flaps);
  visit.Field("flappedAt", site.flapped_at);
}

template <class Visitor, OneOf<DemandSample> M>
void Describe(Visitor& visit, M& sample) {
  visit.Field("at", sample.at);
  visit.Field("demand", sample.demand);
}

template <class Visitor, OneOf<ShareSample> M>
void Describe(Visitor& visit, M& sample) {
  visit.Field("at", sample.at);
  visit.Field("share", sample.share);
}

template <class Visitor, OneOf<UsedSample> M>
void Describe(Visitor& visit, M& sample) {
  visit.Field("at", sample.at);
  visit.Field("replicas", sample.replicas);
}

// All but the conditions.
template <class Visitor, OneOf<Memory> M>
void Describe(Visitor& visit, M& memory) {
  visit.Field("firstLook", memory.first_look);
  visit.Field("smoothedAt", memory.smoothed_at);
  visit.Field("smoothed", memory.smoothed);
  visit.Field("excessSince", memory.excess_since);
  visit.Field("probedAt", memory.probed_at);
  visit.Field("probed", memory.probed);
  visit.Field("homeDownSince", memory.home_down_since);
  visit.Field("homeUpSince", memory.home_up_since);
  visit.Field("failedOver", memory.failed_over);
  visit.Field("failoverOrdered", memory.failover_ordered);
  visit.Field("failedOverSince", memory.failed_over_since);
  visit.Field("failbackShare", memory.failback_share);
  visit.Field("drainsLearned", memory.drain_curve.drains);
  visit.Field("drainHalfSeconds", memory.drain_curve.half_seconds);
  visit.Field("drainEighthSeconds", memory.drain_curve.eighth_seconds);
  visit.Field("drainEndSeconds", memory.drain_curve.end_seconds);
  visit.Field("shareLooks", memory.share.looks);
  visit.Field("shareBias", memory.share.bias);
  visit.Field("sharePublishedBias", memory.share.published);
  visit.Field("shareSpread", memory.share.spread);
  visit.Field("shareCorrection", memory.share.correction);
  visit.Field("shareLookedAt", memory.share.looked_at);
  visit.Field("shareCorrectedAt", memory.share.corrected_at);
  visit.Field("budgetSince", memory.budget.since);
  visit.Field("budgetCountedAt", memory.budget.counted_at);
  visit.Field("budgetReplicaHours", memory.budget.replica_hours);
  visit.Field("budgetCost", memory.budget.cost);
  visit.Field("layoutSince", memory.layout_since);
  visit.Field("sites", memory.sites);
  visit.Field("demand", memory.demand);
  visit.Field("homeShare", memory.home_share);
  visit.Field("homeMeasured", memory.home_measured);
  visit.Field("overflowUsed", memory.used);
  visit.Field("layout", memory.layout);
}

std::string MemoryText(const Memory& memory, Moment at) {
  JsonOut out;
  FieldWriter write(out, at);
  out.Begin().Put("version", kVersion).Put("savedAt", Rfc3339Micro(at.wall));
  Describe(write, memory);
  out.Begin("conditions");
  for (const auto& [name, since] : memory.conditions) write.Field(std::string(Token(name)).c_str(), since);
  out.End().End();
  return out.Take();
}

Result<Memory> ReadMemory(const JsonValue& json, Moment at) {
  const auto version = IntAt(json, "version");
  if (version != kVersion) {
    return Error{Code::kRejected, "memory of version " + (version ? std::to_string(*version) : "none") +
                                      ", this program reads version " + std::to_string(kVersion)};
  }
  std::string wrong;
  Memory memory;
  FieldReader reader(json, at, wrong);
  Describe(reader, memory);
  if (const JsonValue* conditions = reader.Below("conditions", false)) {
    FieldReader since(*conditions, at, wrong);
    for (std::size_t i = 0; i < kConditionTokens.size(); ++i) {
      const std::string token(kConditionTokens.at(i));
      if (Find(*conditions, token) != nullptr) {
        since.Field(token.c_str(), memory.conditions[static_cast<ConditionName>(i)]);
      }
    }
  }
  if (!wrong.empty()) return Error{Code::kRejected, wrong};
  if (const auto saved = ParseRfc3339(StringAt(json, "savedAt").value_or("")); saved && *saved < at.wall) {
    for (auto& [site, of] : memory.sites) StopDrains(of, at.wall - *saved, at.now);
  }
  return memory;
}

Result<Memory> ParseMemory(const std::string& text, Moment at) {
  const auto document = ParseJson(text);
  if (!document) return document.error();
  return ReadMemory(*document, at);
}

}  // namespace spillway::daemon
