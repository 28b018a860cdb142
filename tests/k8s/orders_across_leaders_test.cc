// Orders of two processes that share a Lease and a ConfigMap, in virtual time.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "src/daemon/order_desk.h"
#include "tests/daemon/fakes.h"
#include "tests/k8s/election.h"

namespace spillway::k8s {
namespace {

using daemon::Action;
using daemon::App;
using daemon::AppRoom;
using daemon::AuditEntry;
using daemon::AuditLog;
using daemon::FakeWorld;
using daemon::OrderDesk;
using daemon::OrderRequest;
using daemon::Role;

class Process {
 public:
  Process(Election& election, Candidate& candidate)
      : election_(election),
        lease_(*candidate.lease),
        store_(candidate.cluster.KeepIn({"spillway", "spillway-state", "this"}, lease_)),
        app_(world_.config, world_.ports(), room()),
        desk_(app_, {election.clock, *store_, audit_, lease_, [](const std::string&) {}}) {}

  // One look at a world that was confirmed just now.
  void Look() {
    world_.clock.Advance(election_.clock.Now() - world_.clock.Now());
    world_.Confirm();
    app_.Tick(std::nullopt);
  }
  HttpReply Give(Action action, const std::string& key) {
    OrderRequest request;
    request.action = action;
    request.order.kind = OrderKind::kPause;
    request.order.reason = "a repair";
    request.ttl = 1h;
    return desk_.Give(request, {{"otto", Role::kOperator}, "127.0.0.1", key, "the same request"});
  }
  std::string Standing() const {
    std::string standing;
    for (const Order& order : app_.View().override.orders) standing += std::string(daemon::Word(order.kind)) + " ";
    return standing;
  }
  std::string Audit() const {
    std::string entries;
    for (const AuditEntry& entry : audit_.Entries(9, std::nullopt, "")) {
      entries += entry.action + " " + std::string(daemon::Word(entry.outcome)) + " ";
    }
    return entries;
  }

 private:
  AppRoom room() {
    AppRoom room{election_.clock, world_.store, world_.journal, world_.metrics, false, Decide, lease_};
    room.recalled = [this](const std::string&) { desk_.Recall(); };
    room.looked = [this](const auto&, const std::string&) { desk_.Review(); };
    return room;
  }

  Election& election_;
  const Lease& lease_;
  FakeWorld world_;
  const std::shared_ptr<StateStore> store_;
  AuditLog audit_{""};
  App app_;
  OrderDesk desk_;
};

TEST(OrdersAcrossLeaders, AnOrderOutlivesItsLeaderAndIsNotGivenTwiceUnderItsKey) {
  Election election;
  Candidate& a = election.Add("a");
  election.Until(a, true, 1min);
  ASSERT_TRUE(a.leads());
  Candidate& b = election.Add("b");
  Process first(election, a), second(election, b);
  election.Run(1s);
  first.Look();
  second.Look();
  const HttpReply given = first.Give(Action::kPause, "key-1");
  ASSERT_EQ(given.response.status, 200) << given.response.body;
  EXPECT_EQ(second.Give(Action::kPause, "key-1").response.status, 503) << "it stands by";

  a.frozen = true;
  election.Until(b, true, 5min);
  ASSERT_TRUE(b.leads());
  second.Look();
  EXPECT_EQ(second.Standing(), "pause ");
  const HttpReply again = second.Give(Action::kPause, "key-1");
  EXPECT_EQ(again.response.status, 200);
  EXPECT_EQ(again.response.body, given.response.body);
  EXPECT_EQ(again.response.headers.Find("Idempotency-Replayed"), "true");
  EXPECT_EQ(second.Standing(), "pause ");
  EXPECT_EQ(second.Audit(), "pause accepted ") << "what the other one was asked, once";

  // The one that slept may not bring it back.
  EXPECT_EQ(second.Give(Action::kResume, "key-2").response.status, 200);
  a.frozen = false;
  EXPECT_EQ(first.Give(Action::kPause, "key-3").response.status, 503);
  second.Look();
  EXPECT_EQ(second.Standing(), "");
}

}  // namespace
}  // namespace spillway::k8s
