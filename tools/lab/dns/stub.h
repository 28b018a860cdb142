// A stub resolver: one question to one name server over UDP.
#ifndef SPILLWAY_TOOLS_LAB_DNS_STUB_H_
#define SPILLWAY_TOOLS_LAB_DNS_STUB_H_

#include <cstdint>
#include <string>

#include "src/base/result.h"
#include "src/base/time.h"
#include "tools/lab/dns/wire.h"

namespace spillway::lab {

// kRetry: no answer in time.
Result<Addresses> AskNameServer(const std::string& ip, int port, const std::string& name, std::uint16_t id,
                                Duration deadline);

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_DNS_STUB_H_
