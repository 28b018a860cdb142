// One scalar of the configuration: from text to a value, and from a value to the text that would give it.
#ifndef SPILLWAY_SRC_DAEMON_CONFIG_VALUE_H_
#define SPILLWAY_SRC_DAEMON_CONFIG_VALUE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::daemon {

// Decimal, no leading zero (YAML would read 010 as 8), no fraction.
std::optional<int> ParseCount(std::string_view text);

// Decimal, finite.
std::optional<double> ParseNumber(std::string_view text);

// "10%" or "0.1"; without the sign only up to 1, because "10" could mean either.
std::optional<double> ParseShare(std::string_view text);

std::string NumberText(double value);
std::string ShareText(double share);  // "10%", "2.5%"

// What a text must look like; `allowed` completes "allowed is".
struct TextRule {
  std::string_view type;
  std::string_view allowed;
  bool (*holds)(const std::string& text);
};
extern const TextRule kAnyText;     // not empty, no control characters
extern const TextRule kFilePath;    // an absolute path
extern const TextRule kLabel;       // a DNS label (RFC 1123): names of sites, clusters, applications, namespaces
extern const TextRule kObjectName;  // a DNS subdomain: names of Kubernetes objects
extern const TextRule kHttpsUrl;    // https, host, port if any, nothing behind it
extern const TextRule kHttpUrl;     // the same with http or https
extern const TextRule kIpAddress;
extern const TextRule kHostName;
extern const TextRule kListen;  // address and port
extern const TextRule kOnlyVersion;
extern const TextRule kCpu;            // a quantity of cores, more than none
extern const TextRule kBlockedWindow;  // "Fri 18:00-Mon 06:00" or "22:00-06:00"

struct HostPort {
  std::string host;
  int port;
};
// "127.0.0.1:9440", "[::1]:9440", "localhost:9440" (which is 127.0.0.1).
std::optional<HostPort> ParseListen(const std::string& text);

bool IsIpAddress(const std::string& text);
// Of an address that only this machine reaches, 127.0.0.0/8 or ::1; a name is none, whatever it begins with.
bool IsLoopback(const std::string& host);

// The one of `known` that `wrong` was most likely meant to be; empty: none is near.
std::string Nearest(std::string_view wrong, const std::vector<std::string>& known);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_CONFIG_VALUE_H_
