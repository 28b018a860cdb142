#include "tools/ctl/runbook/progress.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/line_file.h"
#include "tools/ctl/fields.h"

namespace spillway::ctl {
namespace {

// Chosen: what is usual is what was so lately; an old outlier is forgotten.
constexpr std::size_t kLearnedFrom = 20;
constexpr std::size_t kBytesRead = 1U << 18U;

}  // namespace

std::string ProgressText(const RunProgress& progress) {
  JsonDocument document;
  document.SetObject();
  auto& allocator = document.GetAllocator();
  SetMember(document, "run", progress.run, allocator);
  SetMember(document, "book", progress.book, allocator);
  SetMember(document, "undoing", JsonValue(progress.undoing), allocator);
  JsonValue steps(rapidjson::kArrayType);
  for (const StepProgress& step : progress.steps) {
    JsonValue one(rapidjson::kObjectType);
    SetMember(one, "reached", JsonValue(static_cast<int>(step.reached)), allocator);
    SetMember(one, "begun", JsonValue(std::int64_t{step.begun.time_since_epoch().count()}), allocator);
    SetMember(one, "seconds", JsonValue(step.seconds), allocator);
    steps.PushBack(one, allocator);
  }
  SetMember(document, "steps", std::move(steps), allocator);
  return JsonText(document);
}

Result<RunProgress> ParseProgress(const std::string& text) {
  const auto document = ParseJson(text);
  if (!document) return document.error();
  const auto run = StringAt(*document, "run"), book = StringAt(*document, "book");
  const auto undoing = BoolAt(*document, "undoing");
  if (!run || !book || !undoing) return Error{Code::kRejected, "is no progress of a runbook"};
  RunProgress progress{*run, *book, {}, *undoing};
  for (const JsonValue& each : ListAt(*document, "steps")) {
    const auto reached = IntAt(each, "reached"), begun = IntAt(each, "begun");
    const auto seconds = NumberAt(each, "seconds");
    if (!reached || *reached < 0 || *reached > static_cast<int>(Reached::kPassed) || !begun || !seconds) {
      return Error{Code::kRejected, "has a step that is none"};
    }
    progress.steps.push_back({static_cast<Reached>(*reached), WallTime(Duration(*begun)), *seconds});
  }
  return progress;
}

Result<ProgressFile> ProgressFile::Hold(const std::string& path) {
  std::error_code failed;
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, failed);
  const std::string lock_path = path + ".lock";
  const int lock = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return Error{Code::kDenied, lock_path + " can't be written"};
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return Error{Code::kDenied, path + ": the runbook is being run by another process"};
  }
  return ProgressFile(path, lock);
}

ProgressFile::~ProgressFile() {
  if (lock_ >= 0) close(lock_);
}

ProgressFile::ProgressFile(ProgressFile&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

Result<std::optional<RunProgress>> ProgressFile::Read() const {
  const auto text = ReadFile(path_);
  if (!text && text.error().code == Code::kMissing) return std::optional<RunProgress>();
  if (!text) return text.error();
  auto progress = ParseProgress(*text);
  if (!progress) return Error{progress.error().code, path_ + " " + progress.error().what};
  return std::optional(std::move(*progress));
}

Status ProgressFile::Write(const RunProgress& progress) const {
  return WriteFileAtomically(path_, ProgressText(progress));
}

void ProgressFile::Remove() const { std::remove(path_.c_str()); }

void Durations::Add(const std::string& step, double seconds) const {
  JsonDocument line;
  line.SetObject();
  SetMember(line, "step", step, line.GetAllocator());
  SetMember(line, "seconds", JsonValue(seconds), line.GetAllocator());
  LineFile file(path_, LineFile::Sync::kNo);
  (void)file.Append(JsonText(line));  // what can't be kept is not learned; the run is none the worse
}

std::optional<double> Durations::Usual(const std::string& step) const {
  std::vector<double> seconds;
  for (const std::string& line : LastLines(path_, kBytesRead)) {
    const auto document = ParseJson(line);
    if (!document || StringAt(*document, "step") != step) continue;
    if (const auto took = NumberAt(*document, "seconds")) seconds.push_back(*took);
  }
  if (seconds.empty()) return std::nullopt;
  if (seconds.size() > kLearnedFrom) seconds.erase(seconds.begin(), seconds.end() - kLearnedFrom);
  std::sort(seconds.begin(), seconds.end());
  const std::size_t half = seconds.size() / 2;
  return seconds.size() % 2 == 1 ? seconds[half] : (seconds[half - 1] + seconds[half]) / 2;
}

}  // namespace spillway::ctl
