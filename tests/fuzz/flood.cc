// Fuzzed requests to a real HTTP server with the daemon's API behind it, over real sockets: whole connections of
// mutated messages, one behind the other. Ends with 1 when the server answers with a failure of its own or leaves a
// connection hanging; a sanitizer ends it where memory is misused or lost.
//
//   flood [--requests 10000] [--seed 1] [--corpus tests/fuzz/corpus]
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "src/base/channel.h"
#include "src/base/dial.h"
#include "src/base/file.h"
#include "src/base/http_server.h"
#include "src/base/log.h"
#include "src/base/rng.h"
#include "tests/fuzz/api_at_rest.h"
#include "tests/fuzz/requests.h"

namespace spillway::fuzz {
namespace {

constexpr int kThreads = 4;
constexpr std::uint64_t kMessagesMost = 32;      // on one connection
constexpr std::uint64_t kChangesMost = 4;        // of one message
constexpr std::uint64_t kApiLasts = 20'000;      // requests, then a new one: the fake world behind it writes all down
constexpr Duration kPatience = 30s;              // for all answers of a connection
constexpr std::uint64_t kReportEvery = 500'000;  // answers

struct Options {
  std::uint64_t requests = 10'000, seed = 1;
  std::string corpus = "tests/fuzz/corpus";
};

// Words that mean something to a parser of HTTP or to the API.
// clang-format off
constexpr std::array<std::string_view, 36> kWords = {
    "\r\n", "\n", "\r", ":", " ", "\t", "%00", "%2e%2e/", "?", "&", "=", "HTTP/1.0", "HTTP/2.0", "Host: b\r\n",
    "Transfer-Encoding: chunked\r\n", "Content-Length: 0\r\n", "Content-Length: 18446744073709551616\r\n",
    "Expect: 100-continue\r\n", "Connection: close\r\n", "Authorization: Bearer administer\r\n",
    "Authorization: Basic YTpi\r\n", "Idempotency-Key: k1\r\n", "Content-Type: application/json\r\n",
    "Range: bytes=0-1\r\n", "Last-Event-ID: 1-1\r\n", "{", "}", "[", "\"", "\\u0000", "null", "-1", "1e999",
    "9223372036854775808", "/api/v1/apps/shop", "\xff\xfe"};
// clang-format on

std::vector<Message> Seeds(const std::string& corpus) {
  std::vector<std::filesystem::path> paths;
  for (const auto& file : std::filesystem::directory_iterator(corpus + "/api_request")) paths.push_back(file.path());
  std::sort(paths.begin(), paths.end());
  std::vector<Message> seeds;
  for (const auto& path : paths) {
    for (Message& message : ReadMessages(*ReadFile(path))) seeds.push_back(std::move(message));
  }
  return seeds;
}

// `text` with a few changes: bits turned, pieces cut, doubled or taken from `other`, words put in.
std::string Mutated(std::string text, const std::string& other, Rng& rng) {
  for (std::uint64_t left = 1 + rng.Below(kChangesMost); left > 0 && !text.empty(); --left) {
    const std::size_t at = rng.Below(text.size());
    const std::size_t size = 1 + rng.Below(16);
    switch (rng.Below(6)) {
      case 0:
        text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ (1U << rng.Below(8)));
        break;
      case 1:
        text[at] = static_cast<char>(rng.Below(256));
        break;
      case 2:
        text.erase(at, size);
        break;
      case 3:
        text.insert(at, text.substr(at, size));
        break;
      case 4:
        text.insert(at, other.substr(rng.Below(other.size() + 1), size));
        break;
      default:
        text.insert(at, kWords.at(rng.Below(kWords.size())));
        break;
    }
  }
  return text;
}

// Most changes leave a message that can be read, so that the next one on the connection is heard as well.
std::string Fuzzed(const std::vector<Message>& seeds, Rng& rng) {
  Message message = seeds[rng.Below(seeds.size())];
  const Message& other = seeds[rng.Below(seeds.size())];
  const std::uint64_t where = rng.Below(16);
  if (where < 8 && !message.body.empty()) {
    message.body = Mutated(message.body, other.body, rng);
  } else if (where < 14) {
    // Between the method and the version.
    const std::size_t from = message.line.find(' ') + 1;
    const std::size_t size = message.line.rfind(' ') - from;
    std::string target = Mutated(message.line.substr(from, size), other.line, rng);
    std::erase_if(target, [](char c) { return c <= ' ' || c == 0x7f; });
    message.line.replace(from, size, '/' + target.substr(target.starts_with('/')));
  } else if (where == 14) {
    message.fields = Mutated(message.fields + "X: y", other.fields, rng);
  } else {
    return Mutated(Wire(message), Wire(other), rng);
  }
  return Wire(message);
}

struct Tally {
  std::atomic<std::uint64_t> answers{0}, connections{0};
  std::atomic<bool> failed{false};

