#ifndef SPILLWAY_K8S_BASE64_H_
#define SPILLWAY_K8S_BASE64_H_

#include <optional>
#include <string>
#include <string_view>

namespace spillway::k8s {

// Decodes RFC 4648's standard alphabet; white space between characters is skipped, padding may be left out. nullopt:
// anything else in the text, or a length that no bytes have.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_BASE64_H_
