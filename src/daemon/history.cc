#include "src/daemon/history.h"

#include <algorithm>
#include <utility>

#include "src/base/json.h"
#include "src/base/time_text.h"
#include "src/daemon/app.h"
#include "src/daemon/json_out.h"
#include "src/daemon/state_json.h"
#include "src/daemon/words.h"

namespace spillway::daemon {
namespace {

struct Shares {
  std::optional<double> intended, written, measured;
};

struct Sample {
  std::optional<double> demand;
  std::optional<std::int64_t> home_max;
  std::int64_t overflow_ready = 0;
  std::map<SiteName, Shares> shares;
};

std::string TextOf(const Sample& sample, WallTime at) {
  JsonOut out;
  const auto put = [&](const char* key, const std::optional<double>& share) {
    if (share) out.Put(key, Rounded(*share));
  };
  out.Begin().Put("time", Rfc3339(at));
  out.Put("demand", sample.demand ? std::optional(Rounded(*sample.demand)) : std::nullopt);
  out.Begin("capacity").Put("home", sample.home_max).Put("overflow", sample.overflow_ready).End();
  out.Begin("share");
  for (const auto& [site, shares] : sample.shares) {
    out.Begin(site).Put("intended", Rounded(shares.intended.value_or(0)));
    put("written", shares.written);
    put("measured", shares.measured);
    out.End();
  }
  out.End().End();
  return out.Take();
}

// Of a state as docs/api.md describes it.
Sample SampleOf(const JsonValue& state) {
  Sample sample;
  sample.demand = NumberAt(state, "demand.replicas");
  sample.home_max = IntAt(state, "demand.homeMax");
  for (const JsonValue& site : ListAt(state, "sites")) {
    if (StringAt(site, "role") == "overflow") sample.overflow_ready += IntAt(site, "replicas.ready").value_or(0);
    sample.shares[StringAt(site, "site").value_or("")] = {
        NumberAt(site, "share.intended"), NumberAt(site, "share.written"), NumberAt(site, "share.measured")};
  }
  return sample;
}

// A record's state was seen before its writes; what it wrote then held until the next one.
void TakeWritten(const JsonValue& record, Sample& sample) {
  const JsonValue* layout = FindPath(record, "answer.layout");
  const auto writes = ListAt(record, "writes");
  const bool written = std::any_of(writes.begin(), writes.end(), [](const JsonValue& write) {
    return StringAt(write, "target") == "avi" && StringAt(write, "outcome") == "done";
  });
  if (!written || layout == nullptr || !layout->IsObject()) return;
  Layout served;
  for (const auto& member : layout->GetObject()) {
    const JsonValue& placement = member.value;
    const std::int64_t ratio = IntAt(placement, "ratio").value_or(0);
    if (StringAt(placement, "place") != Word(Place::kServed) || ratio < kRatioMin || ratio > kRatioMax) continue;
    served[member.name.GetString()] = {Place::kServed, static_cast<int>(ratio), 0};
  }
  for (auto& [site, shares] : sample.shares) shares.written = 0;
  for (const auto& [site, share] : PublishedShares(served)) sample.shares[site].written = share;
}

}  // namespace

std::string SampleJson(const AppView& view, WallTime at) {
  Sample sample;
  if (view.decision) sample.demand = view.decision->demand;
  if (const auto& home = view.observation.home_demand.seen) sample.home_max = home->value.replicas_max;
  for (const OverflowPolicy& site : view.config->policy.overflow) {
    const auto seen = view.observation.sites.find(site.site);
    if (seen == view.observation.sites.end() || !seen->second.workload.seen) continue;
    sample.overflow_ready += seen->second.workload.seen->value.replicas_ready;
  }
  if (view.decision) {
    for (const auto& [site, decided] : view.decision->sites) sample.shares[site].intended = decided.share_intended;
  }
  if (const auto& traffic = view.observation.traffic.seen) {
    for (auto& [site, shares] : sample.shares) shares.written = 0;
    for (const auto& [site, share] : WrittenShares(traffic->value)) sample.shares[site].written = share;
    for (const auto& [site, share] : MeasuredShares(traffic->value)) sample.shares[site].measured = share;
  }
  return TextOf(sample, at);
}

void History::Take(const std::string& app, WallTime at, std::string sample) {
  const std::lock_guard lock(mutex_);
  auto& kept = samples_[app];
  while (!kept.empty() && kept.back().at > at) kept.pop_back();  // the clock was set back
  if (kept.size() > 1 && kept.back().at - kept[kept.size() - 2].at < kEach) kept.pop_back();
  kept.push_back({at, std::move(sample)});
  while (kept.size() > kKept || kept.front().at < at - kSpan) kept.pop_front();
}

void History::Recall(const std::vector<std::string>& records) {
  for (const std::string& text : records) {
    const auto record = ParseJson(text);
    if (!record) continue;
    const auto app = StringAt(*record, "app");
    const auto at = ParseRfc3339(StringAt(*record, "time").value_or(""));
    const JsonValue* state = Find(*record, "state");
    if (!app || !at || state == nullptr) continue;
    Sample sample = SampleOf(*state);
    TakeWritten(*record, sample);
    Take(*app, *at, TextOf(sample, *at));
  }
}

void History::KeepOnly(const std::set<std::string>& apps) {
  const std::lock_guard lock(mutex_);
  std::erase_if(samples_, [&](const auto& entry) { return !apps.contains(entry.first); });
}

std::vector<std::string> History::Samples(const std::string& app, std::optional<WallTime> since) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> texts;
  const auto kept = samples_.find(app);
  if (kept == samples_.end()) return texts;
  for (const Kept& sample : kept->second) {
    if (!since || sample.at > *since) texts.push_back(sample.text);
  }
  return texts;
}

}  // namespace spillway::daemon
