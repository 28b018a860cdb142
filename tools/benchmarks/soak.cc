// The fakes under a steady load: many watches and requests at once, over TLS, in a process of their own whose memory is
// watched. Ends with 0 if no event and no write was lost, nothing failed, and the memory stayed flat.
//
//   soak [--watches 200] [--settle 130] [--seconds 300] [--json]
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "src/base/clock.h"
#include "src/base/http_client.h"
#include "src/base/join.h"
#include "src/base/pki.h"
#include "tools/benchmarks/soak_fakes.h"

namespace spillway::bench {
namespace {

constexpr int kObjects = 10;          // that are written in turn
constexpr Duration kPace = 20ms;      // between the requests to one API: 50 a second
constexpr int kWarmUpWrites = 2'500;  // more than a fake remembers of writes, so that its logs are full
constexpr Duration kPatience = 30s;   // for one answer, and for the last events
// Chosen: 100 bytes lost a request would be 6 MB in five minutes. What lives on the heap tells that exactly, once glibc
// keeps no cache for each thread (tools/bench sees to that): what a writer has allocated for a watch is freed by the
// watch's thread, and two hundred such caches fill up slowly. What the kernel counts has an allocator's unrest in it.
constexpr double kLiveGrowthMostMb = 0.3;
constexpr double kResidentGrowthMostMb = 3;

struct Tally {
  std::atomic<std::uint64_t> requests{0}, failed{0}, events{0}, lost{0}, reopened{0};
  std::mutex mutex;
  std::string first_failure;

  void Fail(const std::string& why) {
    ++failed;
    const std::lock_guard lock(mutex);
    if (first_failure.empty()) first_failure = why;
  }
};

// The text between `before` and the next quote; empty: there is none.
std::string Between(const std::string& text, std::string_view before) {
  const std::size_t at = text.find(before);
  if (at == std::string::npos) return "";
  const std::size_t start = at + before.size();
  return text.substr(start, text.find('"', start) - start);
}

constexpr char kMaps[] = "/api/v1/namespaces/default/configmaps";

using Numbers = std::array<std::atomic<std::uint64_t>, kObjects>;

// Watches every object of one cluster and checks that each of their numbers comes, in order.
class Watcher {
 public:
  // `known`: the numbers as of `version`.
  Watcher(HttpClient& client, std::string version, const Numbers& known, Tally& tally)
      : client_(client), version_(std::move(version)), tally_(tally) {
    for (int i = 0; i < kObjects; ++i) seen_.at(i) = known.at(i).load();
    thread_ = std::thread([this] { Run(); });
  }
  ~Watcher() { thread_.join(); }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  // Until each object's number was seen up to `last`, or patience ends; what is missing then is lost.
  void Finish(const Numbers& last) {
    const Instant give_up = clock_.Now() + kPatience;
    for (int i = 0; i < kObjects; ++i) {
      while (seen_.at(i) < last.at(i) && clock_.Now() < give_up) clock_.SleepUntil(clock_.Now() + 10ms);
      tally_.lost += last.at(i) - seen_.at(i);
    }
    stop_ = true;
  }

 private:
  void Run() {
    while (!stop_) {
      const std::string target = std::string(kMaps) + "?watch=true&allowWatchBookmarks=true&timeoutSeconds=60" +
                                 "&labelSelector=soak&resourceVersion=" + version_;
      Result<OpenedStream> opened = client_.Open({"GET", target, {{"Authorization", "Bearer soak"}}, ""}, kPatience);
      if (!opened || opened->lines == nullptr) {
        tally_.Fail("watch: " + (opened ? opened->head.body : opened.error().what));
        return;
      }
      Follow(*opened->lines);
      ++tally_.reopened;
    }
  }

  void Follow(LineStream& lines) {
    while (!stop_) {
      const LineStream::Item item = lines.Next(100ms);
      if (item.state == LineStream::State::kNothingYet) continue;
      if (item.state == LineStream::State::kFailed) tally_.Fail("watch: " + item.text);
      if (item.state != LineStream::State::kLine) return;
      const std::string version = Between(item.text, "\"resourceVersion\":\"");
      if (!version.empty()) version_ = version;
      if (item.text.starts_with("{\"type\":\"BOOKMARK\"")) continue;
      if (item.text.starts_with("{\"type\":\"ERROR\"")) tally_.Fail("watch: " + item.text);
      Check(item.text);
    }
  }

