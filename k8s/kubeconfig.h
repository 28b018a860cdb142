// How to reach a cluster: from a kubeconfig file, or from inside the cluster itself.
#ifndef SPILLWAY_K8S_KUBECONFIG_H_
#define SPILLWAY_K8S_KUBECONFIG_H_

#include <functional>
#include <optional>
#include <string>

#include "k8s/access.h"
#include "src/base/result.h"

namespace spillway::k8s {

// The whole content of a file; src/base/file.h's ReadFile in production. Kept by token readers, so it must stay
// callable for as long as the ClusterAccess made with it.
using FileReader = std::function<Result<std::string>(const std::string& path)>;

// The value of an environment variable; nullopt: not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// Reads `path` and follows `context`, or the file's current-context if that is empty.
//
// Understood: server (with a base path), certificate-authority[-data], tls-server-name, client-certificate[-data],
// client-key[-data], token, tokenFile, namespace. Inline data wins over a file; a relative path counts from the
// kubeconfig's folder; tokenFile is read again at every call of read_token, and its last good content is kept.
//
// Refused with a sentence that names the file and the key, because ignoring it would be worse: a context, cluster or
// user that is not there, a certificate without its key, insecure-skip-tls-verify, username/password, auth-provider,
// exec, impersonation (as...), proxy-url, plain http to another machine. kMissing or kDenied: the kubeconfig or a file
// it names can't be read; kRejected: everything else.
Result<ClusterAccess> AccessFromKubeconfig(const std::string& path, const std::string& context,
                                           const FileReader& read_file);

// From KUBERNETES_SERVICE_HOST and _PORT and the service account's files (token, ca.crt, namespace). kMissing: this is
// not a pod.
Result<ClusterAccess> AccessInCluster(const Environment& environment, const FileReader& read_file);

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_KUBECONFIG_H_
