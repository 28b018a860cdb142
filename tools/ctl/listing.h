// Lists: decisions, the audit trail, the doctor's findings.
#ifndef SPILLWAY_TOOLS_CTL_LISTING_H_
#define SPILLWAY_TOOLS_CTL_LISTING_H_

#include <string>

#include "src/base/json.h"

namespace spillway::ctl {

// Of one RECORD: its time, what changed, and writes that did not go through.
std::string RecordText(const JsonValue& record);
// Of one ENTRY: who, what, why, and what became of it; behind "!!" if a rule was passed by force.
std::string EntryText(const JsonValue& entry);

// What the doctor found: a line for each check, and below those that are not in order what to do.
std::string DoctorText(const JsonValue& answer);

// The answers of GET …/decisions and /audit, newest first.
std::string HistoryText(const JsonValue& answer);
std::string AuditText(const JsonValue& answer);

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_LISTING_H_
