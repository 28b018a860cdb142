#include "avi/poll.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace spillway::avi {
namespace {

// Chosen: what the inventory does not show (ttl, num_dns_ip, owner) changes by hand only; a write checks it anyway.
constexpr Duration kConfigsEvery = 60s;
// Chosen: before the controllers have been looked at there is nobody to ask; they are, within a round trip.
constexpr Duration kSoon = 100ms;
// Chosen: enough to recognise a misspelt name by.
constexpr std::size_t kKnownNames = 10;
constexpr Duration kCancelled = 1s;

ApiCall Call(std::string target) {
  ApiCall call;
  call.target = std::move(target);
  return call;
}

Error NotFound(const ServiceOptions& options, const std::string& tenant, const std::vector<std::string>& names) {
  std::string known;
  for (std::size_t i = 0; i < std::min(names.size(), kKnownNames); ++i) known += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kKnownNames) known += ", and " + std::to_string(names.size() - kKnownNames) + " more";
  return {Code::kMissing, "GSLB service \"" + options.service + "\" not found in tenant " + tenant +
                              (known.empty() ? " (there is none)" : " (known: " + known + ")")};
}

}  // namespace

std::shared_ptr<const JsonDocument> CopyOf(const JsonValue* value) {
  if (value == nullptr) return nullptr;
  auto copy = std::make_shared<JsonDocument>();
  copy->CopyFrom(*value, copy->GetAllocator());
  return copy;
}

Result<std::optional<bool>> ReadInForce(Session& leader, const GslbView& gslb, Instant until, LastAnswer& last) {
  ApiCall call = Call("/api/gslb-inventory");
  call.whole_controller = true;
  const auto json = leader.GetAgain(call, until, last);
  if (!json) {
    if (json.error().code == Code::kRetry) return json.error();
    return std::optional<bool>{};
  }
  const auto results = ListAt(**json, "results");
  if (results.Empty()) return std::optional<bool>{};
  const auto behind = SitesBehind(results[0], gslb);
  return behind ? std::optional<bool>{behind->empty()} : std::nullopt;
}

Poll::Poll(std::shared_ptr<Federation> federation, std::shared_ptr<Picture> picture)
    : federation_(std::move(federation)), picture_(std::move(picture)) {}

Instant Poll::Step() {
  Clock& clock = federation_->clock();
  if (cancelled_) return clock.Now() + kCancelled;
  Rhythm& rhythm = federation_->polling();
  if (!rhythm.Due(clock.Now())) return rhythm.Next(clock.Now());
  if (!federation_->Looked()) return clock.Now() + kSoon;
  rhythm.Began();
  const Status done = Round(clock.Now() + federation_->options().call_deadline);
  failures_ = done ? 0 : failures_ + 1;
  if (!done) {
    for (std::size_t i = 0; i < picture_->size(); ++i) picture_->Fail(i, done.error(), clock.Now());
  }
  rhythm.Done(clock.Now(), static_cast<bool>(done));
  if (picture_->Changed(federation_->Present())) NotifyChange();
  return rhythm.Next(clock.Now());
}

Status Poll::Round(Instant until) {
  const std::vector<std::size_t> readers = federation_->Readers();
  if (readers.empty()) return federation_->NobodyToAsk();
  const std::size_t reader = readers[failures_ % readers.size()];
  if (Status read = ReadServices(federation_->session(reader), until); !read) return read;
  ReadSync(reader, until);
  return Ok();
}

Status Poll::ReadServices(Session& session, Instant until) {
  const Instant began = federation_->clock().Now();
  std::vector<std::uint64_t> writes;
  for (std::size_t i = 0; i < picture_->size(); ++i) writes.push_back(picture_->Writes(i));

  const auto pages = session.GetPages(Call("/api/gslbservice-inventory"), until, inventory_);
  if (!pages) return pages.error();
  if (Confirm(*pages, writes, began)) return Ok();
  const std::vector<Found> found = Outlines(*pages);
  const std::vector<std::size_t> at = Resolve(found);
  std::map<std::string, std::string> outlines = OutlineTexts(found, at);
  if (writes != writes_ || outlines != outlines_ || !configs_as_of_ || began - *configs_as_of_ >= kConfigsEvery) {
    if (Status read = ReadConfigs(session, outlines, until); !read) return read;
    writes_ = writes;
    outlines_ = std::move(outlines);
    configs_as_of_ = began;
  }
  Take(session, found, at, began);
  taken_ = *pages;
  return Ok();
}

