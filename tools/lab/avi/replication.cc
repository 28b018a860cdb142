#include "tools/lab/avi/replication.h"

#include <algorithm>
#include <vector>

namespace spillway::lab::avi {
namespace {

// Federated objects of a store.
std::vector<ObjectPtr> Federated(const Store& store) {
  std::vector<ObjectPtr> all;
  for (const Type& type : AllTypes()) {
    for (const ObjectPtr& object : store.List(type.path)) {
      if (object->federated) all.push_back(object);
    }
  }
  return all;
}

void Adopt(State& state, SiteState& site, const SiteState& from) {
  for (const ObjectPtr& mine : Federated(site.store)) {
    if (from.store.Find(mine->type->path, mine->uuid) == nullptr) Remove(state, site, mine);
  }
  for (const ObjectPtr& theirs : Federated(from.store)) {
    if (site.store.Find(theirs->type->path, theirs->uuid) != theirs) Keep(state, site, theirs);
  }
}

}  // namespace

void Publish(State& state, const SiteState& leader, Change::What what, const ObjectPtr& object) {
  if (!object->federated) return;
  ++state.changes;
  for (const auto& site : state.sites) {
    if (site->index == leader.index) continue;
    site->inbox.push_back({.what = what,
                           .due = state.Arrival(leader.index, site->index),
                           .from = leader.index,
                           .view = leader.gslb.view_id,
                           .sent = state.modified,
                           .object = object});
  }
  CatchUp(state);  // a lag of zero is none
}

void PublishAll(State& state, const SiteState& leader) {
  ++state.changes;
  for (const auto& site : state.sites) {
    if (site->index == leader.index) continue;
    site->inbox.assign(1, {.what = Change::What::kAdopt,
                           .due = state.Arrival(leader.index, site->index),
                           .from = leader.index,
                           .view = leader.gslb.view_id,
                           .sent = state.modified,
                           .object = nullptr});
  }
  CatchUp(state);
}

bool Receives(const State& state, const SiteState& site, const Change& change) {
  if (!state.Connected(site.index, change.from)) return false;
  // The sender's word counts: a suspended site does not even hear that it is suspended.
  const SiteState& from = *state.sites[change.from];
  const GslbSiteConfig* config = from.gslb.Find(site.options.cluster_uuid);
  if (config == nullptr || !config->enabled || config->suspended) return false;
  if (!from.gslb.manual_replication) return true;
  const ObjectPtr checkpoint = from.store.Find("federationcheckpoint", from.gslb.checkpoint);
  return checkpoint != nullptr && change.sent <= checkpoint->modified;
}

std::optional<Instant> NextDelivery(const State& state, const SiteState& site) {
  if (site.inbox.empty() || !Receives(state, site, site.inbox.front())) return std::nullopt;
  return site.inbox.front().due;
}

void Deliver(State& state, SiteState& site, Instant now) {
  while (!site.inbox.empty() && site.inbox.front().due <= now && Receives(state, site, site.inbox.front())) {
    const Change change = std::move(site.inbox.front());
    site.inbox.pop_front();
    ++state.changes;
    if (change.view < site.gslb.view_id) continue;  // an older leader's word counts no more
    if (change.what == Change::What::kAdopt) {
      Adopt(state, site, *state.sites[change.from]);
    } else if (change.what == Change::What::kPut) {
      Keep(state, site, change.object);
    } else if (const ObjectPtr old = site.store.Find(change.object->type->path, change.object->uuid)) {
      Remove(state, site, old);
    }
  }
}

void Resume(State& state) {
  for (const auto& site : state.sites) {
    for (Change& change : site->inbox) change.due = std::max(change.due, state.Arrival(change.from, site->index));
  }
  CatchUp(state);
}

std::string_view SyncState(const State& state, const SiteState& leader, const SiteState& site) {
  if (!leader.leads()) return "GSLB_SITE_CFG_SYNC_NOT_APPLICABLE";
  const GslbSiteConfig* config = leader.gslb.Find(site.options.cluster_uuid);
  if (config != nullptr && !config->enabled) return "GSLB_SITE_CFG_SYNC_DISABLED";
  if (config != nullptr && config->suspended) return "GSLB_SITE_CFG_SYNC_SUSPENDED";
  if (site.inbox.empty() || site.index == leader.index) return "GSLB_SITE_CFG_IN_SYNC";
  if (leader.gslb.manual_replication) return "GSLB_SITE_CFG_SYNCED_TILL_CHECKPOINT";
  if (!state.Connected(leader.index, site.index)) return "GSLB_SITE_CFG_OUT_OF_SYNC";
  return "GSLB_SITE_CFG_SYNC_IN_PROGRESS";
}

}  // namespace spillway::lab::avi
