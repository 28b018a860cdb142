// What a request asks for, read from its method and path, as the real server's RequestInfo is.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_REQUEST_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_REQUEST_H_

#include <string>
#include <utility>
#include <vector>

#include "src/base/http.h"
#include "tools/lab/kubernetes/kind.h"
#include "tools/lab/kubernetes/store.h"
#include "tools/lab/kubernetes/users.h"

namespace spillway::lab::kube {

struct Request {
  // get list watch create update patch delete deletecollection; empty: not about a resource.
  std::string verb;
  std::string path;  // decoded, without the query
  std::string group, version, resource, subresource;
  Key key;  // name empty: the collection, or the one that a fieldSelector pins
  bool collection = false;
  std::vector<std::pair<std::string, std::string>> query;

  // The first value; empty: absent.
  std::string Query(std::string_view name) const;
  bool QueryIsTrue(std::string_view name) const;

  bool IsResource() const { return !resource.empty(); }
  Access ForAccess() const;
};

// `target` as it came over the wire.
Request ReadRequest(const HttpRequest& request);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_REQUEST_H_
