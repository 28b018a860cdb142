// Rows 21 to 39 and 62: the generic object API.
#include "tests/lab/avi/client.h"

namespace spillway::lab::avi {
namespace {

constexpr const char* kServices = "/api/gslbservice";

std::string Modified(const JsonDocument& object) { return StringAt(object, "_last_modified").value_or(""); }

std::vector<std::string> Names(const JsonDocument& list) {
  std::vector<std::string> names;
  for (const JsonValue& entry : (*Find(list, "results")).GetArray()) {
    names.push_back(StringAt(entry, "name").value_or(""));
  }
  return names;
}

// `text` with the first `from` replaced.
std::string With(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST_F(AviFake, Row21_AnEmptyListIs200WithCountZero) {
  const JsonDocument list = us.Json("GET", "/api/gslbservice?name=nothing");
  EXPECT_EQ(IntAt(list, "count"), 0);
  EXPECT_TRUE(Find(list, "results")->IsArray());
  EXPECT_EQ(Find(list, "next"), nullptr);
}

TEST_F(AviFake, Row22_PagesAreFollowedByNextUntilItIsAbsent) {
  for (int i = 0; i < 5; ++i) {
    const std::string name = "s" + std::to_string(i);
    ASSERT_TRUE(federation.Create("gslbservice", ServiceJson(name, name + ".gslb.example")));
  }
  std::vector<std::string> seen;
  std::string target = "/api/gslbservice?page_size=2";
  int requests = 0;
  while (!target.empty()) {
    const JsonDocument list = us.Json("GET", target);
    EXPECT_EQ(IntAt(list, "count"), 5);
    for (const std::string& name : Names(list)) seen.push_back(name);
    const auto next = StringAt(list, "next");
    ++requests;
    if (next) {
      EXPECT_TRUE(next->starts_with("https://avi-us.example/api/gslbservice?"));
    }
    target = next ? next->substr(std::string("https://avi-us.example").size()) : "";
  }
  EXPECT_EQ(requests, 3);
  EXPECT_EQ(seen, (std::vector<std::string>{"s0", "s1", "s2", "s3", "s4"}));
}

TEST_F(AviFake, Row23_ListsAreFilteredByFields) {
  ASSERT_TRUE(federation.Create("gslbservice", ServiceJson("a", "a.gslb.example", "", R"(,"created_by":"amko-1")")));
  ASSERT_TRUE(federation.Create("gslbservice", ServiceJson("b", "b.gslb.example", "", R"(,"enabled":false)")));
  EXPECT_EQ(Names(us.Json("GET", "/api/gslbservice?name=b")), std::vector<std::string>{"b"});
  EXPECT_EQ(Names(us.Json("GET", "/api/gslbservice?created_by=amko-1")), std::vector<std::string>{"a"});
  EXPECT_EQ(Names(us.Json("GET", "/api/gslbservice?enabled=true")), std::vector<std::string>{"a"});
  EXPECT_EQ(Names(us.Json("GET", "/api/gslbservice?tenant_ref.uuid=admin")).size(), 2U);
}

TEST_F(AviFake, Row23_FieldsAndSkipDefaultShrinkTheObject) {
  const std::string uuid = CreateShop();
  const JsonDocument few = us.Json("GET", "/api/gslbservice/" + uuid + "?fields=ttl,enabled");
  EXPECT_EQ(few.MemberCount(), 4U);  // enabled, name, url, uuid
  const JsonDocument lean = us.Json("GET", "/api/gslbservice/" + uuid + "?skip_default=true");
  EXPECT_EQ(Find(lean, "enabled"), nullptr);
  EXPECT_EQ(Find(lean, "down_response"), nullptr);
  EXPECT_EQ(Find((*Find(lean, "groups"))[0]["members"][0], "enabled"), nullptr);
  EXPECT_EQ(IntAt((*Find(lean, "groups"))[0]["members"][0], "ratio"), 14);
}

TEST_F(AviFake, Row23_RefersToFindsTheUsersOfAnObject) {
  CreateShop();
  const JsonDocument monitors = us.Json("GET", "/api/healthmonitor?name=System-GSLB-TCP");
  const std::string monitor = StringAt((*Find(monitors, "results"))[0], "uuid").value_or("");
  EXPECT_EQ(IntAt(us.Json("GET", "/api/gslbservice?refers_to=healthmonitor:" + monitor), "count"), 1);
  EXPECT_EQ(IntAt(us.Json("GET", "/api/gslbservice?refers_to=healthmonitor:other"), "count"), 0);
}

TEST_F(AviFake, Row23_ReferredByFindsWhatAnObjectUses) {
  const std::string uuid = CreateShop();
  const JsonDocument used = us.Json("GET", "/api/healthmonitor?referred_by=gslbservice:" + uuid);
  EXPECT_EQ(Names(used), std::vector<std::string>{"System-GSLB-TCP"});
  EXPECT_EQ(Names(us.Json("GET", "/api/tenant?referred_by=gslbservice:" + uuid)), std::vector<std::string>{"admin"});
  EXPECT_EQ(IntAt(us.Json("GET", "/api/healthmonitor?referred_by=gslbservice:other"), "count"), 0);
}

TEST_F(AviFake, Row24_PlainReadsHaveBareRefsAndIncludeNameNamesThem) {
  const std::string uuid = CreateShop();
  const JsonDocument bare = us.Json("GET", "/api/gslbservice/" + uuid);
  EXPECT_EQ(StringAt(bare, "url"), "https://avi-us.example/api/gslbservice/" + uuid);
  const std::string ref = (*Find(bare, "health_monitor_refs"))[0].GetString();
  EXPECT_TRUE(ref.starts_with("https://avi-us.example/api/healthmonitor/healthmonitor-"));
  EXPECT_EQ(ref.find('#'), std::string::npos);
  const JsonDocument named = us.Json("GET", "/api/gslbservice/" + uuid + "?include_name");
  EXPECT_EQ(StringAt(named, "url"), "https://avi-us.example/api/gslbservice/" + uuid + "#shop");
  EXPECT_EQ((*Find(named, "health_monitor_refs"))[0].GetString(), ref + "#System-GSLB-TCP");
  EXPECT_EQ(StringAt(named, "tenant_ref"), "https://avi-us.example/api/tenant/admin#admin");
  const JsonDocument put = us.Json("PUT", "/api/gslbservice/" + uuid, JsonText(bare));
  EXPECT_EQ((*Find(put, "health_monitor_refs"))[0].GetString(), ref + "#System-GSLB-TCP");
}

TEST_F(AviFake, Row25_RefsResolveInEveryFormAndUnknownOnesAre400) {
  const std::string body = ServiceJson("shop", "shop.gslb.example");
  const std::string by_name = "/api/healthmonitor?name=System-GSLB-TCP";
  const JsonDocument made = us.Json("POST", kServices, body, 201);
  const std::string full = (*Find(made, "health_monitor_refs"))[0].GetString();
  const std::string target = "/api/gslbservice/" + StringAt(made, "uuid").value_or("");
  const std::string with_slash = "/api/healthmonitor/?name=System-GSLB-TCP";
  for (const std::string& form : {full, full.substr(0, full.find('#')), by_name, with_slash}) {
    EXPECT_EQ(us.Send("PUT", target, With(body, by_name, form)).status, 200) << form;
  }
  for (const std::string form : {"/api/healthmonitor?name=nothing", "/api/healthmonitor/healthmonitor-1", "junk"}) {
    EXPECT_EQ(us.Send("PUT", target, With(body, by_name, form)).status, 400) << form;
  }
}

TEST_F(AviFake, Row26_PostAnswers201WithLocationAndDefaults) {
  const std::string pools = R"({"name":"live","algorithm":"GSLB_ALGORITHM_ROUND_ROBIN",)"
                            R"("members":[{"ip":{"addr":"10.10.0.10","type":"V4"}}]})";
  clock.Advance(1s);
  const HttpResponse made = us.Send("POST", kServices, ServiceJson("shop", "shop.gslb.example", pools));
  ASSERT_EQ(made.status, 201) << made.body;
  const auto body = ParseJson(made.body);
  ASSERT_TRUE(body);
  EXPECT_EQ(made.headers.Find("Location"), StringAt(*body, "url"));
  EXPECT_TRUE(made.headers.Find("Location")->ends_with("#shop"));
  EXPECT_TRUE(StringAt(*body, "uuid")->starts_with("gslbservice-"));
  EXPECT_EQ(StringAt(*body, "pool_algorithm"), "GSLB_SERVICE_ALGORITHM_PRIORITY");
  EXPECT_EQ(StringAt(*body, "down_response.type"), "GSLB_SERVICE_DOWN_RESPONSE_NONE");
  EXPECT_EQ(Find(*body, "ttl"), nullptr);  // unset without a default is absent, not null
  const JsonValue& pool = (*Find(*body, "groups"))[0];
  EXPECT_EQ(IntAt(pool, "priority"), 10);
  EXPECT_EQ(BoolAt(pool, "enabled"), true);
  EXPECT_EQ(IntAt(pool["members"][0], "ratio"), 1);
  EXPECT_EQ(BoolAt(pool["members"][0], "enabled"), true);
  EXPECT_EQ(Modified(*body), std::to_string(clock.WallNow().time_since_epoch().count()));
}

TEST_F(AviFake, Row27_SlugForcesTheUuid) {
  us.headers["Slug"] = "gslbservice-force-42";
  EXPECT_EQ(StringAt(us.Json("POST", kServices, ServiceJson("a", "a.gslb.example"), 201), "uuid"),
            "gslbservice-force-42");
  EXPECT_EQ(us.Send("POST", kServices, ServiceJson("b", "b.gslb.example")).status, 409);
}

TEST_F(AviFake, Row28And58_TheSamePostAgainIs409) {
  EXPECT_EQ(us.Send("POST", kServices, ServiceJson("shop", "shop.gslb.example")).status, 201);
  const HttpResponse again = us.Send("POST", kServices, ServiceJson("shop", "shop.gslb.example"));
  EXPECT_EQ(again.status, 409);
  EXPECT_NE(again.body.find("already exists"), std::string::npos);
}

TEST_F(AviFake, Row29_ADomainNameBelongsToOneService) {
  CreateShop();
  const HttpResponse refused = us.Send("POST", kServices, ServiceJson("other", "Shop.gslb.example."));
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("domain name conflicting with existing domain name"), std::string::npos);
}

TEST_F(AviFake, Row30_PutReplacesAllAndOmittedFieldsReset) {
  const std::string more = R"(,"ttl":15,"num_dns_ip":1,"created_by":"x","min_members":2)";
  const JsonDocument made = us.Json("POST", kServices, ServiceJson("shop", "shop.gslb.example", "", more), 201);
  const std::string target = "/api/gslbservice/" + StringAt(made, "uuid").value_or("");
  const std::string body =
      With(ServiceJson("shop", "shop.gslb.example"), "{", R"({"uuid":"gslbservice-other","url":"http://elsewhere/",)");
  const JsonDocument put = us.Json("PUT", target + "/", body);
  for (const char* field : {"ttl", "num_dns_ip", "created_by", "min_members"}) {
    EXPECT_EQ(Find(put, field), nullptr) << field;
  }
  EXPECT_EQ(StringAt(put, "uuid"), StringAt(made, "uuid"));
  EXPECT_EQ(StringAt(put, "url"), StringAt(made, "url"));
  EXPECT_NE(Modified(put), Modified(made));
}

TEST_F(AviFake, Row31_PutWithStaleLastModifiedIs412) {
  const std::string uuid = CreateShop();
  const JsonDocument first = us.Json("GET", "/api/gslbservice/" + uuid);
  Client other(federation.controller("us"), "127.0.0.9");
  ASSERT_EQ(other.Login("amko", "pw2").status, 200);
  EXPECT_EQ(other.Send("PUT", "/api/gslbservice/" + uuid, JsonText(first)).status, 200);
  const HttpResponse stale = us.Send("PUT", "/api/gslbservice/" + uuid, JsonText(first));
  EXPECT_EQ(stale.status, 412);
  EXPECT_EQ(us.Json("GET", "/api/gslbservice/" + uuid)["name"], first["name"]);
}

TEST_F(AviFake, Row31_PutWithoutLastModifiedAlwaysWins) {
  const std::string uuid = CreateShop();
  const std::string body = ServiceJson("shop", "shop.gslb.example");
  const std::string before = Modified(us.Json("PUT", "/api/gslbservice/" + uuid, body));
  const std::string after = Modified(us.Json("PUT", "/api/gslbservice/" + uuid, body));
  EXPECT_LT(before, after);  // at the same instant, and unchanged, and yet
}

TEST_F(AviFake, Row32_PatchReachesScalarsAndTopLevelLists) {
  const std::string target = "/api/gslbservice/" + CreateShop();
  EXPECT_EQ(IntAt(us.Json("PATCH", target, R"({"add":{"ttl":7}})"), "ttl"), 7);
  EXPECT_EQ(IntAt(us.Json("PATCH", target, R"({"replace":{"ttl":8}})"), "ttl"), 8);
  EXPECT_EQ(Find(us.Json("PATCH", target, R"({"delete":{"ttl":8}})"), "ttl"), nullptr);
  EXPECT_EQ(BoolAt(us.Json("PATCH", target, R"({"replace":{"enabled":false}})"), "enabled"), false);
  EXPECT_EQ(BoolAt(us.Json("PATCH", target, R"({"delete":{"enabled":false}})"), "enabled"), true);
  const std::string names = R"({"domain_names":["two.gslb.example"]})";
  EXPECT_EQ(us.Json("PATCH", target, R"({"add":)" + names + "}")["domain_names"].Size(), 2U);
  EXPECT_EQ(us.Json("PATCH", target, R"({"add":)" + names + "}")["domain_names"].Size(), 2U);
  EXPECT_EQ(us.Json("PATCH", target, R"({"delete":)" + names + "}")["domain_names"].Size(), 1U);
  EXPECT_EQ(us.Send("PATCH", target, R"({"replace":{"ttl":99999}})").status, 400);
  EXPECT_EQ(us.Send("PATCH", target, R"({"nothing":{}})").status, 400);
  EXPECT_EQ(us.Send("patch", target, R"({"add":{"ttl":7}})").status, 400);
}

TEST_F(AviFake, Row33_PatchSwapsAPoolWholeAndCannotEditAMember) {
  const std::string target = "/api/gslbservice/" + CreateShop();
  const std::string one = PoolJson("live", 20, R"({"ip":{"addr":"10.10.0.10","type":"V4"},"ratio":3})");
  const JsonDocument swapped = us.Json("PATCH", target, R"({"add":{"groups":[)" + one + "]}}");
  ASSERT_EQ(swapped["groups"].Size(), 1U);
  EXPECT_EQ(swapped["groups"][0]["members"].Size(), 1U);  // the other member is gone, not kept
  EXPECT_EQ(us.Send("PATCH", target, R"({"replace":{"groups.members.ratio":3}})").status, 400);
}

TEST_F(AviFake, Row34_JsonPatchTakesPointers) {
  const std::string target = "/api/gslbservice/" + CreateShop();
  const JsonDocument patched = us.Json(
      "PATCH", target,
      R"({"json_patch":[{"op":"replace","path":"/groups/0/members/1/ratio","value":3},)"
      R"({"op":"add","path":"/domain_names/0","value":"first.gslb.example"},{"op":"remove","path":"/description"}]})",
      400);
  EXPECT_NE(StringAt(patched, "error")->find("/description"), std::string::npos);
  const JsonDocument done = us.Json("PATCH", target,
                                    R"({"json_patch":[{"op":"replace","path":"/groups/0/members/1/ratio","value":3},)"
                                    R"({"op":"add","path":"/domain_names/0","value":"first.gslb.example"}]})");
  EXPECT_EQ(IntAt(done["groups"][0]["members"][1], "ratio"), 3);
  EXPECT_STREQ(done["domain_names"][0].GetString(), "first.gslb.example");
}

TEST_F(AviFake, Row35_DeleteIs204AndThen404) {
  const std::string target = "/api/gslbservice/" + CreateShop();
  const HttpResponse gone = us.Send("DELETE", target);
  EXPECT_EQ(gone.status, 204);
  EXPECT_EQ(gone.body, "");
  EXPECT_EQ(StringAt(us.Json("DELETE", target, "", 404), "error"), "GslbService object not found!");
  EXPECT_EQ(StringAt(us.Json("GET", target, "", 404), "error"), "GslbService object not found!");
}

TEST_F(AviFake, Row36_AMonitorInUseIsNotDeleted) {
  const std::string shop = CreateShop();
  const JsonDocument monitors = us.Json("GET", "/api/healthmonitor?name=System-GSLB-TCP");
  const std::string target = "/api/healthmonitor/" + StringAt(monitors["results"][0], "uuid").value_or("");
  const JsonDocument refused = us.Json("DELETE", target, "", 403);
  EXPECT_EQ(StringAt(refused, "error"), "Cannot delete, object is referred by: ['GslbService shop']");
  EXPECT_EQ(us.Send("DELETE", "/api/gslbservice/" + shop).status, 204);
  EXPECT_EQ(us.Send("DELETE", target).status, 204);
}

TEST_F(AviFake, Row37_RangesAreChecked) {
  struct Row {
    const char* name;
    std::string from, to;
    const char* field;  // the text names it
  };
  const Row rows[] = {
      {"a ratio of 0 is none", R"("ratio":14)", R"("ratio":0)", "ratio"},
      {"a ratio is at most 20", R"("ratio":14)", R"("ratio":21)", "ratio"},
      {"a ratio is an integer", R"("ratio":14)", R"("ratio":1.5)", "ratio"},
      {"a ratio is no text", R"("ratio":14)", R"("ratio":"14")", "ratio"},
      {"a priority is at most 100", R"("priority":20)", R"("priority":101)", "priority"},
      {"a priority is not negative", R"("priority":20)", R"("priority":-1)", "priority"},
      {"preference starts at 1", R"("ratio":14)", R"("preference_order":0)", "preference_order"},
      {"preference is at most 128", R"("ratio":14)", R"("preference_order":129)", "preference_order"},
      {"a TTL is at most a day", R"("name":"shop")", R"("ttl":86401,"name":"shop")", "ttl"},
      {"at most 20 addresses", R"("name":"shop")", R"("num_dns_ip":21,"name":"shop")", "num_dns_ip"},
      {"members are not empty", R"("name":"live")",
       R"("name":"none","algorithm":"GSLB_ALGORITHM_GEO","members":[]},)"
       R"({"name":"live")",
       "members"},
      {"an algorithm is of the enum", "GSLB_ALGORITHM_ROUND_ROBIN", "GSLB_ALGORITHM_RANDOM", "algorithm"},
      {"a name is needed", R"("name":"shop",)", "", "name"},
      {"domain names are needed", R"("domain_names":["shop.gslb.example"],)", "", "domain_names"},
      {"unknown fields are refused", R"("name":"shop")", R"("weight":1,"name":"shop")", "weight"},
      {"at most six monitors", R"(["/api/healthmonitor)",
       R"(["/api/a/1","/api/a/2","/api/a/3","/api/a/4","/api/a/5","/api/a/6","/api/healthmonitor)",
       "health_monitor_refs"},
      {"a pool's name is its own", R"("groups":[)", R"("groups":[{"name":"live","members":[{"fqdn":"a.example"}]},)",
       "live"},
      {"a member has an address", R"("ip":{"addr":"10.10.0.10","type":"V4"},)", "", "ip or fqdn"},
      {"a member's site exists", R"("cluster_uuid":"cluster-us")", R"("cluster_uuid":"cluster-x")", "cluster-x"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const HttpResponse refused =
        us.Send("POST", kServices, With(ServiceJson("shop", "shop.gslb.example"), row.from, row.to));
    EXPECT_EQ(refused.status, 400) << refused.body;
    EXPECT_NE(refused.body.find(row.field), std::string::npos) << refused.body;
  }
  EXPECT_EQ(us.Send("POST", kServices, "not json").status, 400);
  EXPECT_EQ(us.Send("POST", kServices, "[]").status, 400);
  EXPECT_EQ(us.Send("POST", kServices, R"({"name":"x","domain_names":["x.gslb.example"],"groups":[]})").status, 400);
  EXPECT_TRUE(federation.Writes().empty());
}

TEST_F(AviFake, Row37_TheEndsOfTheRangesAreIn) {
  std::string body = ServiceJson("shop", "shop.gslb.example", "", R"(,"ttl":86400,"num_dns_ip":20)");
  body = With(With(body, R"("ratio":14)", R"("ratio":20)"), R"("ratio":6)", R"("ratio":1)");
  EXPECT_EQ(us.Send("POST", kServices, With(body, R"("priority":20)", R"("priority":100)")).status, 201);
  body = ServiceJson("zero", "zero.gslb.example", "", R"(,"ttl":0,"num_dns_ip":0,"min_members":0)");
  EXPECT_EQ(us.Send("POST", kServices, With(body, R"("priority":20)", R"("priority":0)")).status, 201);
}

TEST_F(AviFake, Row37_AProbeIsOverBeforeTheNext) {
  const auto monitor = [](int interval, int timeout) {
    return R"({"name":"m","type":"HEALTH_MONITOR_TCP","send_interval":)" + std::to_string(interval) +
           R"(,"receive_timeout":)" + std::to_string(timeout) + "}";
  };
  const HttpResponse refused = us.Send("POST", "/api/healthmonitor", monitor(4, 4));
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("receive_timeout"), std::string::npos) << refused.body;
  EXPECT_EQ(us.Send("POST", "/api/healthmonitor", monitor(4, 3)).status, 201);
}

TEST_F(AviFake, Row38_AMonitorThatIsNotFederatedIsRefused) {
  us.Json("POST", "/api/healthmonitor", R"({"name":"local","type":"HEALTH_MONITOR_TCP"})", 201);
  const std::string body = With(ServiceJson("shop", "shop.gslb.example"), "System-GSLB-TCP", "local");
  const HttpResponse refused = us.Send("POST", kServices, body);
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("not federated"), std::string::npos);
}

