#include "tests/lab/served_over_tls.h"

#include <gtest/gtest.h>

#include <utility>

#include "src/base/clock.h"

namespace spillway::lab {
namespace {

Validity Today() {
  const WallTime now = SystemClock().WallNow();
  return {now - 1h, now + 24h};
}

const Identity& Ca() {
  static const Identity ca = *MakeCa("lab CA", Today());
  return ca;
}

}  // namespace

ServedOverTls::ServedOverTls(Fake& fake, std::vector<std::string> addresses) {
  const Identity server = *IssueServer(Ca(), {.dns = {}, .ips = std::move(addresses)}, Today());
  ServerOptions options;
  options.cert_pem = server.cert_pem;
  options.key_pem = server.key_pem;
  options.client_ca_pem = Ca().cert_pem;
  Result<std::unique_ptr<ServedFake>> served = ServedFake::Start(fake, options);
  EXPECT_TRUE(served) << served.error().what;
  served_ = *std::move(served);
}

std::string ServedOverTls::url() const { return "https://127.0.0.1:" + std::to_string(port()); }

const std::string& ServedOverTls::CaPem() { return Ca().cert_pem; }

Identity ServedOverTls::ClientCertificate(const std::string& common_name) {
  return *IssueClient(Ca(), common_name, "lab", Today());
}

}  // namespace spillway::lab
