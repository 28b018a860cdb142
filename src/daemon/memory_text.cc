#include "src/daemon/memory_text.h"

#include <algorithm>
#include <string_view>

#include "src/base/json.h"
#include "src/base/time_text.h"
#include "src/daemon/json_out.h"
#include "src/daemon/words.h"

namespace spillway::daemon {
namespace {

constexpr int kVersion = 1;

// One list of fields serves both directions, so that none can be written and not read.
template <class Visitor, class M>
void VisitSite(Visitor& visit, M& site) {
  visit.Field("known", site.known);
  visit.Field("replicasTarget", site.replicas_target);
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

template <class Visitor, class M>
void VisitMemory(Visitor& visit, M& memory) {
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
}

class Writer {
 public:
  Writer(JsonOut& out, Moment at) : out_(out), at_(at) {}
  void Field(const char* key, int value) { out_.Put(key, value); }
  void Field(const char* key, double value) { out_.Put(key, value); }
  void Field(const char* key, bool value) { out_.Put(key, value); }
  void Field(const char* key, Instant value) { out_.Put(key, Rfc3339Micro(at_.wall - (at_.now - value))); }
  void Field(const char* key, const std::optional<Instant>& value) {
    if (value) Field(key, *value);
  }

 private:
  JsonOut& out_;
  Moment at_;
};

class Reader {
 public:
  Reader(const JsonValue& object, Moment at, std::string& wrong) : object_(object), at_(at), wrong_(wrong) {}

  void Field(const char* key, int& value) {
    const JsonValue* found = Find(object_, key);
    if (found == nullptr) return;
    if (!found->IsInt()) return Wrong(key);
    value = found->GetInt();
  }
  void Field(const char* key, double& value) {
    const JsonValue* found = Find(object_, key);
    if (found == nullptr) return;
    if (!found->IsNumber()) return Wrong(key);
    value = found->GetDouble();
  }
  void Field(const char* key, bool& value) {
    const JsonValue* found = Find(object_, key);
    if (found == nullptr) return;
    if (!found->IsBool()) return Wrong(key);
    value = found->GetBool();
  }
  void Field(const char* key, std::optional<Instant>& value) {
    if (Find(object_, key) == nullptr) return;
    Instant instant;
    Field(key, instant);
    value = instant;
  }
  void Field(const char* key, Instant& value) {
    const auto text = StringAt(object_, key);
    const auto wall = text ? ParseRfc3339(*text) : std::nullopt;
    if (!wall) return Wrong(key);
    value = at_.now - std::max(Duration{}, Duration(at_.wall - *wall));
  }

  // The member `key` as an object or a list; nullptr if it is absent (or wrong).
  const JsonValue* Below(const char* key, bool list) {
    const JsonValue* found = Find(object_, key);
    if (found == nullptr) return nullptr;
    if (list ? found->IsArray() : found->IsObject()) return found;
    Wrong(key);
    return nullptr;
  }
  void Wrong(std::string_view key) { wrong_ = "the field \"" + std::string(key) + "\" is of a wrong kind"; }

 private:
  const JsonValue& object_;
  Moment at_;
  std::string& wrong_;
};

std::string NameOf(const JsonValue& key) { return {key.GetString(), key.GetStringLength()}; }

void ReadSamples(const JsonValue& root, Moment at, Memory& memory, std::string& wrong) {
  Reader reader(root, at, wrong);
  if (const JsonValue* list = reader.Below("demand", true)) {
    for (const JsonValue& item : list->GetArray()) {
      if (!item.IsObject()) return reader.Wrong("demand");
      Reader sample(item, at, wrong);
      DemandSample& read = memory.demand.emplace_back();
      sample.Field("at", read.at);
      sample.Field("demand", read.demand);
    }
  }
  if (const JsonValue* list = reader.Below("homeShare", true)) {
    for (const JsonValue& item : list->GetArray()) {
      if (!item.IsObject()) return reader.Wrong("homeShare");
      Reader sample(item, at, wrong);
      ShareSample& read = memory.home_share.emplace_back();
      sample.Field("at", read.at);
      sample.Field("share", read.share);
    }
  }
  if (const JsonValue* list = reader.Below("overflowUsed", true)) {
    for (const JsonValue& item : list->GetArray()) {
      if (!item.IsObject()) return reader.Wrong("overflowUsed");
      Reader sample(item, at, wrong);
      UsedSample& read = memory.used.emplace_back();
      sample.Field("at", read.at);
      sample.Field("replicas", read.replicas);
    }
  }
}

std::optional<Place> PlaceOf(const JsonValue& placement) {
  const auto word = StringAt(placement, "place");
  for (const Place place : {Place::kServed, Place::kStandby, Place::kParked, Place::kDisabled}) {
    if (word && Word(place) == *word) return place;
  }
  return std::nullopt;
}

void ReadLayout(const JsonValue& root, Moment at, Memory& memory, std::string& wrong) {
  Reader reader(root, at, wrong);
  const JsonValue* layout = reader.Below("layout", false);
  if (layout == nullptr) return;
  for (const auto& member : layout->GetObject()) {
    const auto place = PlaceOf(member.value);
    if (!place) return reader.Wrong("layout");
    Placement& read = memory.layout[NameOf(member.name)];
    read.place = *place;
    Reader placement(member.value, at, wrong);
    placement.Field("ratio", read.ratio);
    placement.Field("rank", read.rank);
  }
}

void WriteLayout(JsonOut& out, const Layout& layout) {
  out.Begin("layout");
  for (const auto& [site, placement] : layout) {
    out.Begin(site).Put("place", Word(placement.place)).Put("ratio", placement.ratio).Put("rank", placement.rank).End();
  }
  out.End();
}

}  // namespace

std::string MemoryText(const Memory& memory, Moment at) {
  JsonOut out;
  Writer write(out, at);
  out.Begin().Put("version", kVersion).Put("savedAt", Rfc3339Micro(at.wall));
  VisitMemory(write, memory);
  out.Begin("sites");
  for (const auto& [site, remembered] : memory.sites) {
    out.Begin(site);
    VisitSite(write, remembered);
    out.End();
  }
  out.End().BeginList("demand");
  for (const DemandSample& sample : memory.demand) {
    out.Begin();
    write.Field("at", sample.at);
    write.Field("demand", sample.demand);
    out.End();
  }
  out.EndList().BeginList("homeShare");
  for (const ShareSample& sample : memory.home_share) {
    out.Begin();
    write.Field("at", sample.at);
    write.Field("share", sample.share);
    out.End();
  }
  out.EndList().BeginList("overflowUsed");
  for (const UsedSample& sample : memory.used) {
    out.Begin();
    write.Field("at", sample.at);
    write.Field("replicas", sample.replicas);
    out.End();
  }
  out.EndList().Begin("conditions");
  for (const auto& [name, since] : memory.conditions) write.Field(std::string(Token(name)).c_str(), since);
  out.End();
  WriteLayout(out, memory.layout);
  out.End();
  return out.Take();
}

Result<Memory> ParseMemory(const std::string& text, Moment at) {
  const auto document = ParseJson(text);
  if (!document) return document.error();
  const auto version = IntAt(*document, "version");
  if (version != kVersion) {
    return Error{Code::kRejected, "memory of version " + (version ? std::to_string(*version) : "none") +
                                      ", this program reads version " + std::to_string(kVersion)};
  }
  std::string wrong;
  Memory memory;
  Reader reader(*document, at, wrong);
  VisitMemory(reader, memory);
  if (const JsonValue* sites = reader.Below("sites", false)) {
    for (const auto& member : sites->GetObject()) {
      if (!member.value.IsObject()) {
        reader.Wrong("sites");
        continue;
      }
      Reader site(member.value, at, wrong);
      VisitSite(site, memory.sites[NameOf(member.name)]);
    }
  }
  ReadSamples(*document, at, memory, wrong);
  ReadLayout(*document, at, memory, wrong);
  if (const JsonValue* conditions = reader.Below("conditions", false)) {
    Reader since(*conditions, at, wrong);
    for (std::size_t i = 0; i < kConditionTokens.size(); ++i) {
      const std::string token(kConditionTokens.at(i));
      if (Find(*conditions, token) != nullptr) {
        since.Field(token.c_str(), memory.conditions[static_cast<ConditionName>(i)]);
      }
    }
  }
  if (!wrong.empty()) return Error{Code::kRejected, wrong};
  return memory;
}

}  // namespace spillway::daemon
