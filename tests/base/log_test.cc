#include "src/base/log.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "src/base/json.h"

namespace spillway {
namespace {

const std::string kNasty =
    "a\nb\r\x1b[31m\x7f\x01 \xc2\x9b"
    "c\xe2\x80\xa8"
    "d \xff\" \\ =";

std::string LoggedBy(LogFormat format, const std::string& message, const std::string& value) {
  ::testing::internal::CaptureStderr();
  SetUpLog(LogLevel::kInfo, format);
  Log(LogLevel::kWarn, message, {{"fact", value}});
  Log(LogLevel::kDebug, "below the level");
  return ::testing::internal::GetCapturedStderr();
}

TEST(Log, NothingFromOutsideForgesALineOrAColour) {
  for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    for (const auto& [message, value] :
         std::vector<std::pair<std::string, std::string>>{{"m", kNasty}, {kNasty, "v"}}) {
      const std::string logged = LoggedBy(format, message, value);
      EXPECT_EQ(std::count(logged.begin(), logged.end(), '\n'), 1) << logged;
      EXPECT_EQ(logged.back(), '\n');
      for (const char* forbidden : {"\r", "\x1b", "\x7f", "\x01", "\xc2\x9b", "\xe2\x80\xa8", "\xff"}) {
        EXPECT_EQ(logged.find(forbidden), std::string::npos) << logged;
      }
    }
  }
}

TEST(Log, JsonLinesAreJson) {
  const auto line = ParseJson(LoggedBy(LogFormat::kJson, kNasty, kNasty));
  ASSERT_TRUE(line) << line.error().what;
  EXPECT_EQ(StringAt(*line, "level"), "warning");
  const auto fact = StringAt(*line, "fact");
  ASSERT_TRUE(fact);
  EXPECT_EQ(fact->substr(0, 4), "a\nb\r") << "the value itself is whole";
  EXPECT_NE(fact->find("\xef\xbf\xbd"), std::string::npos) << "a byte that is no UTF-8 is replaced";
}

TEST(Log, TextIsPlainWhereItCanBe) {
  const std::string plain = LoggedBy(LogFormat::kText, "two words: \xc3\xbc", "value");
  EXPECT_NE(plain.find("two words: \xc3\xbc  fact=value\n"), std::string::npos) << plain;
  EXPECT_NE(LoggedBy(LogFormat::kText, "m", "two words").find("fact=\"two words\""), std::string::npos);
  EXPECT_NE(LoggedBy(LogFormat::kText, "m", "").find("fact=\"\""), std::string::npos);
}

}  // namespace
}  // namespace spillway
