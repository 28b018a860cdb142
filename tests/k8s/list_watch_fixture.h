// A ListWatch of one Deployment on a server that says what a test wants.
#ifndef SPILLWAY_TESTS_K8S_LIST_WATCH_FIXTURE_H_
#define SPILLWAY_TESTS_K8S_LIST_WATCH_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "k8s/list_watch.h"
#include "tests/k8s/script.h"

namespace spillway::k8s {

class ListWatchTest : public ::testing::Test {
 protected:
  void SetUp() override { Make("shopping"); }

  void Make(const std::string& name, TokenReader token = {}) {
    auto api = std::make_shared<Api>("us", TestAccess(std::move(token)), clock_, server_, server_);
    watch_ = std::make_unique<ListWatch>(
        api, Collection{"/apis/apps/v1", "deployments", "acme", name, "is it installed?"}, clock_, Rng(7));
    watch_->OnChange([this] { ++changes_; });
  }

  // One step; afterwards the clock stands where the next one is due.
  void Step() { clock_.SleepUntil(watch_->Step()); }
  void Steps(int count) {
    for (int i = 0; i < count; ++i) Step();
  }
  // Steps, at most for an hour, until `done`.
  template <class F>
  bool StepUntil(F done) {
    const Instant end = clock_.Now() + 1h;
    while (!done() && clock_.Now() < end) Step();
    return done();
  }
  // Lists one Deployment of revision 10 at collection revision 1000, and opens a watch.
  std::shared_ptr<ScriptedWatch> Open() {
    server_->Answer(200, List("1000", Deployment("10", 3, 3)));
    auto watch = server_->Watch();
    Steps(2);
    EXPECT_EQ(server_->opened.size(), 1U);
    return watch;
  }

  Picture Look() const {
    return watch_->Look([](const Picture& picture) { return picture; });
  }
  std::string Revision() const {
    const Picture picture = Look();
    const auto found = picture.objects.find({"acme", "shopping"});
    return found == picture.objects.end() ? "" : found->second.revision;
  }
  std::optional<std::string> Asked(const HttpRequest& request, const char* field) const {
    return QueryValue(request.target, field);
  }

  ManualClock clock_;
  std::shared_ptr<ScriptedServer> server_ = std::make_shared<ScriptedServer>(clock_);
  std::unique_ptr<ListWatch> watch_;
  int changes_ = 0;
};

}  // namespace spillway::k8s

#endif  // SPILLWAY_TESTS_K8S_LIST_WATCH_FIXTURE_H_
