// Who trusts whom: every way in which TLS must fail, with the reason that a person reads.
#include "src/base/tls.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <thread>

#include "src/base/channel.h"
#include "src/base/dial.h"
#include "src/base/file.h"
#include "tests/base/web.h"

namespace spillway {
namespace {

HttpReply Subject(const ServerRequest& request) { return JsonReply(200, request.client_subject); }

ServerOptions With(const Identity& identity) {
  ServerOptions options;
  options.cert_pem = identity.cert_pem;
  options.key_pem = identity.key_pem;
  return options;
}

struct Row {
  const char* claim;
  Identity identity;
  std::string name;    // what the client looks for; empty: 127.0.0.1
  std::string reason;  // empty: accepted
};

// Whether a client that knows no more than this gets through the handshake.
bool Accepts(int port, int version, const char* suites) {
  const TlsContext context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), version);
  SSL_CTX_set_max_proto_version(context.get(), version);
  if (suites != nullptr) SSL_CTX_set_cipher_list(context.get(), suites);
  BIO* to = BIO_new_connect(("127.0.0.1:" + std::to_string(port)).c_str());
  const TlsSession session(SSL_new(context.get()), SSL_free);
  SSL_set_bio(session.get(), to, to);
  return BIO_do_connect(to) == 1 && SSL_connect(session.get()) == 1;
}

TEST(Tls, AServerSpeaksOnlyModernVersionsAndSuites) {
  const auto server = ServeTls(Subject);
  struct Case {
    const char* claim;
    int version;
    const char* suites;
    bool accepted;
  };
  const Case cases[] = {
      {"TLS 1.3", TLS1_3_VERSION, nullptr, true},
      {"TLS 1.2 with forward secrecy and GCM", TLS1_2_VERSION, "ECDHE+AESGCM", true},
      {"TLS 1.2 with forward secrecy and ChaCha20", TLS1_2_VERSION, "ECDHE+CHACHA20", true},
      {"no CBC", TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA", false},
      {"no static RSA", TLS1_2_VERSION, "AES128-GCM-SHA256:AES256-GCM-SHA384", false},
      {"no TLS 1.1", TLS1_1_VERSION, "ALL:@SECLEVEL=0", false},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(Accepts(server->port(), one.version, one.suites), one.accepted) << one.claim;
  }
}

TEST(Tls, TheServersCertificateIsVerified) {
  const Pki& pki = TestPki();
  const std::vector<Row> rows = {
      {"the right IP", pki.server, "", ""},
      {"the right name", pki.server, "named.test", ""},
      {"names compare without case", pki.server, "NAMED.test", ""},
      {"a wildcard for one label", *IssueServer(pki.ca, {{"*.apps.test"}, {}}, Now()), "a.apps.test", ""},
      {"a wildcard is not for two labels", *IssueServer(pki.ca, {{"*.apps.test"}, {}}, Now()), "a.b.apps.test",
       "hostname mismatch"},
      {"a partial wildcard", *IssueServer(pki.ca, {{"f*.apps.test"}, {}}, Now()), "foo.apps.test", "hostname mismatch"},
      {"another name", pki.server, "other.test", "hostname mismatch"},
      {"the name as a part only", pki.server, "xnamed.test", "hostname mismatch"},
      {"another IP", *IssueServer(pki.ca, {{"localhost"}, {"127.0.0.2"}}, Now()), "", "IP address mismatch"},
      {"the IP as a DNS name", *IssueServer(pki.ca, {{"127.0.0.1"}, {}}, Now()), "", "IP address mismatch"},
      {"the IP as common name only", *IssueServer(pki.ca, {}, Now(), "127.0.0.1"), "", "IP address mismatch"},
      {"the name as common name only", *IssueServer(pki.ca, {}, Now(), "named.test"), "named.test",
       "hostname mismatch"},
      {"the name as common name beside others", *IssueServer(pki.ca, {{"other.test"}, {}}, Now(), "named.test"),
       "named.test", "hostname mismatch"},
      {"another CA", *IssueServer(pki.foreign_ca, {{}, {"127.0.0.1"}}, Now()), "",
       "unable to get local issuer certificate"},
      {"self-signed", *MakeCa("127.0.0.1", Now()), "", "self-signed certificate"},
      {"expired", *IssueServer(pki.ca, {{}, {"127.0.0.1"}}, Around(2h, -1h)), "", "certificate has expired"},
      {"not yet valid", *IssueServer(pki.ca, {{}, {"127.0.0.1"}}, Around(-1h, 2h)), "", "certificate is not yet valid"},
      {"a client's certificate", *IssueClient(pki.ca, "127.0.0.1", "", Now()), "", "unsuitable certificate purpose"},
  };
  for (const Row& row : rows) {
    const auto server = ServeTls(Subject, With(row.identity));
    HttpEndpoint endpoint = TlsTo(*server);
    endpoint.server_name = row.name;
    HttpClient client(endpoint);
    const auto answer = client.Send({}, kPatience);
    if (row.reason.empty()) {
      EXPECT_TRUE(answer) << row.claim << ": " << answer.error().what;
      continue;
    }
    ASSERT_FALSE(answer) << row.claim;
    EXPECT_EQ(answer.error().code, Code::kDenied) << row.claim;
    EXPECT_NE(answer.error().what.find("certificate verify failed: " + row.reason), std::string::npos)
        << row.claim << ": " << answer.error().what;
    EXPECT_NE(answer.error().what.find("https://127.0.0.1:"), std::string::npos) << answer.error().what;
  }
}

TEST(Tls, AMissingIssuerIsNamedWithTheCertificateThatLacksIt) {
  const auto server = ServeTls(Subject, With(*IssueServer(TestPki().foreign_ca, {{"named.test"}, {}}, Now())));
  HttpEndpoint endpoint = TlsTo(*server);
  endpoint.server_name = "named.test";
  HttpClient client(endpoint);
  const auto answer = client.Send({}, kPatience);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().what.find("(CN=named.test)"), std::string::npos) << answer.error().what;
}