  void Check(const std::string& line) {
    const std::string name = Between(line, "\"name\":\"soak-");
    const std::string number = Between(line, "\"n\":\"");
    if (name.empty() || number.empty()) return;
    std::atomic<std::uint64_t>& seen = seen_.at(std::stoul(name));
    const std::uint64_t now = std::stoull(number);
    if (now > seen + 1) tally_.lost += now - seen - 1;
    seen = now;
    ++tally_.events;
  }

  HttpClient& client_;
  std::string version_;
  Tally& tally_;
  SystemClock clock_;
  Numbers seen_{};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

// One API under load: first as fast as it goes until it is warm, then at its pace.
class Load {
 public:
  virtual ~Load() = default;
  void WarmUp() {
    for (int i = 0; i < kWarmUpWrites; ++i) Write(i);
  }
  void Run(const std::atomic<bool>& stop) {
    const Instant start = clock_.Now();
    for (int i = 0; !stop; ++i) {
      clock_.SleepUntil(start + i * kPace);
      i % 2 == 0 ? Write(i / 2) : Read(i / 2);
    }
  }

 protected:
  Load(HttpEndpoint endpoint, Tally& tally) : client_(std::move(endpoint)), tally_(tally) {}
  virtual void Write(int i) = 0;
  virtual void Read(int i) = 0;
  std::string Ask(const HttpRequest& request) {
    ++tally_.requests;
    const Result<HttpResponse> got = client_.Send(request, kPatience);
    if (got && got->status / 100 == 2) return got->body;
    tally_.Fail(request.method + " " + request.target + ": " +
                (got ? std::to_string(got->status) + " " + got->body : got.error().what));
    return "";
  }

  HttpClient client_;
  Tally& tally_;
  SystemClock clock_;
};

class KubernetesLoad final : public Load {
 public:
  KubernetesLoad(HttpEndpoint endpoint, Tally& tally) : Load(std::move(endpoint), tally) {
    for (int i = 0; i < kObjects; ++i) {
      Ask({"POST", kMaps, Headers("application/json"),
           R"({"metadata":{"name":"soak-)" + std::to_string(i) + R"(","labels":{"soak":"yes"}},"data":{"n":"0"}})"});
    }
  }
  std::string Version() {
    const std::string list = Ask({"GET", std::string(kMaps) + "?limit=1", Headers(""), ""});
    return Between(list.substr(std::min(list.rfind("\"resourceVersion\""), list.size())), "\"resourceVersion\":\"");
  }
  HttpClient& client() { return client_; }
  const Numbers& written() const { return written_; }

 private:
  static HttpHeaders Headers(const std::string& type) {
    HttpHeaders headers{{"Authorization", "Bearer soak"}};
    if (!type.empty()) headers.Add("Content-Type", type);
    return headers;
  }
  static std::string Path(int i) { return std::string(kMaps) + "/soak-" + std::to_string(i % kObjects); }
  void Write(int i) override {
    const std::string number = std::to_string(++written_.at(i % kObjects));
    Ask({"PATCH", Path(i), Headers("application/merge-patch+json"), R"({"data":{"n":")" + number + "\"}}"});
  }
  void Read(int i) override {
    const std::string number = Between(Ask({"GET", Path(i), Headers(""), ""}), "\"n\":\"");
    if (number != std::to_string(written_.at(i % kObjects))) tally_.Fail("a write of " + Path(i) + " was lost");
  }

