// The journal as files: JSON lines in the state folder, capped in size.
#ifndef SPILLWAY_SRC_DAEMON_JOURNAL_H_
#define SPILLWAY_SRC_DAEMON_JOURNAL_H_

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include "src/base/line_file.h"
#include "src/ports/journal.h"

namespace spillway::daemon {

// "journal.jsonl" is the newest; when it is full it becomes "journal.1.jsonl", that one "journal.2.jsonl", and the
// oldest goes. Lines are whole after a crash but for the last one, and the last ones may be lost with the machine: the
// journal explains, it is not what a restart relies on.
class FileJournal final : public Journal {
 public:
  // Chosen: a record has 5 to 8 kB, so these 64 MB hold some 10,000 decisions that changed something.
  static constexpr std::size_t kFileCap = 16U << 20U;
  static constexpr int kFiles = 4;

  explicit FileJournal(std::string dir, std::size_t file_cap = kFileCap, int files = kFiles);

  void Append(const std::string& line) override;

  // Records that could not be kept.
  std::size_t lost() const;

  // The last `most` lines that were kept, oldest first, the previous file included if need be.
  std::vector<std::string> Tail(std::size_t most) const;

 private:
  std::string PathOf(int age) const;
  void Rotate();

  const std::string dir_;
  const std::size_t file_cap_;
  const int files_;
  mutable std::mutex mutex_;
  LineFile newest_;
  std::size_t lost_ = 0;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_JOURNAL_H_
