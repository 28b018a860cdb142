#include "src/base/pki.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <set>

#include "tests/base/web.h"

namespace spillway {
namespace {

// As `openssl x509 -text` prints it.
std::string Described(const Identity& identity) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> in(BIO_new_mem_buf(identity.cert_pem.data(), -1), BIO_free_all);
  const std::unique_ptr<X509, decltype(&X509_free)> parsed(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr),
                                                           X509_free);
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> out(BIO_new(BIO_s_mem()), BIO_free_all);
  X509_print(out.get(), parsed.get());
  const char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

TEST(Pki, ACertificateSaysWhatWasAskedFor) {
  const Validity validity{WallTime{std::chrono::hours{24 * 365 * 56}}, WallTime{std::chrono::hours{24 * 365 * 57}}};
  const auto server = IssueServer(TestPki().ca, {{"a.test", "*.b.test"}, {"10.0.0.1", "2001:db8::1"}}, validity);
  ASSERT_TRUE(server) << server.error().what;
  const std::string text = Described(*server);
  for (const char* part :
       {"DNS:a.test, DNS:*.b.test, IP Address:10.0.0.1, IP Address:2001:DB8:0:0:0:0:0:1", "Issuer: CN=test CA",
        "Subject: CN=a.test", "CA:FALSE", "TLS Web Server Authentication", "NIST CURVE: P-256",
        "Not Before: Dec 18 00:00:00 2025 GMT", "Not After : Dec 18 00:00:00 2026 GMT"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  const std::string client = Described(*IssueClient(TestPki().ca, "ann", "operators", validity));
  EXPECT_NE(client.find("Subject: O=operators, CN=ann"), std::string::npos) << client;
  EXPECT_NE(client.find("TLS Web Client Authentication"), std::string::npos);
  EXPECT_NE(Described(TestPki().ca).find("CA:TRUE"), std::string::npos);
}

TEST(Pki, NoTwoCertificatesShareASerialNumberOrAKey) {
  std::set<std::string> serials;
  std::set<std::string> keys;
  for (int i = 0; i < 20; ++i) {
    const Identity made = *IssueServer(TestPki().ca, {{"a.test"}, {}}, Now());
    const std::string text = Described(made);
    serials.insert(text.substr(text.find("Serial"), 80));
    keys.insert(made.key_pem);
  }
  EXPECT_EQ(serials.size(), 20U);
  EXPECT_EQ(keys.size(), 20U);
}

TEST(Pki, RefusesWhatItCannotPutInACertificate) {
  const Identity& ca = TestPki().ca;
  EXPECT_FALSE(IssueServer(ca, {{}, {"10.0.0"}}, Now())) << "not an address";
  EXPECT_FALSE(IssueServer(ca, {{}, {"10.0.0.1,DNS:evil.test"}}, Now())) << "a second name smuggled in";
  EXPECT_FALSE(IssueServer(ca, {{"a.test,IP:10.0.0.1"}, {}}, Now())) << "the other way round";
  EXPECT_FALSE(IssueServer({"rubbish", ca.key_pem}, {{"a.test"}, {}}, Now()));
  EXPECT_FALSE(IssueClient({ca.cert_pem, ""}, "ann", "", Now()));
}

}  // namespace
}  // namespace spillway
