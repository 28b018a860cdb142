#ifndef SPILLWAY_SRC_PORTS_STATE_STORE_H_
#define SPILLWAY_SRC_PORTS_STATE_STORE_H_

#include <optional>
#include <string>

#include "src/base/result.h"

namespace spillway {

// Durable memory: one text per application. Safe from any thread.
class StateStore {
 public:
  virtual ~StateStore() = default;
  // nullopt: nothing was ever saved.
  virtual Result<std::optional<std::string>> Load(const std::string& app) = 0;
  // The same for one who does not lead: leaves no trace of having been there.
  virtual Result<std::optional<std::string>> Peek(const std::string& app) { return Load(app); }
  // Atomic and durable when it returns Ok.
  virtual Status Save(const std::string& app, const std::string& text) = 0;
  // What is saved can't be read: keeps it aside for people, so that the next Load finds nothing. Answers where it is.
  virtual Result<std::string> SetAside(const std::string& app) = 0;
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_PORTS_STATE_STORE_H_
