// Whole files, safely.
#ifndef SPILLWAY_SRC_BASE_FILE_H_
#define SPILLWAY_SRC_BASE_FILE_H_

#include <cstddef>
#include <string>

#include "src/base/result.h"

namespace spillway {

// At most `cap` bytes. kMissing: no such file; kDenied: no permission; kRejected: longer than the cap, or a folder.
Result<std::string> ReadFile(const std::string& path, std::size_t cap = 16U << 20U);

// As ReadFile, and kDenied if others can read it, so that a secret that lies open is noticed before it is used. Allowed
// is what PostgreSQL allows of its key file: a file of the user that runs this, without any right of group and others
// (0600 or less), or one of root that the group may read (0640 or less), which is how Kubernetes mounts a Secret for a
// process that is not root. Source: PostgreSQL 15 documentation, section 19.9.1.
Result<std::string> ReadSecretFile(const std::string& path, std::size_t cap = 16U << 20U);

// Replaces `path` atomically and durably: temporary file beside it (mode `mode`), fsync, rename, fsync of the folder.
// After a crash the old or the new content is there, never a part.
Status WriteFileAtomically(const std::string& path, const std::string& content, int mode = 0600);

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_FILE_H_
