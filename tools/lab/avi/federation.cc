#include "tools/lab/avi/federation.h"

#include <algorithm>
#include <stdexcept>

#include "tools/lab/avi/replication.h"
#include "tools/lab/avi/seed.h"
#include "tools/lab/avi/state.h"

namespace spillway::lab::avi {
namespace {

// Source: maintenance mode raises Gslb.send_interval to 30 minutes.
constexpr int kMaintenanceSendInterval = 1800;

// Every edit of Gslb by C++ is one at the leader, and travels like any other write.
void EditAtLeader(State& state, const std::function<void(JsonDocument&, Pen&)>& edit) {
  SiteState& leader = CurrentLeader(state);
  Publish(state, leader, Change::What::kPut, EditGslb(state, leader, edit));
}

JsonValue* SiteOf(JsonDocument& gslb, const std::string& cluster_uuid) {
  for (JsonValue& site : Find(gslb, "sites")->GetArray()) {
    if (StringAt(site, "cluster_uuid") == cluster_uuid) return &site;
  }
  return nullptr;
}

}  // namespace

Federation::Federation(const Clock& clock, FederationOptions options)
    : state_(std::make_unique<State>(clock, std::move(options))) {
  if (state_->options.sites.empty()) throw std::invalid_argument("an Avi federation has at least one site");
  state_->event_at = clock.WallNow();
  for (const SiteOptions& given : state_->options.sites) {
    SiteOptions site = given;
    if (site.cluster_uuid.empty()) site.cluster_uuid = "cluster-" + site.name;
    const std::size_t index = state_->sites.size();
    state_->sites.push_back(std::make_unique<SiteState>(index, site, state_->rng.Split(), state_->options.users));
    controllers_.push_back(std::make_unique<Controller>(*state_, index));
  }
  SeedAll(*state_);
  for (const auto& site : state_->sites) {
    site->health.heard.resize(state_->sites.size());
    site->health.next_ask = clock.Now() + site->gslb.send_interval;
  }
}

Federation::~Federation() = default;

Controller& Federation::controller(std::string_view site) {
  const std::lock_guard lock(state_->mutex);
  return *controllers_.at(state_->Site(site).index);
}

std::vector<std::string> Federation::sites() const {
  std::vector<std::string> names;
  for (const auto& site : state_->sites) names.push_back(site->options.name);
  return names;
}

Result<std::string> Federation::Create(const std::string& type, std::string_view json) {
  const std::lock_guard lock(state_->mutex);
  CatchUp(*state_);
  return Seed(*state_, type, json);
}

Result<std::string> Federation::Read(std::string_view site, const std::string& type,
                                     const std::string& uuid_or_name) const {
  const std::lock_guard lock(state_->mutex);
  CatchUp(*state_);
  const Store& store = state_->Site(site).store;
  ObjectPtr object = store.Find(type, uuid_or_name);
  if (object == nullptr) object = store.FindByName(type, uuid_or_name);
  if (object == nullptr) return Error{Code::kMissing, "no " + type + " " + uuid_or_name + " at " + std::string(site)};
  return JsonText(object->body);
}

void Federation::SetUrl(std::string_view site, const std::string& url) {
  const std::lock_guard lock(state_->mutex);
  CatchUp(*state_);
  SiteState& named = state_->Site(site);
  named.options.url = url;
  ++state_->changes;
  const std::size_t port = url.rfind(':');
  const std::size_t host = url.find("://");
  if (host == std::string::npos || port <= host) throw std::invalid_argument("not scheme://host:port: " + url);
  const ObjectPtr edited = EditGslb(*state_, CurrentLeader(*state_), [&](JsonDocument& gslb, Pen& pen) {
    JsonValue* entry = SiteOf(gslb, named.options.cluster_uuid);
    if (entry == nullptr) return;
    JsonValue ip = Pen::Object();
    pen.Put(ip, "addr", url.substr(host + 3, port - host - 3));
    pen.Put(ip, "type", "V4");
    JsonValue ips = Pen::List();
    pen.Add(ips, std::move(ip));
    pen.Put(*entry, "ip_addresses", std::move(ips));
    pen.Put(*entry, "port", std::stoi(url.substr(port + 1)));
  });
  for (const auto& other : state_->sites) Keep(*state_, *other, edited);
}

void Federation::SetMaintenance(bool on) {
  const std::lock_guard lock(state_->mutex);
  CatchUp(*state_);
  if (CurrentLeader(*state_).gslb.maintenance == on) return;
  EditAtLeader(*state_, [on](JsonDocument& gslb, Pen& pen) {
    const auto interval = IntAt(gslb, on ? "send_interval" : "send_interval_prior_to_maintenance_mode");
    pen.Put(gslb, "maintenance_mode", on);
    if (on) pen.Put(gslb, "send_interval_prior_to_maintenance_mode", interval.value_or(15));
    pen.Put(gslb, "send_interval", on ? kMaintenanceSendInterval : interval.value_or(15));
    if (!on) gslb.RemoveMember("send_interval_prior_to_maintenance_mode");
  });
}

void Federation::SetRateLimit(bool on) {
  const std::lock_guard lock(state_->mutex);
  state_->options.rate_limit = on;
}

void Federation::ExpireSessions(std::string_view site) {
  const std::lock_guard lock(state_->mutex);
  state_->Site(site).sessions.EndAll();
}

void Federation::ChangeLeader(std::string_view site) {
  const std::lock_guard lock(state_->mutex);
  CatchUp(*state_);
  SiteState& leader = state_->Site(site);
  const std::int64_t view = CurrentLeader(*state_).gslb.view_id + 1;
  EditGslb(*state_, leader, [&](JsonDocument& gslb, Pen& pen) {
    pen.Put(gslb, "leader_cluster_uuid", leader.options.cluster_uuid);
    pen.Put(gslb, "view_id", view);
  });
  leader.inbox.clear();
  PublishAll(*state_, leader);
}

void Federation::SetLink(std::string_view site, std::string_view other, bool up, Duration latency) {
  const std::lock_guard lock(state_->mutex);
  CatchUp(*state_);
  const std::pair<std::size_t, std::size_t> link = std::minmax(state_->Site(site).index, state_->Site(other).index);
  state_->link_latency[link] = latency;
  if (up != state_->broken_links.contains(link)) return;
  ++state_->changes;
  if (!up) {
    state_->broken_links.insert(link);
  } else {
    state_->broken_links.erase(link);
    Resume(*state_);
  }
}

void Federation::SetAlive(std::string_view site, bool alive) {
  const std::lock_guard lock(state_->mutex);
  CatchUp(*state_);
  SiteState& named = state_->Site(site);
  if (named.alive == alive) return;
  named.alive = alive;
  ++state_->changes;
  if (alive) Resume(*state_);
}

void Federation::SetSuspended(std::string_view site, bool suspended) {
  const std::lock_guard lock(state_->mutex);
  CatchUp(*state_);
  const std::string cluster = state_->Site(site).options.cluster_uuid;
  EditAtLeader(*state_, [&](JsonDocument& gslb, Pen& pen) {
    if (JsonValue* entry = SiteOf(gslb, cluster)) pen.Put(*entry, "suspend_mode", suspended);
  });
  if (!suspended) Resume(*state_);
}

void Federation::AnswerNext(std::string_view site, int status, int count, const std::string& body) {
  const std::lock_guard lock(state_->mutex);
  state_->Site(site).canned.push_back({.status = status, .count = count, .body = body});
}

std::vector<WriteRecord> Federation::Writes() const {
  const std::lock_guard lock(state_->mutex);
  return {state_->writes.begin(), state_->writes.end()};
}

std::map<std::string, std::uint64_t> Federation::Requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->requests;
}

}  // namespace spillway::lab::avi
