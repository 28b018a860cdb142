// Row 42 of the fidelity checklist: who may do what.
#include "tests/lab/kubernetes/bench_cluster.h"

namespace spillway::lab {
namespace {

std::string Shopping() { return std::string(kDeployments) + "/shopping"; }

User Spillway() {
  User user;
  user.name = "spillway";
  user.token = "first";
  user.rules = {{{"apps"}, {"deployments"}, {"shopping"}, {"get", "list", "watch"}, "acme"},
                {{"apps"}, {"deployments/scale"}, {"shopping"}, {"get", "patch"}, "acme"},
                {{"coordination.k8s.io"}, {"leases"}, {"spillway"}, {"get", "create", "update"}, "acme"},
                {{""}, {"configmaps"}, {"state"}, {"get", "create", "patch"}, "acme"}};
  return user;
}

class UsersBench : public BenchCluster {
 public:
  UsersBench() {
    cluster.Create(Deployment("shopping", 1));
    cluster.Create(Deployment("other", 1));
    cluster.AddUser(Spillway());
  }
  Got As(const std::string& token, const std::string& method, const std::string& target, const std::string& body = "",
         const std::string& type = "application/json") {
    return Send(method, target, body, {{"Authorization", "Bearer " + token}, {"Content-Type", type}});
  }
};

struct AccessRow {
  const char* name;
  const char* method;
  std::string target;
  const char* body;
  int code;
};

TEST(Users, Row42ARoleAllowsWhatItNamesAndNothingElse) {
  UsersBench bench;
  const std::string merge = R"({"spec":{"replicas":2}})";
  const AccessRow rows[] = {
      {"its object", "GET", Shopping(), "", 200},
      {"another object", "GET", std::string(kDeployments) + "/other", "", 403},
      {"the whole collection", "GET", kDeployments, "", 403},
      {"the collection pinned to its object", "GET",
       std::string(kDeployments) + "?fieldSelector=metadata.name%3Dshopping", "", 200},
      {"the collection pinned to another", "GET", std::string(kDeployments) + "?fieldSelector=metadata.name%3Dother",
       "", 403},
      {"the object itself is not its to write", "PATCH", Shopping(), merge.c_str(), 403},
      {"its scale is", "PATCH", Shopping() + "/scale", merge.c_str(), 200},
      {"another namespace", "GET", "/apis/apps/v1/namespaces/default/deployments/shopping", "", 403},
      {"a POST carries no name, so a rule with names never fits", "POST", kLeases, "{}", 403},
      {"discovery is for every user", "GET", "/apis", "", 200},
  };
  for (const AccessRow& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(bench.As("first", row.method, row.target, row.body, "application/merge-patch+json").code, row.code);
  }
}

TEST(Users, Row42AForbiddenAnswerNamesUserVerbAndResource) {
  UsersBench bench;
  const Got got = bench.As("first", "DELETE", Shopping());
  EXPECT_EQ(got.code, 403);
  EXPECT_EQ(got.Str("kind"), "Status");
  EXPECT_EQ(got.Str("reason"), "Forbidden");
  EXPECT_EQ(
      got.Str("message"),
      "deployments.apps \"shopping\" is forbidden: User \"spillway\" cannot delete resource \"deployments\" in API "
      "group \"apps\" in the namespace \"acme\"");
}

TEST(Users, Row42ACreateThroughPutOrApplyCarriesTheName) {
  UsersBench bench;
  const std::string lease = R"({"spec":{"holderIdentity":"me","leaseDurationSeconds":15}})";
  EXPECT_EQ(bench.As("first", "PUT", std::string(kLeases) + "/spillway", lease).code, 201);
  EXPECT_EQ(bench.As("first", "PUT", std::string(kLeases) + "/other", lease).code, 403);
  EXPECT_EQ(bench
                .As("first", "PATCH", std::string(kConfigMaps) + "/state?fieldManager=spillway",
                    BenchCluster::ConfigMap("state"), "application/apply-patch+yaml")
                .code,
            201);
}

TEST(Users, Row42NoneOrAWrongOrAnExpiredTokenIsUnauthorized) {
  UsersBench bench;
  for (const Got& got :
       {bench.Get(Shopping()), bench.As("wrong", "GET", Shopping()), bench.As("", "GET", Shopping())}) {
    EXPECT_EQ(got.code, 401);
    EXPECT_EQ(got.Str("reason"), "Unauthorized");
  }
  User user = Spillway();
  user.token_expires = bench.clock.WallNow() + 1h;
  bench.cluster.AddUser(user);
  EXPECT_EQ(bench.As("first", "GET", Shopping()).code, 200);
  bench.Pass(1h);
  EXPECT_EQ(bench.As("first", "GET", Shopping()).code, 401);
}

TEST(Users, Row42ATokenRotatesInMidRun) {
  UsersBench bench;
  User user = Spillway();
  user.token = "second";
  bench.cluster.AddUser(user);
  EXPECT_EQ(bench.As("first", "GET", Shopping()).code, 401);
  EXPECT_EQ(bench.As("second", "GET", Shopping()).code, 200);
}

TEST(Users, Row42AClientCertificatesCommonNameIsTheUser) {
  UsersBench bench;
  EXPECT_EQ(bench.Raw("GET", Shopping(), "", {}, "CN=spillway,O=burst").response.status, 200);
  EXPECT_EQ(bench.Raw("GET", Shopping(), "", {}, "O=burst,CN=spillway").response.status, 200);
  EXPECT_EQ(bench.Raw("GET", kDeployments, "", {}, "CN=spillway").response.status, 403);
  EXPECT_EQ(bench.Raw("GET", Shopping(), "", {}, "CN=stranger").response.status, 401);
}

constexpr char kAuthorization[] = "/apis/authorization.k8s.io/v1/";

TEST(Users, SelfSubjectRulesReviewListsTheRulesOfOneNamespace) {
  UsersBench bench;
  const Got here = bench.As("first", "POST", std::string(kAuthorization) + "selfsubjectrulesreviews",
                            R"({"spec":{"namespace":"acme"}})");
  EXPECT_EQ(here.code, 201);
  ASSERT_EQ(here.body.At("status.resourceRules").Items().size(), 4U);
  EXPECT_EQ(here.body.At("status.resourceRules").Items()[1].Text(),
            R"({"apiGroups":["apps"],"resourceNames":["shopping"],"resources":["deployments/scale"],)"
            R"("verbs":["get","patch"]})");
  const Got there = bench.As("first", "POST", std::string(kAuthorization) + "selfsubjectrulesreviews",
                             R"({"spec":{"namespace":"default"}})");
  EXPECT_TRUE(there.body.At("status.resourceRules").Items().empty());
}

TEST(Users, SubjectAccessReviewIsForThoseWhoMayAskAboutOthers) {
  UsersBench bench;
  bench.cluster.AddUser({.name = "root", .token = "root", .token_expires = {}, .admin = true, .rules = {}});
  const auto ask = [&](const std::string& token, const std::string& about, const std::string& verb) {
    return bench.As(token, "POST", std::string(kAuthorization) + "subjectaccessreviews",
                    R"({"spec":{"user":")" + about + R"(","resourceAttributes":{"namespace":"acme","verb":")" + verb +
                        R"(","group":"apps","resource":"deployments","name":"shopping"}}})");
  };
  EXPECT_TRUE(ask("root", "spillway", "get").body.At("status.allowed").Bool());
  EXPECT_FALSE(ask("root", "spillway", "delete").body.At("status.allowed").Bool());
  EXPECT_FALSE(ask("root", "stranger", "get").body.At("status.allowed").Bool());
  EXPECT_EQ(ask("root", "", "get").code, 422);
  EXPECT_EQ(ask("first", "root", "get").code, 403);
}

TEST(Users, SelfSubjectReviewSaysWhoOneIs) {
  UsersBench bench;
  const Got got = bench.As("first", "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}");
  EXPECT_EQ(got.code, 201);
  EXPECT_EQ(got.Str("status.userInfo.username"), "spillway");
}

TEST(Users, SelfSubjectAccessReviewAnswersFromTheSameRules) {
  UsersBench bench;
  const auto ask = [&](const std::string& attributes) {
    const Got got = bench.As("first", "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                             R"({"spec":{"resourceAttributes":{)" + attributes + "}}}");
    EXPECT_EQ(got.code, 201);
    return got.body.At("status.allowed").Bool();
  };
  EXPECT_TRUE(ask(R"("namespace":"acme","verb":"patch","group":"apps","resource":"deployments","subresource":"scale",
                     "name":"shopping")"));
  EXPECT_FALSE(ask(R"("namespace":"acme","verb":"patch","group":"apps","resource":"deployments","name":"shopping")"));
}

}  // namespace
}  // namespace spillway::lab
