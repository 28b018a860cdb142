#include "tools/lab/kubernetes/reply.h"

#include "src/base/join.h"

namespace spillway::lab::kube {
namespace {

Tree Details(const Kind& kind, const std::string& name, const std::string& as) {
  Tree details(Tree::Object{{"name", name}, {"kind", as}});
  if (!kind.group.empty()) details["group"] = kind.group;
  return details;
}

std::string Quoted(const std::string& text) { return "\"" + text + "\""; }

}  // namespace

Reply Failure(int code, std::string reason, std::string message, Tree details) {
  Tree body(Tree::Object{{"kind", "Status"},
                         {"apiVersion", "v1"},
                         {"metadata", Tree::Object{}},
                         {"status", "Failure"},
                         {"message", std::move(message)},
                         {"reason", std::move(reason)},
                         {"code", code}});
  if (!details.IsNull()) body["details"] = std::move(details);
  return {code, std::move(body), {}};
}

Reply NotFound(const Kind& kind, const std::string& name) {
  return Failure(404, "NotFound", kind.Resource() + " " + Quoted(name) + " not found",
                 Details(kind, name, kind.plural));
}

Reply NoSuchPath() {
  return Failure(404, "NotFound", "the server could not find the requested resource", Tree::Object{});
}

Reply AlreadyExists(const Kind& kind, const std::string& name) {
  return Failure(409, "AlreadyExists", kind.Resource() + " " + Quoted(name) + " already exists",
                 Details(kind, name, kind.plural));
}

Reply Conflict(const Kind& kind, const std::string& name, const std::string& why) {
  return Failure(409, "Conflict",
                 "Operation cannot be fulfilled on " + kind.Resource() + " " + Quoted(name) + ": " + why,
                 Details(kind, name, kind.plural));
}

Reply Modified(const Kind& kind, const std::string& name) {
  return Conflict(kind, name,
                  "the object has been modified; please apply your changes to the latest version and try again");
}

Reply Invalid(const Kind& kind, const std::string& name, const std::vector<Cause>& causes) {
  std::string text;
  Tree::Array list;
  for (const Cause& cause : causes) {
    if (!text.empty()) text += ", ";
    text += cause.field + ": " + cause.message;
    list.emplace_back(Tree::Object{{"reason", cause.reason}, {"message", cause.message}, {"field", cause.field}});
  }
  if (causes.size() > 1) text = "[" + text + "]";
  Tree details = Details(kind, name, kind.kind);
  details["causes"] = list;
  return Failure(422, "Invalid", kind.QualifiedKind() + " " + Quoted(name) + " is invalid: " + text, details);
}

Reply BadRequest(const std::string& message) { return Failure(400, "BadRequest", message); }

Reply TooLargeBody(std::size_t limit) {
  return Failure(413, "RequestEntityTooLarge", "Request entity too large: limit is " + std::to_string(limit));
}

Reply UnsupportedMediaType(const std::string& message) { return Failure(415, "UnsupportedMediaType", message); }

Reply Unavailable() {
  return Failure(503, "ServiceUnavailable", "the server is currently unable to handle the request");
}

Reply MethodNotAllowed() {
  return Failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource",
                 Tree::Object{});
}

Reply Unauthorized() { return Failure(401, "Unauthorized", "Unauthorized"); }

Reply Expired(const std::string& message, const std::string& next_token) {
  Reply reply = Failure(410, "Expired", message);
  if (!next_token.empty()) reply.body.Make("metadata.continue") = next_token;
  return reply;
}

Reply TooLargeVersion(const std::string& asked, const std::string& current) {
  const Tree cause(Tree::Object{{"reason", "ResourceVersionTooLarge"}, {"message", "Too large resource version"}});
  return Failure(504, "Timeout", "Timeout: Too large resource version: " + asked + ", current: " + current,
                 Tree::Object{{"causes", Tree::Array{cause}}, {"retryAfterSeconds", 1}});
}

Reply Deleted(const Kind& kind, const std::string& name, const std::string& uid) {
  Tree details = Details(kind, name, kind.plural);
  details["uid"] = uid;
  return {200,
          Tree::Object{{"kind", "Status"},
                       {"apiVersion", "v1"},
                       {"metadata", Tree::Object{}},
                       {"status", "Success"},
                       {"details", details}},
          {}};
}

Cause Required(std::string field) { return {"FieldValueRequired", "Required value", std::move(field)}; }

Cause InvalidValue(std::string field, const Tree& value, const std::string& why) {
  return {"FieldValueInvalid", "Invalid value: " + value.Text() + ": " + why, std::move(field)};
}

Cause NotSupported(std::string field, const Tree& value, const std::vector<std::string>& allowed) {
  std::string list;
  for (const std::string& one : allowed) Join(list, Quoted(one), ", ");
  return {"FieldValueNotSupported", "Unsupported value: " + value.Text() + ": supported values: " + list,
          std::move(field)};
}

}  // namespace spillway::lab::kube