  void Fail(const std::string& what, const std::string& sent) {
    if (failed.exchange(true)) return;  // the first tells
    const std::string path = "/tmp/spillway-flood";
    (void)WriteFileAtomically(path, sent);
    std::fprintf(stderr, "flood: %s; what the connection sent is in %s\n", what.c_str(), path.c_str());
  }
};

// What came back until the server closed. A stream of events has no end, so it is cut.
std::string Converse(int port, const std::string& sent, Tally& tally) {
  const auto fd = Dial("127.0.0.1", port, MonotonicNow() + kPatience, {});
  if (!fd) {
    tally.Fail("no connection: " + fd.error().what, sent);
    return {};
  }
  Channel channel(*fd, {});
  channel.WriteBy(MonotonicNow() + kPatience);
  channel.ReadBy(MonotonicNow() + kPatience);
  (void)channel.Write(sent);  // the server may have closed after the first message that it refused
  ::shutdown(*fd, SHUT_WR);
  std::string answers;
  std::array<char, 65536> piece{};
  ssize_t n = 0;
  while ((n = channel.Read(piece.data(), piece.size())) > 0) {
    answers.append(piece.data(), static_cast<std::size_t>(n));
    if (answers.find("text/event-stream") != std::string::npos) return answers;
  }
  if (channel.fault() == Channel::Fault::kTimeout) tally.Fail("a connection hangs", sent);
  return answers;
}

// Counts the answers, each of which begins with a status line.
void Judge(const std::string& answers, const std::string& sent, Tally& tally) {
  static constexpr std::string_view kBegin = "HTTP/1.1 ";
  for (std::size_t at = answers.find(kBegin); at != std::string::npos; at = answers.find(kBegin, at + 1)) {
    if (answers.compare(at + kBegin.size(), 3, "500") == 0) tally.Fail("the server failed", sent);
    if (++tally.answers % kReportEvery == 0) {
      std::printf("%12llu answers\n", static_cast<unsigned long long>(tally.answers.load()));
      std::fflush(stdout);
    }
  }
}

void Flood(int port, const std::vector<Message>& seeds, const Options& options, Rng rng, Tally& tally) {
  while (tally.answers < options.requests && !tally.failed) {
    std::string sent;
    for (std::uint64_t left = 1 + rng.Below(kMessagesMost); left > 0; --left) {
      sent += Fuzzed(seeds, rng);
    }
    ++tally.connections;
    Judge(Converse(port, sent, tally), sent, tally);
  }
}

// The API behind the server. Each request comes from another address, or guesses would lock all of them out.
class Door {
 public:
  HttpReply Ask(ServerRequest request) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (asked_++ % kApiLasts == 0) api_ = std::make_shared<ApiAtRest>();
    request.peer_ip = "127.0." + std::to_string(asked_ / 250 % 250) + '.' + std::to_string(asked_ % 250);
    if (asked_ % 8 != 0) AddMissing(request, kAuthorization);
    AddMissing(request, kContentType);
    HttpReply reply = api_->Ask(request);
    if (request.method != "GET" && reply.response.status < 300) api_->Look();
    if (reply.stream) {
      // It outlives this call, and may outlive this API.
      reply.stream = [api = api_, write = std::move(reply.stream)](ReplyStream& out) { write(out); };
    }
    return reply;
  }

 private:
  std::mutex mutex_;
  std::uint64_t asked_ = 0;
  std::shared_ptr<ApiAtRest> api_;
};

int Run(const Options& options) {
  const std::vector<Message> seeds = Seeds(options.corpus);
  if (seeds.empty()) {
    std::fprintf(stderr, "flood: no seeds in %s\n", options.corpus.c_str());
    return 2;
  }
  std::printf("flood: %llu requests, seed %llu, from %zu messages\n", static_cast<unsigned long long>(options.requests),
              static_cast<unsigned long long>(options.seed), seeds.size());
  Door door;
  auto server = HttpServer::Start({}, [&](const ServerRequest& request) { return door.Ask(request); });
  if (!server) {
    std::fprintf(stderr, "flood: %s\n", server.error().what.c_str());
    return 2;
  }
  Tally tally;
  Rng rng(options.seed);
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, own = rng.Split()] { Flood((*server)->port(), seeds, options, own, tally); });
  }
  for (std::thread& thread : threads) thread.join();
  (*server)->Stop();
  std::printf("flood: %llu answers on %llu connections: %s\n", static_cast<unsigned long long>(tally.answers.load()),
              static_cast<unsigned long long>(tally.connections.load()), tally.failed ? "FAILED" : "good");
  return tally.failed ? 1 : 0;
}

}  // namespace
}  // namespace spillway::fuzz

int main(int count, char** arguments) {
  spillway::SetUpLog(spillway::LogLevel::kNothing, spillway::LogFormat::kText);
  spillway::fuzz::Options options;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = arguments[i];
    if (name == "--requests") options.requests = std::strtoull(arguments[i + 1], nullptr, 10);
    if (name == "--seed") options.seed = std::strtoull(arguments[i + 1], nullptr, 10);
    if (name == "--corpus") options.corpus = arguments[i + 1];
  }
  return spillway::fuzz::Run(options);
}
