// A file of lines that only grows.
#ifndef SPILLWAY_SRC_BASE_LINE_FILE_H_
#define SPILLWAY_SRC_BASE_LINE_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace spillway {

// Opened at the first line (mode 0600). One thread at a time.
class LineFile {
 public:
  // kNo: a line may be lost with the machine, not with the process. kEach: it is on the disk when Append returns.
  enum class Sync { kNo, kEach };

  LineFile(std::string path, Sync sync);
  ~LineFile();
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  // Only needed to know the size before the first line.
  Status Open();

  // `line` without its end, which is added. After an error the line may be there in part; the next one begins anew.
  Status Append(std::string_view line);

  // Bytes in it, once open.
  std::size_t size() const { return size_; }

  // The next line opens the path again: for a file that was moved away.
  void Close();

  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  const Sync sync_;
  int fd_ = -1;
  std::size_t size_ = 0;
};

// The whole lines in the last `bytes` of a file, oldest first, without their ends; one cut off by a crash is left out.
// Nothing if the file can't be read.
std::vector<std::string> LastLines(const std::string& path, std::size_t bytes);

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_LINE_FILE_H_
