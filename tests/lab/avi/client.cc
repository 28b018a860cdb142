#include "tests/lab/avi/client.h"

namespace spillway::lab::avi {

void Client::Keep(const HttpResponse& response) {
  for (const std::string& cookie : response.headers.FindAll("Set-Cookie")) {
    const std::size_t equals = cookie.find('=');
    cookies[cookie.substr(0, equals)] = cookie.substr(equals + 1, cookie.find(';') - equals - 1);
  }
}

Answer Client::Raw(const std::string& method, const std::string& target,
                   const std::vector<std::pair<std::string, std::string>>& fields, const std::string& body) {
  Call call;
  call.peer_ip = peer_;
  call.request.method = method;
  call.request.target = target;
  call.request.body = body;
  for (const auto& [name, value] : fields) call.request.headers.Add(name, value);
  return controller_.Handle(call);
}

HttpResponse Client::Login(const std::string& user, const std::string& password) {
  cookies.clear();
  const HttpResponse response = Raw("POST", "/login", {{"Content-Type", "application/json"}},
                                    R"({"username":")" + user + R"(","password":")" + password + "\"}")
                                    .response;
  Keep(response);
  return response;
}

HttpResponse Client::Send(const std::string& method, const std::string& target, const std::string& body) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& [name, value] : headers) {
    if (!value.empty()) fields.emplace_back(name, value);
  }
  std::string cookie;
  for (const auto& [name, value] : cookies) cookie += (cookie.empty() ? "" : "; ") + name + "=" + value;
  if (!cookie.empty()) fields.emplace_back("Cookie", cookie);
  if (!headers.contains("X-CSRFToken") && cookies.contains("csrftoken")) {
    fields.emplace_back("X-CSRFToken", cookies.at("csrftoken"));
  }
  const Answer answer = Raw(method, target, fields, body);
  if (answer.fate != Answer::Fate::kSent) return {};
  Keep(answer.response);
  return answer.response;
}

JsonDocument Client::Json(const std::string& method, const std::string& target, const std::string& body, int status) {
  const HttpResponse response = Send(method, target, body);
  EXPECT_EQ(response.status, status) << method << " " << target << "\n" << response.body;
  auto parsed = ParseJson(response.body);
  EXPECT_TRUE(parsed) << response.body;
  return parsed ? std::move(*parsed) : JsonDocument(rapidjson::kObjectType);
}

FederationOptions TwoSites() {
  FederationOptions options;
  options.sites = {{.name = "us", .cluster_uuid = "cluster-us", .url = "https://avi-us.example", .ratio = {}},
                   {.name = "eu", .cluster_uuid = "cluster-eu", .url = "https://avi-eu.example", .ratio = {}}};
  options.third_party_sites = {{.name = "dc", .cluster_uuid = "tp_cluster-dc", .url = "", .ratio = {}}};
  options.users = {{"admin", "pw"}, {"amko", "pw2"}};
  options.tenants = {"acme"};
  options.dns_domains = {"gslb.example"};
  options.rate_limit = false;
  return options;
}

std::string MemberJson(const std::string& site, int ratio, bool enabled) {
  const std::string ip = site == "us" ? std::string(kUsIp) : std::string(kEuIp);
  return R"({"ip":{"addr":")" + ip + R"(","type":"V4"},"cluster_uuid":"cluster-)" + site +
         R"(","vs_uuid":"virtualservice-)" + site + R"(","ratio":)" + std::to_string(ratio) + R"(,"enabled":)" +
         (enabled ? "true" : "false") + "}";
}

std::string PoolJson(const std::string& name, int priority, const std::string& members, const std::string& more) {
  return R"({"name":")" + name + R"(","priority":)" + std::to_string(priority) +
         R"(,"algorithm":"GSLB_ALGORITHM_ROUND_ROBIN","members":[)" + members + "]" + more + "}";
}

std::string ServiceJson(const std::string& name, const std::string& domain, const std::string& pools,
                        const std::string& more) {
  const std::string live = PoolJson("live", 20, MemberJson("us", 14) + "," + MemberJson("eu", 6));
  return R"({"name":")" + name + R"(","domain_names":[")" + domain + R"("],"groups":[)" +
         (pools.empty() ? live : pools) + R"(],"health_monitor_refs":["/api/healthmonitor?name=System-GSLB-TCP"])" +
         more + "}";
}

std::string AviFake::CreateShop() {
  const auto created = federation.Create("gslbservice", ServiceJson("shop", "shop.gslb.example"));
  EXPECT_TRUE(created) << created.error().what;
  return created ? *created : "";
}

void AviFake::AllUp() {
  for (const std::string_view ip : {kUsIp, kEuIp}) {
    federation.SetControllerStatus(std::string(ip), true);
    for (const char* site : {"us", "eu"}) federation.SetDatapath(site, std::string(ip), true);
  }
  clock.Advance(15s);
}

JsonDocument AviFake::Member(Client& client, const std::string& uuid, int pool, int member) {
  JsonDocument inventory = client.Json("GET", "/api/gslbservice-inventory/" + uuid);
  JsonDocument found(rapidjson::kObjectType);
  if (const JsonValue* pools = FindPath(inventory, "runtime.groups")) {
    found.CopyFrom((*pools)[pool]["members"][member], found.GetAllocator());
  }
  return found;
}

std::string AviFake::MemberState(Client& client, const std::string& uuid, int pool, int member) {
  return StringAt(Member(client, uuid, pool, member), "oper_status.state").value_or("");
}

}  // namespace spillway::lab::avi
