// What really happened, from outside everybody's view: one JSON text.
#ifndef SPILLWAY_TOOLS_LAB_TRUTH_H_
#define SPILLWAY_TOOLS_LAB_TRUTH_H_

#include <cstddef>
#include <string>

#include "tools/lab/world.h"

namespace spillway::lab {

// At most `writes_most` of the latest writes that reached an API, oldest first. docs/lab.md explains every field.
std::string TruthJson(const World& world, std::size_t writes_most);

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_TRUTH_H_
