// The lab's fakes: whatever they are asked, they answer, and never with a failure of their own.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/base/http_head.h"
#include "src/base/json.h"
#include "tests/fuzz/entries.h"
#include "tests/fuzz/requests.h"
#include "tools/lab/avi_setup.h"
#include "tools/lab/dns/framing.h"
#include "tools/lab/dns/rotation.h"
#include "tools/lab/dns/wire.h"
#include "tools/lab/kubernetes_setup.h"
#include "tools/lab/site.h"

namespace spillway::fuzz {
namespace {

lab::avi::MemberView Up(const std::string& ip, const std::string& fqdn, int ratio) {
  lab::avi::MemberView member;
  member.ip = ip;
  member.fqdn = fqdn;
  member.ratio = ratio;
  member.up = true;
  return member;
}

// One service with every shape of answer: addresses, a name, nothing.
std::vector<lab::avi::ServiceView> Services() {
  std::vector<lab::avi::ServiceView> services(3);
  services[0].domain_names = {"shop.gslb.lab.test"};
  services[0].pools.resize(1);
  services[0].pools[0].members = {Up("127.10.0.10", "", 14), Up("127.20.0.10", "", 6)};
  services[1].domain_names = {"name.gslb.lab.test", "a.b.gslb.lab.test"};
  services[1].pools.resize(1);
  services[1].pools[0].members = {Up("", "elsewhere.test", 1)};
  services[2].domain_names = {"down.gslb.lab.test"};
  services[2].down_response = "GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP";
  services[2].fallback_ip = "127.0.0.9";
  return services;
}

void PromiseAnswered(const HttpRequest& request, const lab::Answer& answer) {
  const int status = answer.response.status;
  Promise(
      answer.fate != lab::Answer::Fate::kSent || (status >= 200 && status < 500) || status == 501,
      request.method + ' ' + request.target + " was answered " + std::to_string(status) + ": " + answer.response.body);
}

}  // namespace

void Promise(bool holds, const std::string& text) {
  if (holds) return;
  std::fprintf(stderr, "promise broken: %s\n", text.c_str());
  std::abort();
}

void DnsQuery(std::string_view bytes) {
  static const lab::Zone zone{.apex = "gslb.lab.test"};
  static const std::vector<lab::avi::ServiceView> services = Services();
  lab::Rotation rotation(1);
  for (const bool tcp : {false, true}) {
    const std::string answer = lab::Respond(bytes, tcp, [&](const lab::Question& question) {
      return lab::AnswerQuestion(zone, services, question, rotation);
    });
    if (answer.empty()) continue;
    Promise(answer.size() >= 12 && (answer.size() <= 1232 || tcp), "an answer has a header and fits");
    Promise(answer.substr(0, 2) == bytes.substr(0, 2), "an answer has the id of its query");
    Promise((static_cast<unsigned char>(answer[2]) & 0x80U) != 0, "an answer says that it is one");
    const auto id =
        static_cast<std::uint16_t>(static_cast<unsigned char>(answer[0]) << 8U | static_cast<unsigned char>(answer[1]));
    Promise(static_cast<bool>(lab::DecodeAnswer(answer, id)), "an answer can be parsed");
  }
}

void DnsStream(std::string_view bytes) {
  static const lab::Zone zone{.apex = "gslb.lab.test"};
  static const std::vector<lab::avi::ServiceView> services = Services();
  lab::Rotation rotation(1);
  lab::MessageQueue received;
  lab::MessageQueue answered;
  std::string_view left = bytes;    // of what the messages must be
  std::string_view coming = bytes;  // pieces of one to sixteen bytes, as the bytes themselves say
  while (!coming.empty()) {
    const std::size_t size = std::min<std::size_t>(coming.size(), 1 + (static_cast<unsigned char>(coming[0]) & 0xfU));
    received.Feed(coming.substr(0, size));
    coming.remove_prefix(size);
    while (const std::optional<std::string> query = received.Take()) {
      const std::size_t length =
          std::size_t{static_cast<unsigned char>(left[0])} << 8U | std::size_t{static_cast<unsigned char>(left[1])};
      Promise(*query == left.substr(2, length), "a message is what its length says, wherever the stream is cut");
      left.remove_prefix(2 + length);
      const std::string answer = lab::Respond(*query, true, [&](const lab::Question& question) {
        return lab::AnswerQuestion(zone, services, question, rotation);
      });
      const Result<std::string> framed = lab::Framed(answer);
      Promise(static_cast<bool>(framed), "an answer fits into a message");
      answered.Feed(*framed);
      Promise(answered.Take() == answer && answered.waiting() == 0, "an answer is read as it was written");
    }
    Promise(received.waiting() < 2 + lab::kMessageMost, "no more than one message waits");
  }
  Promise(received.waiting() == left.size(), "no byte is lost");
}

void AviRequest(std::string_view bytes) {
  static const ManualClock clock;
  lab::AviSetup setup;
  setup.app_port = 8080;
  setup.password = "pw";
  setup.admin_password = "pw";
  const auto federation = lab::MakeFederation(setup, clock);
  lab::avi::Controller& controller = (*federation)->controller("us");
  HttpRequest login;
  login.method = "POST";
  login.target = "/login";
  login.headers.Set("Content-Type", "application/json");
  login.body = R"({"username":"admin","password":"pw"})";
  const HttpResponse session = controller.Handle({login, "127.0.0.1", ""}).response;
  std::string cookies;
  std::string csrf;
  for (const std::string& cookie : session.headers.FindAll("Set-Cookie")) {
    const std::string pair = cookie.substr(0, cookie.find(';'));
    cookies += (cookies.empty() ? "" : "; ") + pair;
    if (pair.starts_with("csrftoken=")) csrf = pair.substr(10);
  }
  for (HttpRequest& request : ReadRequests(bytes)) {
    // Without these nothing gets past the door; a seed may bring its own.
    if (!request.headers.Find("Cookie")) request.headers.Add("Cookie", cookies);
    if (!request.headers.Find("X-CSRFToken")) request.headers.Add("X-CSRFToken", csrf);
    if (!request.headers.Find("Referer")) request.headers.Add("Referer", "https://avi.test/");
    if (!request.headers.Find("X-Avi-Version")) request.headers.Add("X-Avi-Version", "30.2.1");
    if (!request.headers.Find("Content-Type")) request.headers.Add("Content-Type", "application/json");
    PromiseAnswered(request, controller.Handle({request, "127.0.0.1", ""}));
  }
}

void KubernetesRequest(std::string_view bytes) {
  ManualClock clock;
  lab::KubernetesSetup setup;
  setup.admin_token = "t";
  const auto cluster = lab::MakeCluster(lab::kHome, setup, clock);
  for (HttpRequest& request : ReadRequests(bytes)) {
    if (!request.headers.Find("Authorization")) request.headers.Add("Authorization", "Bearer t");
    lab::Answer answer = (*cluster)->Handle({request, "127.0.0.1", ""});
    PromiseAnswered(request, answer);
    clock.Advance(1s);
    (*cluster)->Advance();
    if (answer.tail) answer.tail->Take();
  }
}

void RequestHead(std::string_view bytes) {
  const spillway::RequestHead head = ReadRequestHead(bytes, 1U << 20U);
  if (head.refused != 0) return Promise(head.refused >= 400 && !head.reason.empty(), "a refusal says why");
  Promise(IsToken(head.method) && IsTarget(head.target), "what is accepted is well formed");
  for (const auto& [name, value] : head.headers.fields()) {
    Promise(IsToken(name) && IsFieldValue(value), "fields that are accepted are well formed");
  }
}

}  // namespace spillway::fuzz
