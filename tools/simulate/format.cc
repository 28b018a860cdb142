#include "tools/simulate/format.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>

namespace spillway::sim {

std::string Format(const char* format, ...) {
  std::array<char, 512> text{};
  va_list arguments;
  va_start(arguments, format);
  const int n = std::vsnprintf(text.data(), text.size(), format, arguments);
  va_end(arguments);
  return {text.data(), static_cast<std::size_t>(std::clamp<int>(n, 0, text.size() - 1))};
}

}  // namespace spillway::sim
