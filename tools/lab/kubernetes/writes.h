// POST, PUT, PATCH and DELETE, read from the request: content types, patch formats, subresources, dry runs.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_WRITES_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_WRITES_H_

#include <functional>
#include <string>

#include "src/base/http.h"
#include "tools/lab/kubernetes/objects.h"
#include "tools/lab/kubernetes/reply.h"
#include "tools/lab/kubernetes/request.h"

namespace spillway::lab::kube {

// The object in a body: JSON, or protobuf where the Content-Type says so.
Tried<Tree> ReadBody(const HttpRequest& http);

// Not synchronised; its owner locks.
class Writes {
 public:
  Writes(const Store& store, Objects& objects) : store_(store), objects_(objects) {}

  // `may_create`: whether the caller may also create this name; asked when a PUT or an apply meets nothing.
  Reply Handle(const Kind& kind, const Request& request, const HttpRequest& http,
               const std::function<bool()>& may_create, WallTime wall);

 private:
  Reply Put(const Kind& kind, const Request& request, Tree body, const WriteOptions& options,
            const std::function<bool()>& may_create, WallTime wall);
  Reply Patch(const Kind& kind, const Request& request, const HttpRequest& http, WriteOptions options,
              const std::function<bool()>& may_create, WallTime wall);
  Reply ServerSideApply(const Kind& kind, const Request& request, const HttpRequest& http, WriteOptions options,
                        const std::function<bool()>& may_create, WallTime wall);
  Reply DeleteAll(const Kind& kind, const Request& request, const Tree& body, const WriteOptions& options,
                  WallTime wall);

  const Store& store_;
  Objects& objects_;
};

// The resourceVersion that a write's body carries as a precondition; empty: none.
std::string PreconditionOf(const std::string& body);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_WRITES_H_
