// A value, or the error that explains its absence.
#ifndef SPILLWAY_SRC_BASE_RESULT_H_
#define SPILLWAY_SRC_BASE_RESULT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace spillway {

// Named for what the caller does next, not for what broke.
enum class Code : std::uint8_t {
  kRetry,     // no answer, or "not now": back off and try again; a write may have been applied, so re-read first
  kReread,    // our copy is old (409, 410, 412): fetch afresh, decide afresh
  kRejected,  // refused as asked: repeating it cannot help
  kMissing,   // the named thing does not exist (404); never to be read as "zero"
  kDenied,    // credentials or permission: stop writing, keep observing, tell a person
};

// `what`: one clause that names the remote thing and what is wrong with it. Holds no secret.
struct Error {
  Code code;
  std::string what;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor): reads as `return value`
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor): reads as `return error`

  explicit operator bool() const { return state_.index() == 0; }

  // Needs a value; throws std::bad_variant_access otherwise.
  const T& operator*() const& { return std::get<0>(state_); }
  T& operator*() & { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  const T* operator->() const { return &std::get<0>(state_); }
  T* operator->() { return &std::get<0>(state_); }

  // Needs an error.
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

// For calls that answer nothing but "done".
using Done = std::monostate;
using Status = Result<Done>;
inline Status Ok() { return Done{}; }

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_RESULT_H_
