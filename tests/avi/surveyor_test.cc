// What a survey asks a controller that the feeds don't.
#include "avi/surveyor.h"

#include <gtest/gtest.h>

#include <memory>

#include "avi/avi.h"
#include "src/base/http_date.h"
#include "tests/avi/scripted.h"

namespace spillway::avi {
namespace {

TEST(AviSurvey, HowFarTheClockIsOffIsReadFromTheDateOfAnAnswer) {
  ManualClock clock;
  const auto transport = std::make_shared<Scripted>(clock);
  transport->Always("POST /login", Welcome());
  transport->Always("GET /api/gslb", Error{Code::kRetry, "cut"});  // what else it would tell is not of interest
  Options options;
  options.controllers = {"https://us"};
  options.username = "spillway";
  options.password = []() -> Result<std::string> { return std::string("pw"); };
  const Avi avi(options, clock, [&](const std::string&) -> std::shared_ptr<HttpTransport> { return transport; });
  const auto seen_with = [&](const HttpHeaders& headers) {
    transport->Always("GET /api/cluster", Answer(200, "{'uuid':'cluster-us'}", headers));
    return avi.Survey(clock.Now() + 10s).controllers.at(0).clock_by;
  };
  for (const Duration off : {Duration{}, Duration{20s}, Duration{-10min}}) {
    EXPECT_EQ(seen_with({{"Date", HttpDate(clock.WallNow() + off)}}), off);
  }
  EXPECT_EQ(seen_with({}), std::nullopt);
}

}  // namespace
}  // namespace spillway::avi
