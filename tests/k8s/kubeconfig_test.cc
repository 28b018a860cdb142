#include "k8s/kubeconfig.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "k8s/base64.h"

namespace spillway::k8s {
namespace {

// "-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\n" and the like.
constexpr const char* kPem = "-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\n";
constexpr const char* kPem64 = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tClFRPT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=";
constexpr const char* kPath = "/etc/spillway/us.kubeconfig";

using Files = std::map<std::string, std::string>;

FileReader Reader(const std::shared_ptr<Files>& files) {
  return [files](const std::string& path) -> Result<std::string> {
    const auto found = files->find(path);
    if (found == files->end()) return Error{Code::kMissing, path + ": No such file or directory"};
    return found->second;
  };
}

std::string Kubeconfig(const std::string& cluster, const std::string& user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: main\ncontexts:\n"
         "- {name: other, context: {cluster: us, user: nobody}}\n"
         "- {name: main, context: {cluster: us, user: spillway, namespace: acme}}\n"
         "clusters:\n- name: us\n  cluster: {" +
         cluster + "}\nusers:\n- name: spillway\n  user: {" + user + "}\n- {name: nobody}\n";
}

Result<ClusterAccess> Read(const std::string& text, const std::string& context = "", Files more = {}) {
  more[kPath] = text;
  return AccessFromKubeconfig(kPath, context, Reader(std::make_shared<Files>(std::move(more))));
}

TEST(Kubeconfig, ReadsInlineCredentials) {
  const std::string user = std::string("client-certificate-data: ") + kPem64 + ", client-key-data: " + kPem64;
  const auto access = Read(Kubeconfig(
      std::string("server: 'https://10.0.0.1:6443', tls-server-name: api, certificate-authority-data: ") + kPem64,
      user));
  ASSERT_TRUE(access) << access.error().what;
  EXPECT_EQ(access->endpoint.scheme, "https");
  EXPECT_EQ(access->endpoint.host, "10.0.0.1");
  EXPECT_EQ(access->endpoint.port, 6443);
  EXPECT_EQ(access->endpoint.server_name, "api");
  EXPECT_EQ(access->endpoint.ca_pem, kPem);
  EXPECT_EQ(access->endpoint.client_cert_pem, kPem);
  EXPECT_EQ(access->endpoint.client_key_pem, kPem);
  EXPECT_EQ(access->default_namespace, "acme");
  EXPECT_FALSE(access->read_token);
}

TEST(Kubeconfig, ReadsJsonToo) {
  const auto access = Read(
      R"({"current-context":"c","contexts":[{"name":"c","context":{"cluster":"k","user":"u"}}],)"
      R"("clusters":[{"name":"k","cluster":{"server":"https://h"}}],"users":[{"name":"u","user":{"token":"t"}}]})");
  ASSERT_TRUE(access) << access.error().what;
  EXPECT_EQ(access->endpoint.port, 443);
  EXPECT_EQ(*access->read_token(), "t");
  EXPECT_EQ(access->default_namespace, "default");
}

TEST(Kubeconfig, ResolvesRelativePathsAgainstItsFolder) {
  const auto access = Read(Kubeconfig("server: 'https://h', certificate-authority: pki/ca.pem",
                                      "client-certificate: /abs/c.pem, client-key: k.pem"),
                           "",
                           {{"/etc/spillway/pki/ca.pem", std::string("1") + kPem},
                            {"/abs/c.pem", std::string("2") + kPem},
                            {"/etc/spillway/k.pem", std::string("3") + kPem}});
  ASSERT_TRUE(access) << access.error().what;
  EXPECT_EQ(access->endpoint.ca_pem[0], '1');
  EXPECT_EQ(access->endpoint.client_cert_pem[0], '2');
  EXPECT_EQ(access->endpoint.client_key_pem[0], '3');
}

TEST(Kubeconfig, PrefersInlineDataToAFile) {
  const auto access = Read(Kubeconfig(
      std::string("server: 'https://h', certificate-authority: nowhere.pem, certificate-authority-data: ") + kPem64,
      ""));
  ASSERT_TRUE(access) << access.error().what;
  EXPECT_EQ(access->endpoint.ca_pem, kPem);
}

TEST(Kubeconfig, ReadsATokenFileAgainAtEveryCall) {
  auto files = std::make_shared<Files>(
      Files{{kPath, Kubeconfig("server: 'https://h'", "tokenFile: t")}, {"/etc/spillway/t", " first\n"}});
  const auto access = AccessFromKubeconfig(kPath, "", Reader(files));
  ASSERT_TRUE(access) << access.error().what;
  EXPECT_EQ(*access->read_token(), "first");
  (*files)["/etc/spillway/t"] = "second\n";
  EXPECT_EQ(*access->read_token(), "second");
  files->erase("/etc/spillway/t");
  EXPECT_EQ(*access->read_token(), "second") << "the last good content stays";
  (*files)["/etc/spillway/t"] = "third";
  EXPECT_EQ(*access->read_token(), "third");
}

TEST(Kubeconfig, FallsBackToTheTokenUntilTheFileCanBeRead) {
  auto files =
      std::make_shared<Files>(Files{{kPath, Kubeconfig("server: 'https://h'", "tokenFile: t, token: inline")}});
  const auto access = AccessFromKubeconfig(kPath, "", Reader(files));
  ASSERT_TRUE(access) << access.error().what;
  EXPECT_EQ(*access->read_token(), "inline");
  (*files)["/etc/spillway/t"] = "filed";
  EXPECT_EQ(*access->read_token(), "filed");
}

TEST(Kubeconfig, NamesTheTokenFileThatCannotBeRead) {
  const auto access = Read(Kubeconfig("server: 'https://h'", "tokenFile: t"));
  ASSERT_TRUE(access) << access.error().what;
  const auto token = access->read_token();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().what, "/etc/spillway/t: No such file or directory");
}

TEST(Kubeconfig, FollowsTheContextThatIsAskedFor) {
  const auto access = Read(Kubeconfig("server: 'https://h'", "exec: {command: x}"), "other");
  ASSERT_TRUE(access) << access.error().what;
  EXPECT_EQ(access->default_namespace, "default");
}

TEST(Kubeconfig, SplitsABasePathOffTheServer) {
  const auto access = Read(Kubeconfig("server: 'https://[fd00::1]:8443/k8s/clusters/c-1/'", ""));
  ASSERT_TRUE(access) << access.error().what;
  EXPECT_EQ(access->endpoint.host, "fd00::1");
  EXPECT_EQ(access->base_path, "/k8s/clusters/c-1");
  EXPECT_EQ(ServerUrl(*access), "https://[fd00::1]:8443/k8s/clusters/c-1");
}

struct RefusalRow {
  const char* name;
  std::string text;
  const char* context;
  const char* says;  // after "/etc/spillway/us.kubeconfig: "
};

std::string WithUser(const std::string& user) { return Kubeconfig("server: 'https://h'", user); }
std::string WithCluster(const std::string& cluster) { return Kubeconfig(cluster, ""); }

const RefusalRow kRefusals[] = {
    {"no current context", "clusters: []", "", "current-context: is missing"},
    {"an unknown context, with those there are", WithUser(""), "burst",
     "contexts: there is none named \"burst\"; there is: other, main"},
    {"an unknown cluster", "current-context: c\ncontexts: [{name: c, context: {cluster: k}}]", "",
     "clusters: there is none named \"k\""},
    {"a context without a cluster", "current-context: c\ncontexts: [{name: c, context: {}}]", "",
     "contexts[c].context.cluster: is missing"},
    {"an unknown user",
     "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n"
     "clusters: [{name: k, cluster: {server: 'https://h'}}]",
     "", "users: there is none named \"u\""},
    {"no server", WithCluster("tls-server-name: x"), "", "clusters[us].cluster.server: is missing"},
    {"verification switched off", WithCluster("server: 'https://h', insecure-skip-tls-verify: true"), "",
     "clusters[us].cluster.insecure-skip-tls-verify: is refused, TLS is always verified"},
    {"a proxy", WithCluster("server: 'https://h', proxy-url: 'http://p'"), "",
     "clusters[us].cluster.proxy-url: proxies"},
    {"plain http to another machine", WithCluster("server: 'http://10.0.0.1'"), "",
     "clusters[us].cluster.server: \"http://10.0.0.1\" is refused"},
    {"no URL", WithCluster("server: '10.0.0.1:6443'"), "",
     "clusters[us].cluster.server: \"10.0.0.1:6443\" is not a URL"},
    {"credentials inside a URL", WithCluster("server: 'https://a@b'"), "", "clusters[us].cluster.server: "},
    {"a port that is none", WithCluster("server: 'https://a:70000'"), "", "clusters[us].cluster.server: "},
    {"a CA that is not base64", WithCluster("server: 'https://h', certificate-authority-data: '%%%'"), "",
     "clusters[us].cluster.certificate-authority-data: is not base64"},
    {"a CA that is no PEM", WithCluster("server: 'https://h', certificate-authority-data: QUJD"), "",
     "clusters[us].cluster.certificate-authority-data: holds no PEM text"},
    {"a CA file that is not there", WithCluster("server: 'https://h', certificate-authority: ca.pem"), "",
     "clusters[us].cluster.certificate-authority: /etc/spillway/ca.pem: No such file or directory"},
    {"a certificate without its key", WithUser(std::string("client-certificate-data: ") + kPem64), "",
     "users[spillway].user.client-key: is missing"},
    {"a key without its certificate", WithUser(std::string("client-key-data: ") + kPem64), "",
     "users[spillway].user.client-certificate: is missing"},
    {"a user name", WithUser("username: a, password: b"), "", "users[spillway].user.username: basic authentication"},
    {"a password alone", WithUser("password: b"), "", "users[spillway].user.password: basic authentication"},
    {"an auth-provider", WithUser("auth-provider: {name: gcp}"), "", "users[spillway].user.auth-provider: Kubernetes"},
    {"an exec plug-in", WithUser("exec: {command: kubelogin}"), "", "users[spillway].user.exec: credential plug-ins"},
    {"impersonation", WithUser("as: admin, token: t"), "", "users[spillway].user.as: impersonation"},
    {"a token with a line break inside", WithUser(R"(token: "a\nb")"), "",
     "users[spillway].user.token: holds characters"},
    {"a mapping where text belongs", WithUser("token: {a: b}"), "", "users[spillway].user.token: must be text"},
    {"text where a mapping belongs", "current-context: c\ncontexts: [{name: c, context: x}]", "",
     "contexts[c].context: must be a mapping"},
    {"no mapping at all", "just text", "", "must be a mapping"},
};

TEST(Kubeconfig, RefusesWithFileAndKeyInEveryRow) {
  for (const RefusalRow& row : kRefusals) {
    SCOPED_TRACE(row.name);
    const auto access = Read(row.text, row.context);
    ASSERT_FALSE(access);
    EXPECT_EQ(access.error().what.rfind(std::string(kPath) + ": " + row.says, 0), 0U) << access.error().what;
  }
}

TEST(Kubeconfig, NamesTheLineThatIsNotYaml) {
  const auto access = Read("current-context: c\nclusters: [\n");
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().what.rfind(std::string(kPath) + ":3: not YAML", 0), 0U) << access.error().what;
}

TEST(Kubeconfig, NeverShowsASecret) {
  const auto access = Read(WithUser(R"(token: "s3cret\nb", client-key-data: czNjcmV0)"));
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().what.find("s3cret"), std::string::npos) << access.error().what;
}

