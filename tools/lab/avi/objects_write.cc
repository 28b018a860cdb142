// POST, PUT, PATCH and DELETE of objects.
#include <utility>

#include "tools/lab/avi/objects.h"
#include "tools/lab/avi/pen.h"
#include "tools/lab/avi/replication.h"

namespace spillway::lab::avi {
namespace {

// Nulls mean "unset"; what the server owns is not data.
void DropUnset(JsonValue& body) {
  std::vector<std::string> drop = {"url", "uuid", "_last_modified", "configpb_attributes"};
  for (const auto& member : body.GetObject()) {
    if (member.value.IsNull()) drop.emplace_back(member.name.GetString());
  }
  for (const std::string& name : drop) body.RemoveMember(name.c_str());
}

bool Federated(const Type& type, const JsonValue& body) {
  return type.federated || (type.path == "healthmonitor" && BoolAt(body, "is_federated").value_or(false));
}

// A Gslb's site passwords are never kept nor shown.
void MaskPasswords(JsonValue& body, JsonDocument::AllocatorType& allocator) {
  JsonValue* sites = Find(body, "sites");
  if (sites == nullptr) return;
  for (JsonValue& site : sites->GetArray()) Pen(allocator).Put(site, "password", "<sensitive>");
}

std::string TenantOf(const Type& type, const JsonValue& body, const std::string& fallback) {
  if (type.without_tenant) return "";
  const std::string ref = StringAt(body, "tenant_ref").value_or("/" + fallback);
  return ref.substr(ref.rfind('/') + 1);
}

std::optional<std::string> FillIn(Exchange& exchange, const Type& type, JsonDocument& body, const ObjectPtr& old) {
  JsonDocument::AllocatorType& allocator = body.GetAllocator();
  DropUnset(body);
  if (old != nullptr) body.RemoveMember("tenant_ref");
  if (auto wrong = ResolveRefs(exchange, body, allocator)) return wrong;
  if (!type.without_tenant) {
    const std::string tenant = TenantOf(type, body, old != nullptr ? old->tenant : exchange.tenant);
    Pen(allocator).Put(body, "tenant_ref", "/api/tenant/" + tenant);
  }
  FillDefaults(*type.message, body, allocator);
  if (type.path == "gslb") MaskPasswords(body, allocator);
  return std::nullopt;
}

void Record(Exchange& exchange, const Object& object, int status) {
  const HttpRequest& request = exchange.call.request;
  const auto agent = request.headers.Find("X-Avi-UserAgent");
  ++exchange.state.versions_given;
  if (exchange.state.writes.size() == kWritesKept) exchange.state.writes.pop_front();
  exchange.state.writes.push_back({.at = exchange.state.clock.WallNow(),
                                   .controller = exchange.site.options.name,
                                   .user = exchange.user,
                                   .user_agent = agent ? *agent : request.headers.Find("User-Agent").value_or(""),
                                   .peer_ip = exchange.call.peer_ip,
                                   .method = request.method,
                                   .path = exchange.path,
                                   .object = std::string(object.type->path) + " " + object.name,
                                   .body = request.body,
                                   .status = status});
}

HttpResponse Stored(Exchange& exchange, SiteState& site, const ObjectPtr& object, int status) {
  Keep(exchange.state, site, object);
  Publish(exchange.state, site, Change::What::kPut, object);
  Record(exchange, *object, status);
  const JsonDocument shown = Render(exchange, *object, true);
  HttpResponse response = JsonAnswer(status, shown);
  if (status == 201) response.headers.Add("Location", StringAt(shown, "url").value_or(""));
  return response;
}

// A body without any pool's and member's switch, to see what else differs.
JsonDocument WithoutSwitches(const Object& object) {
  JsonDocument body;
  body.CopyFrom(object.body, body.GetAllocator());
  body.RemoveMember("_last_modified");
  if (JsonValue* pools = Find(body, "groups")) {
    for (JsonValue& pool : pools->GetArray()) {
      pool.RemoveMember("enabled");
      for (JsonValue& member : Find(pool, "members")->GetArray()) member.RemoveMember("enabled");
    }
  }
  return body;
}

// enable_config_by_members: a follower may flip switches; its leader does it.
SiteState* LeaderForSwitches(Exchange& exchange, const Object& old, const Object& wanted) {
  const SiteState& site = exchange.site;
  SiteState* leader = exchange.state.SiteByCluster(site.gslb.leader);
  if (!site.gslb.enable_by_members || site.gslb.maintenance || leader == nullptr) return nullptr;
  if (!exchange.state.Connected(site.index, leader->index)) return nullptr;
  return WithoutSwitches(old) == WithoutSwitches(wanted) ? leader : nullptr;
}

// Refused whatever the body says. A follower that may flip switches has to look at the body first.
std::optional<HttpResponse> RefusedOutright(const Exchange& exchange, const Object& old) {
  const auto refused = Unwritable(exchange.site, *old.type, old.federated);
  if (!refused || exchange.site.gslb.enable_by_members) return std::nullopt;
  return Failed(400, *refused);
}

// Stores `body` in place of `old`: the second half of PUT and PATCH.
HttpResponse Replace(Exchange& exchange, const Type& type, JsonDocument body, const ObjectPtr& old) {
  const auto refused = Unwritable(exchange.site, type, old->federated);
  Prepared prepared = Prepare(exchange, type, std::move(body), old);
  if (auto* failed = std::get_if<HttpResponse>(&prepared)) return std::move(*failed);
  const ObjectPtr object = std::get<ObjectPtr>(prepared);
  if (!refused) return Stored(exchange, exchange.site, object, 200);
  SiteState* leader = LeaderForSwitches(exchange, *old, *object);
  if (leader == nullptr) return Failed(400, *refused);
  return Stored(exchange, *leader, object, 200);
}

}  // namespace

Prepared Prepare(Exchange& exchange, const Type& type, JsonDocument body, const ObjectPtr& old,
                 const std::string& uuid) {
  if (auto wrong = FillIn(exchange, type, body, old)) return Failed(400, *wrong);
  auto object = std::make_shared<Object>();
  object->type = &type;
  object->body = std::move(body);
  object->name = StringAt(object->body, "name").value_or("");
  object->tenant = TenantOf(type, object->body, exchange.tenant);
  object->federated = Federated(type, object->body);
  object->uuid = old != nullptr ? old->uuid : uuid;
  if (type.path == "gslbservice") object->service = ReadService(object->body);

  const ObjectPtr same = exchange.site.store.FindByName(type.path, object->tenant, object->name);
  if (same != nullptr && same->uuid != object->uuid) {
    return Failed(409, std::string(type.spoken) + " with this Name and Tenant ref already exists");
  }
  if (auto wrong = BreaksRule(exchange.site, *object)) return Failed(400, *wrong);

  object->order = old != nullptr ? old->order : ++exchange.state.order;
  object->modified = exchange.state.NewModified();
  Pen pen(object->body.GetAllocator());
  pen.Put(object->body, "uuid", object->uuid);
  pen.Put(object->body, "_last_modified", std::to_string(object->modified));
  return ObjectPtr(object);
}

HttpResponse PostObject(Exchange& exchange, const Type& type) {
  if (exchange.all_tenants) return Failed(400, "Tenant '*' is for reading only.");
  auto body = ParseJson(exchange.call.request.body);
  if (!body || !body->IsObject()) return Failed(400, body ? "a JSON object is required" : body.error().what);
  if (auto refused = Unwritable(exchange.site, type, Federated(type, *body))) return Failed(400, *refused);
  if (auto wrong = Check(*type.message, *body, exchange.version)) return Failed(400, *wrong);
  if (type.path == "gslb" && !exchange.site.store.List("gslb").empty()) {
    return Failed(409, "Gslb with this Name and Tenant ref already exists");
  }
  const auto forced = exchange.call.request.headers.Find("Slug");
  const std::string uuid = forced ? *forced : exchange.state.NewUuid(type.path);
  if (exchange.site.store.Find(type.path, uuid) != nullptr) {
    return Failed(409, std::string(type.spoken) + " with this Uuid already exists");
  }
  Prepared prepared = Prepare(exchange, type, std::move(*body), nullptr, uuid);
  if (auto* failed = std::get_if<HttpResponse>(&prepared)) return std::move(*failed);
  return Stored(exchange, exchange.site, std::get<ObjectPtr>(prepared), 201);
}

HttpResponse PutObject(Exchange& exchange, const Type& type) {
  const ObjectPtr old = Named(exchange, type);
  if (old == nullptr) return NotFound(type.title);
  if (auto refused = RefusedOutright(exchange, *old)) return *refused;
  auto body = ParseJson(exchange.call.request.body);
  if (!body || !body->IsObject()) return Failed(400, body ? "a JSON object is required" : body.error().what);
  if (auto wrong = Check(*type.message, *body, exchange.version)) return Failed(400, *wrong);
  const auto modified = StringAt(*body, "_last_modified");
  if (modified && *modified != std::to_string(old->modified)) {
    return Failed(412, "Concurrent Update Error: Need to reload object data " + std::string(type.title));
  }
  return Replace(exchange, type, std::move(*body), old);
}

HttpResponse PatchObject(Exchange& exchange, const Type& type) {
  const ObjectPtr old = Named(exchange, type);
  if (old == nullptr) return NotFound(type.title);
  if (auto refused = RefusedOutright(exchange, *old)) return *refused;
  auto patch = ParseJson(exchange.call.request.body);
  if (!patch || !patch->IsObject()) return Failed(400, patch ? "a JSON object is required" : patch.error().what);
  JsonDocument body;
  body.CopyFrom(old->body, body.GetAllocator());
  if (auto wrong = ApplyPatch(*type.message, *patch, body)) return Failed(400, *wrong);
  // The stored object may hold fields newer than the caller's version: they stay.
  const auto own = ParseVersion(exchange.state.options.version);
  if (auto wrong = Check(*type.message, body, own.value_or(Version{}))) return Failed(400, *wrong);
  return Replace(exchange, type, std::move(body), old);
}

HttpResponse DeleteObject(Exchange& exchange, const Type& type) {
  const ObjectPtr old = Named(exchange, type);
  if (old == nullptr) return NotFound(type.title);
  if (auto refused = Unwritable(exchange.site, type, old->federated)) return Failed(400, *refused);
  std::string users;
  for (const ObjectPtr& user : exchange.site.store.Referrers(*old)) {
    users += (users.empty() ? "'" : ", '") + std::string(user->type->title) + " " + user->name + "'";
  }
  if (!users.empty()) return Failed(403, "Cannot delete, object is referred by: [" + users + "]");
  Remove(exchange.state, exchange.site, old);
  exchange.state.NewModified();  // a deletion has its place in the order of changes, too
  Publish(exchange.state, exchange.site, Change::What::kDelete, old);
  Record(exchange, *old, 204);
  return {.status = 204, .headers = {{"Content-Length", "0"}}, .body = ""};
}

}  // namespace spillway::lab::avi
