#include "tools/lab/fault_calls.h"

#include <string>
#include <string_view>

#include "src/base/time_text.h"
#include "tools/lab/control_bodies.h"
#include "tools/lab/json_out.h"

namespace spillway::lab {
namespace {

HttpReply Show(const FaultBoard& faults, const Clock& clock) {
  const Instant now = clock.Now();
  JsonOut out;
  out.Open().OpenArray("faults");
  for (const ActiveFault& fault : faults.Active()) {
    out.Open().Put("id", fault.id).Put("target", fault.target).Put("kind", fault.kind).Put("value", fault.value);
    if (fault.until) out.Put("for", DurationText(*fault.until - now));
    out.Close();
  }
  out.CloseArray().Close();
  return JsonReply(200, out.Text() + '\n');
}

HttpReply Add(FaultBoard& faults, const HttpRequest& request) {
  const auto bad = [](const Error& error) { return ProblemReply(422, "Unprocessable Content", error.what); };
  const Result<AskedFault> asked = ReadFault(request.body);
  if (!asked) return bad(asked.error());
  const Result<int> added = faults.Add(asked->target, asked->kind, asked->value, asked->lasting);
  if (!added) return bad(added.error());
  JsonOut out;
  out.Open().Put("id", *added).Close();
  return JsonReply(201, out.Text() + '\n');
}

HttpReply Remove(FaultBoard& faults, std::string_view id) {
  const std::optional<int> number = ReadFaultId(id);
  if (!number || !faults.Remove(*number)) return ProblemReply(404, "Not Found", "no such fault");
  return JsonReply(200, "{}\n");
}

}  // namespace

std::optional<HttpReply> AnswerFaultCall(FaultBoard& faults, const Clock& clock, const HttpRequest& request) {
  const std::string call = request.method + ' ' + std::string(SplitTarget(request.target).first);
  constexpr std::string_view kOne = "DELETE /faults/";
  if (call == "GET /faults") return Show(faults, clock);
  if (call == "POST /faults") return Add(faults, request);
  if (call == "DELETE /faults") return faults.Clear(), Show(faults, clock);
  if (call.starts_with(kOne)) return Remove(faults, std::string_view(call).substr(kOne.size()));
  return std::nullopt;
}

}  // namespace spillway::lab
