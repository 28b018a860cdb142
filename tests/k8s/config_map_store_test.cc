#include "k8s/config_map_store.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "k8s/cluster.h"
#include "src/base/json.h"
#include "tests/k8s/script.h"
#include "tests/k8s/virtual_transport.h"
#include "tools/lab/kubernetes/cluster.h"

namespace spillway::k8s {
namespace {

constexpr char kPath[] = "/api/v1/namespaces/spillway/configmaps/spillway-state";

class FakeLeadership final : public Leadership {
 public:
  std::optional<Term> Lead() const override { return lead; }
  LeaderView View() const override { return {}; }
  std::optional<Term> lead = Term{1, Instant::max()};
};

// Keeps what was sent, so that a test can deliver it again, later.
class Recorder final : public HttpTransport {
 public:
  explicit Recorder(std::shared_ptr<VirtualTransport> wire) : wire_(std::move(wire)) {}
  Result<HttpResponse> Send(const HttpRequest& request, Duration deadline) override {
    sent.push_back(request);
    last_deadline = deadline;
    return wire_->Send(request, deadline);
  }
  std::vector<HttpRequest> sent;
  Duration last_deadline{};

 private:
  std::shared_ptr<VirtualTransport> wire_;
};

// One process' store.
struct Process {
  Process(const std::string& identity, lab::Cluster& fake, ManualClock& clock, std::int64_t term,
          TokenReader token = {})
      : wire(std::make_shared<VirtualTransport>(fake, clock)),
        recorder(std::make_shared<Recorder>(wire)),
        cluster("us", TestAccess(std::move(token)), clock, recorder, wire, 1),
        store(cluster.KeepIn({"spillway", "spillway-state", identity}, leadership)) {
    leadership.lead->number = term;
  }
  std::string Load(const std::string& app) {
    const auto text = store->Load(app);
    if (!text) return "error: " + text.error().what;
    return *text ? **text : "nothing";
  }
  std::string Save(const std::string& app, const std::string& text) {
    const Status saved = store->Save(app, text);
    return saved ? "saved" : saved.error().what;
  }

  FakeLeadership leadership;
  std::shared_ptr<VirtualTransport> wire;
  std::shared_ptr<Recorder> recorder;
  Cluster cluster;
  std::shared_ptr<StateStore> store;
};

class ConfigMapStoreTest : public testing::Test {
 protected:
  ConfigMapStoreTest() {
    EXPECT_EQ(fake.Create(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"spillway"}})"), "");
  }
  HttpResponse Deliver(const HttpRequest& request) { return fake.Handle({request, "127.0.0.1", ""}).response; }
  void Merge(const std::string& patch) {
    const HttpRequest request{"PATCH", kPath, {{"Content-Type", "application/merge-patch+json"}}, patch};
    EXPECT_EQ(Deliver(request).status, 200);
  }
  std::string Stored(const std::string& key) const {
    const auto map = ParseJson(fake.Get("v1", "configmaps", "spillway", "spillway-state"));
    const JsonValue* data = map ? Find(*map, "data") : nullptr;
    const JsonValue* text = data == nullptr ? nullptr : Find(*data, key);
    return text == nullptr ? "nothing" : text->GetString();
  }