TEST(Kubeconfig, SaysThatTheFileIsNotThere) {
  const auto access = AccessFromKubeconfig("/nowhere", "", Reader(std::make_shared<Files>()));
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().code, Code::kMissing);
}

Environment Variables(const std::map<std::string, std::string>& set) {
  return [set](const std::string& name) -> std::optional<std::string> {
    const auto found = set.find(name);
    if (found == set.end()) return std::nullopt;
    return found->second;
  };
}

TEST(InCluster, ReadsTheServiceAccount) {
  const std::string folder = "/var/run/secrets/kubernetes.io/serviceaccount/";
  auto files = std::make_shared<Files>(
      Files{{folder + "token", "one\n"}, {folder + "ca.crt", kPem}, {folder + "namespace", "acme\n"}});
  const auto access = AccessInCluster(
      Variables({{"KUBERNETES_SERVICE_HOST", "fd00::1"}, {"KUBERNETES_SERVICE_PORT", "443"}}), Reader(files));
  ASSERT_TRUE(access) << access.error().what;
  EXPECT_EQ(ServerUrl(*access), "https://[fd00::1]:443");
  EXPECT_EQ(access->endpoint.ca_pem, kPem);
  EXPECT_EQ(access->default_namespace, "acme");
  (*files)[folder + "token"] = "two";
  EXPECT_EQ(*access->read_token(), "two");
}

