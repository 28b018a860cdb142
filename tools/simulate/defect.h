// Mistakes that a controller could make, planted around the real code to see whether the checks notice.
#ifndef SPILLWAY_TOOLS_SIMULATE_DEFECT_H_
#define SPILLWAY_TOOLS_SIMULATE_DEFECT_H_

#include <cstdint>
#include <functional>
#include <string_view>

#include "src/base/http.h"
#include "src/core/decide.h"
#include "tools/simulate/world.h"

namespace spillway::sim {

enum class Defect : std::uint8_t {
  kNone,
  kForgetSpilledShare,      // demand is what still reaches home
  kScaleDownBeforeDrain,    // replicas go as soon as they are not needed
  kWeightAheadOfReadiness,  // traffic as soon as replicas are ordered
  kTrustStaleInput,         // everything ever seen counts as seen now
  kZeroOnFailedRead,        // what can't be read is taken for nothing
  kEnableBlind,             // a member is taken for healthy without having been probed
  kEditForeignField,        // a write of the layout also sets the description
  kSkip412,                 // a write of the layout ignores who wrote before
  kLoseMemory,              // what is saved is not kept
  kExceedMaximum,           // more replicas than allowed
  kParkTheLast,             // home is parked whatever happens
  kNeverScaleDown,          // replicas stay for ever
  kIgnoreLease,             // who does not hold the lease writes all the same
  kEnd
};

std::string_view Name(Defect defect);

// Decide with the mistake in it.
std::function<decltype(Decide)> WithDefect(Defect defect);

// What the mistake does to a request on its way to a controller of the federation.
void Tamper(Defect defect, World& world, std::size_t controller, HttpRequest& request);

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_DEFECT_H_
