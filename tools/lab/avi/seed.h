// What a federation holds from the start, and the ways of C++ into its objects.
#ifndef SPILLWAY_TOOLS_LAB_AVI_SEED_H_
#define SPILLWAY_TOOLS_LAB_AVI_SEED_H_

#include <functional>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "tools/lab/avi/pen.h"
#include "tools/lab/avi/state.h"

namespace spillway::lab::avi {

// Fills the sites of a fresh state: tenants, Gslb "Default", a cloud, the built-in monitors.
void SeedAll(State& state);

// Stores an object at every site at once; answers its uuid, or the API's error text. `uuid` empty: made up.
Result<std::string> Seed(State& state, const std::string& type, std::string_view json, const std::string& uuid = "");

// Changes the Gslb of one site, as a write there would; nothing is sent to the others.
ObjectPtr EditGslb(State& state, SiteState& site, const std::function<void(JsonDocument&, Pen&)>& edit);

// The leader of the newest view.
SiteState& CurrentLeader(State& state);

}  // namespace spillway::lab::avi

#endif  // SPILLWAY_TOOLS_LAB_AVI_SEED_H_
