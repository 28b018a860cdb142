// GET of one object and of lists: filters, pages, and how much of an object is shown.
#include <algorithm>
#include <charconv>

#include "tools/lab/avi/inventory.h"
#include "tools/lab/avi/objects.h"
#include "tools/lab/avi/pen.h"

namespace spillway::lab::avi {
namespace {

// Chosen: the server's default is not documented; 25 is what the UI shows. The most is what SDKs refuse beyond.
constexpr int kPageSize = 25;
constexpr int kPageSizeMost = 200;

// Query fields that say how to answer; every other one filters by a field's value.
bool Shapes(std::string_view name) {
  static constexpr std::string_view kShapers[] = {"page",         "page_size",         "fields",    "include_name",
                                                  "skip_default", "join_subresources", "sort",      "include_refs",
                                                  "refers_to",    "referred_by",       "cloud_uuid"};
  return std::find(std::begin(kShapers), std::end(kShapers), name) != std::end(kShapers);
}

int Number(const Exchange& exchange, std::string_view name, int fallback) {
  const auto text = exchange.Query(name);
  int value = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc{}) return fallback;
  return value;
}

std::string Plain(const JsonValue& value) {
  return value.IsString() ? std::string(value.GetString(), value.GetStringLength()) : JsonText(value);
}

// "created_by=x", "is_federated=true", "health_monitor_refs.name=..." is not supported, "cloud_ref.uuid=x" is.
bool FieldFits(const Object& object, std::string path, const std::string& wanted) {
  const bool of_ref = path.ends_with("_ref.uuid");
  if (of_ref) path.resize(path.size() - std::string_view(".uuid").size());
  const JsonValue* value = FindPath(object.body, path);
  if (value == nullptr) return false;
  const std::string text = Plain(*value);
  return of_ref ? text.ends_with("/" + wanted) : text == wanted;
}

// "healthmonitor:healthmonitor-..." -> "/api/healthmonitor/healthmonitor-..."
std::string RefOf(std::string pair) {
  const std::size_t colon = pair.find(':');
  if (colon != std::string::npos) pair[colon] = '/';
  return "/api/" + pair;
}

bool Passes(const Exchange& exchange, const Object& object) {
  for (const auto& [name, value] : exchange.query) {
    if (!Shapes(name) && !FieldFits(object, name, value)) return false;
    if (name == "refers_to" && JsonText(object.body).find("\"" + RefOf(value) + "\"") == std::string::npos) {
      return false;
    }
    if (name == "referred_by") {
      const std::string uuid = value.substr(value.find(':') + 1);
      const ObjectPtr other = exchange.site.store.Find(value.substr(0, value.find(':')), uuid);
      const std::string ref = "\"/api/" + std::string(object.type->path) + "/" + object.uuid + "\"";
      if (other == nullptr || JsonText(other->body).find(ref) == std::string::npos) return false;
    }
  }
  return true;
}

void KeepFields(JsonValue& body, std::string_view fields) {
  std::vector<std::string> drop;
  const std::string listed = "," + std::string(fields) + ",name,url,uuid,";
  for (const auto& member : body.GetObject()) {
    if (listed.find("," + std::string(member.name.GetString()) + ",") == std::string::npos) {
      drop.emplace_back(member.name.GetString());
    }
  }
  for (const std::string& name : drop) body.RemoveMember(name.c_str());
}

std::string NextUrl(const Exchange& exchange, int page) {
  std::string url = exchange.base_url + exchange.path;
  char separator = '?';
  for (const auto& [name, value] : exchange.query) {
    if (name == "page") continue;
    url += separator + PercentEncode(name) + "=" + PercentEncode(value);
    separator = '&';
  }
  return url + separator + "page=" + std::to_string(page);
}

}  // namespace

bool Visible(const Exchange& exchange, const Object& object) {
  if (exchange.all_tenants || object.type->without_tenant || object.type->path == "gslb") return true;
  const bool shared = object.type->path != "gslbservice" && object.tenant == "admin";
  return shared || object.tenant == exchange.tenant;
}

ObjectPtr Named(const Exchange& exchange, const Type& type) {
  const ObjectPtr object = exchange.site.store.Find(type.path, exchange.parts.at(2));
  return object != nullptr && Visible(exchange, *object) ? object : nullptr;
}

JsonDocument Render(const Exchange& exchange, const Object& object, bool named) {
  JsonDocument body;
  body.CopyFrom(object.body, body.GetAllocator());
  Pen pen(body.GetAllocator());
  if (exchange.Query("skip_default").value_or("") == "true") SkipDefaults(*object.type->message, body);
  Strip(*object.type->message, body, exchange.version);
  std::string url = exchange.base_url + "/api/" + std::string(object.type->path) + "/" + object.uuid;
  if (named) url += "#" + object.name;
  pen.Put(body, "url", url);
  SpellRefs(exchange, body, named, body.GetAllocator());
  if (const auto fields = exchange.Query("fields")) KeepFields(body, *fields);
  if (exchange.Query("join_subresources") == "runtime" && object.type->path == "gslbservice") {
    pen.Put(body, "runtime", ServiceRuntime(exchange, object, pen));
  }
  return body;
}

HttpResponse ListAnswer(const Exchange& exchange, const std::vector<ObjectPtr>& objects, const Writer& write) {
  std::vector<ObjectPtr> passed;
  for (const ObjectPtr& object : objects) {
    if (Visible(exchange, *object) && Passes(exchange, *object)) passed.push_back(object);
  }
  const int page = std::max(1, Number(exchange, "page", 1));
  const int size = std::clamp(Number(exchange, "page_size", kPageSize), 1, kPageSizeMost);
  const std::size_t begin = std::min(passed.size(), static_cast<std::size_t>(page - 1) * size);
  const std::size_t end = std::min(passed.size(), begin + size);

  JsonDocument body(rapidjson::kObjectType);
  Pen pen(body.GetAllocator());
  JsonValue results = Pen::List();
  for (std::size_t i = begin; i < end; ++i) pen.Add(results, pen.Copy(write(exchange, passed[i])));
  pen.Put(body, "count", passed.size());
  pen.Put(body, "results", std::move(results));
  if (end < passed.size()) pen.Put(body, "next", NextUrl(exchange, page + 1));
  return JsonAnswer(200, body);
}

HttpResponse InventoryAnswer(const Exchange& exchange, const Type& type, const Writer& write) {
  if (exchange.version < ParseVersion("22.1.1")) return Failed(404, "not known to this version");
  if (exchange.parts.size() == 2) return ListAnswer(exchange, exchange.site.store.List(type.path), write);
  const ObjectPtr object = Named(exchange, type);
  if (object == nullptr) return NotFound(type.title);
  return JsonAnswer(200, write(exchange, object));
}

HttpResponse GetObjects(const Exchange& exchange, const Type& type) {
  const bool named = exchange.Query("include_name").has_value();
  return ListAnswer(exchange, exchange.site.store.List(type.path),
                    [&](const Exchange& e, const ObjectPtr& object) { return Render(e, *object, named); });
}

HttpResponse GetObject(const Exchange& exchange, const Type& type) {
  const ObjectPtr object = Named(exchange, type);
  if (object == nullptr) return NotFound(type.title);
  return JsonAnswer(200, Render(exchange, *object, exchange.Query("include_name").has_value()));
}

}  // namespace spillway::lab::avi