TEST(InCluster, SaysThatThisIsNoPod) {
  const auto access = AccessInCluster(Variables({}), Reader(std::make_shared<Files>()));
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().code, Code::kMissing);
  EXPECT_NE(access.error().what.find("KUBERNETES_SERVICE_HOST"), std::string::npos);
}

struct Base64Row {
  const char* text;
  std::optional<std::string> bytes;
};

TEST(DecodeBase64, ReadsRfc4648sVectorsAndRefusesTheRest) {
  const Base64Row rows[] = {
      {"", ""},
      {"Zg==", "f"},
      {"Zm8=", "fo"},
      {"Zm9v", "foo"},
      {"Zm9vYg==", "foob"},
      {"Zm9vYmE=", "fooba"},
      {"Zm9vYmFy", "foobar"},
      {"Zm9v\nYmFy\n", "foobar"},
      {"Zg", "f"},
      {"+/+/", "\xfb\xff\xbf"},
      {"Z", std::nullopt},
      {"Zg=", std::nullopt},
      {"Zg==Zg==", std::nullopt},
      {"Zm9v====", std::nullopt},
      {"Zm-_", std::nullopt},
      {"Zm9v!", std::nullopt},
  };
  for (const Base64Row& row : rows) EXPECT_EQ(DecodeBase64(row.text), row.bytes) << row.text;
}

}  // namespace
}  // namespace spillway::k8s
