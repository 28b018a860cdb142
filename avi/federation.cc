#include "avi/federation.h"

#include <algorithm>
#include <utility>

#include "src/base/join.h"

namespace spillway::avi {
namespace {

ApiCall ControllerCall(std::string target) {
  ApiCall call;
  call.target = std::move(target);
  call.whole_controller = true;
  return call;
}

// Chosen: a cancelled feed is not called again; the answer only has to be harmless.
constexpr Duration kCancelled = 1s;

}  // namespace

Federation::Federation(Options options, Clock& clock, const TransportFactory& transports)
    : options_(std::move(options)), clock_(clock), polling_(options_.poll_interval, Rng(options_.seed)) {
  Rng rng(options_.seed);
  for (const std::string& url : options_.controllers) {
    SessionOptions session{url, options_.username, options_.tenant, options_.password};
    sessions_.push_back(std::make_unique<Session>(std::move(session), clock, transports(url)));
    looking_.push_back(std::make_unique<Rhythm>(options_.poll_interval, rng.Split()));
    ControllerView view;
    view.url = sessions_.back()->url();
    views_.push_back(std::move(view));
  }
  last_answers_.resize(sessions_.size());
}

Status Federation::Look(std::size_t controller, Instant until) {
  ControllerView view;
  {
    const std::lock_guard lock(mutex_);
    view = views_[controller];
  }
  Status looked = LookInto(view, controller, until);
  view.looked = true;
  view.problem = looked ? std::nullopt : std::optional<Error>(looked.error());
  const std::lock_guard lock(mutex_);
  views_[controller] = std::move(view);
  return looked;
}

Status Federation::LookInto(ControllerView& view, std::size_t controller, Instant until) {
  Session& session = *sessions_[controller];
  // Read again after every failure: what answers at an address may have been replaced meanwhile.
  if (view.cluster_uuid.empty() || view.problem) {
    const Result<JsonDocument> cluster = session.Get(ControllerCall("/api/cluster"), until);
    if (!cluster) return cluster.error();
    const auto uuid = StringAt(*cluster, "uuid");
    if (!uuid) return Error{Code::kRetry, view.url + ": GET /api/cluster was answered without a uuid"};
    view.cluster_uuid = *uuid;
  }
  const auto before = last_answers_[controller].json;
  const auto list = session.GetAgain(ControllerCall("/api/gslb"), until, last_answers_[controller]);
  if (!list) return list.error();
  if (*list == before && view.gslb) return Ok();
  Result<GslbView> gslb = ReadGslb(**list);
  if (!gslb) {
    view.gslb.reset();
    return Error{gslb.error().code, view.url + ": " + gslb.error().what};
  }
  view.gslb = std::move(*gslb);
  return Ok();
}

bool Federation::Looked() const {
  const std::lock_guard lock(mutex_);
  return Judge(views_).leader ||
         std::all_of(views_.begin(), views_.end(), [](const ControllerView& view) { return view.looked; });
}

Verdict Federation::Present() const {
  const std::lock_guard lock(mutex_);
  return Judge(views_);
}

std::vector<ControllerReport> Federation::Reports() const {
  const std::lock_guard lock(mutex_);
  std::vector<ControllerReport> reports;
  for (std::size_t i = 0; i < views_.size(); ++i) {
    const ControllerView& view = views_[i];
    ControllerReport report;
    report.url = view.url;
    report.version = sessions_[i]->version();
    if (view.problem) report.problem = view.problem->what;
    if (view.gslb) {
      for (const FederationSite& site : view.gslb->sites) {
        if (site.cluster_uuid == view.cluster_uuid) report.site = site.name;
      }
      report.leader = !view.problem && view.gslb->leader_uuid == view.cluster_uuid;
    }
    reports.push_back(std::move(report));
  }
  return reports;
}

std::vector<std::size_t> Federation::Readers() const {
  const std::lock_guard lock(mutex_);
  const std::optional<std::size_t> leader = Judge(views_).leader;
  std::vector<std::size_t> readers;
  if (leader) readers.push_back(*leader);
  for (std::size_t i = 0; i < views_.size(); ++i) {
    if (i != leader && views_[i].gslb && !views_[i].problem) readers.push_back(i);
  }
  return readers;
}

Error Federation::NobodyToAsk() const {
  const std::lock_guard lock(mutex_);
  Error error{Code::kRetry, ""};
  bool all_missing = true;
  for (const ControllerView& view : views_) {
    if (!view.problem) continue;
    Join(error.what, view.problem->what);
    all_missing = all_missing && view.problem->code == Code::kMissing;
    if (view.problem->code == Code::kDenied) error.code = Code::kDenied;
  }
  if (error.what.empty()) return {Code::kRetry, "no Avi controller has been read yet"};
  if (all_missing) error.code = Code::kMissing;
  return error;
}

void Federation::PollSoon() {
  const Instant now = clock_.Now();
  for (const auto& rhythm : looking_) rhythm->Soon(now);
  polling_.Soon(now);
}

LeadershipFeed::LeadershipFeed(std::shared_ptr<Federation> federation, std::size_t controller)
    : federation_(std::move(federation)),
      controller_(controller),
      name_("avi leadership " + federation_->session(controller).url()) {}

Instant LeadershipFeed::Step() {
  Clock& clock = federation_->clock();
  if (cancelled_) return clock.Now() + kCancelled;
  Rhythm& rhythm = federation_->looking(controller_);
  if (rhythm.Due(clock.Now())) {
    rhythm.Began();
    const Status looked = federation_->Look(controller_, clock.Now() + federation_->options().call_deadline);
    rhythm.Done(clock.Now(), static_cast<bool>(looked));
    Verdict verdict = federation_->Present();
    if (verdict != told_) {
      told_ = std::move(verdict);
      NotifyChange();
    }
  }
  return rhythm.Next(clock.Now());
}

}  // namespace spillway::avi
