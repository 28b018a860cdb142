// Those who share the world with Spillway: what is theirs, and how they write.
#ifndef SPILLWAY_TOOLS_SIMULATE_FOREIGN_H_
#define SPILLWAY_TOOLS_SIMULATE_FOREIGN_H_

#include <cstddef>
#include <string>

#include "tools/simulate/world.h"

namespace spillway::sim {

// What differs between two versions of a GSLB service apart from what Spillway owns: ratio and enabled of members, in
// which pool they stand, name, priority and existence of its own pools. Empty: nothing.
std::string ForeignDifference(const std::string& before, const std::string& after);

// Somebody changes the description of the GSLB service, as Terraform would.
void EditDescription(World& world, const std::string& text);
// Somebody sets the member's ratio, or its switch. Whether the leader took it: one in maintenance does not.
bool EditMember(World& world, std::size_t site, const std::string& field, const std::string& json);

// Somebody applies the pools of the service as they were at the world's beginning; `creator` goes on the object too,
// unless it is empty.
void ApplyFirstGroups(World& world, const std::string& creator);
// Takes the creator's name off again. Whether it was off already: what one leader took, the next may not have heard of.
bool DisownService(World& world);

// A pod of the site dies; its Deployment makes another.
void KillPod(World& world, std::size_t site);

// `kubectl scale`, `kubectl label`.
void ScaleDeployment(World& world, std::size_t site, int replicas);
void LabelDeployment(World& world, std::size_t site, const std::string& value);

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_FOREIGN_H_
