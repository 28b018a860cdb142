// The lab's control API, without the world behind it: what it reads is refused with a reason, or can be done.
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>

#include "src/base/clock.h"
#include "src/base/json.h"
#include "tests/fuzz/entries.h"
#include "tests/fuzz/requests.h"
#include "tools/lab/control_bodies.h"
#include "tools/lab/fault_board.h"
#include "tools/lab/fault_calls.h"

namespace spillway::fuzz {
namespace {

template <class T>
bool Accepted(const Result<T>& read) {
  if (!read) Promise(!read.error().what.empty(), "a refusal says what is allowed");
  return static_cast<bool>(read);
}

void PromiseRange(const HttpRequest& request) {
  const auto demand = lab::ReadDemand(request.body);
  if (Accepted(demand)) Promise(*demand >= 0 && *demand <= 100, "a demand is in its range");
  const auto ready = lab::ReadReplicas(request.body);
  if (Accepted(ready)) {
    for (const std::optional<int>& count : *ready) {
      Promise(count.value_or(0) >= 0 && count.value_or(0) <= 1000, "ready replicas are in their range");
    }
  }
  (void)Accepted(lab::ReadWritesMost(request.target));
}

void PromiseShown(const lab::FaultBoard& board, const std::string& body) {
  const auto shown = ParseJson(body);
  Promise(shown && ListAt(*shown, "faults").Size() == board.Active().size(), "every fault that holds is shown");
  for (const JsonValue& fault : ListAt(*shown, "faults")) {
    Promise(IntAt(fault, "id").has_value() && NumberAt(fault, "value").has_value(),
            "a fault is shown with its figures");
  }
}

}  // namespace

void LabControl(std::string_view bytes) {
  ManualClock clock;
  lab::FaultBoard board(clock);
  std::size_t told = 0;
  board.OnAdd([&](const lab::ActiveFault& fault) {
    ++told;
    Promise(!lab::FaultBoard::Kinds(fault.target).empty() && std::isfinite(fault.value), "what is put up can be done");
    Promise(!fault.until || *fault.until >= clock.Now(), "no fault ends before it begins");
  });
  for (const HttpRequest& request : ReadRequests(bytes)) {
    PromiseRange(request);
    const std::size_t before = board.Active().size();
    const std::size_t told_before = told;
    const auto reply = lab::AnswerFaultCall(board, clock, request);
    if (!reply) continue;
    const HttpResponse& response = reply->response;
    const std::string call = request.method + ' ' + request.target;
    Promise(response.status == 200 || response.status == 201 || response.status == 404 || response.status == 422,
            call + " was answered " + std::to_string(response.status));
    Promise(static_cast<bool>(ParseJson(response.body)), call + " was answered with JSON");
    Promise(told - told_before == (response.status == 201 ? 1 : 0), "an answer of 201 is a fault, and no other is");
    if (response.status >= 400) Promise(board.Active().size() == before, "what was refused changed nothing");
    const lab::FaultBoard& seen = board;
    if (request.method == "GET") PromiseShown(seen, response.body);
    clock.Advance(1s);
  }
}

}  // namespace spillway::fuzz
