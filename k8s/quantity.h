#ifndef SPILLWAY_K8S_QUANTITY_H_
#define SPILLWAY_K8S_QUANTITY_H_

#include <optional>
#include <string_view>

#include "src/base/json.h"

namespace spillway::k8s {

// A Kubernetes quantity in its base unit (cores, bytes, one): "250m", "1.5", "12345678n", "64Mi", "2e3". nullopt: not
// one. Source: kubernetes/apimachinery api/resource/quantity.go (suffixes n u m k M G T P E, Ki Mi Gi Ti Pi Ei, e, E).
std::optional<double> ParseQuantity(std::string_view text);

// The quantity at a dotted path: a string, or a bare number; nullopt: absent or not one.
std::optional<double> QuantityAt(const JsonValue& value, std::string_view dotted);

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_QUANTITY_H_
