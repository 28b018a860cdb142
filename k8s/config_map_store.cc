#include "k8s/config_map_store.h"

#include <algorithm>
#include <utility>

#include "k8s/wire.h"

namespace spillway::k8s {
namespace {

constexpr std::string_view kWriter = "spillway.io/writer";
// Chosen: foreign edits come one at a time; whoever loses this often in a row is in a contest.
constexpr int kTries = 3;
constexpr int kDamagedMost = 9;

std::string KeyOf(const std::string& app) { return app + ".memory.json"; }

std::string TextOf(const JsonValue& value) { return {value.GetString(), value.GetStringLength()}; }

// A merge patch, or the whole object where there is none: null takes a key away.
std::string BodyOf(const std::string& name, const std::string& revision, const std::string& writer,
                   const std::map<std::string, std::optional<std::string>>& changes) {
  JsonDocument body(rapidjson::kObjectType);
  auto& allocator = body.GetAllocator();
  JsonValue annotations(rapidjson::kObjectType);
  SetMember(annotations, kWriter, writer, allocator);
  JsonValue metadata(rapidjson::kObjectType);
  SetMember(metadata, "name", name, allocator);
  if (!revision.empty()) SetMember(metadata, "resourceVersion", revision, allocator);
  SetMember(metadata, "annotations", std::move(annotations), allocator);
  JsonValue data(rapidjson::kObjectType);
  for (const auto& [key, text] : changes) {
    text ? SetMember(data, key, *text, allocator) : SetMember(data, key, JsonValue(), allocator);
  }
  SetMember(body, "apiVersion", "v1", allocator);
  SetMember(body, "kind", "ConfigMap", allocator);
  SetMember(body, "metadata", std::move(metadata), allocator);
  SetMember(body, "data", std::move(data), allocator);
  return JsonText(body);
}

}  // namespace

ConfigMapStore::ConfigMapStore(std::shared_ptr<Api> api, ConfigMapOptions options, Clock& clock,
                               const Leadership& leadership)
    : api_(std::move(api)),
      options_(std::move(options)),
      path_("/api/v1/namespaces/" + PercentEncode(options_.in_namespace) + "/configmaps/" +
            PercentEncode(options_.name)),
      text_("configmaps \"" + options_.name + "\" in " + options_.in_namespace),
      clock_(clock),
      leadership_(leadership) {}

std::optional<std::string> ConfigMapStore::Seen::At(const std::string& key) const {
  const auto found = data.find(key);
  return found == data.end() ? std::nullopt : std::optional(found->second);
}

Result<ConfigMapStore::Turn> ConfigMapStore::Begin() const {
  const auto lead = leadership_.Lead();
  const Instant now = clock_.Now();
  if (!lead || lead->until <= now) return api_->Named({Code::kDenied, "this process does not lead"});
  if (hangs_ && now < hangs_since_ + options_.pause) return *hangs_;
  return Turn{std::min(options_.call, Duration(lead->until - now)),
              options_.identity + " term " + std::to_string(lead->number)};
}

Error ConfigMapStore::Told(Error error) {
  if (error.code == Code::kRetry) {
    hangs_ = error;
    hangs_since_ = clock_.Now();
  }
  return error;
}

Result<ConfigMapStore::Seen> ConfigMapStore::Send(HttpRequest request, const Turn& turn, const std::string& doing) {
  const std::string what = doing + " " + text_;
  request.target = path_ + request.target;
  const Result<HttpResponse> response = api_->Call(std::move(request), turn.deadline);
  if (!response) return Told(response.error());
  if (response->status != 200 && response->status != 201) {
    return Told(api_->Named(ReadRefusal(*response, what).error));
  }
  const Result<JsonDocument> parsed = ParseJson(response->body);
  const auto revision = parsed ? StringAt(*parsed, "metadata.resourceVersion") : std::nullopt;
  // An empty one would make of the next write one without a precondition.
  if (revision.value_or("").empty())
    return Told(api_->Named({Code::kRetry, "cannot " + what + ": the answer is no ConfigMap"}));
  hangs_.reset();
  Seen seen;
  seen.revision = *revision;
  const JsonValue* annotations = FindPath(*parsed, "metadata.annotations");
  const JsonValue* writer = annotations == nullptr ? nullptr : Find(*annotations, kWriter);
  if (writer != nullptr && writer->IsString()) seen.writer = TextOf(*writer);
  const JsonValue* data = Find(*parsed, "data");
  if (data == nullptr || !data->IsObject()) return seen;
  for (const auto& member : data->GetObject()) {
    if (member.value.IsString()) seen.data[TextOf(member.name)] = TextOf(member.value);
  }
  return seen;
}

Result<std::optional<ConfigMapStore::Seen>> ConfigMapStore::Read() {
  const auto turn = Begin();
  if (!turn) return turn.error();
  Result<Seen> seen = Send({}, *turn, "read");
  if (seen) return std::optional<Seen>(*std::move(seen));
  if (seen.error().code == Code::kMissing) return std::optional<Seen>();
  return seen.error();
}

Result<ConfigMapStore::Seen> ConfigMapStore::Patch(const std::string& revision, const Changes& changes) {
  const auto turn = Begin();
  if (!turn) return turn.error();
  HttpRequest request;
  request.method = "PATCH";
  request.target = "";
  request.headers.Set("Content-Type", "application/merge-patch+json");
  request.body = BodyOf(options_.name, revision, turn->writer, changes);
  return Send(std::move(request), *turn, "write");
}

// By server-side apply, because only that names the object, so that a role can be limited to it. The manager is this
// process alone: where another one was faster, the apply conflicts.
// Source: kubernetes apiserver endpoints/handlers/patch.go, applyPatcher.createNewObject; docs of server-side apply.
Result<ConfigMapStore::Seen> ConfigMapStore::Make(const Changes& changes) {
  const auto turn = Begin();
  if (!turn) return turn.error();
  HttpRequest request;
  request.method = "PATCH";
  request.target = "?fieldManager=" + PercentEncode(options_.identity.substr(0, 128)) + "&force=false";
  request.headers.Set("Content-Type", "application/apply-patch+yaml");
  request.body = BodyOf(options_.name, "", turn->writer, changes);
  return Send(std::move(request), *turn, "create");
}

Result<std::optional<std::string>> ConfigMapStore::Load(const std::string& app) {
  const std::scoped_lock lock(mutex_);
  for (int tries = 0;; ++tries) {
    Result<std::optional<Seen>> read = Read();
    if (!read) return read.error();
    seen_ = *std::move(read);
    unsure_.clear();
    if (!seen_) return std::optional<std::string>();
    const auto turn = Begin();
    if (!turn) return turn.error();
    if (seen_->writer == turn->writer) return seen_->At(KeyOf(app));
    // Signed after it was read, on top of what was read: from now on nothing older can land.
    Result<Seen> signed_now = Patch(seen_->revision, {});
    if (signed_now) {
      seen_ = *std::move(signed_now);
      return seen_->At(KeyOf(app));
    }
    if (signed_now.error().code != Code::kReread || tries + 1 >= kTries) return signed_now.error();
  }
}

Result<std::optional<std::string>> ConfigMapStore::Peek(const std::string& app) {
  const std::scoped_lock lock(mutex_);
  if (hangs_ && clock_.Now() < hangs_since_ + options_.pause) return *hangs_;
  const Result<Seen> seen = Send({}, {options_.call, ""}, "read");
  if (seen) return seen->At(KeyOf(app));
  if (seen.error().code == Code::kMissing) return std::optional<std::string>();
  return seen.error();
}

Status ConfigMapStore::Save(const std::string& app, const std::string& text) {
  const std::scoped_lock lock(mutex_);
  const std::string key = KeyOf(app);
  return Change(key, {{key, text}});
}

Result<std::string> ConfigMapStore::SetAside(const std::string& app) {
  const std::scoped_lock lock(mutex_);
  const std::string key = KeyOf(app);
  const auto damaged = seen_ ? seen_->At(key) : std::nullopt;
  if (!damaged) return api_->Named({Code::kMissing, text_ + " has no " + key});
  for (int n = 1; n <= kDamagedMost; ++n) {
    const std::string aside = key + ".damaged-" + std::to_string(n);
    if (seen_->At(aside)) continue;
    const Status moved = Change(key, {{key, std::nullopt}, {aside, damaged}});
    if (!moved) return moved.error();
    return aside + " of " + text_;
  }
  return api_->Named({Code::kRejected, text_ + " holds too many damaged memories of " + app});
}

Status ConfigMapStore::CheckSize(const Changes& changes) const {
  std::size_t bytes = 0;
  for (const auto& [key, text] : changes) bytes += text ? text->size() : 0;
  if (seen_) {
    for (const auto& [key, text] : seen_->data) bytes += changes.contains(key) ? 0 : text.size();
  }
  if (bytes <= kBytesMost) return Ok();
  return api_->Named({Code::kRejected, "cannot write " + text_ + ": its data would have " + std::to_string(bytes) +
                                           " bytes, a ConfigMap holds at most " + std::to_string(kBytesMost)});
}

Status ConfigMapStore::Change(const std::string& key, const Changes& changes) {
  for (int tries = 0; tries < kTries; ++tries) {
    const auto turn = Begin();
    if (!turn) return turn.error();
    if (seen_ && seen_->writer != turn->writer) {
      return api_->Named({Code::kReread, text_ + " was not loaded in this term"});
    }
    if (Status fits = CheckSize(changes); !fits) return fits;
    Result<Seen> stored = seen_ ? Patch(seen_->revision, changes) : Make(changes);
    if (stored) {
      seen_ = *std::move(stored);
      unsure_.erase(key);
      return Ok();
    }
    const Error& error = stored.error();
    if (error.code == Code::kRetry) unsure_[key] = changes.at(key);
    const bool gone = error.code == Code::kMissing && seen_;
    if (gone) seen_.reset();  // somebody deleted it: made again
    if (gone) continue;
    if (error.code != Code::kReread) return error;
    bool done = false;
    if (Status same = Compare(key, changes, done); !same || done) return same;
  }
  return api_->Named({Code::kReread, text_ + " changes all the time"});
}

// Somebody wrote there. Ok: what concerns this key is as it was (or, `done`, as it should be).
Status ConfigMapStore::Compare(const std::string& key, const Changes& changes, bool& done) {
  Result<std::optional<Seen>> read = Read();
  if (!read) return read.error();
  const std::optional<Seen> before = std::exchange(seen_, *std::move(read));
  if (!seen_) return Ok();
  const auto turn = Begin();
  if (!turn) return turn.error();
  if (seen_->writer != turn->writer) {
    return api_->Named({Code::kReread, text_ + " is written by another process too, \"" + OneLine(seen_->writer) +
                                           "\"; is there one without the same controller.leaderElection?"});
  }
  const auto now = seen_->At(key);
  done = now == changes.at(key);
  const auto unsure = unsure_.find(key);
  const bool ours = done || (before && now == before->At(key)) || (unsure != unsure_.end() && now == unsure->second);
  if (ours) return Ok();
  return api_->Named({Code::kReread, key + " of " + text_ + " was changed by somebody else"});
}

}  // namespace spillway::k8s
