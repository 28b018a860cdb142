// A fake behind a real HTTP or HTTPS server, in real time.
#ifndef SPILLWAY_TOOLS_LAB_SERVE_H_
#define SPILLWAY_TOOLS_LAB_SERVE_H_

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "src/base/clock.h"
#include "src/base/http_server.h"
#include "src/base/result.h"
#include "tools/lab/fake.h"

namespace spillway::lab {

// Call it first in a program that serves fakes. Its threads, one for each connection, allocate rarely; without this
// each core brings eight arenas, and memory grows for as long as one of them has not seen its fullest moment yet.
void KeepFewArenas();

// Answers as the fake says: whole or as a stream, late, cut off, or never. Does not Advance() the fake: a Pacemaker, or
// whoever owns the clock, does.
class ServedFake {
 public:
  // `fake` outlives the result. As HttpServer::Start otherwise, but bodies may be longer than anything a fake takes.
  static Result<std::unique_ptr<ServedFake>> Start(Fake& fake, ServerOptions options);
  // Stops; answers under way that are late or hang are cut off.
  ~ServedFake();
  int port() const { return server_->port(); }

 private:
  explicit ServedFake(Fake& fake) : fake_(fake) {}
  HttpReply Reply(const ServerRequest& request);
  // False: it ended early, the server stops.
  bool Sleep(Duration most);

  Fake& fake_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::unique_ptr<HttpServer> server_;
};

// A thread that advances a fake whenever something is due.
class Pacemaker {
 public:
  // `fake` and `clock` outlive this. `clock` is a real one.
  Pacemaker(Fake& fake, const Clock& clock);
  ~Pacemaker();

 private:
  void Run();

  Fake& fake_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_SERVE_H_
