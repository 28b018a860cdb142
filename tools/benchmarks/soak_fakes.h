// Two clusters and a federation of two controllers, served over TLS by a process of their own.
#ifndef SPILLWAY_TOOLS_BENCHMARKS_SOAK_FAKES_H_
#define SPILLWAY_TOOLS_BENCHMARKS_SOAK_FAKES_H_

#include <sys/types.h>

#include <memory>
#include <vector>

#include "src/base/http_client.h"
#include "src/base/result.h"

namespace spillway::bench {

struct SoakFakes {
  // Forks; call it before any thread is started. kRejected: why not.
  static Result<std::unique_ptr<SoakFakes>> Start();
  // Ends the process.
  ~SoakFakes();

  // What the process holds at this moment, in MB: of the kernel, and of its own heap, what is not free. Negative:
  // it doesn't answer.
  struct Memory {
    double resident = -1;
    double live = -1;
  };
  Memory Now() const;

  std::vector<HttpEndpoint> kubernetes, avi;  // of each site, home (the leader) first
  pid_t process = 0;
  int lifeline = -1;  // each byte asks how much of its heap lives; the process ends when this is closed
  int report = -1;    // where it answers

  // Under a sanitizer memory says nothing: it keeps what was freed.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SPILLWAY_SOAK_SANITIZED
#endif
#endif
#if defined(SPILLWAY_SOAK_SANITIZED) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  static constexpr bool kMemoryIsTelling = false;
#else
  static constexpr bool kMemoryIsTelling = true;
#endif
};

}  // namespace spillway::bench

#endif  // SPILLWAY_TOOLS_BENCHMARKS_SOAK_FAKES_H_
