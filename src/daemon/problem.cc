#include "src/daemon/problem.h"

#include "src/base/join.h"

namespace spillway::daemon {

HttpReply ProblemWith(int status, std::string_view title, std::string_view detail,
                      const std::function<void(JsonOut&)>& put) {
  JsonOut out;
  out.Begin().Put("type", "about:blank").Put("title", title).Put("status", status).Put("detail", detail);
  put(out);
  out.End();
  HttpReply reply = JsonReply(status, out.Take());
  reply.response.headers.Set("Content-Type", "application/problem+json");
  return reply;
}

HttpReply BadFields(const std::vector<BadField>& fields) {
  std::string sentences;
  for (const BadField& bad : fields) Join(sentences, bad.field + " " + bad.detail, " ");
  return ProblemWith(422, "Bad field", sentences, [&](JsonOut& out) {
    out.BeginList("errors");
    for (const BadField& bad : fields) out.Begin().Put("field", bad.field).Put("detail", bad.detail).End();
    out.EndList();
  });
}

}  // namespace spillway::daemon
