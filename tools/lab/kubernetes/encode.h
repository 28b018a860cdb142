// A Reply as an HTTP response.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_ENCODE_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_ENCODE_H_

#include <string>

#include "src/base/http.h"
#include "tools/lab/kubernetes/reply.h"

namespace spillway::lab::kube {

// JSON, with Warning headers, and Retry-After where the Status' details ask for it.
inline HttpResponse Encode(const Reply& reply) {
  HttpResponse response;
  response.status = reply.code;
  response.headers.Add("Content-Type", "application/json");
  for (const std::string& warning : reply.warnings) {
    std::string quoted;
    for (const char c : warning) quoted += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    response.headers.Add("Warning", "299 - \"" + quoted + "\"");
  }
  const std::int64_t retry_after = reply.body.At("details.retryAfterSeconds").Int();
  if (retry_after > 0) response.headers.Add("Retry-After", std::to_string(retry_after));
  response.body = reply.body.Text() + "\n";
  return response;
}

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_ENCODE_H_
