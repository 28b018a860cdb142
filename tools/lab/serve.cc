#include "tools/lab/serve.h"

#include <malloc.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace spillway::lab {
namespace {

// Chosen: longer than any client of ours waits, short enough that a forgotten test ends.
constexpr Duration kHang = 10min;
// How soon a stream notices that its client has gone, and a pacemaker that a request made something due.
constexpr Duration kBeat = 5ms;
constexpr Duration kStreamBeat = 100ms;

// Chosen: above what any fake takes (a Kubernetes API server 3 MiB), so that it refuses in its own words.
constexpr std::size_t kBodyCap = 4U << 20U;

void Pour(Tail& tail, ReplyStream& out) {
  for (;;) {
    Tail::Part part = tail.Take();
    if (!part.bytes.empty() && !out.Write(part.bytes)) return;
    if (part.broken) {
      out.Abort();
      return;
    }
    if (part.ended || !out.WaitAlive(Duration{0})) return;
    tail.Wait(kStreamBeat);
  }
}

}  // namespace

void KeepFewArenas() { mallopt(M_ARENA_MAX, 2); }

Result<std::unique_ptr<ServedFake>> ServedFake::Start(Fake& fake, ServerOptions options) {
  std::unique_ptr<ServedFake> served(new ServedFake(fake));
  ServedFake* self = served.get();
  options.body_cap = kBodyCap;
  Result<std::unique_ptr<HttpServer>> server =
      HttpServer::Start(std::move(options), [self](const ServerRequest& request) { return self->Reply(request); });
  if (!server) return server.error();
  served->server_ = *std::move(server);
  return served;
}

ServedFake::~ServedFake() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (server_ != nullptr) server_->Stop();
}

bool ServedFake::Sleep(Duration most) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, most, [&] { return stopping_; });
}

HttpReply ServedFake::Reply(const ServerRequest& request) {
  Answer answer = fake_.Handle({request, request.peer_ip, request.client_subject});
  HttpReply reply;
  if (answer.fate == Answer::Fate::kHung) {
    Sleep(kHang);
    reply.drop = true;
    return reply;
  }
  if (answer.delay > Duration{0} && !Sleep(answer.delay)) {
    reply.drop = true;
    return reply;
  }
  reply.drop = answer.fate == Answer::Fate::kDropped;
  reply.response = std::move(answer.response);
  if (answer.tail != nullptr) {
    reply.stream = [tail = std::shared_ptr<Tail>(std::move(answer.tail))](ReplyStream& out) { Pour(*tail, out); };
  }
  return reply;
}

Pacemaker::Pacemaker(Fake& fake, const Clock& clock) : fake_(fake), clock_(clock), thread_([this] { Run(); }) {}

Pacemaker::~Pacemaker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Pacemaker::Run() {
  for (;;) {
    const std::optional<Instant> due = fake_.NextDue();
    const Duration ahead = due ? *due - clock_.Now() : kBeat;
    if (ahead <= Duration{0}) fake_.Advance();
    std::unique_lock lock(mutex_);
    const Duration wait = std::clamp<Duration>(ahead, Duration{0}, kBeat);
    if (changed_.wait_for(lock, wait, [&] { return stopping_; })) return;
  }
}

}  // namespace spillway::lab
