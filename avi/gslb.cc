#include "avi/gslb.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace spillway::avi {
namespace {

// Source: Avi GSLB swagger 30.2.1, GslbSiteCfgSyncInfo.sync_state. All others mean "not yet", "not all" or "not at
// all".
constexpr auto kInSync =
    std::to_array<std::string_view>({"GSLB_SITE_CFG_IN_SYNC", "GSLB_SITE_CFG_SYNC_NOT_APPLICABLE"});

const JsonValue* ArrayAt(const JsonValue& value, std::string_view path) {
  const JsonValue* at = FindPath(value, path);
  return at != nullptr && at->IsArray() ? at : nullptr;
}

void ReadSites(const JsonValue& gslb, std::string_view key, std::vector<FederationSite>& out) {
  const JsonValue* sites = ArrayAt(gslb, key);
  if (sites == nullptr) return;
  for (const JsonValue& json : sites->GetArray()) {
    FederationSite site;
    site.name = StringAt(json, "name").value_or("");
    site.cluster_uuid = StringAt(json, "cluster_uuid").value_or("");
    site.answers_dns = StringAt(json, "member_type") == "GSLB_ACTIVE_MEMBER" && BoolAt(json, "enabled").value_or(true);
    if (auto ratio = IntAt(json, "ratio")) site.ratio = static_cast<int>(*ratio);
    out.push_back(std::move(site));
  }
}

bool Heard(const ControllerView& controller) { return controller.gslb && !controller.problem; }

bool ClaimsToLead(const ControllerView& controller) {
  return Heard(controller) && !controller.cluster_uuid.empty() &&
         controller.cluster_uuid == controller.gslb->leader_uuid;
}

std::string SiteText(const GslbView& gslb, const std::string& cluster_uuid) {
  for (const FederationSite& site : gslb.sites) {
    if (site.cluster_uuid == cluster_uuid && !site.name.empty()) return "site \"" + site.name + "\"";
  }
  return "cluster " + cluster_uuid;
}

std::string NoLeaderWhy(const std::vector<ControllerView>& controllers, const Verdict& verdict) {
  if (!verdict.gslb) {
    const auto failed = std::find_if(controllers.begin(), controllers.end(), [](const auto& c) { return c.problem; });
    return failed == controllers.end() ? "no Avi controller has been read yet" : failed->problem->what;
  }
  const std::string leader = SiteText(*verdict.gslb, verdict.gslb->leader_uuid);
  for (const ControllerView& controller : controllers) {
    if (controller.problem && controller.cluster_uuid == verdict.gslb->leader_uuid) {
      return "the GSLB leader (" + leader + ") can't be used: " + controller.problem->what;
    }
  }
  for (const ControllerView& controller : controllers) {
    if (controller.problem) {
      return "the GSLB leader (" + leader + ") is not among the controllers that answer; " + controller.problem->what;
    }
  }
  return "the GSLB leader (" + leader + ") is not among the configured controllers";
}

std::string Disagreement(const std::vector<ControllerView>& controllers, std::size_t leader) {
  const ControllerView& first = controllers[leader];
  for (std::size_t i = 0; i < controllers.size(); ++i) {
    const ControllerView& other = controllers[i];
    if (i == leader || !Heard(other)) continue;
    if (ClaimsToLead(other) && other.cluster_uuid != first.cluster_uuid) {
      return first.url + " and " + other.url + " each say that they lead (view_id " + first.gslb->view_id + " and " +
             other.gslb->view_id + ")";
    }
    if (other.gslb->leader_uuid != first.gslb->leader_uuid) {
      return first.url + " says that it leads, " + other.url + " says that " +
             SiteText(*other.gslb, other.gslb->leader_uuid) + " does (view_id " + first.gslb->view_id + " and " +
             other.gslb->view_id + ")";
    }
  }
  return "";
}

const JsonValue* SiteRuntime(const JsonValue& runtimes, const std::string& cluster_uuid) {
  for (const JsonValue& runtime : runtimes.GetArray()) {
    if (StringAt(runtime, "site_info.cluster_uuid") == cluster_uuid) return &runtime;
  }
  return nullptr;
}

bool Behind(const JsonValue* runtime) {
  if (runtime == nullptr) return true;
  const std::string sync = StringAt(*runtime, "site_cfg.sync_info.sync_state").value_or("");
  if (std::find(kInSync.begin(), kInSync.end(), sync) == kInSync.end()) return true;
  if (IntAt(*runtime, "replication_stats.pending_object_count").value_or(0) > 0) return true;
  return StringAt(*runtime, "site_info.state") == "SITE_STATE_UNREACHABLE";
}

}  // namespace