bool Poll::Confirm(const Session::Pages& pages, const std::vector<std::uint64_t>& writes, Instant began) {
  if (pages != taken_ || writes != writes_) return false;
  if (!configs_as_of_ || began - *configs_as_of_ >= kConfigsEvery) return false;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    if (!picture_->Confirm(i, writes[i], began)) return false;
  }
  return true;
}

void Poll::Take(const Session& session, const std::vector<Found>& found, const std::vector<std::size_t>& at,
                Instant began) {
  std::vector<std::string> names;
  names.reserve(found.size());
  for (const Found& service : found) names.push_back(service.name);
  std::sort(names.begin(), names.end());
  for (std::size_t i = 0; i < at.size(); ++i) {
    if (at[i] == found.size()) {
      picture_->Fail(i, NotFound(picture_->options(i), federation_->options().tenant, names), began);
      continue;
    }
    const Found& service = found[at[i]];
    const auto config = configs_.find(service.uuid);
    if (config == configs_.end()) {
      const std::string what = "GSLB service \"" + service.name + "\" is in the inventory of " + session.url() +
                               " but not in its list of services";
      picture_->Fail(i, {Code::kRetry, what}, began);
      configs_as_of_.reset();
      continue;
    }
    picture_->Update(i, writes_[i], {service.uuid, config->second, CopyOf(service.runtime)}, began);
  }
}

std::map<std::string, std::string> Poll::OutlineTexts(const std::vector<Found>& found,
                                                      const std::vector<std::size_t>& at) {
  std::map<std::string, std::string> texts;
  for (const std::size_t position : at) {
    if (position == found.size()) continue;
    const JsonValue& json = *found[position].json;
    const JsonValue* config = Find(json, "config");
    texts[found[position].uuid] =
        StringAt(json, "_last_modified").value_or("") + (config == nullptr ? "" : JsonText(*config));
  }
  return texts;
}

Status Poll::ReadConfigs(Session& session, const std::map<std::string, std::string>& wanted, Instant until) {
  Configs configs;
  if (!wanted.empty()) {
    const auto pages = session.GetPages(Call("/api/gslbservice"), until, services_);
    if (!pages) return pages.error();
    for (const auto& page : *pages) {
      for (const JsonValue& service : Find(*page, "results")->GetArray()) {
        const std::string uuid = StringAt(service, "uuid").value_or("");
        if (wanted.contains(uuid)) configs[uuid] = CopyOf(&service);
      }
    }
  }
  configs_ = std::move(configs);
  return Ok();
}

void Poll::ReadSync(std::size_t controller, Instant until) {
  const Verdict verdict = federation_->Present();
  // Only the leader knows who follows; from elsewhere the last word stands.
  if (verdict.leader != controller) return;
  const Instant began = federation_->clock().Now();
  const auto in_force = ReadInForce(federation_->session(controller), *verdict.gslb, until, sync_);
  if (in_force) picture_->InForce(*in_force, began);
}

std::vector<Poll::Found> Poll::Outlines(const Session::Pages& pages) {
  std::vector<Found> found;
  for (const auto& page : pages) {
    for (const JsonValue& service : Find(*page, "results")->GetArray()) {
      Found one;
      one.uuid = StringAt(service, "uuid").value_or(StringAt(service, "config.uuid").value_or(""));
      one.name = StringAt(service, "config.name").value_or("");
      one.runtime = Find(service, "runtime");
      one.json = &service;
      if (!one.uuid.empty()) found.push_back(one);
    }
  }
  return found;
}

std::vector<std::size_t> Poll::Resolve(const std::vector<Found>& found) const {
  std::vector<std::size_t> at;
  for (std::size_t i = 0; i < picture_->size(); ++i) {
    const std::string wanted = picture_->options(i).service;
    const auto by = [&](auto member) {
      return std::find_if(found.begin(), found.end(), [&](const Found& one) { return one.*member == wanted; });
    };
    auto one = by(&Found::uuid);
    if (one == found.end()) one = by(&Found::name);
    at.push_back(static_cast<std::size_t>(one - found.begin()));
  }
  return at;
}

}  // namespace spillway::avi
