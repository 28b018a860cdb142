// What nearly every source includes, parsed once instead of 300 times (.bazelrc, --config=pch).
#ifndef SPILLWAY_TOOLS_BAZEL_STANDARD_H_
#define SPILLWAY_TOOLS_BAZEL_STANDARD_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#endif  // SPILLWAY_TOOLS_BAZEL_STANDARD_H_
