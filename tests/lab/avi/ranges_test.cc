// The fake's tables against what the vendor's swagger says: swagger_ranges.json has every "Allowed values are",
// "Special values are 0" and "Maximum of N items" of the messages that the fake models.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "src/base/file.h"
#include "src/base/json.h"
#include "tools/lab/avi/schema.h"

namespace spillway::lab::avi {
namespace {

std::string Between(std::int64_t least, std::int64_t most, bool zero_too) {
  return std::to_string(least) + " to " + std::to_string(most) + (zero_too ? ", or 0" : "");
}

std::string AtMost(std::int64_t items) { return "at most " + std::to_string(items); }

// By "GslbService.ttl": "0 to 86400".
using Ranges = std::map<std::string, std::string>;

void Collect(const Message& message, Ranges& ranges) {
  for (const Field& field : message.fields) {
    const std::string name = std::string(message.name) + '.' + std::string(field.name);
    if (field.most > 0) {
      ranges[name] = field.kind == Kind::kInt ? Between(field.least, field.most, field.zero_too) : AtMost(field.most);
    }
    if (field.message != nullptr) Collect(*field.message, ranges);
  }
}

TEST(Ranges, Row37_AreThoseOfTheSwagger) {
  const Result<std::string> text = ReadFile("tests/lab/avi/swagger_ranges.json");
  ASSERT_TRUE(text) << text.error().what;
  const Result<JsonDocument> swagger = ParseJson(*text);
  ASSERT_TRUE(swagger) << swagger.error().what;
  Ranges theirs;
  for (const JsonValue& row : Find(*swagger, "ranges")->GetArray()) {
    const std::string name = StringAt(row, "message").value_or("") + '.' + StringAt(row, "field").value_or("");
    const std::optional<std::int64_t> items = IntAt(row, "items");
    theirs[name] = items ? AtMost(*items)
                         : Between(IntAt(row, "least").value_or(-1), IntAt(row, "most").value_or(-1),
                                   Find(row, "zeroToo") != nullptr);
  }
  Ranges ours;
  for (const char* type : {"gslbservice", "gslb", "healthmonitor"}) Collect(*FindType(type)->message, ours);
  EXPECT_EQ(ours, theirs);
}

}  // namespace
}  // namespace spillway::lab::avi
