#include "tools/lab/fault_board.h"

#include <algorithm>
#include <array>
#include <utility>

#include "src/base/join.h"

namespace spillway::lab {
namespace {

using Words = std::vector<std::string>;

struct TargetKinds {
  std::string_view target;
  Words kinds;
};

const std::vector<TargetKinds>& AllTargets() {
  static const Words kAvi = {"down",       "hang",        "latency",      "http",
                             "stale",      "lose-answer", "conflict",     "expire-sessions",
                             "rate-limit", "maintenance", "leader-change"};
  static const Words kKubernetes = {"down",     "hang",       "latency", "http",       "stale",     "lose-answer",
                                    "conflict", "rate-limit", "gone",    "drop-watch", "slow-pods", "never-ready"};
  static const Words kSite = {"down", "hang", "latency", "http", "unhealthy-vip"};
  static const std::vector<TargetKinds> kAll = {{"avi-us", kAvi},
                                                {"avi-eu", kAvi},
                                                {"k8s-us", kKubernetes},
                                                {"k8s-eu", kKubernetes},
                                                {"tunnel", {"partition", "down", "latency", "loss"}},
                                                {"dns", {"down", "stale"}},
                                                {"site-us", kSite},
                                                {"site-eu", kSite},
                                                {"autoscaler", {"down", "stale"}}};
  return kAll;
}

// The kinds that take a value.
struct Range {
  std::string_view kind;
  double least, most;
  std::optional<double> usual;
  std::string_view text;
};
constexpr std::array<Range, 4> kRanges = {{{"http", 400, 599, std::nullopt, "a status from 400 to 599"},
                                           {"latency", 1, 600'000, std::nullopt, "milliseconds from 1 to 600000"},
                                           {"loss", 1, 99, std::nullopt, "percent of packets, 1 to 99"},
                                           {"slow-pods", 1, 3600, 30, "seconds until ready, 1 to 3600"}}};

Result<double> CheckedValue(const std::string& kind, std::optional<double> value) {
  const auto* range = std::find_if(kRanges.begin(), kRanges.end(), [&](const Range& r) { return r.kind == kind; });
  if (range == kRanges.end()) {
    if (value && *value != 0) return Error{Code::kRejected, "value: " + kind + " takes none"};
    return 0.0;
  }
  const std::optional<double> meant = value ? value : range->usual;
  if (meant && *meant >= range->least && *meant <= range->most) return *meant;
  return Error{Code::kRejected, "value: of " + kind + ", " + std::string(range->text)};
}

}  // namespace

std::vector<std::string> FaultBoard::Targets() {
  Words names;
  for (const TargetKinds& row : AllTargets()) names.emplace_back(row.target);
  return names;
}

std::vector<std::string> FaultBoard::Kinds(std::string_view target) {
  for (const TargetKinds& row : AllTargets()) {
    if (row.target == target) return row.kinds;
  }
  return {};
}

Result<int> FaultBoard::Add(const std::string& target, const std::string& kind, std::optional<double> value,
                            std::optional<Duration> lasting) {
  const Words kinds = Kinds(target);
  if (kinds.empty()) return Error{Code::kRejected, "target: one of " + Joined(Targets(), ", ")};
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) {
    return Error{Code::kRejected, "kind: " + target + " knows " + Joined(kinds, ", ")};
  }
  const Result<double> checked = CheckedValue(kind, value);
  if (!checked) return checked.error();
  ActiveFault fault{0, target, kind, *checked, std::nullopt};
  {
    const std::scoped_lock lock(mutex_);
    fault.id = ++last_id_;
    if (lasting) fault.until = clock_.Now() + *lasting;
    faults_.push_back(fault);
  }
  if (notify_) notify_(fault);
  return fault.id;
}

bool FaultBoard::Remove(int id) {
  const std::scoped_lock lock(mutex_);
  return std::erase_if(faults_, [&](const ActiveFault& f) { return f.id == id; }) != 0;
}

void FaultBoard::Clear() {
  const std::scoped_lock lock(mutex_);
  faults_.clear();
}

std::vector<ActiveFault> FaultBoard::Active() const {
  const std::scoped_lock lock(mutex_);
  if (faults_.empty()) return {};
  const Instant now = clock_.Now();
  std::vector<ActiveFault> active;
  for (const ActiveFault& fault : faults_) {
    if (!fault.until || *fault.until > now) active.push_back(fault);
  }
  return active;
}

std::vector<ActiveFault> FaultBoard::ActiveAt(std::string_view target) const {
  std::vector<ActiveFault> active = Active();
  std::erase_if(active, [&](const ActiveFault& f) { return f.target != target; });
  return active;
}

std::optional<double> FaultBoard::Value(std::string_view target, std::string_view kind) const {
  std::optional<double> value;
  for (const ActiveFault& fault : Active()) {
    if (fault.target == target && fault.kind == kind) value = fault.value;
  }
  return value;
}

}  // namespace spillway::lab