TEST(Tls, AMismatchSaysWhatWasWanted) {
  const auto server = ServeTls(Subject);
  HttpEndpoint endpoint = TlsTo(*server);
  endpoint.server_name = "other.test";
  HttpClient client(endpoint);
  const auto answer = client.Send({}, kPatience);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().what.find("wanted other.test"), std::string::npos) << answer.error().what;
}

TEST(Tls, AGivenCaIsTheOnlyOneAndTheSystemsStoreIsForNone) {
  const std::string store = ::testing::TempDir() + "/system.pem";
  ASSERT_TRUE(WriteFileAtomically(store, TestPki().foreign_ca.cert_pem));
  ASSERT_EQ(::setenv("SSL_CERT_FILE", store.c_str(), 1), 0);
  const auto server = ServeTls(Subject, With(*IssueServer(TestPki().foreign_ca, {{}, {"127.0.0.1"}}, Now())));
  HttpEndpoint endpoint = TlsTo(*server);
  const auto with_ca = HttpClient(endpoint).Send({}, kPatience);
  endpoint.ca_pem.clear();
  const auto without = HttpClient(endpoint).Send({}, kPatience);
  ::unsetenv("SSL_CERT_FILE");
  ASSERT_FALSE(with_ca) << "the system trusts the server, but a CA was given";
  EXPECT_EQ(with_ca.error().code, Code::kDenied);
  EXPECT_TRUE(without) << without.error().what;
}

TEST(Tls, SeveralCasAndAPinnedCertificateAreAnchors) {
  const auto server = ServeTls(Subject);
  HttpEndpoint endpoint = TlsTo(*server);
  for (const std::string& ca : {TestPki().foreign_ca.cert_pem + TestPki().ca.cert_pem, TestPki().server.cert_pem}) {
    endpoint.ca_pem = ca;
    const auto answer = HttpClient(endpoint).Send({}, kPatience);
    EXPECT_TRUE(answer) << answer.error().what;
  }
}

TEST(Tls, AClientsCertificateIsReportedOrRefused) {
  ServerOptions options;
  options.client_ca_pem = TestPki().ca.cert_pem;
  const auto server = ServeTls(Subject, options);
  HttpEndpoint endpoint = TlsTo(*server);
  const auto none = HttpClient(endpoint).Send({}, kPatience);
  ASSERT_TRUE(none) << none.error().what;
  EXPECT_EQ(none->body, "") << "none shown is allowed, and known";

  const Identity good = *IssueClient(TestPki().ca, "ann", "operators", Now());
  endpoint.client_cert_pem = good.cert_pem;
  endpoint.client_key_pem = good.key_pem;
  HttpClient client(endpoint);
  for (int i = 0; i < 2; ++i) {
    const auto shown = client.Send({}, kPatience);
    ASSERT_TRUE(shown) << shown.error().what;
    EXPECT_EQ(shown->body, "CN=ann,O=operators");
  }

  const Identity foreign = *IssueClient(TestPki().foreign_ca, "ann", "operators", Now());
  endpoint.client_cert_pem = foreign.cert_pem;
  endpoint.client_key_pem = foreign.key_pem;
  const auto refused = HttpClient(endpoint).Send({}, kPatience);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDenied) << refused.error().what;
  EXPECT_NE(refused.error().what.find("unknown ca"), std::string::npos) << refused.error().what;
}

