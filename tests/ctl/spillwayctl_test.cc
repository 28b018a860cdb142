// The program itself, as a process.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>

#include "src/base/clock.h"
#include "tests/ctl/ctl_orders.h"
#include "tests/daemon/child_process.h"

namespace spillway::ctl {
namespace {

constexpr char kProgram[] = "tools/ctl/spillwayctl";

TEST(Spillwayctl, ItsMemoryReachesNoDisk) {
  // It waits for a token that nobody writes.
  const std::string token = testing::TempDir() + "/token.pipe";
  ::unlink(token.c_str());
  ASSERT_EQ(::mkfifo(token.c_str(), 0600), 0);
  const ChildProcess child(kProgram, {"status", "--server", "http://127.0.0.1:1", "--token-file", token});
  SystemClock clock;
  const Instant end = clock.Now() + 20s;
  while (child.CoreLimits() != "0 0" && clock.Now() < end) clock.SleepUntil(clock.Now() + 10ms);
  EXPECT_EQ(child.CoreLimits(), "0 0");
}

TEST_F(CtlOrders, AServiceManagerThatStopsARunIsToldWhereItGoesOn) {
  const std::string book = testing::TempDir() + "/wait.yaml";
  std::ofstream(book) << "apiVersion: spillway.runbook/v1\nname: w\ntells: It waits.\napp: shop\nreason: a test\n"
                         "steps:\n- {do: wait, lasts: 1h}\n";
  ChildProcess child(
      kProgram, {"runbook", "run", book, "--progress", testing::TempDir() + "/wait.json", "--server",
                 "http://127.0.0.1:" + std::to_string(server_->port()), "--token-file", TokenFile(daemon::kOperator)});
  ASSERT_TRUE(child.Prints("step 1 of 1")) << child.printed();
  child.Signal(SIGTERM);
  EXPECT_EQ(child.End(), kTimedOut) << child.printed();
  EXPECT_NE(child.printed().find("The same command goes on from here"), std::string::npos) << child.printed();
}

TEST_F(CtlOrders, WhatWasForcedIsAuditedInRedOnATerminalUnlessNoColourIsWanted) {
  world_.SetDemand(4, 9.0);
  Look();
  ASSERT_EQ(Order("mode", daemon::With(R"("mode":"active-passive","force":true)"), daemon::kAdmin).status, 200);
  const auto audit = [&](ChildProcess::Out out) {
    ChildProcess child(kProgram,
                       {"audit", "--server", "http://127.0.0.1:" + std::to_string(server_->port()), "--token-file",
                        TokenFile(daemon::kViewer)},
                       out);
    EXPECT_EQ(child.End(), kDone) << child.printed();
    EXPECT_NE(child.printed().find("anna (admin): mode"), std::string::npos) << child.printed();
    return child.printed();
  };
  ASSERT_EQ(::setenv("TERM", "xterm", 1), 0);
  ASSERT_EQ(::unsetenv("NO_COLOR"), 0);
  EXPECT_EQ(audit(ChildProcess::Out::kTerminal).rfind("\x1b[31m!! ", 0), 0U);
  EXPECT_EQ(audit(ChildProcess::Out::kPipe).rfind("!! ", 0), 0U) << "no terminal";
  ASSERT_EQ(::setenv("NO_COLOR", "1", 1), 0);
  EXPECT_EQ(audit(ChildProcess::Out::kTerminal).rfind("!! ", 0), 0U) << "nobody wants colours";
  ASSERT_EQ(::unsetenv("NO_COLOR"), 0);
}

}  // namespace
}  // namespace spillway::ctl
