// The checklist's rows against the served controllers, with curl as the client: see conversations/ and
// tests/lab/conversation.h. What DNS answers is asked by dig, and by dnsmasq for dig. Skipped, with the reason, where
// one of them is needed and not installed.
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "tests/lab/avi/client.h"
#include "tests/lab/conversation.h"
#include "tests/lab/dns/asked_by_dig.h"
#include "tests/lab/served_over_tls.h"
#include "tests/lab/shell.h"

namespace spillway::lab::avi {
namespace {

// Two sites, built when the first thing is asked of them, so that a conversation can begin with its options.
class Conversations : public testing::TestWithParam<Conversation> {
 protected:
  void SetUp() override {
    if (!Installed("curl")) GTEST_SKIP() << "curl is not installed";
    const std::string dns = WithoutDns(GetParam());
    if (!dns.empty()) GTEST_SKIP() << dns;
    folder_ = testing::TempDir() + "/avi_conversation";
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ + "/ca.pem") << ServedOverTls::CaPem();
  }

  // Why the conversation's questions to DNS can't be asked here; empty: they can, or there are none.
  static std::string WithoutDns(const Conversation& conversation) {
    bool asks = false, resolver = false;
    for (const std::string& line : conversation.lines) {
      asks = asks || line.starts_with("! dig");
      resolver = resolver || line.starts_with("! dig-resolver");
    }
    return asks ? AskedByDig::Missing(resolver) : "";
  }

  Federation& federation() {
    if (federation_) return *federation_;
    federation_.emplace(clock_, options_);
    for (const char* site : {"us", "eu"}) {
      served_[site] = std::make_unique<ServedOverTls>(federation_->controller(site));
      federation_->SetUrl(site, served_[site]->url());
    }
    return *federation_;
  }

  std::string Url(const std::string& site) {
    federation();
    const auto served = served_.find(site);
    EXPECT_NE(served, served_.end()) << "no site " << site;
    return served == served_.end() ? "" : served->second->url();
  }

  bool Do(Player& player, const std::vector<std::string>& words) {
    const std::string& command = words.at(0);
    const auto word = [&](std::size_t i) { return i < words.size() ? words[i] : std::string(); };
    const bool on = words.back() == "on" || words.back() == "up" || words.back() == "yes";
    if (command == "options") return SetOptions(words);
    if (command == "login") return Login(player, word(1));
    if (command == "shop") return CreateService("shop");
    if (command == "services") {
      for (int i = 0; i < std::stoi(word(1)); ++i) CreateService("s" + std::to_string(i));
    } else if (command == "advance") {
      clock_.Advance(std::chrono::seconds(std::stoi(word(1))));
    } else if (command == "expire-sessions") {
      federation().ExpireSessions(word(1));
    } else if (command == "answer-next") {
      std::string body = word(4);
      for (std::size_t i = 5; i < words.size(); ++i) body += " " + words[i];
      federation().AnswerNext(word(1), std::stoi(word(2)), std::stoi(word(3)), body);
    } else if (command == "spend") {
      Client client(federation().controller(word(1)));
      for (int i = 0; i < std::stoi(word(2)); ++i) client.Raw("GET", "/api/cluster/status");
    } else if (command == "maintenance") {
      federation().SetMaintenance(on);
    } else if (command == "suspend") {
      federation().SetSuspended(word(1), on);
    } else if (command == "lead") {
      federation().ChangeLeader(word(1));
    } else if (command == "link") {
      federation().SetLink("us", "eu", on);
    } else if (command == "alive") {
      federation().SetAlive(word(1), on);
    } else if (command == "all-up") {
      AllUp();
    } else if (command == "probe") {
      federation().SetDatapath(word(1), word(2), on);
    } else if (command == "controller") {
      federation().SetControllerStatus(word(1), on);
    } else if (command == "vip") {
      federation().SetVip(word(1), word(2));
    } else if (command == "traffic") {
      federation().SetTraffic(word(1), std::stod(word(2)), std::stod(word(3)));
    } else {
      return Ask(words);
    }
    return true;
  }

