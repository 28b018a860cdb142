// gslb-inventory and Gslb's runtime: sites, who leads, how far each one's configuration is.
#include <algorithm>

#include "tools/lab/avi/inventory.h"
#include "tools/lab/avi/objects.h"
#include "tools/lab/avi/replication.h"

namespace spillway::lab::avi {
namespace {

// GslbConfig: the part of Gslb that the inventory repeats.
constexpr std::string_view kConfigFields[] = {"name",
                                              "uuid",
                                              "url",
                                              "tenant_ref",
                                              "leader_cluster_uuid",
                                              "view_id",
                                              "sites",
                                              "send_interval",
                                              "clear_on_max_retries",
                                              "maintenance_mode",
                                              "is_federated",
                                              "async_interval",
                                              "tenant_scoped",
                                              "replication_policy",
                                              "error_resync_interval",
                                              "enable_config_by_members"};

bool Lost(const Exchange& exchange, std::size_t other) {
  const auto& heard = exchange.site.health.heard;
  return other != exchange.site.index && other < heard.size() && heard[other].lost;
}

std::string_view StateOf(const Exchange& exchange, const SiteState& site, const GslbSiteConfig& config) {
  if (!config.enabled) return "SITE_STATE_DISABLED";
  if (exchange.site.gslb.maintenance) return "SITE_STATE_MMODE";
  if (Lost(exchange, site.index)) return "SITE_STATE_UNREACHABLE";
  return "SITE_STATE_NULL";
}

// GslbSiteRuntimeInfo
JsonValue SiteInfo(const Exchange& exchange, const SiteState& site, const GslbSiteConfig& config, Pen& pen) {
  const auto& heard = exchange.site.health.heard;
  const bool lost = Lost(exchange, site.index);
  JsonValue info = Pen::Object();
  pen.Put(info, "name", config.name);
  pen.Put(info, "cluster_uuid", config.cluster_uuid);
  pen.Put(info, "enabled", config.enabled);
  pen.Put(info, "role", exchange.site.gslb.leader == config.cluster_uuid ? "GSLB_LEADER" : "GSLB_MEMBER");
  pen.Put(info, "site_type", "GSLB_AVI_SITE");
  pen.Put(info, "state", StateOf(exchange, site, config));
  const Oper oper = !config.enabled ? Oper::kDisabled : (lost ? Oper::kDown : Oper::kUp);
  JsonValue status = Pen::Object();
  pen.Put(status, "state", Text(oper));
  pen.Put(info, "oper_status", std::move(status));
  pen.Put(info, "num_of_retries", site.index < heard.size() ? heard[site.index].missed : 0);
  pen.Put(info, "sw_version", exchange.state.options.version);
  pen.Put(info, "hs_state", !lost);
  JsonValue dns = Pen::Object();
  pen.Put(dns, "dns_active", config.active);
  pen.Put(info, "dns_info", std::move(dns));
  return info;
}

// GslbSiteRuntime
JsonValue SiteRuntime(const Exchange& exchange, const SiteState& site, const GslbSiteConfig& config, Pen& pen) {
  JsonValue value = Pen::Object();
  pen.Put(value, "site_info", SiteInfo(exchange, site, config, pen));
  JsonValue sync = Pen::Object();
  pen.Put(sync, "sync_state", SyncState(exchange.state, exchange.site, site));
  JsonValue cfg = Pen::Object();
  pen.Put(cfg, "sync_info", std::move(sync));
  pen.Put(value, "site_cfg", std::move(cfg));
  const std::uint64_t pending = exchange.site.leads() && site.index != exchange.site.index ? site.inbox.size() : 0;
  const std::uint64_t written = exchange.state.versions_given;
  JsonValue stats = Pen::Object();
  pen.Put(stats, "acknowledged_version", written - std::min(pending, written));
  pen.Put(stats, "received_version", written - std::min(pending, written));
  pen.Put(stats, "pending_object_count", pending);
  pen.Put(value, "replication_stats", std::move(stats));
  pen.Put(value, "view_id", exchange.site.gslb.view_id);
  pen.Put(value, "send_interval", exchange.site.gslb.send_interval / 1s);
  pen.Put(value, "clear_on_max_retries", exchange.site.gslb.clear_on_max_retries);
  return value;
}

JsonDocument Inventory(const Exchange& exchange, const Object& gslb) {
  const JsonDocument whole = Render(exchange, gslb, exchange.Query("include_name").has_value());
  JsonDocument body(rapidjson::kObjectType);
  Pen pen(body.GetAllocator());
  pen.Put(body, "uuid", gslb.uuid);
  pen.Put(body, "url", exchange.base_url + "/api/gslb-inventory/" + gslb.uuid);
  pen.Put(body, "_last_modified", std::to_string(gslb.modified));
  JsonValue config = Pen::Object();
  for (const std::string_view field : kConfigFields) {
    if (const JsonValue* value = Find(whole, field)) pen.Put(config, field, pen.Copy(*value));
  }
  pen.Put(body, "config", std::move(config));
  JsonValue runtime = Pen::Object();
  pen.Put(runtime, "info", GslbRuntime(exchange, gslb, pen));
  pen.Put(body, "runtime", std::move(runtime));
  return body;
}

}  // namespace

JsonValue GslbRuntime(const Exchange& exchange, const Object& gslb, Pen& pen) {
  JsonValue value = Pen::Object();
  pen.Put(value, "uuid", gslb.uuid);
  pen.Put(value, "name", gslb.name);
  pen.Put(value, "tenant_name", "admin");
  pen.Put(value, "dns_enabled", true);
  JsonValue sites = Pen::List();
  JsonValue third_party = Pen::List();
  for (const GslbSiteConfig& config : exchange.site.gslb.sites) {
    if (const SiteState* site = exchange.state.SiteByCluster(config.cluster_uuid)) {
      pen.Add(sites, SiteRuntime(exchange, *site, config, pen));
    } else {
      JsonValue info = Pen::Object();
      pen.Put(info, "name", config.name);
      pen.Put(info, "cluster_uuid", config.cluster_uuid);
      pen.Put(info, "enabled", config.enabled);
      JsonValue entry = Pen::Object();
      pen.Put(entry, "site_info", std::move(info));
      pen.Add(third_party, std::move(entry));
    }
  }
  pen.Put(value, "site", std::move(sites));
  if (!third_party.Empty()) pen.Put(value, "third_party_sites", std::move(third_party));
  return value;
}

HttpResponse GetGslbInventory(const Exchange& exchange) {
  return InventoryAnswer(exchange, *FindType("gslb"),
                         [](const Exchange& e, const ObjectPtr& gslb) { return Inventory(e, *gslb); });
}

HttpResponse GetGslbRuntime(const Exchange& exchange) {
  const Type& type = *FindType("gslb");
  const ObjectPtr gslb = Named(exchange, type);
  if (gslb == nullptr) return NotFound(type.title);
  JsonDocument body(rapidjson::kObjectType);
  Pen pen(body.GetAllocator());
  return JsonAnswer(200, GslbRuntime(exchange, *gslb, pen));
}

}  // namespace spillway::lab::avi
