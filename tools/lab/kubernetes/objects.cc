#include "tools/lab/kubernetes/objects.h"

#include <optional>
#include <utility>

#include "src/base/join.h"
#include "src/base/time_text.h"
#include "tools/lab/kubernetes/rules.h"

namespace spillway::lab::kube {
namespace {

// What only the server sets.
constexpr const char* kServerOwned[] = {"uid", "creationTimestamp", "generation", "deletionTimestamp",
                                        "deletionGracePeriodSeconds"};

std::optional<Reply> Mismatch(const Kind& kind, const Key& key, const Tree& body) {
  if (!body.IsObject()) return BadRequest("the object provided is unrecognized (must be of type " + kind.kind + ")");
  const std::string& given_kind = body.At("kind").String();
  const std::string& given_version = body.At("apiVersion").String();
  const std::string stored_version =
      ToStored(kind, Tree::Object{{"apiVersion", kind.ApiVersion()}}).At("apiVersion").String();
  if ((!given_kind.empty() && given_kind != kind.kind) || (!given_version.empty() && given_version != stored_version)) {
    return BadRequest(kind.kind + " in version \"" + kind.version + "\" cannot be handled as a " + kind.kind +
                      ": got kind \"" + given_kind + "\" of apiVersion \"" + given_version + "\"");
  }
  const std::string& name = body.At("metadata.name").String();
  if (!key.name.empty() && !name.empty() && name != key.name) {
    return BadRequest("the name of the object (" + name + ") does not match the name on the URL (" + key.name + ")");
  }
  const std::string& in_namespace = body.At("metadata.namespace").String();
  if (kind.namespaced && !in_namespace.empty() && in_namespace != key.in_namespace) {
    return BadRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  return std::nullopt;
}

void Identify(const Kind& kind, const Key& key, Tree& object) {
  object["kind"] = kind.kind;
  object["apiVersion"] = ToStored(kind, Tree::Object{{"apiVersion", kind.ApiVersion()}}).At("apiVersion");
  if (!key.name.empty()) object.Make("metadata.name") = key.name;
  if (kind.namespaced) object.Make("metadata.namespace") = key.in_namespace;
}

// Null members mean "unset" everywhere but in a status, where the API itself shows some.
Tree Cleaned(const Tree& body) {
  Tree cleaned = body.WithoutNulls();
  if (const Tree* status = body.Find("status")) cleaned["status"] = *status;
  return cleaned;
}

std::optional<Reply> BrokenPrecondition(const Kind& kind, const Key& key, const Tree& asked, const Tree& stored) {
  const std::string& uid = asked.At("uid").String();
  const std::string& stored_uid = stored.At("metadata.uid").String();
  if (!uid.empty() && uid != stored_uid) {
    return Conflict(kind, key.name,
                    "Precondition failed: UID in precondition: " + uid + ", UID in object meta: " + stored_uid);
  }
  const std::string& version = asked.At("resourceVersion").String();
  if (!version.empty() && version != "0" && version != stored.At("metadata.resourceVersion").String()) {
    return Modified(kind, key.name);
  }
  return std::nullopt;
}

bool HasFinalizers(const Tree& object) { return !object.At("metadata.finalizers").Items().empty(); }

bool HasController(const Tree& object) { return !object.At("metadata.ownerReferences").Items().empty(); }

}  // namespace

Reply Objects::Create(const Kind& kind, const std::string& in_namespace, Tree body, const WriteOptions& options,
                      WallTime wall) {
  const Key path{in_namespace, ""};
  if (std::optional<Reply> bad = Mismatch(kind, path, body)) return *std::move(bad);
  if (kind.namespaced && store_.Get(NamespaceKind().stored_as, {"", in_namespace}) == nullptr) {
    return NotFound(NamespaceKind(), in_namespace);
  }
  Tree object = Cleaned(body);
  if (!object.At("metadata.resourceVersion").String().empty()) {
    return BadRequest("resourceVersion should not be set on objects to be created");
  }
  Identify(kind, path, object);
  Tree& metadata = object["metadata"];
  const std::string prefix = metadata.At("generateName").String();
  if (metadata.At("name").String().empty() && !prefix.empty()) metadata["name"] = prefix + NewSuffix();
  for (const char* name : kServerOwned) metadata.Erase(name);
  if (options.manager) metadata.Erase("managedFields");
  const Key key = KeyOf(object);
  if (store_.Get(kind.stored_as, key) != nullptr) return AlreadyExists(kind, key.name);
  metadata["uid"] = NewUid();
  metadata["creationTimestamp"] = Rfc3339(wall);
  if (kind.generation != Generation::kNone) metadata["generation"] = 1;
  if (kind.status) object.Erase("status");
  return Finish(kind, std::move(object), nullptr, options, 201, wall);
}

Reply Objects::Update(const Kind& kind, const Key& key, Tree body, const WriteOptions& options, WallTime wall) {
  const ObjectPtr before = store_.Get(kind.stored_as, key);
  if (before == nullptr) {
    if (!kind.put_creates || options.status) return NotFound(kind, key.name);
    body.Make("metadata.name") = key.name;
    body["metadata"].Erase("resourceVersion");
    return Create(kind, key.in_namespace, std::move(body), options, wall);
  }
  if (std::optional<Reply> bad = Mismatch(kind, key, body)) return *std::move(bad);
  if (kind.put_needs_rv && !options.from_patch && body.At("metadata.resourceVersion").String().empty()) {
    return Invalid(
        kind, key.name,
        {{"FieldValueInvalid", "Invalid value: 0x0: must be specified for an update", "metadata.resourceVersion"}});
  }
  if (std::optional<Reply> bad = BrokenPrecondition(kind, key, body.At("metadata"), *before)) return *std::move(bad);

  Tree after = *before;
  if (options.status) {
    after["status"] = body.At("status");
  } else {
    after = Cleaned(body);
    Identify(kind, key, after);
    for (const char* name : kServerOwned) {
      after["metadata"].Erase(name);
      if (const Tree* kept = before->At("metadata").Find(name)) after["metadata"][name] = *kept;
    }
    if (kind.status) {
      after.Erase("status");
      if (const Tree* status = before->Find("status")) after["status"] = *status;
    }
  }
  return Finish(kind, std::move(after), before.get(), options, 200, wall);
}

Reply Objects::Finish(const Kind& kind, Tree after, const Tree* before, const WriteOptions& options, int code,
                      WallTime wall) {
  std::vector<std::string> warnings;
  std::string unknown;
  for (const std::string& field : PruneUnknown(kind, after)) {
    warnings.push_back("unknown field \"" + field + "\"");
    Join(unknown, warnings.back(), ", ");
  }
  const Key key = KeyOf(after);
  if (options.strict && !unknown.empty()) {
    return BadRequest(kind.kind + " in version \"" + kind.version + "\" cannot be handled as a " + kind.kind +
                      ": strict decoding error: " + unknown);
  }
  FillDefaultsOf(kind, after);
  const std::vector<Cause> causes = options.unchecked ? std::vector<Cause>{} : Validate(kind, after, before);
  if (!causes.empty()) return Invalid(kind, key.name, causes);
  if (before != nullptr && RaisesGeneration(kind, *before, after)) {
    after["metadata"]["generation"] = before->At("metadata.generation").Int() + 1;
  }
  if (options.manager) NoteUpdate(before != nullptr ? *before : Tree(), after, *options.manager, wall);
  if (options.dry_run) {
    if (before != nullptr) after["metadata"]["resourceVersion"] = before->At("metadata.resourceVersion");
    return {code, std::move(after), std::move(warnings)};
  }
  const bool leaving = after.At("metadata").Find("deletionTimestamp") != nullptr && before != nullptr;
  const bool freed = leaving && HasFinalizers(*before) && !HasFinalizers(after);
  const ObjectPtr stored = store_.Put(kind.stored_as, std::move(after));
  if (freed) Remove(kind, key);
  return {code, *stored, std::move(warnings)};
}

Reply Objects::Delete(const Kind& kind, const Key& key, const Tree& body, const WriteOptions& options, WallTime wall) {
  const ObjectPtr before = store_.Get(kind.stored_as, key);
  if (before == nullptr) return NotFound(kind, key.name);
  if (std::optional<Reply> bad = BrokenPrecondition(kind, key, body.At("preconditions"), *before)) {
    return *std::move(bad);
  }
  const Tree* asked = body.Find("gracePeriodSeconds");
  const bool at_once = asked != nullptr && asked->Int() == 0;
  const bool graceful = kind.kind == "Pod" && HasController(*before) && !at_once;
  if (!graceful && !HasFinalizers(*before)) {
    if (!options.dry_run) Remove(kind, key);
    return Deleted(kind, key.name, before->At("metadata.uid").String());
  }
  Tree after = *before;
  if (after.At("metadata").Find("deletionTimestamp") == nullptr) {
    after["metadata"]["deletionTimestamp"] = Rfc3339(wall);
    if (graceful) after["metadata"]["deletionGracePeriodSeconds"] = asked != nullptr ? asked->Int() : 30;
  }
  return {200, options.dry_run ? after : *store_.Put(kind.stored_as, std::move(after)), {}};
}

void Objects::Remove(const Kind& kind, const Key& key) {
  store_.Remove(kind.stored_as, key);
  if (kind.kind != "Namespace") return;
  for (const Kind& inner : AllKinds()) {
    if (!inner.namespaced) continue;
    for (const ObjectPtr& object : store_.List(inner.stored_as, key.name)) {
      store_.Remove(inner.stored_as, KeyOf(*object));
    }
  }
}

std::string Objects::NewUid() {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string uid = "xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx";
  for (char& c : uid) {
    if (c == 'x') c = kHex[rng_.Below(16)];
  }
  return uid;
}

std::string Objects::NewSuffix() {
  static constexpr char kAlphabet[] = "bcdfghjklmnpqrstvwxz2456789";
  std::string suffix;
  for (int i = 0; i < 5; ++i) suffix += kAlphabet[rng_.Below(sizeof(kAlphabet) - 1)];
  return suffix;
}

}  // namespace spillway::lab::kube
