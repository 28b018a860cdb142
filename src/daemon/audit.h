// Who asked for what, when, why, and what became of it.
#ifndef SPILLWAY_SRC_DAEMON_AUDIT_H_
#define SPILLWAY_SRC_DAEMON_AUDIT_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/line_file.h"
#include "src/base/result.h"
#include "src/base/time.h"

namespace spillway::daemon {

// What became of a request. The words are an interface.
enum class AuditOutcome {
  kAsked,     // written down before anything was done; what follows is not known yet
  kAccepted,  // stored and in force
  kDryRun,    // would have been accepted; nothing was done, as asked
  kRefused,   // by a safety rule
  kDenied,    // the caller may not
  kFailed,    // could not be stored; nothing was done
  kLost,      // spillwayd ended before it was stored; nothing was done
};
std::string_view Word(AuditOutcome outcome);

// One request.
struct AuditEntry {
  std::string id;  // unique; a later one sorts behind an earlier one
  WallTime at;
  std::string actor, role, peer;  // peer: an IP address
  std::string app, action;        // "drain"
  std::string detail;             // what exactly, in words: "site azure-eu"
  std::string reason, ticket;
  bool forced = false;  // passed a rule that refused it
  std::string passed;   // the rules that `force` passed
  AuditOutcome outcome = AuditOutcome::kAsked;
  std::string why;  // of a refusal, denial or failure: one sentence
  std::optional<WallTime> expires;
  std::optional<WallTime> ended;  // of an accepted order that is no longer in force
  std::string end;                // "expired", "cleared by anna", "replaced by anna"
};

// Append-only and durable: "audit.jsonl" in the state folder, a line when something is asked and one for each thing
// that became of it, each on the disk before Append or Follow returns. Nothing is ever removed or rewritten. Safe from
// any thread.
class AuditLog {
 public:
  // Chosen: what people page through at once; older ones stay in the file.
  static constexpr std::size_t kKept = 1000;

  // `dir` empty: nothing is kept on disk (a dry run).
  explicit AuditLog(const std::string& dir);

  // Reads back the end of the file. To be called once, before anything else. The damaged lines that were skipped.
  std::size_t Open();

  // A new request. An error: it could not be kept, so nothing may be done about it.
  Status Append(const AuditEntry& entry);

  // What became of the request `id`: its outcome, or its end.
  Status Follow(const std::string& id, WallTime at, AuditOutcome outcome, const std::string& why);
  Status End(const std::string& id, WallTime at, const std::string& end);

  // An entry of another process, as AuditJson writes it: kept like one's own if it is new, and its end is noted. What
  // is no entry, or older than what is at hand, is left out.
  Status Adopt(const std::string& json);

  // Newest first, at most `limit`, younger than `since`, of one application (empty: of all).
  std::vector<AuditEntry> Entries(std::size_t limit, std::optional<WallTime> since, const std::string& app) const;

  // Told of every entry that is new or has changed, after it was kept. To be set before the first Append.
  void OnChange(std::function<void(const AuditEntry&)> notify) { notify_ = std::move(notify); }

 private:
  Status Keep(const std::string& line);
  AuditEntry* FindLocked(const std::string& id);
  bool Take(const std::string& line);
  void AddLocked(AuditEntry entry);

  mutable std::mutex mutex_;
  std::optional<LineFile> file_;
  std::deque<AuditEntry> entries_;
  std::function<void(const AuditEntry&)> notify_;
};

// The entry as one JSON object.
std::string AuditJson(const AuditEntry& entry);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_AUDIT_H_
