#include "tools/simulate/report.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>

#include "src/base/json.h"

namespace spillway::sim {
namespace {

__attribute__((format(printf, 1, 2))) std::string Format(const char* format, ...) {
  std::array<char, 512> text{};
  va_list arguments;
  va_start(arguments, format);
  const int n = std::vsnprintf(text.data(), text.size(), format, arguments);
  va_end(arguments);
  return {text.data(), static_cast<std::size_t>(std::clamp<int>(n, 0, text.size() - 1))};
}

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
  json.Put(value, "replica_hours", JsonValue(books.replica_hours));
  json.Put(value, "replicas_most", JsonValue(books.replicas_most));
  return value;
}

// One line of the picture, y growing upwards.
template <class Of>
std::string Line(const Outcomes& outcomes, double most, const char* colour, const char* more, Of of) {
  std::string points;
  const double last = std::max(1.0, Seconds(outcomes.samples.back().at));
  for (const Sample& sample : outcomes.samples) {
    points += Format("%.1f,%.1f ", 50 + 900 * Seconds(sample.at) / last, 360 - 320 * of(sample) / most);
  }
  return Format("<polyline fill=\"none\" stroke=\"%s\" %s points=\"", colour, more) + points + "\"/>\n";
}

}  // namespace

std::string TimeText(Duration at) {
  const auto seconds = static_cast<long>(Seconds(at));
  return Format("%ld:%02ld:%02ld", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string ReportText(const Scenario& scenario, const Outcomes& outcomes) {
  const Books& books = outcomes.books;
  std::string text;
  const double all = Requests(scenario, books.arrived);
  const double failed = Requests(scenario, books.failed());
  const double away = Requests(scenario, books.turned_away());
  text += Format("requests            %14.0f\n", all);
  text += Format("without an address  %14.0f\n", Requests(scenario, books.no_address));
  text += Format("failed              %14.0f  (%.4f %%: met no replica)\n", failed, all > 0 ? 100 * failed / all : 0);
  text += Format("turned away         %14.0f  (%.4f %%: more than the replicas can do)\n", away,
                 all > 0 ? 100 * away / all : 0);
  text += Format("overload            %14.0f s\n", books.overload_seconds);
  for (std::size_t site = 0; site < books.sites.size(); ++site) {
    text +=
        Format("%-12s %8.1f replica-hours, at most %d at once, %.1f %% of the work\n",
               scenario.site_names()[site].c_str(), books.sites[site].replica_hours, books.sites[site].replicas_most,
               books.arrived > 0 ? 100 * books.sites[site].work / books.arrived : 0);
  }
  text += Format("cost of overflow    %14.2f\n", outcomes.cost);
  text += Format("writes              %14zu of replicas, %zu of the GSLB service\n", Count(outcomes, false),
                 Count(outcomes, true));
  for (const DrainSpan& drain : outcomes.drains) {
    text += "drain of " + drain.site + " from " + TimeText(drain.began) + " for " + TimeText(drain.took) + "\n";
  }
  return text;
}

std::string ReportJson(const Scenario& scenario, const Outcomes& outcomes) {
  Json json;
  JsonValue& root = json.document;
  const Books& books = outcomes.books;
  json.Put(root, "seed", JsonValue(scenario.seed));
  json.Put(root, "hours", JsonValue(Seconds(scenario.span + scenario.settle) / 3600));
  json.Put(root, "requests", JsonValue(Requests(scenario, books.arrived)));
  json.Put(root, "failed_requests", JsonValue(Requests(scenario, books.failed())));
  json.Put(root, "turned_away_requests", JsonValue(Requests(scenario, books.turned_away())));
  json.Put(root, "overload_seconds", JsonValue(books.overload_seconds));
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

std::string PictureSvg(const Scenario& scenario, const Outcomes& outcomes) {
  constexpr auto kColours = std::to_array<const char*>({"#2b6cb0", "#dd6b20", "#38a169", "#805ad5"});
  std::string svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1000 420\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n<rect width=\"1000\" height=\"420\" fill=\"white\"/>\n";
  if (outcomes.samples.empty()) return svg + "</svg>\n";
  double most = 1;
  for (const Sample& sample : outcomes.samples) {
    most = std::max(most, sample.demand);
    for (const int ready : sample.ready) most = std::max<double>(most, ready);
  }
  for (int mark = 0; mark <= 4; ++mark) {
    const double y = 360 - 80.0 * mark;
    svg += Format(
        "<line x1=\"50\" x2=\"950\" y1=\"%.0f\" y2=\"%.0f\" stroke=\"#e2e8f0\"/><text x=\"8\" y=\"%.0f\">"
        "%.1f</text>\n",
        y, y, y + 4, most * mark / 4);
    svg += Format("<text x=\"%.0f\" y=\"380\">%s</text>\n", 50 + 225.0 * mark - 18,
                  TimeText(outcomes.samples.back().at * mark / 4).c_str());
  }
  svg += Line(outcomes, most, "#1a202c", "stroke-dasharray=\"4 3\"", [](const Sample& s) { return s.demand; });
  svg += "<text x=\"60\" y=\"405\" fill=\"#1a202c\">demand (dashed)</text>\n";
  for (std::size_t site = 0; site < scenario.sites(); ++site) {
    const char* colour = kColours.at(site % kColours.size());
    svg += Line(outcomes, most, colour, "stroke-width=\"2\"", [&](const Sample& s) { return s.load[site]; });
    svg +=
        Line(outcomes, most, colour, "stroke-opacity=\"0.45\"", [&](const Sample& s) { return double(s.ready[site]); });
    svg += Format("<text x=\"%zu\" y=\"405\" fill=\"%s\">%s: load, ready replicas (pale)</text>\n", 190 + 240 * site,
                  colour, scenario.site_names()[site].c_str());
  }
  return svg + "</svg>\n";
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
