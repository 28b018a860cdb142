#include "src/daemon/history.h"

#include <utility>

#include "src/base/time_text.h"
#include "src/daemon/app.h"
#include "src/daemon/json_out.h"
#include "src/daemon/state_json.h"

namespace spillway::daemon {
namespace {

int Ready(const Observation& observation, const SiteName& site) {
  const auto seen = observation.sites.find(site);
  return seen != observation.sites.end() && seen->second.workload.seen
             ? seen->second.workload.seen->value.replicas_ready
             : 0;
}

void PutShares(JsonOut& out, const AppView& view) {
  std::map<SiteName, double> written, measured;
  const auto& traffic = view.observation.traffic.seen;
  if (traffic) {
    written = WrittenShares(traffic->value);
    measured = MeasuredShares(traffic->value);
  }
  out.Begin("share");
  for (const auto& [site, decided] : view.decision->sites) {
    out.Begin(site).Put("intended", Rounded(decided.share_intended));
    const auto is_written = written.find(site);
    if (traffic) out.Put("written", is_written == written.end() ? 0.0 : Rounded(is_written->second));
    if (const auto counted = measured.find(site); counted != measured.end()) {
      out.Put("measured", Rounded(counted->second));
    }
    out.End();
  }
  out.End();
}

}  // namespace

std::string SampleJson(const AppView& view, WallTime at) {
  JsonOut out;
  out.Begin().Put("time", Rfc3339(at));
  const auto& demand = view.decision->demand;
  out.Put("demand", demand ? std::optional(Rounded(*demand)) : demand);
  int overflow = 0;
  for (const OverflowPolicy& site : view.config->policy.overflow) overflow += Ready(view.observation, site.site);
  const auto& home = view.observation.home_demand.seen;
  out.Begin("capacity").Put("home", home ? std::optional(home->value.replicas_max) : std::nullopt);
  out.Put("overflow", overflow).End();
  PutShares(out, view);
  out.End();
  return out.Take();
}

void History::Take(const std::string& app, WallTime at, std::string sample) {
  const std::lock_guard lock(mutex_);
  auto& kept = samples_[app];
  while (!kept.empty() && kept.back().at > at) kept.pop_back();  // the clock was set back
  if (kept.size() > 1 && kept.back().at - kept[kept.size() - 2].at < kEach) kept.pop_back();
  kept.push_back({at, std::move(sample)});
  while (kept.size() > kKept || kept.front().at < at - kSpan) kept.pop_front();
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
  for (const Sample& sample : kept->second) {
    if (!since || sample.at > *since) texts.push_back(sample.text);
  }
  return texts;
}

}  // namespace spillway::daemon
