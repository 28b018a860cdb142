#include "src/daemon/audit.h"

#include <algorithm>
#include <array>
#include <utility>

#include "src/base/json.h"
#include "src/base/time_text.h"
#include "src/daemon/json_out.h"

namespace spillway::daemon {
namespace {

constexpr std::array<std::string_view, 7> kOutcomes = {"asked",  "accepted", "dry-run", "refused",
                                                       "denied", "failed",   "lost"};

// Chosen: more than kKept entries with their follow-ups, at about 600 bytes each.
constexpr std::size_t kTailBytes = 4U << 20U;

std::optional<AuditOutcome> OutcomeOf(std::string_view word) {
  const auto* at = std::find(kOutcomes.begin(), kOutcomes.end(), word);
  if (at == kOutcomes.end()) return std::nullopt;
  return static_cast<AuditOutcome>(at - kOutcomes.begin());
}

std::optional<WallTime> TimeAt(const JsonValue& value, std::string_view name) {
  const auto text = StringAt(value, name);
  return text ? ParseRfc3339(*text) : std::nullopt;
}

std::optional<AuditEntry> EntryOf(const JsonValue& record) {
  auto text = [&](std::string_view name) { return StringAt(record, name).value_or(""); };
  const auto at = TimeAt(record, "time");
  const auto outcome = OutcomeOf(text("outcome"));
  if (!at || !outcome) return std::nullopt;
  AuditEntry entry;
  entry.id = text("id");
  entry.at = *at;
  entry.actor = text("actor");
  entry.role = text("role");
  entry.peer = text("peer");
  entry.app = text("app");
  entry.action = text("action");
  entry.detail = text("detail");
  entry.reason = text("reason");
  entry.ticket = text("ticket");
  entry.forced = BoolAt(record, "forced").value_or(false);
  entry.passed = text("passed");
  entry.outcome = *outcome;
  entry.why = text("why");
  entry.expires = TimeAt(record, "expires");
  entry.ended = TimeAt(record, "ended");
  entry.end = text("end");
  return entry;
}

}  // namespace

std::string_view Word(AuditOutcome outcome) { return kOutcomes.at(static_cast<std::size_t>(outcome)); }

std::string AuditJson(const AuditEntry& entry) {
  JsonOut out;
  auto put_some = [&](std::string_view key, const std::string& text) {
    if (!text.empty()) out.Put(key, text);
  };
  out.Begin().Put("id", entry.id).Put("time", Rfc3339Micro(entry.at));
  out.Put("actor", entry.actor).Put("role", entry.role).Put("peer", entry.peer);
  out.Put("app", entry.app).Put("action", entry.action);
  put_some("detail", entry.detail);
  put_some("reason", entry.reason);
  put_some("ticket", entry.ticket);
  out.Put("forced", entry.forced);
  put_some("passed", entry.passed);
  out.Put("outcome", Word(entry.outcome));
  put_some("why", entry.why);
  if (entry.expires) out.Put("expires", Rfc3339(*entry.expires));
  if (entry.ended) out.Put("ended", Rfc3339Micro(*entry.ended)).Put("end", entry.end);
  out.End();
  return out.Take();
}

AuditLog::AuditLog(const std::string& dir) {
  if (!dir.empty()) file_.emplace(dir + "/audit.jsonl", LineFile::Sync::kEach);
}

std::size_t AuditLog::Open() {
  const std::lock_guard lock(mutex_);
  std::size_t damaged = 0;
  if (!file_) return damaged;
  for (const std::string& line : LastLines(file_->path(), kTailBytes)) damaged += Take(line) ? 0 : 1;
  return damaged;
}

bool AuditLog::Take(const std::string& line) {
  const auto record = ParseJson(line);
  if (!record) return false;
  const auto follows = StringAt(*record, "of");
  if (!follows) {
    auto entry = EntryOf(*record);
    if (!entry) return false;
    AddLocked(std::move(*entry));
    return true;
  }
  AuditEntry* entry = FindLocked(*follows);
  if (entry == nullptr) return true;  // older than what is kept at hand
  if (const auto outcome = OutcomeOf(StringAt(*record, "outcome").value_or(""))) {
    entry->outcome = *outcome;
    entry->why = StringAt(*record, "why").value_or("");
  } else {
    entry->ended = TimeAt(*record, "time");
    entry->end = StringAt(*record, "end").value_or("");
  }
  return true;
}

AuditEntry* AuditLog::FindLocked(const std::string& id) {
  const auto at =
      std::find_if(entries_.rbegin(), entries_.rend(), [&](const AuditEntry& entry) { return entry.id == id; });
  return at == entries_.rend() ? nullptr : &*at;
}

void AuditLog::AddLocked(AuditEntry entry) {
  // What another process was asked may come to be known late.
  auto behind = entries_.end();
  while (behind != entries_.begin() && std::prev(behind)->at > entry.at) --behind;
  entries_.insert(behind, std::move(entry));
  if (entries_.size() > kKept) entries_.pop_front();
}

Status AuditLog::Keep(const std::string& line) { return file_ ? file_->Append(line) : Ok(); }

Status AuditLog::Append(const AuditEntry& entry) {
  {
    const std::lock_guard lock(mutex_);
    if (Status kept = Keep(AuditJson(entry)); !kept) return kept;
    AddLocked(entry);
  }
  if (notify_) notify_(entry);
  return Ok();
}

Status AuditLog::Follow(const std::string& id, WallTime at, AuditOutcome outcome, const std::string& why) {
  JsonOut out;
  out.Begin().Put("of", id).Put("time", Rfc3339Micro(at)).Put("outcome", Word(outcome));
  if (!why.empty()) out.Put("why", why);
  out.End();
  std::optional<AuditEntry> changed;
  {
    const std::lock_guard lock(mutex_);
    if (Status kept = Keep(out.Take()); !kept) return kept;
    if (AuditEntry* entry = FindLocked(id)) {
      entry->outcome = outcome;
      entry->why = why;
      changed = *entry;
    }
  }
  if (changed && notify_) notify_(*changed);
  return Ok();
}

Status AuditLog::End(const std::string& id, WallTime at, const std::string& end) {
  JsonOut out;
  out.Begin().Put("of", id).Put("time", Rfc3339Micro(at)).Put("end", end).End();
  std::optional<AuditEntry> changed;
  {
    const std::lock_guard lock(mutex_);
    if (Status kept = Keep(out.Take()); !kept) return kept;
    if (AuditEntry* entry = FindLocked(id)) {
      entry->ended = at;
      entry->end = end;
      changed = *entry;
    }
  }
  if (changed && notify_) notify_(*changed);
  return Ok();
}

Status AuditLog::Adopt(const std::string& json) {
  const auto record = ParseJson(json);
  auto told = record ? EntryOf(*record) : std::nullopt;
  if (!told || told->id.empty()) return Ok();
  {
    const std::lock_guard lock(mutex_);
    const AuditEntry* known = FindLocked(told->id);
    if (known == nullptr) {
      if (entries_.size() >= kKept && told->at < entries_.front().at) return Ok();
      if (Status kept = Keep(AuditJson(*told)); !kept) return kept;
      AddLocked(*told);
    } else if (known->app != told->app || !told->ended || known->ended) {
      return Ok();
    }
  }
  if (told->ended) return End(told->id, *told->ended, told->end);
  if (notify_) notify_(*told);
  return Ok();
}

std::vector<AuditEntry> AuditLog::Entries(std::size_t limit, std::optional<WallTime> since,
                                          const std::string& app) const {
  const std::lock_guard lock(mutex_);
  std::vector<AuditEntry> found;
  for (auto entry = entries_.rbegin(); entry != entries_.rend() && found.size() < limit; ++entry) {
    if (since && entry->at <= *since) break;
    if (app.empty() || entry->app == app) found.push_back(*entry);
  }
  return found;
}

}  // namespace spillway::daemon
