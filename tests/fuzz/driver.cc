// libFuzzer's entry. The environment says which parser: SPILLWAY_FUZZ=dns_query.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/fuzz/entries.h"

namespace {

spillway::fuzz::Entry chosen = nullptr;  // NOLINT(*-avoid-non-const-global-variables): set once, before the first input

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  const char* name = std::getenv("SPILLWAY_FUZZ");
  for (const auto& [known, entry] : spillway::fuzz::kEntries) {
    if (name != nullptr && known == name) chosen = entry;
  }
  if (chosen != nullptr) return 0;
  std::fputs("SPILLWAY_FUZZ: one of", stderr);
  for (const auto& [known, entry] : spillway::fuzz::kEntries) std::fprintf(stderr, " %s", known.data());
  std::fputs("\n", stderr);
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chosen({reinterpret_cast<const char*>(data), size});  // NOLINT(*-reinterpret-cast): bytes to chars
  return 0;
}
