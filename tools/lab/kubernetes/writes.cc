#include "tools/lab/kubernetes/writes.h"

#include <utility>

#include "tools/lab/kubernetes/patch.h"
#include "tools/lab/kubernetes/protobuf.h"
#include "tools/lab/kubernetes/rules.h"
#include "tools/lab/kubernetes/scale.h"
#include "tools/lab/kubernetes/selector.h"

namespace spillway::lab::kube {
namespace {

constexpr std::string_view kMerge = "application/merge-patch+json";
constexpr std::string_view kStrategic = "application/strategic-merge-patch+json";
constexpr std::string_view kJsonPatch = "application/json-patch+json";
constexpr std::string_view kApplyYaml = "application/apply-patch+yaml";

std::string MediaType(const HttpRequest& http) {
  const std::string header = http.headers.Find("Content-Type").value_or("");
  return header.substr(0, header.find(';'));
}

Reply Unsupported(const std::string& accepted) {
  return UnsupportedMediaType("the body of the request was in an unknown format - accepted media types include: " +
                              accepted);
}

// `base` with the patch of that media type applied; not for server-side apply.
Tried<Tree> Patched(const Kind& kind, const std::string& media_type, const Tree& base, const Tree& patch) {
  if (media_type == kMerge) return MergePatch(base, patch);
  if (media_type == kStrategic && !kind.custom) return StrategicPatch(base, patch);
  if (media_type == kJsonPatch) {
    Result<Tree> patched = JsonPatch(base, patch);
    if (!patched)
      return Failure(422, "Invalid",
                     "the server rejected our request due to an error in our request: " + patched.error().what);
    return *std::move(patched);
  }
  std::string accepted = std::string(kJsonPatch) + ", " + std::string(kMerge) + ", " + std::string(kApplyYaml);
  if (!kind.custom) accepted += ", " + std::string(kStrategic);
  return Unsupported(accepted);
}

Reply MissingFieldManager() {
  Kind options;
  options.group = "meta.k8s.io";
  options.kind = "PatchOptions";
  return Invalid(options, "", {{"FieldValueRequired", "Required value: is required for apply patch", "fieldManager"}});
}

FieldManager ManagerOf(const Kind& kind, const Request& request, const HttpRequest& http) {
  const std::string agent = http.headers.Find("User-Agent").value_or("unknown");
  const std::string said = request.Query("fieldManager");
  return {.name = said.empty() ? agent.substr(0, agent.find('/')) : said,
          .subresource = request.subresource,
          .api_version = kind.ApiVersion()};
}

Reply MayNotCreate(const Kind& kind, const std::string& name) {
  return Failure(
      403, "Forbidden",
      kind.Resource() + " \"" + name + "\" is forbidden: the object does not exist and the user may not create it");
}

}  // namespace

Tried<Tree> ReadBody(const HttpRequest& http) {
  const bool protobuf = MediaType(http) == kProtobuf;
  Result<Tree> body = protobuf ? ReadProtobuf(http.body) : Tree::Parse(http.body);
  if (body) return *std::move(body);
  if (protobuf) return UnsupportedMediaType(body.error().what);
  return BadRequest("the object provided is unrecognized: " + body.error().what);
}

std::string PreconditionOf(const std::string& body) {
  const Tree tree = Tree::Of(body);
  const std::string& version = tree.At("metadata.resourceVersion").String();
  return version.empty() ? tree.At("preconditions.resourceVersion").String() : version;
}

Reply Writes::Handle(const Kind& kind, const Request& request, const HttpRequest& http,
                     const std::function<bool()>& may_create, WallTime wall) {
  WriteOptions options;
  options.dry_run = request.Query("dryRun") == "All";
  options.strict = request.Query("fieldValidation") == "Strict";
  options.status = request.subresource == "status";
  options.manager = ManagerOf(kind, request, http);
  if (request.verb == "patch") return Patch(kind, request, http, options, may_create, wall);

  const bool deleting = request.verb == "delete" || request.verb == "deletecollection";
  const std::string media_type = MediaType(http);
  const bool readable = media_type.empty() || media_type == "application/json" || media_type == kProtobuf;
  if (!http.body.empty() && !readable) return Unsupported("application/json, " + std::string(kProtobuf));
  Tried<Tree> body = deleting && http.body.empty() ? Tried<Tree>(Tree()) : ReadBody(http);
  if (!body) return body.refusal();
  if (request.verb == "delete" && request.subresource.empty()) {
    return objects_.Delete(kind, request.key, *body, options, wall);
  }
  if (request.verb == "deletecollection") return DeleteAll(kind, request, *body, options, wall);
  if (request.verb == "create" && request.collection) {
    return objects_.Create(kind, request.key.in_namespace, ToStored(kind, *std::move(body)), options, wall);
  }
  if (request.verb == "update" && !request.collection) {
    return Put(kind, request, *std::move(body), options, may_create, wall);
  }
  return MethodNotAllowed();
}

Reply Writes::Put(const Kind& kind, const Request& request, Tree body, const WriteOptions& options,
                  const std::function<bool()>& may_create, WallTime wall) {
  const ObjectPtr current = store_.Get(kind.stored_as, request.key);
  if (request.subresource == "scale") {
    if (current == nullptr) return NotFound(kind, request.key.name);
    return WriteScale(objects_, *current, body, options, wall);
  }
  if (current == nullptr && kind.put_creates && !may_create()) return MayNotCreate(kind, request.key.name);
  return objects_.Update(kind, request.key, ToStored(kind, std::move(body)), options, wall);
}

Reply Writes::Patch(const Kind& kind, const Request& request, const HttpRequest& http, WriteOptions options,
                    const std::function<bool()>& may_create, WallTime wall) {
  if (request.collection) return MethodNotAllowed();
  options.from_patch = true;
  const std::string media_type = MediaType(http);
  if (media_type == kApplyYaml) return ServerSideApply(kind, request, http, options, may_create, wall);
  const Tried<Tree> patch = ReadBody(http);
  const ObjectPtr current = store_.Get(kind.stored_as, request.key);
  if (current == nullptr) return NotFound(kind, request.key.name);
  const bool scale = request.subresource == "scale";
  const Tree base = scale ? ScaleOf(*current) : ToView(kind, *current);
  // The media type is judged before the body: a wrong one is 415 whatever the body says.
  const Tried<Tree> known =
      Patched(kind, media_type, base, media_type == kJsonPatch ? Tree(Tree::Array{}) : Tree(Tree::Object{}));
  if (!known) return known.refusal();
  if (!patch) return patch.refusal();
  if (media_type != kJsonPatch && !patch->IsObject()) return BadRequest("the patch is no object");
  Tried<Tree> after = Patched(kind, media_type, base, *patch);
  if (!after) return after.refusal();
  if (scale) return WriteScale(objects_, *current, *after, options, wall);
  return objects_.Update(kind, request.key, ToStored(kind, *std::move(after)), options, wall);
}

Reply Writes::ServerSideApply(const Kind& kind, const Request& request, const HttpRequest& http, WriteOptions options,
                              const std::function<bool()>& may_create, WallTime wall) {
  if (request.Query("fieldManager").empty()) return MissingFieldManager();
  const Tried<Tree> applied = ReadBody(http);
  if (!applied) return applied.refusal();
  if (!applied->IsObject()) return BadRequest("the applied configuration is no object");
  if (!applied->At("metadata.managedFields").IsNull()) return BadRequest("metadata.managedFields must be nil");
  const ObjectPtr current = store_.Get(kind.stored_as, request.key);
  if (current == nullptr && !request.subresource.empty()) return NotFound(kind, request.key.name);
  if (current == nullptr && !may_create()) return MayNotCreate(kind, request.key.name);
  const FieldManager manager = *std::exchange(options.manager, std::nullopt);  // Apply keeps the books itself
  const bool scale = request.subresource == "scale";
  const Tree live = current == nullptr ? Tree() : scale ? ScaleOf(*current) : ToView(kind, *current);
  Tried<Tree> after = Apply(live, *applied, manager, request.QueryIsTrue("force"), wall);
  if (!after) return after.refusal();
  if (scale) {
    options.manager = manager;
    return WriteScale(objects_, *current, *after, options, wall);
  }
  Tree body = ToStored(kind, *std::move(after));
  if (current != nullptr) return objects_.Update(kind, request.key, std::move(body), options, wall);
  body.Make("metadata.name") = request.key.name;
  return objects_.Create(kind, request.key.in_namespace, std::move(body), options, wall);
}

Reply Writes::DeleteAll(const Kind& kind, const Request& request, const Tree& body, const WriteOptions& options,
                        WallTime wall) {
  const Result<Selector> labels = Selector::Labels(request.Query("labelSelector"));
  const Result<Selector> fields = Selector::Fields(request.Query("fieldSelector"));
  if (!labels || !fields) return BadRequest(labels ? fields.error().what : labels.error().what);
  for (const ObjectPtr& object : store_.List(kind.stored_as, request.key.in_namespace)) {
    if (labels->Fits(*object) && fields->Fits(*object)) {
      const Reply reply = objects_.Delete(kind, KeyOf(*object), body, options, wall);
      if (reply.code >= 300) return reply;
    }
  }
  return Deleted(kind, "", "");
}

}  // namespace spillway::lab::kube
