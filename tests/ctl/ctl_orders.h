// spillwayctl's code against the daemon's real API over HTTP, by whoever holds a token.
#ifndef SPILLWAY_TESTS_CTL_CTL_ORDERS_H_
#define SPILLWAY_TESTS_CTL_CTL_ORDERS_H_

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "src/base/file.h"
#include "tests/ctl/screen_log.h"
#include "tests/daemon/orders_world.h"
#include "tools/ctl/run.h"
#include "tools/ctl/text.h"

namespace spillway::ctl {

class CtlOrders : public daemon::OrdersTest {
 protected:
  static std::string TokenFile(const std::string& token) {
    std::string path = testing::TempDir() + "/" + std::to_string(std::hash<std::string>()(token)) + ".token";
    EXPECT_TRUE(WriteFileAtomically(path, token + "\n"));
    return path;
  }
  Answer Ctl(std::vector<std::string> arguments, const std::string& token = daemon::kOperator) {
    const std::vector<std::string> common = {"--server", "http://127.0.0.1:" + std::to_string(server_->port())};
    arguments.insert(arguments.begin(), common.begin(), common.end());
    if (!token.empty()) arguments.insert(arguments.end(), {"--token-file", TokenFile(token)});
    const auto command = ParseCommand(arguments, [](const char*) { return std::string(); });
    if (!command) return {kUsage, "", command.error().what};
    Screen screen = log_.screen();
    return ctl::Run(*command, screen);
  }
  // As if it were not wrapped.
  static std::string OneLine(std::string text) {
    for (std::size_t at; (at = text.find("\n  ")) != std::string::npos;) text.replace(at, 3, " ");
    return text;
  }

  ScreenLog log_;
};

}  // namespace spillway::ctl

#endif  // SPILLWAY_TESTS_CTL_CTL_ORDERS_H_
