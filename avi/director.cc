#include "avi/director.h"

#include <optional>
#include <utility>

#include "avi/place.h"
#include "avi/poll.h"
#include "avi/refusal.h"

namespace spillway::avi {
namespace {

ApiCall Call(std::string method, std::string target) {
  ApiCall call;
  call.method = std::move(method);
  call.target = std::move(target);
  return call;
}

std::string ServiceTarget(const std::string& uuid) { return "/api/gslbservice/" + PercentEncode(uuid); }

std::string Revision(const JsonValue& config) { return StringAt(config, "_last_modified").value_or(""); }

// Microseconds as text: more digits are later.
bool Older(const std::string& a, const std::string& b) { return a.size() != b.size() ? a.size() < b.size() : a < b; }

}  // namespace

Director::Director(std::shared_ptr<Federation> federation, std::shared_ptr<Picture> picture, std::size_t service)
    : federation_(std::move(federation)), picture_(std::move(picture)), service_(service) {}

Reading<TrafficState> Director::Read() const { return picture_->Read(service_, federation_->Present()); }

Result<TrafficState> Director::Write(const Layout& want, const std::string& revision, bool urgent, Duration deadline) {
  const Instant until = federation_->clock().Now() + deadline;
  const auto turn = federation_->writes().Enter(urgent, deadline);
  if (!turn) return Error{Code::kRetry, "other writes to Avi were in the way; nothing was written"};
  const Result<Target> target = FindTarget();
  if (!target) return target.error();
  Result<TrafficState> state = WriteTo(*target, want, revision, until);
  // The state after a write is of interest at once, and after a failed one even more.
  if (state || state.error().code == Code::kRetry || state.error().code == Code::kReread) federation_->PollSoon();
  return state;
}

Result<Director::Target> Director::FindTarget() const {
  const Verdict verdict = federation_->Present();
  if (!verdict.unwritable_why.empty()) return Error{Code::kRetry, verdict.unwritable_why + "; nothing was written"};
  const auto json = picture_->Json(service_);
  if (!json) {
    const Reading<TrafficState> reading = Read();
    if (reading.failure) return Error{reading.failure->code, reading.failure->what};
    const std::string name = picture_->options(service_).service;
    return Error{Code::kRetry, "GSLB service \"" + name + "\" has not been read yet; nothing was written"};
  }
  return Target{federation_->session(*verdict.leader), *verdict.gslb, json->uuid};
}

Result<TrafficState> Director::WriteTo(const Target& target, const Layout& want, const std::string& revision,
                                       Instant until) {
  const Instant began = federation_->clock().Now();
  Result<JsonDocument> config = target.leader.Get(Call("GET", ServiceTarget(target.uuid)), until);
  if (!config) return config.error();
  const std::string present = Revision(*config);
  if (present.empty()) {
    return Error{Code::kRejected, target.leader.url() + ": GSLB service " + target.uuid +
                                      " has no _last_modified, so that a write could not be made safe"};
  }
  const MemberMatches members = picture_->options(service_).members;
  const Result<ServiceView> view = ReadService(*config, nullptr, members);
  if (!view) return view.error();
  if (!view->traffic.writable) return Error{Code::kRejected, view->traffic.unwritable_why};
  if (present != revision) {
    return Error{Code::kReread, "GSLB service \"" + picture_->options(service_).service +
                                    "\" was changed by somebody else; nothing was written"};
  }
  Result<Placed> placed = PlaceMembers(*config, members, want);
  if (!placed) return placed.error();
  if (!placed->changed) {
    const auto known = picture_->Json(service_);
    picture_->Update(service_, picture_->Writes(service_),
                     {target.uuid, CopyOf(&*config), known ? known->runtime : nullptr}, began);
    const Reading<TrafficState> reading = Read();
    if (reading.seen) return reading.seen->value;
    return Error{Code::kRetry, "nothing had to be written"};
  }
  Result<JsonDocument> answered = Put(target, placed->config, until);
  if (!answered) return answered.error();
  return ReadBack(target, std::move(*answered), until);
}

Result<JsonDocument> Director::Put(const Target& target, const JsonValue& config, Instant until) {
  ApiCall call = Call("PUT", ServiceTarget(target.uuid));
  call.body = JsonText(config);
  // Before and (in Written, or by the caller's next poll) after: a read that is under way tells nothing of this.
  picture_->WriteTouched(service_);
  Result<JsonDocument> answered = target.leader.Get(call, until);
  if (!answered) picture_->WriteTouched(service_);
  return answered;
}

Result<TrafficState> Director::ReadBack(const Target& target, JsonDocument answered, Instant until) {
  const Instant began = federation_->clock().Now();
  const auto known = picture_->Json(service_);
  ServiceJson json{target.uuid, nullptr, known ? known->runtime : nullptr};
  // Controllers may hand a read to a node that has not heard of the write yet: the newer of both is the truth. If it
  // is newer than the answer, somebody wrote in between.
  Result<JsonDocument> config = target.leader.Get(Call("GET", ServiceTarget(target.uuid)), until);
  const bool stale = !config || Older(Revision(*config), Revision(answered));
  json.config = CopyOf(stale ? &answered : &*config);
  const auto inventory =
      target.leader.Get(Call("GET", "/api/gslbservice-inventory/" + PercentEncode(target.uuid)), until);
  if (inventory) {
    if (const JsonValue* runtime = Find(*inventory, "runtime")) json.runtime = CopyOf(runtime);
  }
  picture_->Written(service_, std::move(json), began);
  LastAnswer once;
  const auto in_force = ReadInForce(target.leader, target.gslb, until, once);
  if (in_force) picture_->InForce(*in_force, began);
  const Reading<TrafficState> reading = Read();
  if (reading.failure) return Error{reading.failure->code, reading.failure->what};
  return reading.seen->value;
}

}  // namespace spillway::avi
