#include "tools/lab/kubernetes/api.h"

#include <optional>
#include <utility>

#include "tools/lab/kubernetes/discovery.h"
#include "tools/lab/kubernetes/encode.h"
#include "tools/lab/kubernetes/hpa_v1.h"
#include "tools/lab/kubernetes/openapi.h"
#include "tools/lab/kubernetes/reviews.h"
#include "tools/lab/kubernetes/scale.h"

namespace spillway::lab::kube {
namespace {

// Source: kube-apiserver's limit on a request's body.
constexpr std::size_t kBodyMost = 3U << 20U;

Answer Whole(const Reply& reply) {
  Answer answer;
  answer.response = Encode(reply);
  return answer;
}

bool IsWrite(const std::string& verb) { return verb != "get" && verb != "list" && verb != "watch" && !verb.empty(); }

Reply Forbidden(const Kind& kind, const User& user, const Access& access) {
  const std::string resource = access.resource + (access.subresource.empty() ? "" : "/" + access.subresource);
  std::string message = kind.Resource() + (access.name.empty() ? "" : " \"" + access.name + "\"") +
                        " is forbidden: User \"" + user.name + "\" cannot " + access.verb + " resource \"" + resource +
                        "\" in API group \"" + access.group + "\"";
  message +=
      access.in_namespace.empty() ? " at the cluster scope" : " in the namespace \"" + access.in_namespace + "\"";
  Tree details(Tree::Object{{"kind", access.resource}});
  if (!access.name.empty()) details["name"] = access.name;
  if (!access.group.empty()) details["group"] = access.group;
  return Failure(403, "Forbidden", message, details);
}

TableRequest ReadTableRequest(const Call& call, const Request& request, WallTime wall) {
  TableRequest table;
  const std::string accept = call.request.headers.Find("Accept").value_or("");
  table.wanted = accept.find("as=Table") != std::string::npos && accept.find("g=meta.k8s.io") != std::string::npos;
  const std::string include = request.Query("includeObject");
  if (include == "Object") table.include = IncludeObject::kObject;
  if (include == "None") table.include = IncludeObject::kNone;
  table.wall = wall;
  return table;
}

// What an aggregated server makes up on the spot has no version.
Reply Unversioned(Reply reply) {
  if (Tree* metadata = reply.body.Find("metadata")) metadata->Erase("resourceVersion");
  if (reply.body.Find("items") == nullptr) return reply;
  for (Tree& item : reply.body["items"].Items()) item["metadata"].Erase("resourceVersion");
  return reply;
}

Reply AsHpaV1(Reply reply) {
  if (reply.code != 200 || reply.body.At("kind").String() == "Table") return reply;
  if (reply.body.Find("items") == nullptr) {
    reply.body = HpaV1(reply.body);
    return reply;
  }
  for (Tree& item : reply.body["items"].Items()) item = HpaV1(item);
  return reply;
}

bool HasSubresource(const Kind& kind, const std::string& subresource) {
  return subresource.empty() || (subresource == "status" && kind.status) || (subresource == "scale" && kind.scale);
}

}  // namespace

Api::Api(ApiOptions options, std::uint64_t seed)
    : options_(std::move(options)),
      store_(options_.history_length),
      objects_(store_, Rng(seed)),
      watches_(options_.bookmark_period, options_.watch_buffer, options_.ragged),
      reads_(store_, watches_, options_),
      writes_(store_, objects_) {}

Answer Api::Handle(const Call& call, Moment at) {
  const Request request = ReadRequest(call.request);
  ++counts_[request.verb];
  const std::optional<Fault> fault = faults_.Take(request);
  if (fault && fault->kind == Fault::Kind::kHang) return {.response = {}, .tail = {}, .fate = Answer::Fate::kHung};
  if (fault && fault->kind == Fault::Kind::kDrop) return {.response = {}, .tail = {}, .fate = Answer::Fate::kDropped};
  if (fault && fault->kind == Fault::Kind::kAnswer) {
    Log(call, request, fault->status, at);
    return {.response = FaultResponse(*fault, request), .tail = {}, .delay = fault->delay};
  }
  Answer answer = Serve(call, request, at);
  Log(call, request, answer.response.status, at);
  if (!fault) return answer;
  answer.delay = fault->delay;
  if (fault->kind == Fault::Kind::kDelay) return answer;
  if (fault->status == 0) return {.response = {}, .tail = {}, .fate = Answer::Fate::kDropped, .delay = fault->delay};
  return {.response = FaultResponse(*fault, request), .tail = {}, .delay = fault->delay};
}

Answer Api::Serve(const Call& call, const Request& request, Moment at) {
  if (IsHealthPath(request.path)) {
    Answer answer;
    answer.response = {200, {{"Content-Type", "text/plain; charset=utf-8"}}, "ok"};
    return answer;
  }
  const User* user = users_.Find(call, at.wall);
  if (user == nullptr) return Whole(Unauthorized());
  if (!request.IsResource()) {
    if (request.path == "/openapi/v2") {
      Answer answer;
      answer.response = OpenApiV2(call.request.headers.Find("Accept").value_or(""));
      return answer;
    }
    const std::optional<Reply> found = Discover(request.path, options_.version);
    return Whole(found ? *found : NoSuchPath());
  }
  const Kind* kind = FindKind(request.group, request.version, request.resource);
  if (kind == nullptr || !HasSubresource(*kind, request.subresource)) return Whole(NoSuchPath());
  const bool all_namespaces = request.collection && (request.verb == "list" || request.verb == "watch");
  if (kind->namespaced && request.key.in_namespace.empty() && !all_namespaces) return Whole(MethodNotAllowed());
  if (kind->create_only && request.verb != "create") return Whole(MethodNotAllowed());
  // Source: the ClusterRole system:basic-user: everybody may ask about himself.
  const bool about_self = kind->create_only && kind->plural.starts_with("selfsubject");
  const Access access = request.ForAccess();
  if (!about_self && !Users::May(*user, access)) return Whole(Forbidden(*kind, *user, access));
  if (unavailable_.contains(kind->group)) return Whole(Unavailable());
  if (kind->read_only && request.verb != "get" && request.verb != "list") return Whole(MethodNotAllowed());
  if (call.request.body.size() > kBodyMost) return Whole(TooLargeBody(kBodyMost));
  if (kind->create_only) {
    Tried<Tree> question = ReadBody(call.request);
    return Whole(question ? Review(*kind, *std::move(question), *user, users_) : question.refusal());
  }
  return Dispatch(*kind, call, request, *user, at);
}

void Api::SetAvailable(const std::string& group, bool available) {
  if (available) {
    unavailable_.erase(group);
  } else {
    unavailable_.insert(group);
  }
}

Answer Api::Dispatch(const Kind& kind, const Call& call, const Request& request, const User& user, Moment at) {
  const TableRequest table = ReadTableRequest(call, request, at.wall);
  if (kind.read_only) {
    Reply read = request.verb == "list" ? reads_.List(kind, request, table) : reads_.Get(kind, request.key, table);
    const bool view = kind.stored_as == HpaKind().stored_as;
    return Whole(view ? AsHpaV1(std::move(read)) : Unversioned(std::move(read)));
  }
  if (request.verb == "list") return Whole(reads_.List(kind, request, table));
  if (request.verb == "get") {
    const Reply object = reads_.Get(kind, request.key, request.subresource.empty() ? table : TableRequest{});
    if (request.subresource == "scale" && object.code == 200) return Whole({200, ScaleOf(object.body), {}});
    return Whole(object);
  }
  if (request.verb == "watch") {
    Opened opened = reads_.Watch(kind, request, table, at.now);
    if (opened.tail == nullptr) return Whole(opened.refusal);
    Answer answer;
    answer.response = {200, {{"Content-Type", "application/json"}}, ""};
    answer.tail = std::move(opened.tail);
    return answer;
  }
  const auto may_create = [&] {
    Access create = request.ForAccess();
    create.verb = "create";
    return Users::May(user, create);
  };
  return Whole(writes_.Handle(kind, request, call.request, may_create, at.wall));
}

void Api::Log(const Call& call, const Request& request, int status, Moment at) {
  if (!IsWrite(request.verb)) return;
  const User* user = users_.Find(call, at.wall);
  if (log_.size() == kWritesKept) log_.pop_front();
  log_.push_back({at.wall, user != nullptr ? user->name : "", call.request.headers.Find("User-Agent").value_or(""),
                  request.verb, request.path, PreconditionOf(call.request.body), status});
}

}  // namespace spillway::lab::kube
