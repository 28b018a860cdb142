#include "tools/simulate/foreign.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "src/base/json.h"

namespace spillway::sim {
namespace {

// Everything that is not Spillway's, as lines.
std::multiset<std::string> Theirs(const std::string& text) {
  std::multiset<std::string> lines;
  const auto json = ParseJson(text);
  if (!json) return {"not JSON: " + text};
  for (const auto& field : json->GetObject()) {
    const std::string name = field.name.GetString();
    if (name == "groups" || name == "_last_modified") continue;
    lines.insert(name + "=" + JsonText(field.value));
  }
  const JsonValue* groups = Find(*json, "groups");
  if (groups == nullptr) return lines;
  for (const JsonValue& pool : groups->GetArray()) {
    const std::string pool_name = StringAt(pool, "name").value_or("");
    if (const JsonValue* members = Find(pool, "members")) {
      for (const JsonValue& member : members->GetArray()) {
        std::string line = "member";
        for (const auto& field : member.GetObject()) {
          const std::string name = field.name.GetString();
          if (name != "ratio" && name != "enabled") line += " " + name + "=" + JsonText(field.value);
        }
        lines.insert(line);
      }
    }
  }
  return lines;
}

// The settings of a pool, without those that Spillway sets in pools of its own.
std::map<std::string, std::string> PoolSettings(const std::string& text) {
  std::map<std::string, std::string> settings;
  const auto json = ParseJson(text);
  const JsonValue* groups = json ? Find(*json, "groups") : nullptr;
  if (groups == nullptr) return settings;
  for (const JsonValue& pool : groups->GetArray()) {
    const std::string name = StringAt(pool, "name").value_or("");
    if (name.starts_with("spillway-")) continue;
    for (const auto& field : pool.GetObject()) {
      const std::string key = field.name.GetString();
      if (key != "members") settings[name + "." + key] = JsonText(field.value);
    }
  }
  return settings;
}

HttpRequest AviPatch(const std::string& uuid, const std::string& body) {
  HttpRequest request;
  request.method = "PATCH";
  request.target = "/api/gslbservice/" + uuid;
  request.headers = {{"Authorization", "Basic dGVycmFmb3JtOnQ="},  // terraform:t
                     {"Content-Type", "application/json"},
                     {"X-Avi-Version", "30.2.1"}};
  request.body = body;
  return request;
}

bool PatchService(World& world, const std::string& uuid, const std::string& body) {
  lab::Call call;
  call.request = AviPatch(uuid, body);
  call.peer_ip = "10.9.0.7";
  return world.federation().controller(world.name(world.leader())).Handle(call).response.status == 200;
}

void PatchDeployment(World& world, std::size_t site, const std::string& resource, const std::string& body) {
  lab::Call call;
  call.request.method = "PATCH";
  call.request.target =
      std::string("/apis/apps/v1/namespaces/") + kNamespace + "/deployments/" + kDeployment + resource;
  call.request.headers = {{"Content-Type", "application/merge-patch+json"}, {"User-Agent", "kubectl"}};
  call.request.body = body;
  world.cluster(site).Handle(call);
  world.Stir(site);
}

}  // namespace

std::string ForeignDifference(const std::string& before, const std::string& after) {
  const auto was = Theirs(before), is = Theirs(after);
  std::vector<std::string> gone, come;
  std::set_difference(was.begin(), was.end(), is.begin(), is.end(), std::back_inserter(gone));
  std::set_difference(is.begin(), is.end(), was.begin(), was.end(), std::back_inserter(come));
  if (!gone.empty()) return gone.front() + (come.empty() ? " is gone" : " became " + come.front());
  if (!come.empty()) return come.front() + " is new";
  const auto had = PoolSettings(before), has = PoolSettings(after);
  for (const auto& [key, value] : has) {
    const auto old = had.find(key);
    if (old == had.end()) return "pool setting " + key + " is new";
    if (old->second != value) return "pool setting " + key + " was " + old->second + ", is " + value;
  }
  return "";
}

void EditDescription(World& world, const std::string& text) {
  const auto json = world.federation().Read(world.name(world.leader()), "gslbservice", kGslbService);
  if (!json) return;
  const auto service = ParseJson(*json);
  if (service)
    PatchService(world, StringAt(*service, "uuid").value_or(""), R"({"replace":{"description":")" + text + "\"}}");
}

bool EditMember(World& world, std::size_t site, const std::string& field, const std::string& json) {
  const auto text = world.federation().Read(world.name(world.leader()), "gslbservice", kGslbService);
  if (!text) return false;
  const auto service = ParseJson(*text);
  const JsonValue* groups = service ? Find(*service, "groups") : nullptr;
  if (groups == nullptr) return false;
  bool taken = true;
  for (rapidjson::SizeType p = 0; p < groups->Size(); ++p) {
    const JsonValue* members = Find((*groups)[p], "members");
    for (rapidjson::SizeType m = 0; members != nullptr && m < members->Size(); ++m) {
      if (StringAt((*members)[m], "ip.addr") != World::Vip(site)) continue;
      const std::string path = "/groups/" + std::to_string(p) + "/members/" + std::to_string(m) + "/" + field;
      taken = PatchService(world, StringAt(*service, "uuid").value_or(""),
                           R"({"json_patch":[{"op":"replace","path":")" + path + R"(","value":)" + json + "}]}") &&
              taken;
    }
  }
  world.LookAtDns();
  return taken;
}

void ApplyFirstGroups(World& world, const std::string& creator) {
  const auto text = world.federation().Read(world.name(world.leader()), "gslbservice", kGslbService);
  const auto first = ParseJson(world.first_service());
  const auto service = text ? ParseJson(*text) : ParseJson("{}");
  if (!service || !first) return;
  const JsonValue* groups = Find(*first, "groups");
  if (groups == nullptr) return;
  const std::string by = creator.empty() ? "" : R"(,"created_by":")" + creator + "\"";
  PatchService(world, StringAt(*service, "uuid").value_or(""),
               R"({"replace":{"groups":)" + JsonText(*groups) + by + "}}");
  world.LookAtDns();
}

bool DisownService(World& world) {
  const auto text = world.federation().Read(world.name(world.leader()), "gslbservice", kGslbService);
  const auto service = text ? ParseJson(*text) : ParseJson("{}");
  if (!service) return false;
  if (StringAt(*service, "created_by") == "admin") return true;
  PatchService(world, StringAt(*service, "uuid").value_or(""), R"({"replace":{"created_by":"admin"}})");
  return false;
}

void KillPod(World& world, std::size_t site) {
  const auto pods = world.cluster(site).Pods(kNamespace, kDeployment);
  if (pods.empty()) return;
  lab::Call call;
  call.request.method = "DELETE";
  call.request.target = std::string("/api/v1/namespaces/") + kNamespace + "/pods/" + pods.front().name;
  call.request.headers = {{"User-Agent", "kubectl"}};
  call.request.body = R"({"gracePeriodSeconds":0})";
  world.cluster(site).Handle(call);
  world.Stir(site);
}

void ScaleDeployment(World& world, std::size_t site, int replicas) {
  PatchDeployment(world, site, "/scale", R"({"spec":{"replicas":)" + std::to_string(replicas) + "}}");
}

void LabelDeployment(World& world, std::size_t site, const std::string& value) {
  PatchDeployment(world, site, "", R"({"metadata":{"labels":{"touched":")" + value + "\"}}}");
}

}  // namespace spillway::sim
