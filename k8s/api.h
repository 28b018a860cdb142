// One API server: adds who we are to every request, and says in its errors which cluster they are about.
#ifndef SPILLWAY_K8S_API_H_
#define SPILLWAY_K8S_API_H_

#include <memory>
#include <string>

#include "k8s/access.h"
#include "k8s/token.h"
#include "src/base/clock.h"
#include "src/base/http.h"
#include "src/base/result.h"

namespace spillway::k8s {

// Safe from any thread. Every Error it makes begins with: cluster "NAME": .
class Api {
 public:
  Api(std::string cluster, ClusterAccess access, Clock& clock, std::shared_ptr<HttpTransport> transport,
      std::shared_ptr<StreamTransport> streams);

  // `request.target` is the path under the server's URL. Adds User-Agent, Accept and the bearer token; a 401 makes it
  // read the token again and, if that is another one, ask once more, all within `deadline`. An answer of any status
  // is a success here; Refused() makes an Error of it.
  Result<HttpResponse> Call(HttpRequest request, Duration deadline);
  Result<OpenedStream> Open(HttpRequest request, Duration deadline);

  // `error` with the cluster's name before it.
  Error Named(Error error) const;

  const std::string& cluster() const { return cluster_; }
  const std::string& default_namespace() const { return access_.default_namespace; }

 private:
  template <class T, class SendFunction, class StatusOf>
  Result<T> SendWithToken(HttpRequest request, Duration deadline, SendFunction send, StatusOf status_of);
  Error Unreachable(const HttpRequest& request, const Error& error) const;

  const std::string cluster_;
  const ClusterAccess access_;
  Clock& clock_;
  const std::shared_ptr<HttpTransport> transport_;
  const std::shared_ptr<StreamTransport> streams_;
  Token token_;
};

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_API_H_
