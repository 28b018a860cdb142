// One lab from the command line to the end.
#ifndef SPILLWAY_TOOLS_LAB_LAB_H_
#define SPILLWAY_TOOLS_LAB_LAB_H_

#include <memory>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/base/http_server.h"
#include "src/base/result.h"
#include "tools/lab/directory.h"
#include "tools/lab/world.h"

namespace spillway::lab {

struct LabOptions {
  std::string dir;
  WorldOptions world;
};

inline constexpr std::string_view kUsage =
    "usage: spillway-lab up --dir DIR [--seed N] [--without PART]... [--name-server IP:PORT]... [--port-base P] "
    "[--address us|eu=IP]...\n"
    "PART: kubernetes, k8s-us, k8s-eu, avi, dns, clients\n";

// What the arguments (without the program's name) ask for; kRejected: the message says what is wrong.
Result<LabOptions> ParseArguments(const std::vector<std::string>& arguments);

// A running lab: the world, its control API, its files.
class Lab {
 public:
  // The files are written when it returns. The clock (a real one) must outlive it.
  static Result<std::unique_ptr<Lab>> Start(const LabOptions& options, const Clock& clock);

  // One line of JSON: what is where, as in lab.json.
  std::string Ready() const { return LabJson(facts_); }
  World& world() { return *world_; }
  const DirectoryFacts& facts() const { return facts_; }

 private:
  Lab() = default;

  DirectoryFacts facts_;
  std::unique_ptr<World> world_;
  std::unique_ptr<HttpServer> control_;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_LAB_H_
