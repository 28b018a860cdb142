// What happens in the world while it runs: time passes, and things break and are mended.
#include <string>

#include "src/base/join.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "tools/lab/kubernetes_setup.h"
#include "tools/lab/world.h"

namespace spillway::lab {
namespace {

// Over what the traffic figures are averaged.
constexpr Duration kLoadWindow = 1s;

std::string Text(std::string_view view) { return std::string(view); }
std::string Target(const char* kind, std::size_t site) { return kind + Text(kSites.at(site).key); }

// What a session of Avi's user admin is asked with.
HttpHeaders AdminSession(Fake& controller, const std::string& password) {
  Call login;
  login.peer_ip = "127.0.0.2";
  login.request.method = "POST";
  login.request.target = "/login";
  login.request.headers = {{"Content-Type", "application/json"}};
  login.request.body = R"({"username":"admin","password":")" + password + "\"}";
  HttpHeaders headers = {
      {"Content-Type", "application/json"}, {"X-Avi-Version", "30.2.1"}, {"Referer", "https://admin.lab.test/"}};
  std::string cookies;
  for (const std::string& cookie : controller.Handle(login).response.headers.FindAll("Set-Cookie")) {
    const std::string pair = cookie.substr(0, cookie.find(';'));
    Join(cookies, pair);
    constexpr std::string_view kToken = "csrftoken=";
    if (pair.starts_with(kToken)) headers.Set("X-CSRFToken", pair.substr(kToken.size()));
  }
  headers.Set("Cookie", cookies);
  return headers;
}

}  // namespace

VipTrouble World::TroubleAt(std::size_t site) const {
  VipTrouble trouble;
  for (const ActiveFault& fault : faults_.ActiveAt(Target("site-", site))) {
    trouble.hangs = trouble.hangs || fault.kind == "hang";
    trouble.looks_ill = trouble.looks_ill || fault.kind == "unhealthy-vip";
    if (fault.kind == "http") trouble.status = static_cast<int>(fault.value);
    if (fault.kind == "latency") trouble.latency += FromSeconds(fault.value / 1000);
  }
  return trouble;
}

void World::TouchService(std::size_t site, const Credentials& credentials) {
  const std::string key = Text(kSites.at(site).key);
  const auto stored = federation_->Read(key, "gslbservice", Text(kGslbService));
  const auto service = stored ? ParseJson(*stored) : Result<JsonDocument>(stored.error());
  if (!service) return;
  Call call;
  call.peer_ip = "127.0.0.2";
  call.request.method = "PATCH";
  call.request.target = "/api/gslbservice/" + StringAt(*service, "uuid").value_or("");
  call.request.headers = AdminSession(federation_->controller(key), credentials.avi_admin_password);
  call.request.body = R"({"replace":{"description":"touched )" + std::to_string(++touches_) + R"( times"}})";
  federation_->controller(key).Handle(call);
}

void World::TouchDeployment(std::size_t site, const Credentials& credentials) {
  Call call;
  call.request.method = "PATCH";
  call.request.target = "/apis/apps/v1/namespaces/" + Text(kNamespace) + "/deployments/" + Text(kDeployment);
  call.request.headers = {{"Authorization", "Bearer " + credentials.admin_token},
                          {"Content-Type", "application/merge-patch+json"}};
  call.request.body = R"({"metadata":{"labels":{"touched":")" + std::to_string(++touches_) + "\"}}}";
  clusters_.at(site)->Handle(call);
}

void World::HappenOnce(const ActiveFault& fault) {
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    if (federation_ && fault.target == Target("avi-", site)) {
      if (fault.kind == "expire-sessions") federation_->ExpireSessions(kSites.at(site).key);
      if (fault.kind == "leader-change") federation_->ChangeLeader(kSites.at(site).key);
    }
    if (clusters_.at(site) && fault.target == Target("k8s-", site)) {
      if (fault.kind == "gone") clusters_.at(site)->ForgetHistory();
      // Nobody tells of a connection on which nothing comes any more.
      for (const char* cuts : {"gone", "drop-watch", "down", "http"}) {
        if (fault.kind == cuts) clusters_.at(site)->CutWatches();
      }
    }
  }
  for (const char* once : {"expire-sessions", "leader-change", "gone", "drop-watch"}) {
    if (fault.kind == once) faults_.Remove(fault.id);
  }
}

void World::Run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kTick, [this] { return stop_; })) {
    lock.unlock();
    Tick();
    lock.lock();
  }
}

void World::Tick() {
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    const Status listening = front_end_servers_.at(site)->SetListening(!faults_.Is(Target("site-", site), "down"));
    if (!listening) Log(LogLevel::kWarn, "front end can't listen again", {{"why", listening.error().what}});
    if (clusters_.at(site)) TellReplicas(site);
    if (federation_) TellFederation(site);
  }
  Break();
  if (!federation_) return;
  federation_->SetMaintenance(faults_.Is("avi-us", "maintenance") || faults_.Is("avi-eu", "maintenance"));
  federation_->controller(kSites[kHome].key).Advance();
}

void World::Break() {
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    if (dns_.at(site)) dns_.at(site)->Freeze(faults_.Is("dns", "stale"));
    if (clusters_.at(site)) BreakPods(site);
  }
  if (clusters_[kHome]) BreakAutoscaler();
  if (!federation_) return;
  const PathState path = tunnel_.State();
  federation_->SetLink(kSites[kHome].key, kSites[kOverflow].key, !path.cut, path.latency);
}

void World::BreakPods(std::size_t site) {
  const std::string target = Target("k8s-", site);
  const PodTrouble trouble{faults_.Value(target, "slow-pods").value_or(0), faults_.Is(target, "never-ready")};
  if (trouble == pod_trouble_.at(site)) return;
  pod_trouble_.at(site) = trouble;
  PodTimes times;
  if (trouble.seconds > 0) times.to_ready = FromSeconds(trouble.seconds);
  times.never_ready = trouble.never_ready;
  clusters_.at(site)->SetPodTimes(times);
}

void World::BreakAutoscaler() {
  const bool down = faults_.Is("autoscaler", "down");
  const bool stale = faults_.Is("autoscaler", "stale");
  if (down == autoscaler_down_ && stale == autoscaler_stale_) return;
  autoscaler_down_ = down;
  autoscaler_stale_ = stale;
  AutoscalerOptions options = HomeAutoscaler();
  options.has_metrics = !down;
  options.running = !stale;
  clusters_[kHome]->SetAutoscaler(options);
}

void World::TellReplicas(std::size_t site) {
  clusters_.at(site)->Advance();
  int ready = 0;
  int terminating = 0;
  for (const PodView& pod : clusters_.at(site)->Pods(Text(kNamespace), Text(kDeployment))) {
    if (pod.terminating && pod.phase == "Running") ++terminating;
    if (pod.ready && !pod.terminating) ++ready;
  }
  front_ends_.at(site)->SetReplicas(ready, terminating);
}

void World::TellFederation(std::size_t site) {
  const std::string vip = Text(kSites.at(site).vip);
  const FrontEnd& shop = *front_ends_.at(site);
  const VipTrouble trouble = TroubleAt(site);
  federation_->SetControllerStatus(vip, shop.Healthy() && listening(site) && !trouble.hangs && !trouble.looks_ill);
  const double rate = shop.ServedPerSecond(kLoadWindow);
  // Nearly every request opens a connection that is then kept for a while (Little's law).
  federation_->SetTraffic(vip, rate, rate * Seconds(PopulationOptions{}.keep_alive));
}

}  // namespace spillway::lab