  ManualClock clock;
  lab::Cluster fake{clock};
  Process a{"a", fake, clock, 1};
};

TEST_F(ConfigMapStoreTest, WhatIsSavedIsLoadedByTheNextProcess) {
  EXPECT_EQ(a.Load("shop"), "nothing");
  EXPECT_EQ(a.Save("shop", "one"), "saved") << "makes the ConfigMap";
  EXPECT_EQ(a.Save("shop", "two"), "saved");
  Process b("b", fake, clock, 2);
  EXPECT_EQ(b.Load("shop"), "two");
  EXPECT_EQ(b.Save("shop", "three"), "saved");
  EXPECT_EQ(Stored("shop.memory.json"), "three");
}

TEST_F(ConfigMapStoreTest, OneWriteASaveAndNoRead) {
  a.Load("shop");
  a.Save("shop", "one");
  a.recorder->sent.clear();
  a.Save("shop", "two");
  ASSERT_EQ(a.recorder->sent.size(), 1U);
  EXPECT_EQ(a.recorder->sent[0].method, "PATCH");
  EXPECT_NE(a.recorder->sent[0].body.find("\"resourceVersion\""), std::string::npos);
}

TEST_F(ConfigMapStoreTest, ApplicationsShareItAndStrangersKeepWhatIsTheirs) {
  a.Load("shop");
  a.Load("mail");
  EXPECT_EQ(a.Save("shop", "one"), "saved");
  EXPECT_EQ(a.Save("mail", "uno"), "saved");
  Merge(R"({"metadata":{"labels":{"team":"x"}},"data":{"notes":"keep me"}})");
  EXPECT_EQ(a.Save("shop", "two"), "saved") << "on top of a change that concerns nobody";
  EXPECT_EQ(Stored("shop.memory.json"), "two");
  EXPECT_EQ(Stored("mail.memory.json"), "uno");
  EXPECT_EQ(Stored("notes"), "keep me");
}

TEST_F(ConfigMapStoreTest, OnceAnotherProcessHasLoadedWhatWasSentBeforeCanNotLand) {
  a.Load("shop");
  a.Save("shop", "one");
  a.Save("shop", "two");
  HttpRequest late = a.recorder->sent.back();
  // The same save, still under way with the newest revision that its process saw, while another one begins its term.
  const auto map = ParseJson(fake.Get("v1", "configmaps", "spillway", "spillway-state"));
  const std::string revision = StringAt(*map, "metadata.resourceVersion").value_or("");
  auto body = ParseJson(late.body);
  SetMember(*Find(*body, "metadata"), "resourceVersion", revision, body->GetAllocator());
  SetMember(*Find(*body, "data"), "shop.memory.json", "late", body->GetAllocator());
  late.body = JsonText(*body);
  Process b("b", fake, clock, 2);
  EXPECT_EQ(b.Load("shop"), "two");
  EXPECT_EQ(Deliver(late).status, 409);
  EXPECT_EQ(Stored("shop.memory.json"), "two");
  EXPECT_EQ(b.Save("shop", "three"), "saved");
}

TEST_F(ConfigMapStoreTest, WhoFindsAnothersSignatureWritesNothingAndSaysWhose) {
  a.Load("shop");
  a.Save("shop", "one");
  Process b("b", fake, clock, 2);
  b.Load("shop");
  const Status saved = a.store->Save("shop", "mine");
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, Code::kReread);
  EXPECT_EQ(
      saved.error().what,
      "cluster \"us\": configmaps \"spillway-state\" in spillway is written by another process too, \"b term 2\"; "
      "is there one without the same controller.leaderElection?");
  EXPECT_EQ(Stored("shop.memory.json"), "one");
}

TEST_F(ConfigMapStoreTest, ASignatureOfSeveralLinesIsToldInOne) {
  a.Load("shop");
  a.Save("shop", "one");
  Merge(R"({"metadata":{"annotations":{"spillway.io/writer":"b\nforged: line"}}})");
  EXPECT_EQ(a.Save("shop", "mine"),
            "cluster \"us\": configmaps \"spillway-state\" in spillway is written by another process too, \"b forged: "
            "line\"; "
            "is there one without the same controller.leaderElection?");
}

TEST_F(ConfigMapStoreTest, WhatSomebodyEditedIsLoadedBeforeItIsReplaced) {
  a.Load("shop");
  a.Save("shop", "one");
  Merge(R"({"data":{"shop.memory.json":"theirs"}})");
  EXPECT_EQ(
      a.Save("shop", "two"),
      "cluster \"us\": shop.memory.json of configmaps \"spillway-state\" in spillway was changed by somebody else");
  EXPECT_EQ(Stored("shop.memory.json"), "theirs");
  EXPECT_EQ(a.Load("shop"), "theirs");
  EXPECT_EQ(a.Save("shop", "two"), "saved");
}

