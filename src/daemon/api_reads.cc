#include "src/daemon/api_reads.h"

#include <charconv>
#include <optional>
#include <utility>

#include "src/base/json.h"
#include "src/base/time_text.h"
#include "src/daemon/json_out.h"
#include "src/daemon/problem.h"
#include "src/daemon/state_json.h"

namespace spillway::daemon {
namespace {

// Chosen: an answer of one screen by default, and never more than what is kept.
struct Page {
  std::size_t fallback, most;
};
constexpr Page kRecords{20, 100};
constexpr Page kAudit{50, AuditLog::kKept};
constexpr std::size_t kRecordsInState = 5;

// Chosen: proxies cut connections that are silent for a minute; half of the shortest that is common.
constexpr Duration kHeartbeat = 15s;
// Chosen: how long a stream whose client has gone keeps its thread; waking more often would cost for nothing.
constexpr Duration kLookForClient = 1s;

struct Query {
  std::size_t limit;
  std::optional<WallTime> since;
};

// `bad` gets what is wrong.
std::optional<WallTime> ReadSince(const ServerRequest& request, std::vector<BadField>& bad) {
  const auto text = QueryValue(request.target, "since");
  if (!text) return std::nullopt;
  const auto since = ParseRfc3339(*text);
  if (!since) bad.push_back({"since", "must be a time such as 2026-01-31T12:00:00Z."});
  return since;
}

Query ReadQuery(const ServerRequest& request, Page page, std::vector<BadField>& bad) {
  Query query{page.fallback, std::nullopt};
  if (const auto text = QueryValue(request.target, "limit")) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), query.limit);
    if (error != std::errc{} || end != text->data() + text->size() || query.limit < 1 || query.limit > page.most) {
      bad.push_back({"limit", "must be a whole number from 1 to " + std::to_string(page.most) + "."});
    }
  }
  query.since = ReadSince(request, bad);
  return query;
}

// Without what a decision is made again from and the whole state: what a list shows.
void PutBriefly(JsonOut& out, const std::string& text) {
  const auto record = ParseJson(text);
  if (!record) return;
  out.Begin();
  for (const char* name : {"time", "app", "trigger", "changes", "writes"}) {
    if (const JsonValue* value = Find(*record, name)) out.PutRaw(name, JsonText(*value));
  }
  if (const JsonValue* reasons = FindPath(*record, "state.reasons")) out.PutRaw("reasons", JsonText(*reasons));
  out.End();
}

void PutRecords(JsonOut& out, const App& app, const Query& query, bool brief) {
  out.BeginList("decisions");
  for (const std::string& record : app.Records(query.limit, query.since)) {
    if (brief) {
      PutBriefly(out, record);
    } else {
      out.Raw(record);
    }
  }
  out.EndList();
}

// Writes what comes until the client goes or the hub ends the stream.
void Follow(Subscription& subscription, ReplyStream& stream) {
  Duration silent{0};
  while (stream.WaitAlive(Duration{0})) {
    const std::vector<EventText> events = subscription.Take(kLookForClient);
    if (subscription.ended()) return;
    for (const EventText& event : events) {
      if (!stream.Write(*event)) return;
    }
    silent = events.empty() ? silent + kLookForClient : Duration{0};
    if (silent < kHeartbeat) continue;
    if (!stream.Write(": still here\n\n")) return;
    silent = Duration{0};
  }
}

}  // namespace

HttpReply UnknownApp() { return ProblemReply(404, "Unknown application", "There is no application of this name."); }

std::string StateJson(const AppView& view, Moment at) {
  JsonOut out;
  out.Begin();
  PutState(out, view, at);
  out.End();
  return out.Take();
}

HttpReply DoctorReply(const ServerRequest& request, const Loop& loop, const LeaderView& leader, Instant now,
                      const std::optional<Surveyed>& surveyed) {
  const auto wanted = QueryValue(request.target, "app");
  if (wanted && loop.Find(*wanted) == nullptr) return UnknownApp();
  std::vector<Finding> findings;
  const auto add_surveyed = [&](const std::string& app) {
    if (!surveyed) return;
    for (const Finding& finding : surveyed->findings) {
      if (finding.app == app) findings.push_back(finding);
    }
  };
  add_surveyed("");
  for (const AppView& view : loop.Views()) {
    if (wanted && view.config->name != *wanted) continue;
    for (Finding& finding : Examine(view, leader, now)) findings.push_back(std::move(finding));
    add_surveyed(view.config->name);
  }
  return JsonReply(200, FindingsJson(findings, surveyed ? std::optional(surveyed->at) : std::nullopt));
}

