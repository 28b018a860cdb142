// The program itself, as a process: flags, exit codes, signals, and a world in which nothing can be reached.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "src/base/clock.h"
#include "src/base/http_client.h"
#include "src/base/json.h"
#include "tests/daemon/spillwayd_files.h"

namespace spillway::daemon {
namespace {

TEST_F(SpillwaydTest, CheckSaysWhetherTheFileIsGoodAndEnds) {
  Child good({"--check", "--config", Path("config.yaml")});
  EXPECT_EQ(good.End(), 0);
  EXPECT_NE(good.printed().find("no mistakes"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(Path("state"))) << "a check touches nothing";

  WriteConfig("127.0.0.1:0", "lots");
  Child bad({"--config=" + Path("config.yaml"), "--check"});
  EXPECT_EQ(bad.End(), 2);
  EXPECT_NE(bad.printed().find(Path("config.yaml") + ":31: apps[0].policy.headroom: \"lots\" is not a share"),
            std::string::npos)
      << bad.printed();
  Child run(Config());
  EXPECT_EQ(run.End(), 2) << "without --check it does not start either";
}

TEST_F(SpillwaydTest, AProbeNamesWhatIsOutOfReachWithoutStarting) {
  Child child({"--config", Path("config.yaml"), "--check", "--probe"});
  EXPECT_EQ(child.End(), 1);
  for (const char* says :
       {"! FAILED   cluster us: ", "us.kubeconfig", "! FAILED   Avi controller https://127.0.0.1:1: ", "\nshop\n",
        "           -> ", " failed, "}) {
    EXPECT_NE(child.printed().find(says), std::string::npos) << says << "\n" << child.printed();
  }
  EXPECT_EQ(child.printed().find("secret"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(Path("state"))) << "a probe touches nothing";
}

TEST_F(SpillwaydTest, UsageAndVersion) {
  struct Row {
    std::vector<std::string> arguments;
    int exit;
    const char* says;
  };
  const Row rows[] = {
      {{"--version"}, 0, "spillwayd 0."},
      {{"--help"}, 0, "usage: spillwayd"},
      {{}, 2, "--config FILE is missing"},
      {{"--config"}, 2, "--config needs a value"},
      {{"--config", "x", "--log-level", "loud"}, 2, "--log-level can't be \"loud\""},
      {{"--config", "x", "--log-format=xml"}, 2, "--log-format can't be \"xml\""},
      {{"--config", "x", "--probe"}, 2, "--probe goes with --check"},
      {{"--cofnig", "x"}, 2, "unknown argument --cofnig"},
      {{"--config", "/nowhere/x"}, 2, "/nowhere/x: open: No such file"},
  };
  for (const Row& row : rows) {
    Child child(row.arguments);
    EXPECT_EQ(child.End(), row.exit) << row.says;
    EXPECT_NE(child.printed().find(row.says), std::string::npos) << child.printed();
  }
}

TEST_F(SpillwaydTest, AWorldOutOfReachIsReadyThoughDegradedAndNamesEachPart) {
  Child child(Config());
  const int port = Port(child);
  const auto answer = Readyz(port, [&](const HttpResponse& got) { return got.status == 200; });
  for (const char* file : {"us.kubeconfig", "eu.kubeconfig", "avi-ca.pem"}) {
    EXPECT_TRUE(Has(answer, Path(file))) << answer.body;
  }
  EXPECT_TRUE(Has(answer, "No such file or directory")) << answer.body;
  EXPECT_TRUE(Has(answer, "\"degraded\":true"));
  EXPECT_EQ(Get(port, "/healthz").status, 200);
  EXPECT_EQ(Get(port, "/api/v1/apps/shop").status, 200);

  // A kubeconfig that appears is noticed without a restart; then the server it names is out of reach.
  Write("eu.kubeconfig", KubeconfigWith("token: secret-token"));
  Readyz(port, [&](const HttpResponse& got) { return Has(got, "127.0.0.1:1") && !Has(got, Path("eu.kubeconfig")); });

  child.Signal(SIGTERM);
  EXPECT_EQ(child.End(), 0);
  EXPECT_NE(child.printed().find("traffic and replicas stay as they are"), std::string::npos);
  EXPECT_EQ(child.printed().find("secret"), std::string::npos) << "no secret in the log";
}

TEST_F(SpillwaydTest, ReloadTakesAGoodFileAndRefusesABadOne) {
  Child child(Config());
  const int port = Port(child);
  Readyz(port, [](const HttpResponse& got) { return got.status == 200; });

  WriteConfig("127.0.0.1:0", "lots");
  child.Signal(SIGHUP);
  EXPECT_TRUE(child.Prints("reload refused")) << child.printed();
  Readyz(port, [](const HttpResponse& got) { return Has(got, "has 1 mistake; spillwayd runs on"); });

  WriteConfig("127.0.0.1:1", "10%");
  child.Signal(SIGHUP);
  EXPECT_TRUE(child.Prints("needs a restart")) << child.printed();

  WriteConfig("127.0.0.1:0", "20%");
  child.Signal(SIGHUP);
  EXPECT_TRUE(child.Prints("reloaded")) << child.printed();
  Readyz(port, [](const HttpResponse& got) { return got.status == 200 && !Has(got, "spillwayd runs on"); });
  child.Signal(SIGTERM);
  EXPECT_EQ(child.End(), 0);
}

TEST_F(SpillwaydTest, SaysWhatKeepsItFromStarting) {
  Child first(Config());
  const int port = Port(first);
  WriteConfig("127.0.0.1:" + std::to_string(port), "10%");
  Child second(Config());
  EXPECT_EQ(second.End(), 1);
  EXPECT_NE(second.printed().find("can't start"), std::string::npos) << second.printed();
  EXPECT_NE(second.printed().find(std::to_string(port)), std::string::npos) << second.printed();

  first.Signal(SIGTERM);  // or it goes on writing into the folder that is removed
  EXPECT_EQ(first.End(), 0);
  WriteConfig("127.0.0.1:0", "10%");
  std::filesystem::remove_all(Path("state"));
  Write("state", "a file");
  Child third(Config());
  EXPECT_EQ(third.End(), 1);
  EXPECT_NE(third.printed().find("state folder " + Path("state")), std::string::npos) << third.printed();
}

TEST_F(SpillwaydTest, ASecretThatOthersCanReadIsNotUsed) {
  // What it can't do without keeps it from starting.
  Write("tls.crt", "a certificate is no secret");
  Write("secret", "vera viewer sha256:" + std::string(64, 'a') + "\n");
  ::chmod(Path("secret").c_str(), 0644);
  for (const std::string& with : {"auth: { tokensFile: " + Path("secret") + " }",
                                  "tls: { certFile: " + Path("tls.crt") + ", keyFile: " + Path("secret") + " }"}) {
    WriteConfig("127.0.0.1:0\n  " + with, "10%");
    Child refused(Config());
    EXPECT_EQ(refused.End(), 1) << with;
    EXPECT_NE(refused.printed().find(Path("secret") + ": holds a secret but its mode is 0644"), std::string::npos)
        << refused.printed();
  }
  // What belongs to one input makes that input fail, until it is mended.
  WriteConfig("127.0.0.1:0", "10%");
  Write("us.kubeconfig", "apiVersion: v1\nkind: Config\n");
  Write("eu.kubeconfig", KubeconfigWith("client-certificate: eu.crt, client-key: eu.key"));
  Write("eu.crt", "-----BEGIN CERTIFICATE-----\n");
  Write("eu.key", "-----BEGIN PRIVATE KEY-----\n");
  const std::string files[] = {Path("us.kubeconfig"), Path("eu.key"), Path("password")};
  for (const std::string& file : files) ::chmod(file.c_str(), 0640);
  Child child(Config());
  const int port = Port(child);
  for (const std::string& file : files) {
    Readyz(port, [&](const HttpResponse& got) { return Has(got, file + ": holds a secret but its mode is 0640"); });
    ::chmod(file.c_str(), 0600);
    Readyz(port, [&](const HttpResponse& got) { return !Has(got, file + ": holds a secret but"); });
  }
}

TEST_F(SpillwaydTest, ItsMemoryReachesNoDiskAndItsArgumentsHoldNoSecret) {
  Child child(Config());
  const int port = Port(child);
  Readyz(port, [](const HttpResponse& got) { return got.status == 200; });
  const std::string proc = "/proc/" + std::to_string(child.pid());
  auto read = [&](const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(proc + name).rdbuf();
    return text.str();
  };
  for (const char* file : {"/cmdline", "/environ", "/status"}) {
    EXPECT_EQ(read(file).find("secret-word"), std::string::npos) << file;
  }
  EXPECT_EQ(child.CoreLimits(), "0 0");
}

TEST_F(SpillwaydTest, ADryRunLeavesTheStateFolderAlone) {
  auto arguments = Config();
  arguments.emplace_back("--dry-run");
  Child child(arguments);
  const int port = Port(child);
  Readyz(port, [](const HttpResponse& got) { return got.status == 200; });
  EXPECT_FALSE(std::filesystem::exists(Path("state")));
  child.Signal(SIGTERM);
  EXPECT_EQ(child.End(), 0);
}

TEST_F(SpillwaydTest, NobodyWhoAsksAtOnceIsToldThatNoOrderStands) {
  std::filesystem::create_directory(Path("state"));
  Write("state/shop.orders.memory.json",
        R"({"version":1,"standing":[{"id":"1","kind":"drain","site":"eu","actor":"otto","reason":"a repair",)"
        R"("since":"2026-01-01T00:00:00Z","expires":"2126-01-01T00:00:00Z"}]})");
  Child child(Config());
  const int port = Port(child);
  HttpResponse first;
  const Instant end = clock_.Now() + 20s;
  while (first.status != 200 && clock_.Now() < end) first = Get(port, "/api/v1/apps/shop");
  EXPECT_TRUE(Has(first, R"("kind":"drain")")) << first.body;
}

TEST_F(SpillwaydTest, LogsJsonIfAsked) {
  auto arguments = Config();
  arguments.emplace_back("--log-format=json");
  Child child(arguments);
  ASSERT_TRUE(child.Prints("\"message\":\"spillwayd listens\""));
  child.Signal(SIGTERM);
  EXPECT_EQ(child.End(), 0);
  std::istringstream lines(child.printed());
  for (std::string line; std::getline(lines, line);) EXPECT_TRUE(ParseJson(line)) << line;
}

// Not under a sanitizer, which needs memory of its own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_F(SpillwaydTest, StaysBelow40MegabytesAtRest) {
  Child child(Config());
  const int port = Port(child);
  Readyz(port, [](const HttpResponse& got) { return got.status == 200; });
  for (int i = 0; i < 50; ++i) Get(port, "/metrics");
  std::ifstream status("/proc/" + std::to_string(child.pid()) + "/status");
  long kilobytes = 0;
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS:", 0) == 0) kilobytes = std::atol(line.c_str() + 6);
  }
  EXPECT_GT(kilobytes, 0);
  EXPECT_LT(kilobytes, 40000);
  RecordProperty("rss_kilobytes", static_cast<int>(kilobytes));
}
#endif

}  // namespace
}  // namespace spillway::daemon