// A server that insists on a client certificate; ours never does.
void InsistOnCertificate(RawServer& raw) {
  auto context = ServerTls(TestPki().server.cert_pem, TestPki().server.key_pem, TestPki().ca.cert_pem);
  ASSERT_TRUE(context);
  SSL_CTX_set_verify(context->get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  const int fd = raw.Accept();
  Channel channel(fd, {});
  channel.ReadBy(MonotonicNow() + kPatience);
  EXPECT_FALSE(channel.Handshake(ServerSession(*context, fd)));
  channel.CloseGently(kPatience);
}

TEST(Tls, AMissingClientCertificateIsSaid) {
  RawServer raw;
  std::thread server([&] { InsistOnCertificate(raw); });
  HttpEndpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = raw.port();
  endpoint.ca_pem = TestPki().ca.cert_pem;
  const auto answer = HttpClient(endpoint).Send({}, kPatience);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kDenied) << answer.error().what;
  EXPECT_NE(answer.error().what.find("certificate required"), std::string::npos) << answer.error().what;
  server.join();
}

TEST(Tls, WhatDoesNotParseIsSaidByEverySend) {
  const Identity other = *IssueClient(TestPki().ca, "x", "", Now());
  struct Bad {
    std::string ca, cert, key, reason;
  };
  const std::vector<Bad> rows = {
      {"rubbish", "", "", "the CA is not a PEM certificate"},
      {TestPki().ca.cert_pem + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "", "",
       "the CA is not a PEM certificate"},
      {TestPki().ca.cert_pem, "rubbish", "", "the client certificate is not a PEM certificate"},
      {TestPki().ca.cert_pem, TestPki().server.cert_pem, "rubbish", "the client key is not an unencrypted PEM key"},
      {TestPki().ca.cert_pem, TestPki().server.cert_pem, other.key_pem, "the client key does not belong"},
  };
  for (const Bad& row : rows) {
    HttpEndpoint endpoint;
    endpoint.host = "127.0.0.1";
    endpoint.ca_pem = row.ca;
    endpoint.client_cert_pem = row.cert;
    endpoint.client_key_pem = row.key;
    HttpClient client(endpoint);
    const auto answer = client.Send({}, kPatience);
    ASSERT_FALSE(answer) << row.reason;
    EXPECT_EQ(answer.error().code, Code::kRejected);
    EXPECT_NE(answer.error().what.find(row.reason), std::string::npos) << answer.error().what;
    EXPECT_EQ(answer.error().what.find("PRIVATE"), std::string::npos) << "keys stay out of messages";
  }
}

TEST(Tls, AServerWithABadCertificateDoesNotStart) {
  ServerOptions options = With(TestPki().server);
  options.key_pem = TestPki().ca.key_pem;
  const auto server = HttpServer::Start(options, Subject);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, Code::kRejected);
  EXPECT_NE(server.error().what.find("the server key does not belong"), std::string::npos);
}

TEST(Tls, AServerThatSpeaksNoTlsIsSaidAndInTime) {
  RawServer raw;
  HttpEndpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = raw.port();
  endpoint.ca_pem = TestPki().ca.cert_pem;
  const auto silent = HttpClient(endpoint).Send({}, 100ms);
  ASSERT_FALSE(silent) << "nobody answers the handshake";
  EXPECT_EQ(silent.error().code, Code::kRetry);
  EXPECT_NE(silent.error().what.find("TLS handshake: timed out"), std::string::npos) << silent.error().what;
  ::close(raw.Accept());
  std::thread plain([&] {
    const int fd = raw.Accept();
    RawServer::Say(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
    ::close(fd);
  });
  const auto answer = HttpClient(endpoint).Send({}, kPatience);
  plain.join();
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().what.find("TLS handshake"), std::string::npos) << answer.error().what;
}

TEST(Tls, WritingToAPeerThatHasGoneIsAnErrorAndNoSignal) {
  auto* const before = ::signal(SIGPIPE, SIG_DFL);
  const auto server_tls = ServerTls(TestPki().server.cert_pem, TestPki().server.key_pem, "");
  const auto client_tls = ClientTls(TestPki().ca.cert_pem, "", "");
  ASSERT_TRUE(server_tls && client_tls);
  for (const bool tls : {true, false}) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    Channel client(ends[0], {});
    {
      Channel server(ends[1], {});
      std::thread handshake([&] { EXPECT_TRUE(!tls || server.Handshake(ServerSession(*server_tls, ends[1]))); });
      EXPECT_TRUE(!tls || client.Handshake(ClientSession(*client_tls, ends[0], "named.test"))) << client.why();
      handshake.join();
    }
    EXPECT_FALSE(client.Write(std::string(1U << 20U, 'x')));
    EXPECT_EQ(client.fault(), Channel::Fault::kBroken);
  }
  ::signal(SIGPIPE, before);
}

}  // namespace
}  // namespace spillway
