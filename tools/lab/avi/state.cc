#include "tools/lab/avi/state.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>

#include "tools/lab/avi/replication.h"

namespace spillway::lab::avi {

SiteState& State::Site(std::string_view name) {
  for (const auto& site : sites) {
    if (site->options.name == name) return *site;
  }
  throw std::out_of_range("no Avi site named " + std::string(name));
}

SiteState* State::SiteByCluster(const std::string& cluster_uuid) {
  for (const auto& site : sites) {
    if (site->options.cluster_uuid == cluster_uuid) return site.get();
  }
  return nullptr;
}

bool State::Connected(std::size_t a, std::size_t b) const {
  return sites[a]->alive && sites[b]->alive && !broken_links.contains(std::minmax(a, b));
}

Instant State::Arrival(std::size_t from, std::size_t to) const {
  const auto latency = link_latency.find(std::minmax(from, to));
  return clock.Now() + options.replication_lag + (latency == link_latency.end() ? Duration{} : latency->second);
}

std::string State::NewUuid(std::string_view type) {
  const std::uint64_t a = rng.Next();
  const std::uint64_t b = rng.Next();
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%08x-%04x-4%03x-8%03x-%012llx", static_cast<unsigned>(a >> 32U),
                static_cast<unsigned>(a >> 16U) & 0xffffU, static_cast<unsigned>(a) & 0xfffU,
                static_cast<unsigned>(b >> 48U) & 0xfffU, static_cast<unsigned long long>(b & 0xffffffffffffULL));
  return std::string(type) + "-" + text.data();
}

std::int64_t State::NewModified() {
  modified = std::max(modified + 1, static_cast<std::int64_t>(clock.WallNow().time_since_epoch().count()));
  return modified;
}

void Keep(State& state, SiteState& site, const ObjectPtr& object) {
  ++state.changes;
  site.store.Put(object);
  if (object->type->path == "gslbservice") {
    ServiceStored(state, site, object);
  } else if (object->type->path == "healthmonitor") {
    if (!site.store.Referrers(*object).empty()) AllServicesTouched(state, site);
  } else if (object->type->path == "gslb") {
    const Duration interval = site.gslb.send_interval;
    site.gslb = ReadGslb(object->body);
    if (site.gslb.send_interval != interval) site.health.next_ask = state.clock.Now() + site.gslb.send_interval;
    AllServicesTouched(state, site);
  }
}

void Remove(State& state, SiteState& site, const ObjectPtr& object) {
  ++state.changes;
  site.store.Erase(object);
  if (object->type->path == "gslbservice") {
    ServiceRemoved(site, object->uuid);
  } else if (object->type->path == "gslb") {
    site.gslb = GslbConfig{};
    AllServicesTouched(state, site);
  }
}

std::optional<Instant> NextEvent(const State& state) {
  std::optional<Instant> next;
  for (const auto& site : state.sites) {
    const auto due = NextDelivery(state, *site);
    if (due && (!next || *due < *next)) next = due;
    if (!next || site->health.next_ask < *next) next = site->health.next_ask;
  }
  return next;
}

void CatchUp(State& state) {
  const Instant now = state.clock.Now();
  const WallTime wall = state.clock.WallNow();
  for (auto due = NextEvent(state); due && *due <= now; due = NextEvent(state)) {
    state.event_at = wall - (now - *due);
    for (const auto& site : state.sites) Deliver(state, *site, *due);
    for (const auto& site : state.sites) {
      if (site->health.next_ask > *due) continue;
      AskOthers(state, *site);
      site->health.next_ask += site->gslb.send_interval;
    }
  }
  state.event_at = wall;
}

}  // namespace spillway::lab::avi
