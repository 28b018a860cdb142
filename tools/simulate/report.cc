#include "tools/simulate/report.h"

#include <algorithm>
#include <cstdlib>

#include "src/base/json.h"
#include "src/daemon/words.h"
#include "tools/simulate/format.h"

namespace spillway::sim {
namespace {

double Requests(const Scenario& scenario, double work) { return work * scenario.requests_per_replica; }

std::size_t Count(const Outcomes& outcomes, bool gslb) {
  return static_cast<std::size_t>(std::count_if(outcomes.writes.begin(), outcomes.writes.end(),
                                                [&](const SeenWrite& write) { return write.gslb == gslb; }));
}

struct Json {
  JsonDocument document{rapidjson::kObjectType};
  auto& allocator() { return document.GetAllocator(); }
  void Put(JsonValue& to, const char* name, JsonValue value) {
    to.AddMember(JsonValue(name, allocator()), value, allocator());
  }
  JsonValue Text(const std::string& text) { return JsonValue(text.c_str(), allocator()); }
};

JsonValue SiteJson(Json& json, const Scenario& scenario, const Outcomes& outcomes, std::size_t site) {
  const SiteBooks& books = outcomes.books.sites[site];
  JsonValue value(rapidjson::kObjectType);
  json.Put(value, "site", json.Text(scenario.site_names()[site]));
  json.Put(value, "requests", JsonValue(Requests(scenario, books.work)));
  json.Put(value, "failed_requests", JsonValue(Requests(scenario, books.failed)));
  json.Put(value, "turned_away_requests", JsonValue(Requests(scenario, books.turned_away)));
  json.Put(value, "overload_seconds", JsonValue(books.overload_seconds));
  json.Put(value, "overload_replica_seconds", JsonValue(books.overload));
  json.Put(value, "replica_hours", JsonValue(books.replica_hours));
  json.Put(value, "replicas_most", JsonValue(books.replicas_most));
  return value;
}

double Percent(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

double OverflowHours(const Books& books) {
  double sum = 0;
  for (std::size_t site = 1; site < books.sites.size(); ++site) sum += books.sites[site].replica_hours;
  return sum;
}

std::string DrainsText(const Outcomes& outcomes) {
  if (outcomes.drains.empty()) return "drains                       none\n";
  Duration longest{}, sum{};
  for (const DrainSpan& drain : outcomes.drains) {
    longest = std::max(longest, drain.took);
    sum += drain.took;
  }
  const auto count = static_cast<int>(outcomes.drains.size());
  std::string text = Format("drains              %13d  (%s on average, %s at most)\n", count,
                            TimeText(sum / count).c_str(), TimeText(longest).c_str());
  for (const DrainSpan& drain : outcomes.drains) {
    text += "  " + drain.site + " from " + TimeText(drain.began) + " for " + TimeText(drain.took) + "\n";
  }
  return text;
}

}  // namespace

std::string TimeText(Duration at) {
  const auto seconds = static_cast<long>(Seconds(at));
  return Format("%ld:%02ld:%02ld", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string WhatWasPlayed(const Scenario& scenario) {
  return Format("%s, home at most %d, %s at a demand of up to %.1f",
                std::string(daemon::Word(scenario.app.policy.mode)).c_str(), scenario.home_max,
                TimeText(scenario.span).c_str(), scenario.demand.most());
}

std::string Summary(const Scenario& scenario, const Outcomes& outcomes) {
  const Books& books = outcomes.books;
  const double failed = Requests(scenario, books.failed() + books.turned_away());
  return Format(
      "overload %.0f s, failed or turned away %.0f requests (%.3f %%), replica-hours %.1f at home and %.1f in "
      "overflow, writes %zu of replicas and %zu of GSLB",
      books.overload_seconds, failed, Percent(failed, Requests(scenario, books.arrived)), books.sites[0].replica_hours,
      OverflowHours(books), Count(outcomes, false), Count(outcomes, true));
}

std::string StoryText(const Outcomes& outcomes) {
  std::string text;
  for (const SeenWrite& write : outcomes.writes) {
    text += TimeText(write.at) + (write.gslb ? " gslb " : " replicas ") + write.what + "\n";
  }
  return text;
}

std::string Commit() {
  const char* commit = std::getenv("SPILLWAY_COMMIT");  // NOLINT(concurrency-mt-unsafe): one thread
  return commit == nullptr ? "unknown" : commit;
}

std::string ReportText(const Scenario& scenario, const Outcomes& outcomes) {
  const Books& books = outcomes.books;
  const double all = Requests(scenario, books.arrived);
  const double failed = Requests(scenario, books.failed());
  const double away = Requests(scenario, books.turned_away());
  std::string text = scenario.app.name + ": " + WhatWasPlayed(scenario) + "\n";
  text += Format("requests            %13.0f\n", all);
  text += Format("failed              %13.0f  (%.4f %%: met no replica, or found no address)\n", failed,
                 Percent(failed, all));
  text += Format("turned away         %13.0f  (%.4f %%: beyond %.1f times what the replicas are meant to carry)\n",
                 away, Percent(away, all), scenario.limit);
  text += Format("overload            %13.0f s  (a site had more work than its replicas are meant to carry)\n",
                 books.overload_seconds);
  text += Format("  of the work       %13.4f %%\n", Percent(books.overload(), books.arrived));
  for (std::size_t site = 0; site < books.sites.size(); ++site) {
    text += Format("%-19s %13.1f replica-hours, at most %d at once, %.1f %% of the work\n",
                   scenario.site_names()[site].c_str(), books.sites[site].replica_hours,
                   books.sites[site].replicas_most, Percent(books.sites[site].work, books.arrived));
  }
  text += Format("cost of overflow    %13.2f\n", outcomes.cost);
  text += Format("writes              %13zu of replicas, %zu of the GSLB service\n", Count(outcomes, false),
                 Count(outcomes, true));
  return text + DrainsText(outcomes);
}

std::string ReportJson(const Scenario& scenario, const Outcomes& outcomes) {
  Json json;
  JsonValue& root = json.document;
  const Books& books = outcomes.books;
  json.Put(root, "app", json.Text(scenario.app.name));
  json.Put(root, "mode", json.Text(std::string(daemon::Word(scenario.app.policy.mode))));
  json.Put(root, "seed", JsonValue(scenario.seed));
  json.Put(root, "hours", JsonValue(Seconds(scenario.span + scenario.settle) / 3600));
  json.Put(root, "requests", JsonValue(Requests(scenario, books.arrived)));
  json.Put(root, "failed_requests", JsonValue(Requests(scenario, books.failed())));
  json.Put(root, "turned_away_requests", JsonValue(Requests(scenario, books.turned_away())));
  json.Put(root, "overload_seconds", JsonValue(books.overload_seconds));
  json.Put(root, "overload_replica_seconds", JsonValue(books.overload()));
  json.Put(root, "work_replica_seconds", JsonValue(books.arrived));
  json.Put(root, "cost", JsonValue(outcomes.cost));
  json.Put(root, "replica_writes", JsonValue(static_cast<std::uint64_t>(Count(outcomes, false))));
  json.Put(root, "gslb_writes", JsonValue(static_cast<std::uint64_t>(Count(outcomes, true))));
  json.Put(root, "decisions", JsonValue(outcomes.decisions));
  JsonValue sites(rapidjson::kArrayType);
  for (std::size_t site = 0; site < books.sites.size(); ++site) {
    sites.PushBack(SiteJson(json, scenario, outcomes, site), json.allocator());
  }
  json.Put(root, "sites", std::move(sites));
  JsonValue drains(rapidjson::kArrayType);
  for (const DrainSpan& drain : outcomes.drains) {
    JsonValue value(rapidjson::kObjectType);
    json.Put(value, "site", json.Text(drain.site));
    json.Put(value, "at_seconds", JsonValue(Seconds(drain.began)));
    json.Put(value, "seconds", JsonValue(Seconds(drain.took)));
    drains.PushBack(value, json.allocator());
  }
  json.Put(root, "drains", std::move(drains));
  if (outcomes.violation) {
    JsonValue value(rapidjson::kObjectType);
    json.Put(value, "invariant", JsonValue(outcomes.violation->invariant));
    json.Put(value, "at_seconds", JsonValue(Seconds(outcomes.violation->at)));
    json.Put(value, "what", json.Text(outcomes.violation->what));
    json.Put(root, "violation", std::move(value));
  }
  return JsonText(root);
}

std::string FailureText(const Scenario& shortest, const Violation& violation, const std::string& commit,
                        const std::string& replay) {
  std::string text =
      Format("seed %llu, invariant %d, %s after the start: ", static_cast<unsigned long long>(shortest.seed),
             violation.invariant, TimeText(violation.at).c_str()) +
      violation.what + "\n";
  text += "  commit: " + commit + "\n  shortest story (" + std::to_string(shortest.faults.size()) + " faults):\n";
  for (const FaultEvent& fault : shortest.faults) text += "    " + Text(fault, shortest.site_names()) + "\n";
  return text + "  replay: " + replay + "\n";
}

}  // namespace spillway::sim
