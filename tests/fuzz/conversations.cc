// Our clients in conversation: whole exchanges with a server that may say anything, in any order.
#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "avi/session.h"
#include "k8s/cluster.h"
#include "src/base/clock.h"
#include "tests/fuzz/answers.h"
#include "tests/fuzz/entries.h"

namespace spillway::fuzz {
namespace {

constexpr char kIdentity[] = "fuzz-1";
constexpr char kPassword[] = "s3cr\u00e4t";  // which JSON may write in several ways
constexpr char kMemory[] = "{\"version\":1}";

k8s::ClusterAccess Access() {
  k8s::ClusterAccess access;
  access.endpoint.host = "127.0.0.1";
  access.endpoint.port = 6443;
  return access;
}

// Leads for ever.
class Leads final : public Leadership {
 public:
  std::optional<Term> Lead() const override { return Term{7, Instant::max()}; }
  LeaderView View() const override { return {}; }
};

void PromiseElection(const k8s::Lease& lease, const Answers& server, Instant began) {
  const k8s::LeaseTimes times;
  const LeaderView view = lease.View();
  const auto term = lease.Lead();
  Promise(view.leads == term.has_value(), "what is shown is what holds");
  if (view.failure) PromiseSentence({view.failure->code, view.failure->what});
  if (!term) return Promise(view.holder != kIdentity, "who does not lead is not shown as the holder");
  Promise(term->number >= 0 && view.term == term->number, "a term has a number");
  Promise(term->until <= began + times.renew, "nobody leads longer than since the write that renewed it");
  const bool written = server.last_status() == 200 || server.last_status() == 201;
  Promise(view.failure || (server.last_call().starts_with("PUT ") && written), "who leads has written it down");
}

template <class T>
void PromiseTold(const Result<T>& outcome) {
  if (outcome) return;
  PromiseSentence(outcome.error());
  Promise(outcome.error().what.starts_with("cluster \"us\": "), "an error names the cluster: " + outcome.error().what);
}

}  // namespace

void AviSession(std::string_view bytes) {
  ManualClock clock;
  const auto controller = std::make_shared<Answers>(bytes, clock);
  avi::Session session({"https://avi.test", "spillway", "admin", [] { return std::string(kPassword); }}, clock,
                       controller);
  std::vector<avi::LastAnswer> last;
  // Twice at least: pages are kept, cookies are renewed, and a refused login is remembered.
  for (int round = 0; round < 2 || (controller->left() > 0 && round < 10); ++round) {
    const std::size_t before = controller->asked();
    const auto pages = session.GetPages({.target = "/api/gslbservice-inventory"}, clock.Now() + 30s, last);
    Promise(controller->asked() - before <= 100, "a round of questions ends");
    if (pages) {
      Promise(!pages->empty(), "a list has a page");
      for (const auto& page : *pages) {
        const JsonValue* results = Find(*page, "results");
        Promise(results != nullptr && results->IsArray(), "a page has results");
      }
      if (last.size() == pages->size()) Promise(last.back().json == pages->back(), "what was read is kept");
    } else {
      PromiseSentence(pages.error());
      const bool refused = controller->last_call() == "POST /login" && controller->last_status() != 200;
      Promise(!refused || pages.error().what.find(kPassword) == std::string::npos, "no message holds the password");
    }
    clock.Advance(20min);
  }
}

void LeaseAnswer(std::string_view bytes) {
  ManualClock clock;
  const auto server = std::make_shared<Answers>(bytes, clock);
  k8s::Cluster cluster("us", Access(), clock, server, nullptr, 1);
  const auto lease = cluster.StandFor({"spillway", "spillway", kIdentity, "http://fuzz:9440", {}}, 1);
  const Duration retry = k8s::LeaseTimes{}.retry;
  while (server->left() > 0) {
    const Instant began = clock.Now();
    const std::size_t before = server->asked();
    const Instant next = lease->Step();
    Promise(server->asked() > before && server->asked() - before <= 3, "a try is one to three calls");
    Promise(next >= clock.Now() && next <= clock.Now() + retry, "the next try is neither past nor far");
    PromiseElection(*lease, *server, clock.Now());
    clock.SleepUntil(std::max(next, began + 1ms));
  }
  lease->Release(5s);
  Promise(!lease->Lead(), "who released leads no more");
}

void ConfigMapAnswer(std::string_view bytes) {
  ManualClock clock;
  const auto server = std::make_shared<Answers>(bytes, clock);
  k8s::Cluster cluster("us", Access(), clock, server, nullptr, 1);
  const Leads leads;
  const auto store = cluster.KeepIn({"spillway", "spillway-state", kIdentity}, leads);
  while (server->left() > 0) {
    const std::size_t before = server->asked();
    const auto loaded = store->Load("shop");
    PromiseTold(loaded);
    Promise(!loaded || server->last_status() != 0, "what was loaded was answered");
    const Status saved = store->Save("shop", kMemory);
    PromiseTold(saved);
    Promise(!saved || server->last_status() == 200 || server->last_status() == 201, "what was saved was confirmed");
    if (!loaded) PromiseTold(store->SetAside("shop"));
    PromiseTold(store->Peek("shop"));
    Promise(server->asked() - before <= 32, "a round of calls ends");
    clock.Advance(3s);  // longer than a failure answers for the calls after it
  }
}

}  // namespace spillway::fuzz
