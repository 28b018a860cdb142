#include "tools/lab/fault_board.h"

#include <algorithm>
#include <utility>

namespace spillway::lab {
namespace {

std::string Listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

std::vector<std::string> FaultBoard::Kinds(std::string_view target) {
  if (target == "avi-us" || target == "avi-eu") {
    return {"down", "hang", "latency", "http", "expire-sessions", "maintenance", "leader-change"};
  }
  if (target == "k8s-us" || target == "k8s-eu") return {"down", "hang", "latency", "http", "drop-watch", "gone"};
  if (target == "site-us" || target == "site-eu") return {"down"};
  if (target == "dns") return {"down"};
  return {};
}

Result<int> FaultBoard::Add(const std::string& target, const std::string& kind, double value,
                            std::optional<Duration> lasting) {
  const std::vector<std::string> kinds = Kinds(target);
  if (kinds.empty()) {
    return Error{Code::kRejected, "target: one of avi-us, avi-eu, k8s-us, k8s-eu, site-us, site-eu, dns"};
  }
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) {
    return Error{Code::kRejected, "kind: " + target + " knows " + Listed(kinds)};
  }
  if (kind == "http" && (value < 400 || value > 599)) {
    return Error{Code::kRejected, "value: of http, a status from 400 to 599"};
  }
  if (kind == "latency" && (value <= 0 || value > 600'000)) {
    return Error{Code::kRejected, "value: of latency, milliseconds from 1 to 600000"};
  }
  ActiveFault fault{0, target, kind, value, std::nullopt};
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

bool FaultBoard::Is(std::string_view target, std::string_view kind) const {
  const std::vector<ActiveFault> active = ActiveAt(target);
  return std::any_of(active.begin(), active.end(), [&](const ActiveFault& f) { return f.kind == kind; });
}

Answer FaultyFake::Handle(const Call& call) {
  Duration delay{};
  for (const ActiveFault& fault : board_.ActiveAt(target_)) {
    Answer broken;
    if (fault.kind == "down") {
      broken.fate = Answer::Fate::kDropped;
      return broken;
    }
    if (fault.kind == "hang") {
      broken.fate = Answer::Fate::kHung;
      return broken;
    }
    if (fault.kind == "http") {
      broken.response.status = static_cast<int>(fault.value);
      broken.response.headers.Set("Content-Type", "text/plain");
      broken.response.body = "the lab was told to answer this\n";
      return broken;
    }
    if (fault.kind == "latency") delay += FromSeconds(fault.value / 1000);
  }
  Answer answer = inner_.Handle(call);
  answer.delay += delay;
  return answer;
}

}  // namespace spillway::lab
