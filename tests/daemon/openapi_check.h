// Holds real answers against an OpenAPI document, and keeps count of what of the document was never seen.
#ifndef SPILLWAY_TESTS_DAEMON_OPENAPI_CHECK_H_
#define SPILLWAY_TESTS_DAEMON_OPENAPI_CHECK_H_

#include <set>
#include <string>
#include <vector>

#include "src/base/http.h"
#include "src/base/json.h"
#include "src/base/router.h"

namespace spillway::daemon {

// Understands what openapi.json uses of JSON Schema and no more; anything else in the document is reported, so that
// nothing in it goes unchecked.
class OpenApiCheck {
 public:
  explicit OpenApiCheck(JsonDocument document);
  OpenApiCheck(const OpenApiCheck&) = delete;
  OpenApiCheck& operator=(const OpenApiCheck&) = delete;

  // What is wrong with an exchange: a call or status that is not documented, another content type, a body that does
  // not fit. Empty: nothing.
  std::vector<std::string> Exchange(const HttpRequest& request, const HttpResponse& response);

  // What is wrong with `value` as the schema of that name in components.
  std::vector<std::string> Value(const std::string& schema, const JsonValue& value);

  // The statuses of the calls whose name ("GET /healthz") begins with `calls`, and the fields of their answers, that no
  // exchange has shown yet.
  std::vector<std::string> Unseen(const std::string& calls) const;

 private:
  struct Operation {
    std::string name;  // "GET /api/v1/apps"
    const JsonValue* responses;
  };

  const JsonValue& Resolved(const JsonValue& value) const;
  void Fit(const JsonValue& schema, const JsonValue& value, const std::string& at, std::vector<std::string>& wrong);
  void FitObject(const JsonValue& schema, const JsonValue& value, const std::string& at,
                 std::vector<std::string>& wrong);
  void Fields(const JsonValue& schema, const std::string& at, std::set<const JsonValue*>& done,
              std::vector<std::string>& unseen) const;

  const JsonDocument document_;
  Router router_;
  std::vector<Operation> operations_;
  std::set<std::string> statuses_seen_;
  std::set<const JsonValue*> fields_seen_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_TESTS_DAEMON_OPENAPI_CHECK_H_
