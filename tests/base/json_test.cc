#include "src/base/json.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

std::string Nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
}

TEST(Json, KeepsWhatItReads) {
  for (const char* text : {R"({"a":[1,-2,3.5,true,false,null,"x\u0000y"],"b":{"c":18446744073709551615}})", "[]", "0",
                           R"("ü")", R"({"":{"":""}})", "\"\xed\x9f\xbf\xf0\x9f\x98\x80\""}) {
    const auto document = ParseJson(text);
    ASSERT_TRUE(document) << document.error().what;
    EXPECT_EQ(JsonText(*document), text);
  }
}

TEST(Json, RefusesWhatIsNotOneDocument) {
  struct Row {
    const char* claim;
    std::string text;
  };
  const std::vector<Row> rows = {
      {"nothing", ""},
      {"text after the document", "{} {}"},
      {"a comment", "/* x */ {}"},
      {"a trailing comma", "[1,]"},
      {"NaN", "[NaN]"},
      {"a number beyond double", "[1e999]"},
      {"a raw control character", "[\"a\nb\"]"},
      {"bad UTF-8", "[\"\xff\xfe\"]"},
      {"an unfinished object", R"({"a":1)"},
      {"a low surrogate alone", R"(["\udddd"])"},
      {"a low surrogate alone in a key", R"({"a\udc00":1})"},
      {"a high surrogate alone", R"(["\ud800"])"},
      {"single quotes", "{'a':1}"},
      {"a NUL after the document", std::string("{}\0x", 4)},
  };
  for (const Row& row : rows) {
    const auto document = ParseJson(row.text);
    ASSERT_FALSE(document) << row.claim;
    EXPECT_EQ(document.error().code, Code::kRejected) << row.claim;
    EXPECT_NE(document.error().what.find("at byte"), std::string::npos) << row.claim;
  }
}

TEST(Json, ReadsEveryNumberForWhatItIs) {
  struct Row {
    const char* text;
    double value;
    bool whole;
  };
  const Row rows[] = {
      {"0", 0, true},
      {"-7", -7, true},
      {"9223372036854775807", 9223372036854775807.0, true},
      {"18446744073709551615", 18446744073709551615.0, true},
      {"18446744073709551616", 18446744073709551616.0, false},
      {"-9223372036854775809", -9223372036854775809.0, false},
      {"0.1", 0.1, false},
      {"1.7976931348623157e308", 1.7976931348623157e308, false},
      {"5e-324", 5e-324, false},
      {"1e-999", 0, false},
      {"0e81", 0, false},  // undefined within RapidJSON, were it asked
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const auto document = ParseJson(row.text);
    ASSERT_TRUE(document) << document.error().what;
    ASSERT_TRUE(document->IsNumber());
    EXPECT_EQ(document->GetDouble(), row.value);
    EXPECT_EQ(document->IsInt64() || document->IsUint64(), row.whole);
  }
}

TEST(Json, DepthIsCappedWhileParsing) {
  EXPECT_TRUE(ParseJson(Nested(kJsonDepthCap)));
  const auto deeper = ParseJson(Nested(kJsonDepthCap + 1));
  ASSERT_FALSE(deeper);
  EXPECT_NE(deeper.error().what.find("nested too deeply"), std::string::npos);
  // Far beyond any stack: must be refused on the way down, not survived by luck.
  EXPECT_FALSE(ParseJson(std::string(5'000'000, '[')));
}

TEST(Json, ARepeatedKeyIsRefusedWhereItStands) {
  const auto twice = ParseJson(R"({"a":1,"b":{"c":1,"c":2}})");
  ASSERT_FALSE(twice);
  EXPECT_NE(twice.error().what.find("repeated key \"c\""), std::string::npos);
  EXPECT_TRUE(ParseJson(R"([{"a":1},{"a":2},{"b":{"a":3}}])")) << "the same key in different objects is fine";
  EXPECT_FALSE(ParseJson(R"({"a":1,"\u0061":2})")) << "an escape does not hide it";
  EXPECT_TRUE(ParseJson(R"({"b":{"c":1},"c":2,"d":{"b":1}})")) << "what was below is forgotten";
}

TEST(Json, ARepeatedKeyIsFoundAmongThousands) {
  std::string many = "{";
  for (int i = 0; i < 3000; ++i) many += "\"k" + std::to_string(i) + "\":{\"k1\":0},";
  EXPECT_TRUE(ParseJson(many + "\"last\":1}"));
  for (const char* key : {"k0", "k23", "k24", "k25", "k2999"}) {
    EXPECT_FALSE(ParseJson(many + "\"" + key + "\":1}")) << key;
  }
}

TEST(Json, WrongTypesAreAbsentAndNeverUndefined) {
  const auto document = ParseJson(
      R"({"s":"x","i":3,"f":3.0,"n":"3","b":true,"z":null,"o":{"a":{"b":7}},"l":[1],"big":9223372036854775808})");
  ASSERT_TRUE(document);
  EXPECT_EQ(StringAt(*document, "s"), "x");
  EXPECT_EQ(IntAt(*document, "i"), 3);
  EXPECT_EQ(IntAt(*document, "o.a.b"), 7);
  EXPECT_EQ(NumberAt(*document, "i"), 3.0);
  EXPECT_EQ(NumberAt(*document, "f"), 3.0);
  EXPECT_EQ(BoolAt(*document, "b"), true);
  EXPECT_EQ(StringAt(*document, "i"), std::nullopt);
  EXPECT_EQ(IntAt(*document, "f"), std::nullopt) << "3.0 is not an integer";
  EXPECT_EQ(IntAt(*document, "n"), std::nullopt) << "nor is a string";
  EXPECT_EQ(IntAt(*document, "big"), std::nullopt) << "nor what does not fit";
  EXPECT_EQ(NumberAt(*document, "b"), std::nullopt);
  EXPECT_EQ(BoolAt(*document, "i"), std::nullopt);
  EXPECT_EQ(Find(*document, "z"), nullptr) << "null is absent";
  EXPECT_EQ(Find(*document, "missing"), nullptr);
  EXPECT_EQ(FindPath(*document, "o.a.b.c"), nullptr) << "a path through a number";
  EXPECT_EQ(FindPath(*document, "l.0"), nullptr) << "a path through an array";
  EXPECT_EQ(Find(JsonValue(7), "a"), nullptr);
}

TEST(Json, MisuseOfTheLibraryThrowsInEveryBuild) {
  const auto document = ParseJson("[1]");
  ASSERT_TRUE(document);
  EXPECT_THROW((void)(*document)["a"].IsNull(), std::logic_error);
  EXPECT_THROW((void)document->GetString(), std::logic_error);
}

TEST(Json, SetMemberReplacesAndAdds) {
  auto document = ParseJson(R"({"keep":{"x":[1]},"old":1})");
  ASSERT_TRUE(document);
  SetMember(*document, "old", "text", document->GetAllocator());
  SetMember(*document, "new", JsonValue(2), document->GetAllocator());
  EXPECT_EQ(JsonText(*document), R"({"keep":{"x":[1]},"old":"text","new":2})");
}

}  // namespace
}  // namespace spillway
