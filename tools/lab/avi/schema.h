// What an object of each type may hold: one table a message, as in the API's swagger, and the walks over it.
#ifndef SPILLWAY_TOOLS_LAB_AVI_SCHEMA_H_
#define SPILLWAY_TOOLS_LAB_AVI_SCHEMA_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/base/json.h"

namespace spillway::lab::avi {

// "22.1.3". Parts that are missing count as 0.
struct Version {
  std::array<int, 3> parts{};
  auto operator<=>(const Version&) const = default;
};
// nullopt: not one to three numbers with dots between.
std::optional<Version> ParseVersion(std::string_view text);

// The API versions that introduced something: "22.1.3", or one for each release train, "30.2.1 22.1.5". Empty: it was
// always there.
class Introduced {
 public:
  constexpr Introduced() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): tables say .since = "22.1.3"
  constexpr Introduced(const char* versions) {
    std::size_t part = 0;
    for (const char* c = versions; *c != '\0'; ++c) {
      if (c == versions) count_ = 1;
      if (*c == ' ') {
        ++count_;
        part = 0;
      } else if (*c == '.') {
        ++part;
      } else {
        int& number = first_.at(count_ - 1).parts.at(part);
        number = number * 10 + (*c - '0');
      }
    }
  }
  // Whether `stated` has it: from the version of its own train on, and in every train after the last one named.
  constexpr bool Covers(const Version& stated) const {
    Version last{};
    for (std::size_t i = 0; i < count_; ++i) {
      const Version& first = first_.at(i);
      const bool same_train = first.parts[0] == stated.parts[0] && first.parts[1] == stated.parts[1];
      if (same_train) return first <= stated;
      if (first > last) last = first;
    }
    return last <= stated;
  }

 private:
  std::array<Version, 3> first_{};
  std::size_t count_ = 0;
};

enum class Kind : std::uint8_t {
  kBool,
  kInt,
  kText,
  kTexts,     // a list of strings
  kChoice,    // one of an enum
  kRef,       // to an object of type `refers_to`
  kRefs,      // a list of them
  kMessage,   // an object
  kMessages,  // a list of objects
  kAny,       // stored as it is
};

struct Message;

struct Field {
  std::string_view name;
  Kind kind = Kind::kAny;
  Introduced since = {};
  std::string_view fallback = {};  // its default as JSON text; empty: none, an unset field is omitted
  std::int64_t least = 0;          // kInt, with most > 0
  std::int64_t most = 0;           // kInt: the largest value; lists: the most entries; 0: no limit
  bool zero_too = false;           // kInt: 0 is allowed besides the range
  bool required = false;           // present unless it has a default, and a list not empty
  std::string_view choices = {};   // kChoice: the values, separated by spaces
  const Message* message = nullptr;
};

struct Message {
  std::string_view name;
  std::span<const Field> fields;
  bool open = false;          // fields that the table does not name are stored as they are
  std::string_view key = {};  // what tells entries of a list of these apart
};

// A type of object, as a path names it.
struct Type {
  std::string_view path;    // "gslbservice"
  std::string_view title;   // "GslbService": in "GslbService object not found!"
  std::string_view spoken;  // "Gslb service": in "Gslb service with this Name and Tenant ref already exists"
  const Message* message;
  bool federated = false;  // always replicated; a healthmonitor is if it says is_federated
  bool without_tenant = false;
};
const Type* FindType(std::string_view path);
std::span<const Type> AllTypes();
const Field* FindField(const Message& message, std::string_view name);

// What is wrong with `object`, as the answer's text; nullopt: nothing. Fields newer than `stated` are unknown to it.
std::optional<std::string> Check(const Message& message, const JsonValue& object, const Version& stated);

// Sets what is unset and has a default, at every depth.
void FillDefaults(const Message& message, JsonValue& object, JsonDocument::AllocatorType& allocator);
// Removes what equals its default, at every depth.
void SkipDefaults(const Message& message, JsonValue& object);
// Removes what `stated` does not know yet, at every depth.
void Strip(const Message& message, JsonValue& object, const Version& stated);

}  // namespace spillway::lab::avi

#endif  // SPILLWAY_TOOLS_LAB_AVI_SCHEMA_H_
