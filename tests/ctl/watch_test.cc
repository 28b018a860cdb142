#include "tools/ctl/watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "src/base/file.h"
#include "tests/ctl/screen_log.h"
#include "tests/daemon/orders_world.h"
#include "tools/ctl/run.h"

namespace spillway::ctl {
namespace {

TEST(EventLines, PutsEventsTogether) {
  EventLines lines;
  EXPECT_FALSE(lines.Take(": a comment"));
  EXPECT_FALSE(lines.Take(""));
  EXPECT_FALSE(lines.Take("event: state"));
  EXPECT_FALSE(lines.Take("id: 7"));
  EXPECT_FALSE(lines.Take("data: {\"a\":"));
  EXPECT_FALSE(lines.Take("data:1}"));
  const auto event = lines.Take("");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->name, "state");
  EXPECT_EQ(event->id, "7");
  EXPECT_EQ(event->data, "{\"a\":\n1}");
  lines.Take("data: x");
  EXPECT_EQ(lines.Take("")->name, "message");
}

class WatchTest : public daemon::OrdersTest {
 protected:
  // Watches in a thread of its own until `enough` holds of what was printed.
  std::string Watched(std::vector<std::string> arguments, bool redraws,
                      const std::function<bool(const std::string&)>& enough, const std::function<void()>& meanwhile) {
    arguments.insert(arguments.begin(),
                     {"--server", "http://127.0.0.1:" + std::to_string(server_->port()), "--token-file", TokenFile()});
    const auto command = ParseCommand(arguments, [](const char*) { return std::string(); });
    EXPECT_TRUE(command) << command.error().what;
    std::mutex mutex;
    std::string printed;
    std::atomic<bool> stop = false;
    ScreenLog log;
    Screen screen = log.screen();
    screen.redraws = redraws;
    screen.stopped = [&] { return stop.load(); };
    screen.out = [&](const std::string& text) {
      const std::lock_guard lock(mutex);
      printed += text;
    };
    std::thread watching([&] { EXPECT_EQ(ctl::Run(*command, screen).exit, kDone); });
    const auto seen = [&] {
      const std::lock_guard lock(mutex);
      return printed;
    };
    while (seen().empty()) std::this_thread::yield();
    meanwhile();
    while (!enough(seen())) std::this_thread::yield();
    stop = true;
    watching.join();
    return printed;
  }
  static std::string TokenFile() {
    std::string path = testing::TempDir() + "/watch.token";
    EXPECT_TRUE(WriteFileAtomically(path, daemon::kViewer));
    return path;
  }
};

TEST_F(WatchTest, PrintsALineForEachEventWhereNobodyRedraws) {
  const std::string printed = Watched(
      {"watch", "shop"}, false,
      [](const std::string& text) { return text.find("otto (operator)") != std::string::npos; },
      [&] { EXPECT_EQ(Order("pause", daemon::With("")).status, 200); });
  EXPECT_NE(printed.find("Z shop: "), std::string::npos) << printed;
  EXPECT_NE(printed.find("shop: settled: us 4 ready, 57.1%; eu 3 ready, 42.9%"), std::string::npos)
      << "who serves what is news, also while a burst lasts: " << printed;
  EXPECT_NE(printed.find("otto (operator): pause"), std::string::npos) << printed;
  EXPECT_EQ(printed.find('\x1b'), std::string::npos) << "nothing steers a terminal that is none";
}

TEST_F(WatchTest, RedrawsTheTableOnATerminal) {
  const std::string printed = Watched(
      {"watch"}, true, [](const std::string& text) { return text.find("otto (operator)") != std::string::npos; },
      [&] { EXPECT_EQ(Order("pause", daemon::With("")).status, 200); });
  EXPECT_EQ(printed.rfind("\x1b[H\x1b[2JAPP ", 0), 0U) << printed;
}

TEST_F(WatchTest, JsonIsEachEventsDataOnALine) {
  const std::string printed = Watched(
      {"watch", "-o", "json"}, false,
      [](const std::string& text) { return text.find("\"audit\"") != std::string::npos; },
      [&] { EXPECT_EQ(Order("pause", daemon::With("")).status, 200); });
  EXPECT_EQ(printed.rfind("{\"event\":\"state\",\"data\":{\"app\":\"shop\"", 0), 0U) << printed;
}

}  // namespace
}  // namespace spillway::ctl
