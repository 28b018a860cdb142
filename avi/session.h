// One logged-in conversation with one controller, shared by everything in this process that talks to it.
#ifndef SPILLWAY_AVI_SESSION_H_
#define SPILLWAY_AVI_SESSION_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "avi/pace.h"
#include "src/base/clock.h"
#include "src/base/http.h"
#include "src/base/json.h"
#include "src/base/result.h"

namespace spillway::avi {

// The API versions whose object model this room speaks. Below the first, topology fields, preference_order and the
// inventories are invisible; above the second, shapes changed (31.x).
// Source: alb-sdk swagger 30.2.1; the "since" marks of go/models.
inline constexpr std::string_view kVersionLeast = "22.1.3";
inline constexpr std::string_view kVersionMost = "30.2.1";

// "22.1.3-2p1" before "30.2.1"; what is no number counts as 0.
bool VersionBefore(std::string_view a, std::string_view b);

struct SessionOptions {
  std::string url;  // "https://host[:port]", without a slash at the end
  std::string username;
  std::string tenant = "admin";
  std::function<Result<std::string>()> password;  // as it is now; white space at the end is dropped
};

struct ApiCall {
  std::string method = "GET";
  std::string target;
  std::string body;
  bool whole_controller = false;  // about no tenant's object: asked in tenant "admin"
};

// The last answer to a question that is asked again and again, and what it said. Not safe for several threads.
struct LastAnswer {
  std::string target, body;
  std::shared_ptr<const JsonDocument> json;  // nullptr: none yet
};

// Logs in when it has to, once for everybody. Safe from several threads; keeps below the controller's rate limit.
// No message ever holds the password, and none changes from one failure to the next of the same kind.
class Session {
 public:
  // The clock must outlive it.
  Session(SessionOptions options, Clock& clock, std::shared_ptr<HttpTransport> transport);

  // One exchange, with the login that it may need. Whatever the controller answered is a response, but 401 and 419,
  // which are answered by one more login and one repetition. kRetry: no answer by `until`, too many requests, or a
  // login that found no answer. kDenied: the user or password was refused, or the fresh session was. After a refused
  // login none is tried for ten minutes (doubling to an hour) unless the password changes: controllers lock an
  // account after three.
  Result<HttpResponse> Send(const ApiCall& call, Instant until);

  // Send, and the JSON of a 2xx answer; errors as in avi/refusal.h.
  Result<JsonDocument> Get(const ApiCall& call, Instant until);

  // The same, for a question that is mostly answered as it was the last time: then it is the same document, and neither
  // read nor checked anew. Whoever keeps the pointer can tell that nothing changed.
  Result<std::shared_ptr<const JsonDocument>> GetAgain(const ApiCall& call, Instant until, LastAnswer& last);

  // Every page of a list, each a document with "results". `last`: the pages of the last time, brought up to date.
  using Pages = std::vector<std::shared_ptr<const JsonDocument>>;
  Result<Pages> GetPages(const ApiCall& call, Instant until, std::vector<LastAnswer>& last);

  // "https://avi-us.example: GET /api/gslb", for sentences.
  std::string CallText(const ApiCall& call) const;

  const std::string& url() const { return options_.url; }
  // The controller's; empty before the first login.
  std::string version() const;

 private:
  // What a login granted. Never changed once made, but for cookies that an answer renewed.
  struct Grant {
    std::uint64_t number = 0;
    std::map<std::string, std::string> cookies;
    std::string version;      // the controller's
    std::string api_version;  // what X-Avi-Version says
  };
  struct RefusedLogin {
    Error error;
    std::size_t password_hash;
    Instant until;
    Duration wait;
  };

  Result<Grant> Granted(std::uint64_t worn_out, Instant until);
  Result<Grant> Login(Instant until);
  Result<Grant> ReadLogin(const HttpResponse& response) const;
  Error LoginRefused(const HttpResponse& response, const std::string& password);
  Result<HttpResponse> Exchange(const HttpRequest& request, const std::string& what, Instant until);
  HttpRequest Prepare(const ApiCall& call, const Grant& grant) const;
  void RenewCookies(std::uint64_t number, const HttpResponse& response);

  const SessionOptions options_;
  Clock& clock_;
  const std::shared_ptr<HttpTransport> transport_;

  mutable std::mutex mutex_;  // held for moments, never while speaking to the controller
  std::condition_variable logged_in_;
  bool logging_in_ = false;  // whoever set it may use refused_ and logins_ without the mutex
  std::optional<Grant> grant_;
  std::optional<RefusedLogin> refused_;
  std::uint64_t logins_ = 0;
  std::string version_;
  Pace pace_;
};

}  // namespace spillway::avi

#endif  // SPILLWAY_AVI_SESSION_H_
