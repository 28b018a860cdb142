// JSON as a plain value: copied, compared and built like any other. An API server does little else.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_TREE_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_TREE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"

namespace spillway::lab::kube {

// Members are kept in the order of their names, so that equal values have equal text.
class Tree {
 public:
  using Array = std::vector<Tree>;
  using Object = std::map<std::string, Tree, std::less<>>;

  Tree() = default;                                             // null
  Tree(bool value) : value_(value) {}                           // NOLINT(google-explicit-constructor)
  Tree(int value) : value_(std::int64_t{value}) {}              // NOLINT(google-explicit-constructor)
  Tree(std::int64_t value) : value_(value) {}                   // NOLINT(google-explicit-constructor)
  Tree(double value) : value_(value) {}                         // NOLINT(google-explicit-constructor)
  Tree(const char* value) : value_(std::string(value)) {}       // NOLINT(google-explicit-constructor)
  Tree(std::string_view value) : value_(std::string(value)) {}  // NOLINT(google-explicit-constructor)
  Tree(std::string value) : value_(std::move(value)) {}         // NOLINT(google-explicit-constructor)
  Tree(Array value) : value_(std::move(value)) {}               // NOLINT(google-explicit-constructor)
  Tree(Object value) : value_(std::move(value)) {}              // NOLINT(google-explicit-constructor)

  // kRejected: not JSON.
  static Result<Tree> Parse(std::string_view text);
  // For text of our own that is known to be JSON; null if it is not.
  static Tree Of(std::string_view text);
  std::string Text() const;

  bool IsNull() const { return value_.index() == 0; }
  bool IsBool() const { return std::holds_alternative<bool>(value_); }
  bool IsInt() const { return std::holds_alternative<std::int64_t>(value_); }
  bool IsNumber() const { return IsInt() || std::holds_alternative<double>(value_); }
  bool IsString() const { return std::holds_alternative<std::string>(value_); }
  bool IsArray() const { return std::holds_alternative<Array>(value_); }
  bool IsObject() const { return std::holds_alternative<Object>(value_); }

  // The value read as that type; of another type: an empty one.
  bool Bool() const { return IsBool() && std::get<bool>(value_); }
  std::int64_t Int() const { return IsInt() ? std::get<std::int64_t>(value_) : 0; }
  double Number() const;
  const std::string& String() const;
  const Array& Items() const;
  const Object& Members() const;
  // Makes the value an array or an object first if it is not one.
  Array& Items();
  Object& Members();

  // The member of that exact name; nullptr if there is none or it is null.
  const Tree* Find(std::string_view name) const;
  Tree* Find(std::string_view name);
  // Makes the member, and the object, as needed.
  Tree& operator[](std::string_view name);
  void Erase(std::string_view name);

  // Walks "a.b.c" through objects; a shared null if something on the way is missing.
  const Tree& At(std::string_view dotted) const;
  // Makes what is missing on the way.
  Tree& Make(std::string_view dotted);

  // Without null members, at every depth.
  Tree WithoutNulls() const;

  bool operator==(const Tree& other) const = default;

 private:
  static Tree From(const JsonValue& value);
  JsonValue To(JsonDocument::AllocatorType& allocator) const;

  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_TREE_H_
