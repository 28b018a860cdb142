// No object, however malformed, is worth a 5xx or a crash: every place of a good one is swapped for every kind of
// value.
#include <functional>

#include "tests/lab/avi/client.h"

namespace spillway::lab::avi {
namespace {

// Calls `visit` for every value below `value`, itself not included.
void EachPlace(JsonValue& value, const std::function<void(JsonValue&)>& visit) {
  const auto step = [&](JsonValue& inner) {
    visit(inner);
    EachPlace(inner, visit);
  };
  if (value.IsObject()) {
    for (auto& member : value.GetObject()) step(member.value);
  } else if (value.IsArray()) {
    for (JsonValue& entry : value.GetArray()) step(entry);
  }
}

int CountPlaces(JsonValue& value) {
  int count = 0;
  EachPlace(value, [&](JsonValue&) { ++count; });
  return count;
}

// `good` with its `place`th value swapped for `bad`.
std::string Swapped(const std::string& good, int place, const std::string& bad) {
  auto document = ParseJson(good);
  auto other = ParseJson(bad);
  int at = 0;
  JsonValue* found = nullptr;
  EachPlace(*document, [&](JsonValue& value) {
    if (at++ == place) found = &value;
  });
  found->CopyFrom(*other, document->GetAllocator());
  return JsonText(*document);
}

void TryAll(
    Client& client, const std::string& method, const std::string& target, const std::string& good,
    const std::function<void()>& restore = [] {}) {
  auto document = ParseJson(good);
  ASSERT_TRUE(document);
  const int places = CountPlaces(*document);
  ASSERT_GT(places, 3);
  for (int place = 0; place < places; ++place) {
    for (const char* bad : {"null", "true", "-1", "1.5", "99999999999999999999", "\"x\"", "[]", "{}", "[[]]",
                            R"([{"a":[null]}])", R"({"addr":1})"}) {
      const std::string body = Swapped(good, place, bad);
      const HttpResponse response = client.Send(method, target, body);
      EXPECT_LT(response.status, 500) << method << " " << body << "\n" << response.body;
      if (response.status == 201) {
        const std::string url =
            response.headers.Find("Location").value_or("");  // "https://avi-us.example/api/...#name"
        EXPECT_EQ(client.Send("DELETE", url.substr(22, url.find('#') - 22)).status, 204) << url;
      }
      restore();
    }
  }
}

TEST_F(AviFake, AMalformedServiceIsNeverWorseThan400) {
  const std::string more =
      R"(,"ttl":15,"num_dns_ip":1,"created_by":"x","down_response":{"type":"GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP",)"
      R"("fallback_ip":{"addr":"10.9.9.9","type":"V4"}},"markers":[{"key":"a","values":["b"]}])";
  const std::string good = ServiceJson("other", "other.gslb.example", "", more);
  TryAll(us, "PUT", "/api/gslbservice/" + CreateShop(), good);
  TryAll(us, "POST", "/api/gslbservice", good);
  EXPECT_EQ(us.Get("/api/gslbservice-inventory").status, 200);
}

TEST_F(AviFake, AMalformedPatchIsNeverWorseThan400) {
  const std::string target = "/api/gslbservice/" + CreateShop();
  TryAll(us, "PATCH", target,
         R"({"add":{"groups":[{"name":"live","members":[{"ip":{"addr":"10.10.0.10"}}]}],"ttl":1}})");
  TryAll(us, "PATCH", target, R"({"delete":{"groups":[{"name":"live"}],"ttl":1,"domain_names":["a"]}})");
  TryAll(us, "PATCH", target,
         R"({"json_patch":[{"op":"replace","path":"/groups/0/members/1/ratio","value":3},{"op":"add","path":"/ttl",)"
         R"("value":1},{"op":"remove","path":"/groups/0/members/0"}]})");
}

TEST_F(AviFake, AMalformedGslbOrMonitorIsNeverWorseThan400) {
  const JsonDocument list = us.Json("GET", "/api/gslb");
  const JsonValue& gslb = list["results"][0];
  TryAll(us, "PUT", "/api/gslb/" + StringAt(gslb, "uuid").value_or(""), JsonText(gslb),
         [&] { federation.ChangeLeader("us"); });  // or all that follow a strange leader would be refused unread
  const std::string monitor =
      R"({"name":"m","type":"HEALTH_MONITOR_HTTP","is_federated":true,"send_interval":10,"receive_timeout":4,)"
      R"("http_monitor":{"http_request":"HEAD / HTTP/1.0","http_response_code":["HTTP_2XX"]}})";
  TryAll(us, "POST", "/api/healthmonitor", monitor);
}

TEST_F(AviFake, AMalformedTargetIsNeverWorseThan405) {
  for (const std::string target :
       {"", "/", "//", "/api", "/api/", "/api/gslbservice/a/b/c/d", "/api/gslbservice/%zz", "/api/gslbservice?=&&=%",
        "/api/gslbservice?page=-1&page_size=999999999999", "/api/gslbservice?refers_to=x", "/api/user-token/x/y",
        "/api/gslbservice?referred_by=:", "/api/nothing", "/api/gslb-inventory/none", "/login/x"}) {
    for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", ""}) {
      EXPECT_LE(us.Send(method, target, "{").status, 405) << method << " " << target;
    }
  }
}

}  // namespace
}  // namespace spillway::lab::avi
