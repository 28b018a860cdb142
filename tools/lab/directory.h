// What the lab writes for those who use it: kubeconfigs, certificates, secrets, a configuration, its own addresses.
#ifndef SPILLWAY_TOOLS_LAB_DIRECTORY_H_
#define SPILLWAY_TOOLS_LAB_DIRECTORY_H_

#include <map>
#include <string>

#include "src/base/result.h"
#include "tools/lab/credentials.h"
#include "tools/lab/world.h"

namespace spillway::lab {

struct DirectoryFacts {
  std::string dir;  // absolute
  WorldOptions options;
  WorldPorts ports;
  int control_port = 0;
  int listen_port = 0;  // for spillwayd
  int second_port = 0;  // for the second of a pair
};

// One line of JSON: what is where.
std::string LabJson(const DirectoryFacts& facts);

// Every file by name. Parts that were left out have none; spillway.yaml then still names them, for the real ones to
// be put there.
std::map<std::string, std::string> DirectoryFiles(const DirectoryFacts& facts, const Credentials& credentials);

// Writes them into facts.dir, which is made if it is missing; all with mode 0600, since most hold a secret. lab.json
// comes last: whoever sees it sees the others.
Status WriteDirectory(const DirectoryFacts& facts, const Credentials& credentials);

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_DIRECTORY_H_
