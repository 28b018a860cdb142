#include "avi/refusal.h"

#include <gtest/gtest.h>

#include <string>

namespace spillway::avi {
namespace {

TEST(Refused, SaysWhatToDoNext) {
  struct Row {
    const char* name;
    int status;
    const char* body;
    Code code;
    Refusal refusal;
    const char* text;
  };
  const Row rows[] = {
      {"plain text under a JSON label", 401, "CSRF token missing or incorrect.", Code::kDenied, Refusal::kNone,
       "CSRF token missing or incorrect."},
      {"a follower", 400, R"({"error":"Config Operations can be done ONLY on leader"})", Code::kRetry,
       Refusal::kNotLeader, "Config Operations can be done ONLY on leader"},
      {"maintenance", 400, R"({"error":"GSLB system is in maintenance mode."})", Code::kRetry, Refusal::kMaintenance,
       "GSLB system is in maintenance mode."},
      {"the domain is taken", 400, R"({"error":"domain name conflicting with existing domain name x"})",
       Code::kRejected, Refusal::kDomainConflict, "domain name conflicting with existing domain name x"},
      {"a newer version than the controller", 400, R"({"error":"Invalid version 99.1.1"})", Code::kRejected,
       Refusal::kVersion, "Invalid version 99.1.1"},
      {"any other 400", 400, R"({"error":{"ratio":["out of range"]}})", Code::kRejected, Refusal::kNone,
       R"({"ratio":["out of range"]})"},
      {"no permission", 403, R"({"error":"Tenant 'x' does not exist!"})", Code::kDenied, Refusal::kNone,
       "Tenant 'x' does not exist!"},
      {"an upgrade", 403, R"({"error":"Configuration is disallowed during upgrade"})", Code::kRetry, Refusal::kUpgrade,
       "Configuration is disallowed during upgrade"},
      {"gone", 404, R"({"error":"GslbService object not found!"})", Code::kMissing, Refusal::kNone,
       "GslbService object not found!"},
      {"the controller's own time-out", 408, "", Code::kRetry, Refusal::kNone, ""},
      {"a duplicate", 409, R"({"error":"already exists"})", Code::kReread, Refusal::kNone, "already exists"},
      {"an old copy", 412, "whatever", Code::kReread, Refusal::kNone, "whatever"},
      {"session gone", 419, "", Code::kDenied, Refusal::kNone, ""},
      {"unprocessable", 422, "", Code::kRejected, Refusal::kNone, ""},
      {"busy", 429, "", Code::kRetry, Refusal::kNone, ""},
      {"a fault", 500, "boom", Code::kRetry, Refusal::kNone, "boom"},
      {"not implemented", 501, "", Code::kRejected, Refusal::kNone, ""},
      {"starting", 503, "<html>\r\nstarting\n", Code::kRetry, Refusal::kNone, "<html>  starting"},
      {"a redirection", 302, "", Code::kRejected, Refusal::kNone, ""},
      {"a leader's text with another status means nothing", 500, "Config Operations can be done ONLY on leader",
       Code::kRetry, Refusal::kNone, "Config Operations can be done ONLY on leader"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const HttpResponse response{row.status, {}, row.body};
    const Error error = Refused("https://avi: PUT /x", response);
    EXPECT_EQ(error.code, row.code);
    EXPECT_EQ(RefusalOf(response), row.refusal);
    const std::string text = row.text;
    EXPECT_EQ(error.what,
              "https://avi: PUT /x was answered " + std::to_string(row.status) + (text.empty() ? "" : ": " + text));
  }
}

TEST(ErrorText, IsOneShortLineWhateverComes) {
  const std::string page(100000, 'x');
  EXPECT_EQ(ErrorText({500, {}, page}).size(), 203U);
  EXPECT_EQ(ErrorText({500, {}, std::string("a\0b\x1b[31m\x7f", 9)}), "a b [31m");
  EXPECT_EQ(ErrorText({500, {}, std::string(100, '[')}), std::string(100, '['));
  EXPECT_EQ(ErrorText({500, {}, R"({"error":null,"message":"m"})"}), "m");
}

TEST(JsonAnswer, TakesOnlyJsonForAnAnswer) {
  EXPECT_TRUE(JsonAnswer("c", {200, {}, "{}"}));
  EXPECT_TRUE(JsonAnswer("c", {201, {}, "{}"}));
  const auto cut = JsonAnswer("c", {200, {}, R"({"a":)"});
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Code::kRetry);
}

}  // namespace
}  // namespace spillway::avi