  Numbers written_{};
};

class AviLoad final : public Load {
 public:
  // `leads`: writes too; a follower is only read.
  AviLoad(HttpEndpoint endpoint, bool leads, Tally& tally) : Load(std::move(endpoint), tally), leads_(leads) {
    const Result<HttpResponse> in = client_.Send(
        {"POST", "/login", {{"Content-Type", "application/json"}}, R"({"username":"admin","password":"soak"})"},
        kPatience);
    if (!in || in->status != 200) {
      tally_.Fail("login: " + (in ? in->body : in.error().what));
      return;
    }
    std::string cookies;
    for (const std::string& cookie : in->headers.FindAll("Set-Cookie")) {
      const std::string pair = cookie.substr(0, cookie.find(';'));
      Join(cookies, pair);
      if (pair.starts_with("csrftoken=")) headers_.Add("X-CSRFToken", pair.substr(10));
    }
    headers_.Add("Cookie", cookies);
    service_ = "/api/gslbservice/" + Between(Ask({"GET", "/api/gslbservice?fields=name", headers_, ""}), "\"uuid\":\"");
  }

 private:
  void Write(int i) override {
    if (!leads_) return Read(i);
    const std::string number = std::to_string(++written_);
    const std::string body = Ask({"PATCH", service_, headers_, R"({"replace":{"description":")" + number + "\"}}"});
    if (Between(body, "\"description\":\"") != number) tally_.Fail("a write of the service was lost");
  }
  void Read(int i) override {
    if (i % 2 == 0) {
      Ask({"GET", "/api/gslbservice-inventory", headers_, ""});
    } else if (Between(Ask({"GET", service_, headers_, ""}), "\"description\":\"") != std::to_string(written_) &&
               leads_) {
      tally_.Fail("a write of the service was lost");
    }
  }

