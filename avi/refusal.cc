#include "avi/refusal.h"

#include <algorithm>
#include <string_view>

namespace spillway::avi {
namespace {

struct KnownText {
  std::string_view part;
  int status;
  Refusal refusal;
};

// Source: AMKO 2.1.1 gslb/rest/dq_nodes.go; AKO internal/lib/constants.go; alb-sdk avi_api.py ("Invalid version").
constexpr KnownText kKnownTexts[] = {
    {"Config Operations can be done ONLY on leader", 400, Refusal::kNotLeader},
    {"GSLB system is in maintenance mode", 400, Refusal::kMaintenance},
    {"domain name conflicting with existing domain name", 400, Refusal::kDomainConflict},
    {"Invalid version", 400, Refusal::kVersion},
    {"Configuration is disallowed during upgrade", 403, Refusal::kUpgrade},
};

// Chosen: a sentence fits; a page of HTML does not.
constexpr std::size_t kTextCap = 200;

std::string OneLine(std::string_view text) {
  std::string line(text.substr(0, kTextCap));
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  while (!line.empty() && line.back() == ' ') line.pop_back();
  if (text.size() > kTextCap) line += "...";
  return line;
}

Code CodeOf(int status, Refusal refusal) {
  if (refusal == Refusal::kNotLeader || refusal == Refusal::kMaintenance || refusal == Refusal::kUpgrade) {
    return Code::kRetry;
  }
  switch (status) {
    case 401:
    case 403:
    case 419:
      return Code::kDenied;
    case 404:
      return Code::kMissing;
    case 409:
    case 412:
      return Code::kReread;
    case 408:
    case 429:
      return Code::kRetry;
    case 501:
      return Code::kRejected;
    default:
      return status >= 500 ? Code::kRetry : Code::kRejected;
  }
}

}  // namespace

std::string ErrorText(const HttpResponse& response) {
  // Bodies that are labelled JSON and are not are known (a CSRF refusal is one).
  if (const auto json = ParseJson(std::string_view(response.body).substr(0, 1U << 16U))) {
    for (const char* key : {"error", "detail", "message"}) {
      const JsonValue* text = Find(*json, key);
      if (text == nullptr) continue;
      return OneLine(text->IsString() ? std::string_view(text->GetString(), text->GetStringLength()) : JsonText(*text));
    }
  }
  return OneLine(response.body);
}

Refusal RefusalOf(const HttpResponse& response) {
  for (const KnownText& known : kKnownTexts) {
    if (response.status == known.status && response.body.find(known.part) != std::string::npos) return known.refusal;
  }
  return Refusal::kNone;
}

Error Refused(const std::string& call, const HttpResponse& response) {
  const std::string text = ErrorText(response);
  return {CodeOf(response.status, RefusalOf(response)),
          call + " was answered " + std::to_string(response.status) + (text.empty() ? "" : ": " + text)};
}

Result<JsonDocument> JsonAnswer(const std::string& call, const HttpResponse& response) {
  if (response.status < 200 || response.status > 299) return Refused(call, response);
  auto json = ParseJson(response.body);
  if (!json) return Error{Code::kRetry, call + " was answered " + json.error().what};
  return json;
}

}  // namespace spillway::avi