TEST_F(AviFake, Row39_ADomainNameOutsideTheSubdomainsIsRefused) {
  EXPECT_EQ(us.Send("POST", kServices, ServiceJson("shop", "shop.example")).status, 400);
  EXPECT_EQ(us.Send("POST", kServices, ServiceJson("shop", "shopgslb.example")).status, 400);
  EXPECT_EQ(us.Send("POST", kServices, ServiceJson("shop", "a.b.GSLB.example")).status, 201);
}

TEST_F(AviFake, Row59_ARivalThatPutsTheWholeObjectWins) {
  const std::string uuid = CreateShop();
  JsonDocument mine = us.Json("GET", "/api/gslbservice/" + uuid);
  EXPECT_EQ(
      us.Send("PUT", "/api/gslbservice/" + uuid, ServiceJson("shop", "shop.gslb.example", "", R"(,"num_dns_ip":1)"))
          .status,
      200);
  Client rival(federation.controller("us"), "127.0.0.9");
  ASSERT_EQ(rival.Login("amko", "pw2").status, 200);
  rival.headers["X-Avi-UserAgent"] = "AMKO";
  const JsonDocument put = rival.Json("PUT", "/api/gslbservice/" + uuid,
                                      ServiceJson("shop", "shop.gslb.example", "", R"(,"created_by":"amko-1")"));
  EXPECT_EQ(Find(put, "num_dns_ip"), nullptr);
  EXPECT_EQ(us.Send("PUT", "/api/gslbservice/" + uuid, JsonText(mine)).status, 412);
  const std::vector<WriteRecord> writes = federation.Writes();
  ASSERT_EQ(writes.size(), 2U);
  EXPECT_EQ(writes[1].user, "amko");
  EXPECT_EQ(writes[1].user_agent, "AMKO");
  EXPECT_EQ(writes[1].peer_ip, "127.0.0.9");
  EXPECT_EQ(writes[1].controller, "us");
  EXPECT_EQ(writes[1].method, "PUT");
  EXPECT_EQ(writes[1].path, "/api/gslbservice/" + uuid);
  EXPECT_EQ(writes[1].object, "gslbservice shop");
  EXPECT_EQ(writes[1].status, 200);
}