  const bool leads_;
  HttpHeaders headers_{
      {"X-Avi-Version", "30.2.1"}, {"Referer", "https://127.0.0.1/"}, {"Content-Type", "application/json"}};
  std::string service_;
  std::uint64_t written_ = 0;
};

double Mean(const std::vector<double>& values, std::size_t from, std::size_t to) {
  double sum = 0;
  for (std::size_t i = from; i < to; ++i) sum += values[i];
  return to > from ? sum / static_cast<double>(to - from) : 0;
}

struct Options {
  int watches = 200;
  int settle = 130;  // seconds before memory is compared: two rounds of bookmarks, each watch was opened again twice
  int seconds = 300;
  bool json = false;
};

// Watches the memory of `fakes` while the load runs; what it returns is without the time to settle.
std::vector<SoakFakes::Memory> Measure(const Options& options, const SoakFakes& fakes, const Tally& tally) {
  SystemClock clock;
  std::vector<SoakFakes::Memory> seen;
  const int last = options.settle + options.seconds;
  for (int second = 1; second <= last; ++second) {
    clock.SleepUntil(clock.Now() + 1s);
    const SoakFakes::Memory now = fakes.Now();
    if (second > options.settle) seen.push_back(now);
    if (options.json || (second % 10 != 0 && second != last)) continue;
    std::printf("  %5d  %12llu  %5llu  %9llu  %6llu  %11.1f  %7.2f\n", second,
                static_cast<unsigned long long>(tally.events), static_cast<unsigned long long>(tally.lost),
                static_cast<unsigned long long>(tally.requests), static_cast<unsigned long long>(tally.failed),
                now.resident, now.live);
    std::fflush(stdout);
  }
  return seen;
}

// From the first third of the time to the last.
double Growth(const std::vector<SoakFakes::Memory>& seen, double SoakFakes::Memory::*of) {
  std::vector<double> values;
  values.reserve(seen.size());
  for (const SoakFakes::Memory& memory : seen) values.push_back(memory.*of);
  const std::size_t third = values.size() / 3;
  return Mean(values, values.size() - third, values.size()) - Mean(values, 0, third);
}

// Says what was seen; false: something was lost, failed or grew.
bool Judged(const Options& options, const Tally& tally, double rate, const std::vector<SoakFakes::Memory>& memory) {
  const double resident = Growth(memory, &SoakFakes::Memory::resident);
  const double live = Growth(memory, &SoakFakes::Memory::live);
  const bool flat = (resident <= kResidentGrowthMostMb && live <= kLiveGrowthMostMb) || !SoakFakes::kMemoryIsTelling;
  const bool good = flat && tally.lost == 0 && tally.failed == 0 && tally.events > 0;
  std::printf(options.json
                  ? R"({"watches":%d,"seconds":%d,"requests_per_second_each":%.1f,"events":%llu,"lost":%llu,)"
                    R"("failed":%llu,"resident_growth_mb":%.2f,"live_growth_mb":%.2f,"good":%s})"
                    "\n"
                  : "soak: %d watches, %d s, %.1f requests/s to each API; %llu events, %llu lost; %llu failed; "
                    "resident %+.2f MB, live on the heap %+.2f MB; good: %s\n",
              options.watches, options.seconds, rate, static_cast<unsigned long long>(tally.events),
              static_cast<unsigned long long>(tally.lost), static_cast<unsigned long long>(tally.failed), resident,
              live, good ? "true" : "false");
  if (!tally.first_failure.empty()) std::fprintf(stderr, "soak: first failure: %s\n", tally.first_failure.c_str());
  return good;
}

int Soak(const Options& options, const SoakFakes& fakes) {
  Tally tally;
  std::vector<std::unique_ptr<KubernetesLoad>> clusters;
  std::vector<std::unique_ptr<AviLoad>> controllers;
  for (const HttpEndpoint& endpoint : fakes.kubernetes) {
    clusters.push_back(std::make_unique<KubernetesLoad>(endpoint, tally));
  }
  for (const HttpEndpoint& endpoint : fakes.avi) {
    controllers.push_back(std::make_unique<AviLoad>(endpoint, controllers.empty(), tally));
  }
  std::vector<Load*> loads;
  for (const auto& load : clusters) loads.push_back(load.get());
  for (const auto& load : controllers) loads.push_back(load.get());
  {
    std::vector<std::jthread> warming;
    for (Load* load : loads) warming.emplace_back([load] { load->WarmUp(); });
  }
  std::vector<std::vector<std::unique_ptr<Watcher>>> watchers(clusters.size());
  for (int i = 0; i < options.watches; ++i) {
    KubernetesLoad& cluster = *clusters[i % clusters.size()];
    watchers[i % clusters.size()].push_back(
        std::make_unique<Watcher>(cluster.client(), cluster.Version(), cluster.written(), tally));
  }
  const std::uint64_t warm = tally.requests;
  std::atomic<bool> stop = false;
  std::vector<std::jthread> running;
  for (Load* load : loads) running.emplace_back([load, &stop] { load->Run(stop); });
  const std::vector<SoakFakes::Memory> memory = Measure(options, fakes, tally);
  stop = true;
  running.clear();
  for (std::size_t c = 0; c < clusters.size(); ++c) {
    for (const auto& watcher : watchers[c]) watcher->Finish(clusters[c]->written());
  }
  watchers.clear();

  const double rate = static_cast<double>(tally.requests - warm) / (options.settle + options.seconds) /
                      static_cast<double>(loads.size());
  return Judged(options, tally, rate, memory) ? 0 : 1;
}

}  // namespace
}  // namespace spillway::bench

int main(int count, char** arguments) {
  spillway::bench::Options options;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--json") {
      options.json = true;
    } else if (argument == "--watches" && i + 1 < count) {
      options.watches = std::atoi(arguments[++i]);
    } else if (argument == "--settle" && i + 1 < count) {
      options.settle = std::atoi(arguments[++i]);
    } else if (argument == "--seconds" && i + 1 < count) {
      options.seconds = std::atoi(arguments[++i]);
    } else {
      std::fprintf(stderr, "soak: %s is none of --watches N --settle N --seconds N --json\n", arguments[i]);
      return 2;
    }
  }
  if (options.watches < 1 || options.watches > 400 || options.settle < 0 || options.seconds < 3) {
    std::fprintf(stderr, "soak: --watches 1..400, --settle 0 or more, --seconds 3 or more\n");
    return 2;
  }
  const auto fakes = spillway::bench::SoakFakes::Start();
  if (!fakes) {
    std::fprintf(stderr, "soak: %s\n", fakes.error().what.c_str());
    return 1;
  }
  if (!options.json) std::printf("  time s  events seen   lost   requests  failed  resident MB  live MB\n");
  return spillway::bench::Soak(options, **fakes);
}
