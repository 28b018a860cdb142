// What the API server says: a code and a body, and the Status bodies of its refusals.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_REPLY_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_REPLY_H_

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/lab/kubernetes/kind.h"
#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab::kube {

struct Reply {
  int code = 200;
  Tree body;
  std::vector<std::string> warnings;  // become Warning headers
};

// A T, or the refusal that stands in its place.
template <class T>
class Tried {
 public:
  Tried(T value) : value_(std::move(value)) {}            // NOLINT(google-explicit-constructor)
  Tried(Reply refusal) : refusal_(std::move(refusal)) {}  // NOLINT(google-explicit-constructor)
  explicit operator bool() const { return value_.has_value(); }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }
  const Reply& refusal() const { return refusal_; }

 private:
  std::optional<T> value_;
  Reply refusal_;
};

// One bad field of a 422.
struct Cause {
  std::string reason;  // FieldValueRequired FieldValueInvalid FieldValueNotSupported ...
  std::string message;
  std::string field;
};

// A Status of kind Failure. `details` may be null.
Reply Failure(int code, std::string reason, std::string message, Tree details = {});

Reply NotFound(const Kind& kind, const std::string& name);
// A path that leads nowhere.
Reply NoSuchPath();
Reply AlreadyExists(const Kind& kind, const std::string& name);
Reply Conflict(const Kind& kind, const std::string& name, const std::string& why);
// The conflict of a stale resourceVersion.
Reply Modified(const Kind& kind, const std::string& name);
Reply Invalid(const Kind& kind, const std::string& name, const std::vector<Cause>& causes);
Reply BadRequest(const std::string& message);
// A request's body beyond `limit` bytes.
Reply TooLargeBody(std::size_t limit);
Reply UnsupportedMediaType(const std::string& message);
Reply MethodNotAllowed();
// The server behind an aggregated API does not answer.
Reply Unavailable();
Reply Unauthorized();
// The continue token's or the watch's resourceVersion is too old.
Reply Expired(const std::string& message, const std::string& next_token = "");
// A resourceVersion ahead of the server.
Reply TooLargeVersion(const std::string& asked, const std::string& current);
// What a DELETE answers when the object is gone at once.
Reply Deleted(const Kind& kind, const std::string& name, const std::string& uid);

Cause Required(std::string field);
Cause InvalidValue(std::string field, const Tree& value, const std::string& why);
Cause NotSupported(std::string field, const Tree& value, const std::vector<std::string>& allowed);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_REPLY_H_
