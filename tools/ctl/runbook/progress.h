// How far a run of a runbook came: a file that a crash leaves whole, so that the same command goes on from there.
#ifndef SPILLWAY_TOOLS_CTL_RUNBOOK_PROGRESS_H_
#define SPILLWAY_TOOLS_CTL_RUNBOOK_PROGRESS_H_

#include <optional>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/base/time.h"

namespace spillway::ctl {

enum class Reached {
  kNothing,
  kBegun,  // its order may have reached spillwayd; asked again under the same key it is not doubled
  kGiven,  // its order was accepted; what comes of it is waited for
  kDone,
  kPassed,  // it failed, and the runbook goes on
};

struct StepProgress {
  Reached reached = Reached::kNothing;
  WallTime begun{};
  double seconds = 0;  // of kDone
};

struct RunProgress {
  std::string run;   // an id; part of each Idempotency-Key and of each reason
  std::string book;  // the runbook's text and its settings, to be recognised
  std::vector<StepProgress> steps;
  bool undoing = false;
};

// Compact JSON, and back. kRejected: not made by ProgressText.
std::string ProgressText(const RunProgress& progress);
Result<RunProgress> ParseProgress(const std::string& text);

// A file of one run, held by one process at a time.
class ProgressFile {
 public:
  // Makes the folder if it is missing. kDenied: another process runs it now, or there is no permission.
  static Result<ProgressFile> Hold(const std::string& path);
  ~ProgressFile();
  ProgressFile(ProgressFile&& other) noexcept;
  ProgressFile(const ProgressFile&) = delete;
  ProgressFile& operator=(const ProgressFile&) = delete;
  ProgressFile& operator=(ProgressFile&&) = delete;

  // Nothing: there is no unfinished run.
  Result<std::optional<RunProgress>> Read() const;
  // On the disk when it returns.
  Status Write(const RunProgress& progress) const;
  // There is no unfinished run any more.
  void Remove() const;

  const std::string& path() const { return path_; }

 private:
  ProgressFile(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_;
};

// How long each step of a runbook took in earlier runs, in a file of lines beside it.
class Durations {
 public:
  explicit Durations(std::string path) : path_(std::move(path)) {}

  void Add(const std::string& step, double seconds) const;
  // The median of the last ones, in seconds; nothing: it never ran.
  std::optional<double> Usual(const std::string& step) const;

 private:
  std::string path_;
};

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_RUNBOOK_PROGRESS_H_