TEST_F(ConfigMapStoreTest, AnAnswerLostAfterTheSaveWasAppliedIsFoundOut) {
  a.Load("shop");
  a.Save("shop", "one");
  lab::Fault lose;
  lose.kind = lab::Fault::Kind::kLoseAnswer;
  lose.status = 0;
  lose.verb = "patch";
  lose.times = 1;
  fake.AddFault(lose);
  EXPECT_FALSE(a.store->Save("shop", "two"));
  clock.Advance(5s);
  EXPECT_EQ(a.Save("shop", "two"), "saved") << "the same again";
  fake.AddFault(lose);
  EXPECT_FALSE(a.store->Save("shop", "three"));
  clock.Advance(5s);
  EXPECT_EQ(a.Save("shop", "four"), "saved") << "or what came after it";
  EXPECT_EQ(Stored("shop.memory.json"), "four");
}

TEST_F(ConfigMapStoreTest, WhoDoesNotLeadSendsNothing) {
  a.leadership.lead.reset();
  EXPECT_EQ(a.Load("shop"), "error: cluster \"us\": this process does not lead");
  EXPECT_EQ(a.Save("shop", "one"), "cluster \"us\": this process does not lead");
  EXPECT_TRUE(a.recorder->sent.empty());
}

TEST_F(ConfigMapStoreTest, WhoStandsByMayPeekAndTheLeaderSavesOnUndisturbed) {
  Process b("b", fake, clock, 2);
  b.leadership.lead.reset();
  EXPECT_EQ(b.store->Peek("shop")->value_or("nothing"), "nothing") << "it does not exist yet";
  a.Load("shop");
  a.Save("shop", "one");
  EXPECT_EQ(b.store->Peek("shop")->value_or("nothing"), "one");
  for (const HttpRequest& request : b.recorder->sent) EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(a.Save("shop", "two"), "saved");
  EXPECT_EQ(b.store->Peek("shop")->value_or("nothing"), "two");
  EXPECT_EQ(b.Save("shop", "three"), "cluster \"us\": this process does not lead");
}

TEST_F(ConfigMapStoreTest, ANewTermHasToLoadBeforeItSaves) {
  a.Load("shop");
  a.Save("shop", "one");
  a.leadership.lead->number = 3;
  const Status saved = a.store->Save("shop", "two");
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, Code::kReread);
  EXPECT_EQ(a.Load("shop"), "one");
  EXPECT_EQ(a.Save("shop", "two"), "saved");
}

TEST_F(ConfigMapStoreTest, NoCallLastsBeyondTheTerm) {
  a.leadership.lead->until = clock.Now() + 3s;
  a.Load("shop");
  EXPECT_EQ(a.recorder->last_deadline, 3s);
  a.leadership.lead->until = clock.Now() + 1h;
  a.Load("shop");
  EXPECT_EQ(a.recorder->last_deadline, 5s);
}

TEST_F(ConfigMapStoreTest, WhileTheServerHangsOneApplicationWaitsForAll) {
  a.Load("shop");
  a.Save("shop", "one");
  lab::Fault hang;
  hang.kind = lab::Fault::Kind::kHang;
  fake.AddFault(hang);
  const std::string first = a.Save("shop", "two");
  const Instant then = clock.Now();
  EXPECT_EQ(a.Save("mail", "uno"), first);
  EXPECT_EQ(clock.Now(), then);
  fake.ClearFaults();
  clock.Advance(2s);
  EXPECT_EQ(a.Save("mail", "uno"), "saved");
}

TEST_F(ConfigMapStoreTest, ADeletedOneIsMadeAgain) {
  a.Load("shop");
  a.Save("shop", "one");
  EXPECT_EQ(Deliver(HttpRequest{"DELETE", kPath, {}, ""}).status, 200);
  EXPECT_EQ(a.Save("shop", "two"), "saved");
  EXPECT_EQ(Stored("shop.memory.json"), "two");
}

