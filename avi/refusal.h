// What a controller's error answers mean. Their bodies are free text, so nothing is taken for granted about them.
#ifndef SPILLWAY_AVI_REFUSAL_H_
#define SPILLWAY_AVI_REFUSAL_H_

#include <cstdint>
#include <string>

#include "src/base/http.h"
#include "src/base/json.h"
#include "src/base/result.h"

namespace spillway::avi {

// Answers that share a status and differ by their text alone.
enum class Refusal : std::uint8_t {
  kNone,            // not one of these
  kNotLeader,       // 400: configuration is written on the leader's controller only
  kMaintenance,     // 400: the whole federation takes no writes
  kDomainConflict,  // 400: another service has the same domain name
  kVersion,         // 400: X-Avi-Version is newer than the controller
  kUpgrade,         // 403: the controller is being upgraded
};
Refusal RefusalOf(const HttpResponse& response);

// The controller's own words: {"error":"..."}, {"error":{...}} or plain text; one line, at most 200 bytes, control
// characters taken out. Empty if the body is.
std::string ErrorText(const HttpResponse& response);

// The error that an answer outside 2xx stands for. `call`: what was asked of whom, "https://avi-us: PUT /api/...".
Error Refused(const std::string& call, const HttpResponse& response);

// The JSON of a 2xx answer, or the error. kRetry: 2xx, but not JSON (a front end spoke, or the answer was cut).
Result<JsonDocument> JsonAnswer(const std::string& call, const HttpResponse& response);

}  // namespace spillway::avi

#endif  // SPILLWAY_AVI_REFUSAL_H_