TEST_F(AviFake, Row62_AGslbNeverShowsAPassword) {
  const JsonDocument list = us.Json("GET", "/api/gslb");
  ASSERT_EQ(IntAt(list, "count"), 1);
  const JsonValue& gslb = list["results"][0];
  EXPECT_EQ(StringAt(gslb, "name"), "Default");
  EXPECT_EQ(StringAt(gslb["sites"][0], "password"), "<sensitive>");
  std::string body = JsonText(gslb);
  us.Json("PUT", "/api/gslb/" + StringAt(gslb, "uuid").value_or(""), With(body, "<sensitive>", "secret"));
  EXPECT_EQ(us.Get("/api/gslb").body.find("secret"), std::string::npos);
}

TEST_F(AviFake, OnlyTheNewestWritesAndNoMadeUpPathsAreRemembered) {
  const std::string target =
      "/api/healthmonitor/" +
      StringAt(us.Json("POST", "/api/healthmonitor", R"({"name":"m","type":"HEALTH_MONITOR_TCP"})", 201), "uuid")
          .value_or("");
  for (std::size_t i = 0; i < kWritesKept; ++i) us.Send("PATCH", target, R"({"replace":{"failed_checks":3}})");
  EXPECT_EQ(federation.Writes().size(), kWritesKept);
  EXPECT_EQ(federation.Writes().front().method, "PATCH");  // the POST is forgotten
  for (int i = 0; i < 2000; ++i) us.Get("/api/nothing" + std::to_string(i));
  EXPECT_LE(federation.Requests().size(), 1000U);
}

TEST_F(AviFake, RequestsAreCounted) {
  us.Json("GET", "/api/gslbservice");
  us.Json("GET", "/api/gslbservice?name=x");
  EXPECT_EQ(federation.Requests()["us GET gslbservice 200"], 2U);
  EXPECT_EQ(federation.Requests()["eu POST login 200"], 1U);
}

}  // namespace
}  // namespace spillway::lab::avi