TEST_F(ConfigMapStoreTest, WhatDoesNotFitIsRefusedBeforeItIsSent) {
  a.Load("shop");
  a.Load("mail");
  EXPECT_EQ(a.Save("mail", std::string(600 << 10, 'm')), "saved");
  a.recorder->sent.clear();
  const Status saved = a.store->Save("shop", std::string(500 << 10, 's'));
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, Code::kRejected);
  EXPECT_EQ(
      saved.error().what,
      "cluster \"us\": cannot write configmaps \"spillway-state\" in spillway: its data would have 1126400 bytes, "
      "a ConfigMap holds at most 1048576");
  EXPECT_TRUE(a.recorder->sent.empty());
  EXPECT_EQ(a.Save("mail", std::string(1000 << 10, 'm')), "saved") << "what replaces counts, not what is replaced";
}

TEST_F(ConfigMapStoreTest, DamagedMemoriesAreKeptAsideByNumber) {
  a.Load("shop");
  for (const char* text : {"bad", "worse"}) {
    EXPECT_EQ(a.Save("shop", text), "saved");
    ASSERT_TRUE(a.store->SetAside("shop"));
    EXPECT_EQ(a.Load("shop"), "nothing");
  }
  EXPECT_EQ(Stored("shop.memory.json.damaged-1"), "bad");
  EXPECT_EQ(Stored("shop.memory.json.damaged-2"), "worse");
}

struct Denied {
  const char* claim;
  std::vector<std::string> verbs;
  bool exists;
  const char* sentence;
};

TEST_F(ConfigMapStoreTest, AMissingRightIsOneSentence) {
  for (const Denied& row :
       {Denied{"may not read", {}, true, "cannot read"}, Denied{"may not sign", {"get"}, true, "cannot write"},
        Denied{"may not make it", {"get", "patch"}, false, "cannot create"}}) {
    ManualClock own_clock;
    lab::Cluster own{own_clock};
    EXPECT_EQ(own.Create(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"spillway"}})"), "");
    if (row.exists) {
      EXPECT_EQ(own.Create(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"spillway-state",)"
                           R"("namespace":"spillway"},"data":{}})"),
                "");
    }
    lab::User user;
    user.name = "spillway";
    user.token = "secret";
    user.rules = {{{""}, {"configmaps"}, {"spillway-state"}, row.verbs, "spillway"}};
    own.AddUser(user);
    Process process("a", own, own_clock, 1, [] { return Result<std::string>(std::string("secret")); });
    std::string told = process.Load("shop");
    if (told == "nothing") told = "error: " + process.Save("shop", "one");
    EXPECT_EQ(told.rfind("error: cluster \"us\": forbidden: " + std::string(row.sentence) +
                             " configmaps \"spillway-state\" in spillway (403)",
                         0),
              0U)
        << row.claim << ": " << told;
  }
}

TEST_F(ConfigMapStoreTest, AMissingNamespaceIsOneSentence) {
  lab::Cluster empty{clock};
  Process process("a", empty, clock, 1);
  EXPECT_EQ(process.Load("shop"), "nothing");
  EXPECT_EQ(
      process.Save("shop", "one"),
      "cluster \"us\": cannot create configmaps \"spillway-state\" in spillway (404): namespaces \"spillway\" not "
      "found");
}

TEST_F(ConfigMapStoreTest, WithoutARevisionNothingIsWrittenOnTopOfIt) {
  const auto server = std::make_shared<ScriptedServer>(clock);
  Cluster cluster("us", TestAccess(), clock, server, server, 1);
  const FakeLeadership leadership;
  const auto store = cluster.KeepIn({"spillway", "spillway-state", "a"}, leadership);
  server->Answer(200, R"({"kind":"ConfigMap","metadata":{"name":"spillway-state","resourceVersion":""}})");
  const auto loaded = store->Load("shop");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().what,
            "cluster \"us\": cannot read configmaps \"spillway-state\" in spillway: the answer is no ConfigMap");
  EXPECT_EQ(server->sent.size(), 1U) << "a signature without a precondition would overwrite whatever is there";
}

}  // namespace
}  // namespace spillway::k8s