  // dig SITE NAME COUNT RECORD=TIMES...: what so many questions get. dig-ttl SITE NAME TTL ADDRESS: one answer.
  // dig-resolver[-until] SITE NAME RECORD=1: what the client of a resolver in front of the site hears, now or soon.
  bool Ask(const std::vector<std::string>& words) {
    if (!words[0].starts_with("dig") || words.size() < 4) return false;
    std::unique_ptr<AskedByDig>& dns = dns_[words[1]];
    if (!dns) dns = std::make_unique<AskedByDig>(federation(), words[1], "gslb.example");
    const bool counted = words[0] == "dig";
    std::string wanted;
    for (std::size_t i = counted ? 4 : 3; i < words.size(); ++i) wanted += (wanted.empty() ? "" : " ") + words[i];
    if (counted) {
      EXPECT_EQ(dns->Dig(words[2], std::stoi(words[3])), wanted);
    } else if (words[0] == "dig-ttl") {
      EXPECT_EQ(dns->FirstRecord(words[2]), wanted);
    } else if (words[0] == "dig-resolver") {
      EXPECT_EQ(dns->DigResolver(words[2]), wanted);
    } else if (words[0] == "dig-resolver-until") {
      EXPECT_TRUE(dns->AwaitResolver(words[2], wanted)) << "it says " << dns->DigResolver(words[2]);
    } else {
      return false;
    }
    return true;
  }

  bool SetOptions(const std::vector<std::string>& words) {
    EXPECT_FALSE(federation_) << "options come first";
    for (std::size_t i = 1; i < words.size(); ++i) {
      if (words[i] == "basic_auth") {
        options_.basic_auth = true;
      } else if (words[i] == "rate_limit") {
        options_.rate_limit = true;
      } else if (words[i] == "runtime_as_list") {
        options_.runtime_as_list = true;
      } else if (words[i].starts_with("version=")) {
        options_.version = words[i].substr(8);
      } else {
        return false;
      }
    }
    return true;
  }

  // Logs in as the SDKs do, and sends what they send from then on.
  static bool Login(Player& player, const std::string& site) {
    for (const std::string& line :
         {std::string("as admin"), std::string("> Content-Type: application/json"), std::string("> Referer: $url/"),
          std::string("> X-Avi-Version: 30.2.1"), std::string("> X-CSRFToken: $csrf"), std::string(),
          site + " POST /login", std::string("| {\"username\":\"admin\",\"password\":\"pw\"}"), std::string("< 200")}) {
      player.Say(line);
    }
    return true;
  }

  bool CreateService(const std::string& name) {
    const auto created = federation().Create("gslbservice", ServiceJson(name, name + ".gslb.example"));
    return static_cast<bool>(created);
  }

  void AllUp() {
    for (const std::string_view ip : {kUsIp, kEuIp}) {
      federation().SetControllerStatus(std::string(ip), true);
      for (const char* site : {"us", "eu"}) federation().SetDatapath(site, std::string(ip), true);
    }
    clock_.Advance(15s);
  }

  std::string folder_;
  ManualClock clock_;
  FederationOptions options_ = TwoSites();
  std::optional<Federation> federation_;
  std::map<std::string, std::unique_ptr<ServedOverTls>> served_;
  std::map<std::string, std::unique_ptr<AskedByDig>> dns_;
};

TEST_P(Conversations, GoAsWritten) {
  Player player([this](const std::string& site) { return Url(site); }, "--cacert " + Quoted(folder_ + "/ca.pem"),
                [this](Player& p, const std::vector<std::string>& words) { return Do(p, words); }, folder_);
  player.Play(GetParam());
}

std::vector<Conversation> All() {
  std::vector<Conversation> all;
  for (const char* name : {"sessions", "objects", "federation", "dns", "python_sdk", "go_sdk"}) {
    for (Conversation& one : ReadConversations("tests/lab/avi/conversations/" + std::string(name) + ".txt")) {
      all.push_back(std::move(one));
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Curl, Conversations, testing::ValuesIn(All()),
                         [](const auto& info) { return TestName(info.param); });

}  // namespace
}  // namespace spillway::lab::avi
