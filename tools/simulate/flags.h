// A command line: "--name value" and "--switch".
#ifndef SPILLWAY_TOOLS_SIMULATE_FLAGS_H_
#define SPILLWAY_TOOLS_SIMULATE_FLAGS_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace spillway::sim {

// What a program may end with.
inline constexpr int kDone = 0, kBroken = 1, kUsageError = 2;

class Flags {
 public:
  // kRejected names what is not among `switches` (alone) and `values` (followed by their value), or misses its value.
  static Result<Flags> Parse(const std::vector<std::string>& arguments, const std::vector<std::string_view>& switches,
                             const std::vector<std::string_view>& values);

  bool Has(const std::string& name) const { return given_.contains(name); }
  std::string Text(const std::string& name, const std::string& standard = "") const;
  // `standard` if it is not given. kRejected names the flag and what is allowed.
  Result<double> Number(const std::string& name, double standard, double least, double most) const;

 private:
  std::map<std::string, std::string> given_;
};

// The whole of `text` as a finite number, spaces around it allowed.
std::optional<double> ParseNumber(std::string_view text);

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_FLAGS_H_
