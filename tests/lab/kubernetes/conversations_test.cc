// The checklist's rows against the served API server, with curl as the client: see conversations/ and
// tests/lab/conversation.h. Skipped, with the reason, where curl is not installed.
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "tests/lab/conversation.h"
#include "tests/lab/kubernetes/bench_cluster.h"
#include "tests/lab/served_over_tls.h"
#include "tests/lab/shell.h"

namespace spillway::lab {
namespace {

// One cluster with a Deployment and its autoscaler, built when the first thing is asked of it.
class Conversations : public testing::TestWithParam<Conversation> {
 protected:
  void SetUp() override {
    if (!Installed("curl")) GTEST_SKIP() << "curl is not installed";
    folder_ = testing::TempDir() + "/kubernetes_conversation";
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ + "/ca.pem") << ServedOverTls::CaPem();
    options_.api.bookmark_period = 200ms;
  }

  Cluster& cluster() {
    if (cluster_) return *cluster_;
    cluster_.emplace(clock_, options_);
    EXPECT_EQ(cluster_->Create(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"acme"}})"), "");
    EXPECT_EQ(cluster_->Create(BenchCluster::Deployment("shopping", 1)), "");
    EXPECT_EQ(cluster_->Create(BenchCluster::Definition()), "");
    served_ = std::make_unique<ServedOverTls>(*cluster_);
    pacemaker_ = std::make_unique<Pacemaker>(*cluster_, clock_);
    return *cluster_;
  }

  bool Do(const std::vector<std::string>& words) {
    const std::string& command = words.at(0);
    const auto word = [&](std::size_t i) { return i < words.size() ? words[i] : std::string(); };
    if (command == "options") {
      if (word(1) == "ragged") options_.api.ragged = 3;
      if (word(1).starts_with("history=")) options_.api.history_length = std::stoul(word(1).substr(8));
      if (word(1).starts_with("buffer=")) options_.api.watch_buffer = std::stoul(word(1).substr(7));
      if (word(1) == "quick") {
        options_.pods.to_running = options_.pods.to_ready = options_.pods.termination_grace = 100ms;
      }
      if (word(1).starts_with("lag=")) options_.controller_lag = std::chrono::seconds(std::stoi(word(1).substr(4)));
    } else if (command == "stop-autoscaler") {
      options_.autoscaler.running = false;
    } else if (command == "forget-history") {
      cluster().ForgetHistory();
    } else if (command == "user") {
      User user{.name = word(1), .token = word(2), .token_expires = {}, .admin = false, .rules = {}};
      user.rules = {{{"apps"}, {"deployments"}, {"shopping"}, {"get", "list", "watch"}, "acme"}};
      if (word(3) == "expired") user.token_expires = clock_.WallNow();
      cluster().AddUser(user);
    } else if (command == "user-admin") {
      cluster().AddUser({.name = word(1), .token = word(2), .token_expires = {}, .admin = true, .rules = {}});
    } else if (command == "fault") {
      cluster().AddFault({.status = std::stoi(word(1)), .times = std::stoi(word(2))});
    } else if (command == "lose-answer") {
      cluster().AddFault({.kind = Fault::Kind::kLoseAnswer, .verb = word(1), .status = std::stoi(word(2)), .times = 1});
    } else if (command == "logged") {
      const WriteRecord last = cluster().Writes().back();
      EXPECT_EQ(last.verb + " " + last.user + " " + last.precondition + " " + std::to_string(last.status),
                word(1) + " " + word(2) + " " + word(3) + " " + word(4));
    } else if (command == "create-deployment") {
      EXPECT_EQ(cluster().Create(BenchCluster::Deployment(word(1), 1, word(2))), "");
    } else if (command == "never-ready") {
      PodTimes times;
      times.never_ready = word(1) != "off";
      cluster().SetPodTimes(times);
    } else {
      return Watch(words);
    }
    return true;
  }

  // open PATH SECONDS: curl on a watch in the background, which gives up after so long. hears JSON: its next line has
  // that. hears-nothing: it has no line. ends STATUS: no line comes any more, and curl ends with one of these, "18|56".
  bool Watch(const std::vector<std::string>& words) {
    const auto word = [&](std::size_t i) { return i < words.size() ? words[i] : std::string(); };
    if (words[0] == "open") {
      cluster();
      stream_.emplace("curl --silent --no-buffer --cacert " + Quoted(folder_ + "/ca.pem") + " --max-time " + word(2) +
                      " " + Quoted(served_->url() + word(1)));
    } else if (words[0] == "cut-watches") {
      cluster().CutWatches();
    } else if (words[0] == "silence-watches") {
      cluster().SilenceWatches();
    } else if (words[0] == "change") {
      Change(std::stoi(word(2)), word(1));
    } else if (!stream_) {
      return false;
    } else if (words[0] == "hears") {
      EXPECT_EQ(MissingIn(stream_->Line().value_or("nothing"), word(1)), "");
    } else if (words[0] == "hears-fewer-than") {
      int heard = 0;
      while (stream_->Line()) ++heard;
      EXPECT_LT(heard, std::stoi(word(1)));
    } else if (words[0] == "ends") {
      EXPECT_EQ(stream_->Line(), std::nullopt);
      const std::string status = std::to_string(stream_->End());
      EXPECT_NE(("|" + word(1) + "|").find("|" + status + "|"), std::string::npos) << "curl's status " << status;
    } else {
      return false;
    }
    return true;
  }

  // Writes a ConfigMap so often, with half a megabyte that differs each time.
  void Change(int times, const std::string& name) {
    for (int i = 0; i < times; ++i) {
      Tree map = Tree::Of(R"({"data":{}})");
      map["data"]["k"] = std::to_string(i) + std::string(500'000, 'x');
      Call call;
      call.request = {"PATCH",
                      std::string(kConfigMaps) + "/" + name,
                      {{"Content-Type", "application/merge-patch+json"}},
                      map.Text()};
      ASSERT_EQ(cluster().Handle(call).response.status, 200);
    }
  }

  std::string folder_;
  SystemClock clock_;
  ClusterOptions options_;
  std::optional<Cluster> cluster_;
  std::unique_ptr<ServedOverTls> served_;
  std::unique_ptr<Pacemaker> pacemaker_;
  std::optional<OpenStream> stream_;
};

TEST_P(Conversations, GoAsWritten) {
  Player player(
      [this](const std::string&) {
        cluster();
        return served_->url();
      },
      "--cacert " + Quoted(folder_ + "/ca.pem"),
      [this](Player&, const std::vector<std::string>& words) { return Do(words); }, folder_);
  player.Play(GetParam());
}

std::vector<Conversation> All() {
  std::vector<Conversation> all;
  for (const char* name : {"objects", "streams", "deployments"}) {
    for (Conversation& one : ReadConversations("tests/lab/kubernetes/conversations/" + std::string(name) + ".txt")) {
      all.push_back(std::move(one));
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Curl, Conversations, testing::ValuesIn(All()),
                         [](const auto& info) { return TestName(info.param); });

}  // namespace
}  // namespace spillway::lab