HttpReply AppsReply(const Loop& loop, Moment at) {
  JsonOut out;
  out.Begin().BeginList("apps");
  for (const AppView& view : loop.Views()) {
    out.Begin();
    PutState(out, view, at);
    out.End();
  }
  out.EndList().End();
  return JsonReply(200, out.Take());
}

HttpReply AppReply(const App& app, Moment at) {
  JsonOut out;
  out.Begin();
  PutState(out, app.View(), at);
  PutRecords(out, app, {kRecordsInState, std::nullopt}, false);
  out.End();
  return JsonReply(200, out.Take());
}

HttpReply DecisionsReply(const ServerRequest& request, const App& app) {
  std::vector<BadField> bad;
  const Query query = ReadQuery(request, kRecords, bad);
  const std::string brief = QueryValue(request.target, "brief").value_or("false");
  if (brief != "true" && brief != "false") bad.push_back({"brief", "must be true or false."});
  if (!bad.empty()) return BadFields(bad);
  JsonOut out;
  out.Begin().Put("app", app.name());
  PutRecords(out, app, query, brief == "true");
  out.End();
  return JsonReply(200, out.Take());
}

HttpReply DecisionReply(const App& app, const std::string& time) {
  const auto from = ParseRfc3339(time);
  if (!from) return BadFields({{"time", "must be a time such as 2026-01-31T12:00:00.123456Z."}});
  // People are shown times to the second, records have microseconds.
  const Duration within = time.find('.') == std::string::npos ? Duration{1s} : Duration{1us};
  const auto record = app.RecordWithin(*from, *from + within);
  if (!record) {
    return ProblemReply(404, "Unknown decision",
                        "No decision of that time changed something, or it is not kept any more.");
  }
  return JsonReply(200, *record);
}

HttpReply HistoryReply(const ServerRequest& request, const App& app, const History& history) {
  std::vector<BadField> bad;
  const auto since = ReadSince(request, bad);
  if (!bad.empty()) return BadFields(bad);
  JsonOut out;
  out.Begin().Put("app", app.name()).Put("everySeconds", Seconds(History::kEach)).BeginList("samples");
  for (const std::string& sample : history.Samples(app.name(), since)) out.Raw(sample);
  out.EndList().End();
  return JsonReply(200, out.Take());
}

HttpReply AuditReply(const ServerRequest& request, const AuditLog& audit, const Loop* loop) {
  std::vector<BadField> bad;
  const Query query = ReadQuery(request, kAudit, bad);
  if (!bad.empty()) return BadFields(bad);
  const std::string app = QueryValue(request.target, "app").value_or("");
  const bool known = app.empty() || loop == nullptr || loop->Find(app) != nullptr;
  if (!known && audit.Entries(1, std::nullopt, app).empty()) return UnknownApp();
  JsonOut out;
  out.Begin().BeginList("audit");
  for (const AuditEntry& entry : audit.Entries(query.limit, query.since, app)) out.Raw(AuditJson(entry));
  out.EndList().End();
  return JsonReply(200, out.Take());
}

HttpReply StreamReply(const ServerRequest& request, const Loop& loop, EventHub& events, const std::string& owner,
                      Moment at) {
  const std::string app = QueryValue(request.target, "app").value_or("");
  const App* one = app.empty() ? nullptr : loop.Find(app);
  if (!app.empty() && one == nullptr) return UnknownApp();
  // Listening begins before the state is read, so that no change falls between them.
  auto opened = events.Subscribe(app, owner, request.headers.Find("Last-Event-ID").value_or(""));
  if (!opened.subscription) {
    HttpReply reply = ProblemReply(503, "Too many streams", "Close one of the streams that are open, or ask again.");
    reply.response.headers.Set("Retry-After", "5");
    return reply;
  }
  std::string first = "retry: 2000\n\n";
  // Without the records in between: who keeps a list of them reads /decisions again.
  if (opened.gap) first += EventFrame("gap", "", "{}");
  const std::vector<AppView> views = one == nullptr ? loop.Views() : std::vector<AppView>{one->View()};
  for (const AppView& view : views) first += EventFrame("state", "", StateJson(view, at));

  HttpReply reply;
  reply.response.status = 200;
  reply.response.headers.Set("Content-Type", "text/event-stream");
  reply.stream = [subscription = std::shared_ptr<Subscription>(std::move(opened.subscription)),
                  first = std::move(first)](ReplyStream& stream) {
    if (stream.Write(first)) Follow(*subscription, stream);
  };
  return reply;
}

}  // namespace spillway::daemon
