// Conversations between curl and the served fakes, written down as text: what a client sends, what it gets.
//
//   ## Row 6: after its session expired a client logs in again
//   ! expire-sessions us
//   us GET /api/gslbservice          NAME METHOD TARGET; NAME is one of the servers
//   > X-Avi-Version: 30.2.1          a header
//   | {"name":"shop"}                a line of the body
//   < 401                            the status that is expected
//   < Content-Type: application/json a header that is expected, "*" stands for anything
//   <! Set-Cookie: csrftoken=*       a header that must not be there
//   < {"count":0}                    JSON that is expected: these members, whatever else there is
//   < = plain text                   exactly this body
//   <2 {"type":"ADDED"}              JSON that is expected in the body's second line (a watch)
//   <# 2                             how many lines the body has
//   until us GET /api/gslbservice    asked again until the first JSON that is expected comes, at most half a minute
//   @uuid results.0.uuid             remembers a value of the answer; "$uuid" stands for it from here on
//
// Cookies are kept for each server; "$csrf" is its csrftoken, "$url" its address; "! forget-cookies NAME" forgets them.
// "as NAME" begins the headers that every request of the rest carries, one "> " line each, until the next blank line;
// "> NAME:" takes one away from a single request.
#ifndef SPILLWAY_TESTS_LAB_CONVERSATION_H_
#define SPILLWAY_TESTS_LAB_CONVERSATION_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "src/base/http.h"

namespace spillway::lab {

// One section of a file.
struct Conversation {
  std::string file;
  std::string title;               // "Row 6: after its session ..."
  std::vector<std::string> lines;  // below the title
  int first_line = 0;
};

// What of the JSON `wanted` is not in `got`: "" all is, else where, or why one of them can't be read.
std::string MissingIn(std::string_view got, std::string_view wanted);

// Every section of the file; a file without one is a failed test of its own (title "no conversation").
std::vector<Conversation> ReadConversations(const std::string& path);
// "sessions_Row6_AfterItsSession...", for a test's name.
std::string TestName(const Conversation& conversation);

// Plays conversations. Failures are gtest's, with file and line.
class Player {
 public:
  // Does what stands behind a "!", word by word; may Say() lines of its own. False: there is no such command.
  using Command = std::function<bool(Player& player, const std::vector<std::string>& words)>;
  // `url`: the base URL of a server by its name. `curl`: options for each call, e.g. the CA. `folder`: for cookies and
  // bodies; emptied of them.
  Player(std::function<std::string(const std::string&)> url, std::string curl, Command command, std::string folder);

  void Play(const Conversation& conversation);
  // One line of a conversation.
  void Say(const std::string& line);

 private:
  struct Request {
    std::string server, method, target, body;
    std::vector<std::pair<std::string, std::string>> headers;
    bool waiting = false;  // not sent yet
    bool until = false;    // its first JSON has not come yet
  };
  bool Do(const std::vector<std::string>& words);
  std::string Jar(const std::string& server) const { return folder_ + "/" + server + ".cookies"; }
  void Begin(const std::string& line);
  void Send();
  void Await(std::string_view json);
  void Expect(std::string_view what);
  void ExpectJson(std::string_view wanted, std::string_view got);
  void ExpectLine(std::string_view what);
  void Refute(std::string_view what);
  void Remember(const std::string& line);
  std::string Filled(std::string_view text) const;

  const std::function<std::string(const std::string&)> url_;
  const std::string curl_;
  const Command command_;
  const std::string folder_;
  std::map<std::string, std::string> variables_;
  std::map<std::string, std::string> standing_;  // headers of "as"
  bool in_as_ = false;
  SystemClock clock_;
  Request request_;
  HttpResponse response_;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TESTS_LAB_CONVERSATION_H_
