#include "avi/surveyor.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "avi/pools.h"
#include "avi/refusal.h"
#include "avi/wire.h"
#include "src/base/http_date.h"

namespace spillway::avi {
namespace {

ApiCall Question(std::string target, bool whole_controller) {
  ApiCall call;
  call.target = std::move(target);
  call.whole_controller = whole_controller;
  return call;
}

// The first of a list's results whose `key` is `wanted`.
const JsonValue* ResultBy(const JsonValue& list, const char* key, const std::string& wanted) {
  for (const JsonValue& one : ListAt(list, "results")) {
    if (StringAt(one, key) == wanted) return &one;
  }
  return nullptr;
}

// "https://avi/api/role/role-1#Spillway" -> "/api/role/role-1"; empty: not of that type.
std::string PathOfRef(const std::string& ref, const std::string& type) {
  const std::string mark = "/api/" + type + "/";
  const std::size_t at = ref.find(mark);
  if (at == std::string::npos) return "";
  const std::string uuid = ref.substr(at + mark.size(), ref.find_first_of("?#", at) - at - mark.size());
  return mark + PercentEncode(uuid);
}

ControllerSeen Look(Session& session, ControllerView& view, const Clock& clock, Instant until) {
  ControllerSeen seen;
  seen.url = view.url = session.url();
  view.looked = true;
  const auto look = [&]() -> Status {
    const ApiCall who = Question("/api/cluster", true);
    const auto response = session.Send(who, until);
    if (!response) return response.error();
    if (const auto theirs = ParseHttpDate(response->headers.Find("Date").value_or(""))) {
      seen.clock_by = *theirs - clock.WallNow();
    }
    const auto cluster = JsonAnswer(session.CallText(who), *response);
    if (!cluster) return cluster.error();
    view.cluster_uuid = StringAt(*cluster, "uuid").value_or("");
    const auto list = session.Get(Question("/api/gslb", true), until);
    if (!list) return list.error();
    auto gslb = ReadGslb(*list);
    if (!gslb) return Error{gslb.error().code, session.url() + ": " + gslb.error().what};
    view.gslb = std::move(*gslb);
    return Ok();
  };
  if (const Status looked = look(); !looked) seen.failure = view.problem = looked.error();
  seen.version = session.version();
  seen.leads = view.gslb && !view.cluster_uuid.empty() && view.gslb->leader_uuid == view.cluster_uuid;
  return seen;
}

// Source: alb-sdk go/models: User (access, user_profile_ref, is_superuser), UserRole (role_ref), Role (privileges),
// UserAccountProfile (credentials_timeout_threshold in days, standard 180).
AccountSeen Account(Session& session, const std::string& username, Instant until) {
  AccountSeen seen;
  const auto users = session.Get(Question("/api/user?name=" + PercentEncode(username), true), until);
  if (!users) {
    seen.failure = users.error();
    return seen;
  }
  const JsonValue* user = ResultBy(*users, "username", username);
  if (user == nullptr) user = ResultBy(*users, "name", username);
  if (user == nullptr) {
    seen.failure = Error{Code::kMissing, session.url() + ": user " + username + " is not among those it may see"};
    return seen;
  }
  seen.superuser = BoolAt(*user, "is_superuser").value_or(false);
  const std::string profile = PathOfRef(StringAt(*user, "user_profile_ref").value_or(""), "useraccountprofile");
  if (!profile.empty()) {
    constexpr int kDaysUnset = 180;
    const auto json = session.Get(Question(profile, true), until);
    if (json) {
      seen.password_days = static_cast<int>(IntAt(*json, "credentials_timeout_threshold").value_or(kDaysUnset));
    }
  }
  for (const JsonValue& one : ListAt(*user, "access")) {
    const auto role = session.Get(Question(PathOfRef(StringAt(one, "role_ref").value_or(""), "role"), true), until);
    if (!role) {
      seen.failure = role.error();
    } else {
      AddRole(*role, seen.access);
    }
  }
  return seen;
}

std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// Tools leave no mark of their own; people who use them do, in labels and descriptions.
std::string MarkWhy(const JsonValue& config) {
  for (const char* field : {"markers", "created_by", "description"}) {
    const JsonValue* value = Find(config, field);
    if (value == nullptr) continue;
    const std::string text = LowerCase(JsonText(*value));
    for (const char* tool : {"terraform", "ansible"}) {
      if (text.find(tool) != std::string::npos) {
        return ServiceText(config) + " has \"" + tool + "\" in its " + field +
               ": its next run would restore its own ratios";
      }
    }
  }
  return "";
}

ServiceSeen Service(Session& session, const ServiceOptions& options, const Verdict& verdict, Instant until) {
  ServiceSeen failed;
  failed.app = options.app;
  failed.name = options.service;
  const auto by_name = session.Get(Question("/api/gslbservice?name=" + PercentEncode(options.service), false), until);
  if (!by_name) {
    failed.failure = by_name.error();
    return failed;
  }
  if (const JsonValue* config = ResultBy(*by_name, "name", options.service)) {
    return SurveyService(*config, options, verdict);
  }
  const auto by_uuid = session.Get(Question("/api/gslbservice/" + PercentEncode(options.service), false), until);
  if (by_uuid) return SurveyService(*by_uuid, options, verdict);
  failed.failure =
      Error{by_uuid.error().code, "GSLB service \"" + options.service + "\" not found at " + session.url()};
  return failed;
}

}  // namespace

void AddRole(const JsonValue& role, std::map<std::string, std::string>& access) {
  for (const JsonValue& privilege : ListAt(role, "privileges")) {
    const auto resource = StringAt(privilege, "resource");
    const std::string type = StringAt(privilege, "type").value_or("NO_ACCESS");
    if (!resource) continue;
    std::string& best = access[*resource];
    if (best.empty() || type == "WRITE_ACCESS" || (type == "READ_ACCESS" && best == "NO_ACCESS")) best = type;
  }
}

ServiceSeen SurveyService(const JsonValue& config, const ServiceOptions& options, const Verdict& verdict) {
  ServiceSeen seen;
  seen.app = options.app;
  seen.name = options.service;
  const auto view = ReadService(config, nullptr, options.members);
  if (!view) {
    seen.failure = view.error();
    return seen;
  }
  seen.ttl = view->traffic.ttl;
  seen.ratios_void = Overlay(*view, verdict, true).ratios_void;
  seen.owner_why = view->traffic.unwritable_why;
  seen.mark_why = MarkWhy(config);
  seen.monitored = !ListAt(config, "health_monitor_refs").Empty();
  for (const JsonValue& name : ListAt(config, "domain_names")) {
    if (name.IsString()) seen.domain_names.emplace_back(name.GetString(), name.GetStringLength());
  }
  return seen;
}

FederationSeen MakeSurvey(Federation& federation, const std::vector<ServiceOptions>& services, Instant until) {
  FederationSeen seen;
  std::vector<ControllerView> views(federation.size());
  for (std::size_t i = 0; i < federation.size(); ++i) {
    seen.controllers.push_back(Look(federation.session(i), views[i], federation.clock(), until));
  }
  const Verdict verdict = Judge(views);
  seen.unwritable_why = verdict.unwritable_why;
  if (verdict.leader) seen.leader = views[*verdict.leader].url;
  std::optional<std::size_t> reader = verdict.leader;
  for (std::size_t i = 0; i < views.size() && !reader; ++i) {
    if (!views[i].problem) reader = i;
  }
  if (!reader) return seen;
  Session& session = federation.session(*reader);
  seen.account = Account(session, federation.options().username, until);
  for (const ServiceOptions& options : services) seen.services.push_back(Service(session, options, verdict, until));
  return seen;
}

}  // namespace spillway::avi
