// Calls to spillwayd's API, and what their failures mean to who called.
#ifndef SPILLWAY_TOOLS_CTL_CALL_H_
#define SPILLWAY_TOOLS_CTL_CALL_H_

#include <memory>
#include <string>
#include <variant>

#include "src/base/http_client.h"
#include "src/base/json.h"
#include "tools/ctl/command.h"

namespace spillway::ctl {

struct Answer {
  Exit exit = kDone;
  std::string out;  // for standard output
  std::string err;  // for standard error: what went wrong and what to do next
};

// "spillwayctl: WHAT", and below it what to do next.
Answer Failed(Exit exit, const std::string& what, const std::string& next);

// One server. Used by one thread.
class Server {
 public:
  // An Answer: a file that can't be read, an address that is none.
  static std::variant<Server, Answer> At(const Command& command);

  // A read; the body of a 200, or what went wrong.
  std::variant<std::string, Answer> Get(const std::string& target);

  // A write, with `key` for its Idempotency-Key. Repeated under the same key when no answer came, sent to the leader
  // when this one stands by. `body` may be empty. The response may be of any status; an Answer: there was none, or the
  // leader could only be told over plain HTTP, which would show the token.
  std::variant<HttpResponse, Answer> Write(const std::string& method, const std::string& target,
                                           const std::string& body, const std::string& key);

  // A stream of lines.
  std::variant<OpenedStream, Answer> Open(const std::string& target, const std::string& last_event_id);

  // What a response that is no success means.
  Answer Meaning(const HttpResponse& response) const;

 private:
  Server(Command command, HttpEndpoint endpoint, std::string token);
  HttpRequest Request(const std::string& method, const std::string& target) const;
  Answer NoAnswer(const Error& error) const;

  Command command_;
  HttpEndpoint endpoint_;
  std::string token_;
  std::unique_ptr<HttpClient> client_;
};

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_CALL_H_
