// What nearly every test includes, parsed once instead of 150 times (.bazelrc, --config=pch).
#ifndef SPILLWAY_TOOLS_BAZEL_TESTS_H_
#define SPILLWAY_TOOLS_BAZEL_TESTS_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#endif  // SPILLWAY_TOOLS_BAZEL_TESTS_H_
