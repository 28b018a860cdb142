#include "tools/lab/probe.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "tools/lab/front_end_server.h"
#include "tools/lab/socket.h"

namespace spillway::lab {
namespace {

avi::ProbeTarget Target(avi::ProbeTarget::Kind kind, int port, const std::string& path = "/healthz") {
  avi::ProbeTarget target;
  target.ip = "127.0.0.1";
  target.kind = kind;
  target.port = port;
  target.path = path;
  target.response_codes = {"HTTP_2XX"};
  target.receive_timeout = 2s;
  return target;
}

TEST(Probe, FindsOutWhetherTheShopIsHealthy) {
  SystemClock clock;
  FrontEnd shop("us", clock);
  Result<std::unique_ptr<FrontEndServer>> server = FrontEndServer::Start(shop, "127.0.0.1", 0);
  ASSERT_TRUE(server) << server.error().what;
  const avi::ProbeTarget http = Target(avi::ProbeTarget::Kind::kHttp, (*server)->port());
  const avi::ProbeTarget tcp = Target(avi::ProbeTarget::Kind::kTcp, (*server)->port());
  EXPECT_FALSE(RunProbe(http)) << "no replica is ready";
  EXPECT_TRUE(RunProbe(tcp)) << "but somebody listens";
  shop.SetReplicas(1, 0);
  EXPECT_TRUE(RunProbe(http));
  ASSERT_TRUE((*server)->SetListening(false));
  EXPECT_FALSE(RunProbe(http));
  EXPECT_FALSE(RunProbe(tcp));
  ASSERT_TRUE((*server)->SetListening(true));
  EXPECT_TRUE(RunProbe(http)) << "on the same port again";
  EXPECT_EQ(shop.Totals().arrived, 0U) << "health checks are no work";
}

TEST(Probe, PassesByTheStatusClassTheMonitorNames) {
  SystemClock clock;
  FrontEnd shop("us", clock);  // answers work with 502, since nothing is ready
  Result<std::unique_ptr<FrontEndServer>> server = FrontEndServer::Start(shop, "127.0.0.1", 0);
  ASSERT_TRUE(server) << server.error().what;
  struct Row {
    std::string claim;
    std::vector<std::string> codes;
    bool passes;
  };
  const std::vector<Row> rows = {
      {"another class fails", {"HTTP_2XX", "HTTP_3XX"}, false},
      {"its own class passes", {"HTTP_2XX", "HTTP_5XX"}, true},
      {"any passes", {"HTTP_ANY"}, true},
      {"none named is 2xx or 3xx", {}, false},
  };
  for (const Row& row : rows) {
    avi::ProbeTarget target = Target(avi::ProbeTarget::Kind::kHttp, (*server)->port(), "/");
    target.response_codes = row.codes;
    EXPECT_EQ(RunProbe(target), row.passes) << row.claim;
  }
}

TEST(Probe, AServerThatSaysNothingFailsInTime) {
  const Result<Socket> silent = Listen(Protocol::kTcp, "127.0.0.1", 0);
  ASSERT_TRUE(silent);
  avi::ProbeTarget target = Target(avi::ProbeTarget::Kind::kHttp, LocalPort(*silent));
  target.receive_timeout = 100ms;
  EXPECT_FALSE(RunProbe(target));
}

}  // namespace
}  // namespace spillway::lab