bool ControllerView::operator==(const ControllerView& other) const {
  const auto same_problem = [](const std::optional<Error>& a, const std::optional<Error>& b) {
    return a.has_value() == b.has_value() && (!a || (a->code == b->code && a->what == b->what));
  };
  return url == other.url && looked == other.looked && cluster_uuid == other.cluster_uuid && gslb == other.gslb &&
         same_problem(problem, other.problem);
}

Result<GslbView> ReadGslb(const JsonValue& list) {
  const JsonValue* results = ArrayAt(list, "results");
  if (results == nullptr || results->Empty()) return Error{Code::kMissing, "no GSLB is configured"};
  const JsonValue& json = (*results)[0];
  GslbView view;
  view.name = StringAt(json, "name").value_or("");
  view.leader_uuid = StringAt(json, "leader_cluster_uuid").value_or("");
  if (view.leader_uuid.empty()) return Error{Code::kRejected, "the GSLB names no leader (leader_cluster_uuid)"};
  const JsonValue* view_id = Find(json, "view_id");
  view.view_id = view_id == nullptr ? "" : JsonText(*view_id);
  view.maintenance = BoolAt(json, "maintenance_mode").value_or(false);
  ReadSites(json, "sites", view.sites);
  ReadSites(json, "third_party_sites", view.sites);
  return view;
}

Verdict Judge(const std::vector<ControllerView>& controllers) {
  Verdict verdict;
  for (std::size_t i = 0; i < controllers.size(); ++i) {
    if (!verdict.leader && ClaimsToLead(controllers[i])) verdict.leader = i;
    if (!verdict.gslb && Heard(controllers[i])) verdict.gslb = controllers[i].gslb;
  }
  if (!verdict.leader) {
    // What a silent controller said last still tells which site it was that led.
    const auto spoke = std::find_if(controllers.begin(), controllers.end(), [](const auto& c) { return c.gslb; });
    if (!verdict.gslb && spoke != controllers.end()) verdict.gslb = spoke->gslb;
    verdict.unwritable_why = NoLeaderWhy(controllers, verdict);
    return verdict;
  }
  verdict.gslb = controllers[*verdict.leader].gslb;
  verdict.unwritable_why = Disagreement(controllers, *verdict.leader);
  if (verdict.unwritable_why.empty() && verdict.gslb->maintenance) {
    verdict.unwritable_why = "the GSLB system is in maintenance mode";
  }
  return verdict;
}

std::optional<std::vector<std::string>> SitesBehind(const JsonValue& inventory, const GslbView& gslb) {
  const JsonValue* runtimes = ArrayAt(inventory, "runtime.info.site");
  if (runtimes == nullptr) runtimes = ArrayAt(inventory, "runtime.site");
  if (runtimes == nullptr) return std::nullopt;
  std::vector<std::string> behind;
  for (const FederationSite& site : gslb.sites) {
    if (!site.answers_dns || site.cluster_uuid == gslb.leader_uuid) continue;
    if (Behind(SiteRuntime(*runtimes, site.cluster_uuid))) behind.push_back(site.name);
  }
  return behind;
}

TrafficState Overlay(const ServiceView& service, const Verdict& verdict, bool in_force) {
  TrafficState state = service.traffic;
  state.in_force = in_force;
  if (state.writable && !verdict.unwritable_why.empty()) {
    state.writable = false;
    state.unwritable_why = verdict.unwritable_why;
  }
  if (!verdict.gslb) return state;
  for (const FederationSite& site : verdict.gslb->sites) {
    if (!site.ratio || !service.clusters.contains(site.cluster_uuid)) continue;
    state.ratios_void.push_back("site \"" + site.name + "\" has ratio " + std::to_string(*site.ratio) +
                                " in the GSLB's configuration, which overrides the ratios of its members");
  }
  if (verdict.gslb->maintenance) {
    // Controllers then ask each other every 30 minutes only, so what they say of health is old.
    for (auto& [site, member] : state.members) {
      member.health = member.controller = member.datapath = Health::kUnknown;
    }
  }
  return state;
}

}  // namespace spillway::avi
