#include "tools/lab/probe_book.h"

#include <algorithm>
#include <set>

namespace spillway::lab {
namespace {

std::string Key(const avi::ProbeTarget& target) { return target.ip + ' ' + target.monitor; }

}  // namespace

std::vector<avi::ProbeTarget> ProbeBook::Due(const std::vector<avi::ProbeTarget>& targets, Instant now) {
  std::set<std::string> present;
  std::vector<avi::ProbeTarget> due;
  for (const avi::ProbeTarget& target : targets) {
    const std::string key = Key(target);
    if (!present.insert(key).second) continue;
    auto [at, is_new] = entries_.try_emplace(key, Entry{target, now, 0, 0, std::nullopt});
    Entry& entry = at->second;
    entry.target = target;
    if (entry.due > now) continue;
    due.push_back(target);
    // Kept in step with the interval; after a long pause not made up for.
    entry.due = std::max(entry.due + target.send_interval, now + target.send_interval / 2);
  }
  std::erase_if(entries_, [&](const auto& item) { return !present.contains(item.first); });
  return due;
}

std::optional<bool> ProbeBook::Record(const avi::ProbeTarget& target, bool passed) {
  const auto at = entries_.find(Key(target));
  if (at == entries_.end()) return std::nullopt;
  Entry& entry = at->second;
  entry.passed_in_a_row = passed ? entry.passed_in_a_row + 1 : 0;
  entry.failed_in_a_row = passed ? 0 : entry.failed_in_a_row + 1;
  if (entry.passed_in_a_row >= target.successful_checks) entry.up = true;
  if (entry.failed_in_a_row >= target.failed_checks) entry.up = false;
  return entry.up;
}

std::optional<Instant> ProbeBook::NextDue() const {
  std::optional<Instant> next;
  for (const auto& [key, entry] : entries_) next = std::min(next.value_or(entry.due), entry.due);
  return next;
}

std::map<std::string, bool> ProbeBook::Verdicts() const {
  std::map<std::string, bool> verdicts;
  for (const auto& [key, entry] : entries_) {
    if (!entry.up) continue;
    const auto [at, is_new] = verdicts.try_emplace(entry.target.ip, *entry.up);
    at->second = at->second && *entry.up;
  }
  return verdicts;
}

}  // namespace spillway::lab
