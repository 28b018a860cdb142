// Both programs as processes, and TLS between them.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "src/base/pki.h"
#include "tests/base/web.h"
#include "tests/daemon/spillwayd_files.h"
#include "tools/ctl/command.h"

namespace spillway::ctl {
namespace {

using Arguments = std::vector<std::string>;

class OverTls : public daemon::SpillwaydTest {
 protected:
  OverTls() {
    const Identity ann = *IssueClient(TestPki().ca, "ann", "operators", Now());
    const Identity stranger = *IssueClient(TestPki().foreign_ca, "ann", "operators", Now());
    const std::pair<const char*, std::string> files[] = {{"ca.pem", TestPki().ca.cert_pem},
                                                         {"other-ca.pem", TestPki().foreign_ca.cert_pem},
                                                         {"server.crt", TestPki().server.cert_pem},
                                                         {"server.key", TestPki().server.key_pem},
                                                         {"ann.crt", ann.cert_pem},
                                                         {"ann.key", ann.key_pem},
                                                         {"stranger.crt", stranger.cert_pem},
                                                         {"stranger.key", stranger.key_pem}};
    for (const auto& [name, text] : files) Write(name, text);
    Write("tokens",
          "vera viewer sha256:2bcb43cbc8f6b7ef66331532881143fcbae60a879db3a8fb853f645bb24c2b3c\n"
          "ann operator cert:CN=ann,O=operators\n");
    Write("view.token", "view\n");
    WriteConfig("127.0.0.1:0\n  tls: { certFile: " + Path("server.crt") + ", keyFile: " + Path("server.key") +
                    ", clientCaFile: " + Path("ca.pem") + " }\n  auth: { tokensFile: " + Path("tokens") + " }",
                "10%");
  }

  // The exit code of spillwayctl, and what it printed.
  std::pair<int, std::string> Ctl(Arguments arguments, const Arguments& more) const {
    arguments.insert(arguments.end(), {"--server", "https://127.0.0.1:" + std::to_string(port_)});
    arguments.insert(arguments.end(), more.begin(), more.end());
    ChildProcess ctl("tools/ctl/spillwayctl", std::move(arguments));
    const int exit = ctl.End();
    return {exit, ctl.printed()};
  }

  const Arguments ca_ = {"--ca-file", Path("ca.pem")};
  const Arguments token_ = {"--ca-file", Path("ca.pem"), "--token-file", Path("view.token")};
  const Arguments ann_ = {"--ca-file", Path("ca.pem"), "--cert-file", Path("ann.crt"), "--key-file", Path("ann.key")};
  int port_ = 0;
};

TEST_F(OverTls, SpillwaydIsAskedByTokenAndByClientCertificate) {
  daemon::Child spillwayd(Config());
  port_ = Port(spillwayd);
  const auto [asked, status] = Ctl({"status"}, token_);
  EXPECT_EQ(asked, kDone) << status;
  EXPECT_EQ(status.rfind("APP ", 0), 0U) << status;
  const auto [denied, why] = Ctl({"pause", "shop", "--reason", "x"}, token_);
  EXPECT_EQ(denied, kDenied) << why;
  EXPECT_NE(why.find("vera has viewer"), std::string::npos) << why;

  const auto [paused, accepted] = Ctl({"pause", "shop", "--reason", "x"}, ann_);
  EXPECT_EQ(paused, kDone) << accepted;
  EXPECT_NE(Ctl({"audit"}, ann_).second.find("ann (operator): pause, accepted"), std::string::npos);
  EXPECT_EQ(Ctl({"status"}, ca_).first, kDenied) << "TLS alone names nobody";
}

TEST_F(OverTls, WhoIsNotTrustedIsRefusedWithOneSentence) {
  daemon::Child spillwayd(Config());
  port_ = Port(spillwayd);
  struct Row {
    Arguments trusts;
    const char* why;
    const char* next;
  };
  const Row rows[] = {
      {{"--ca-file", Path("other-ca.pem"), "--token-file", Path("view.token")},
       "TLS: certificate verify failed: self-signed certificate in certificate chain (CN=test CA)",
       "Check --ca-file: it must hold the CA of spillwayd's certificate."},
      {{"--token-file", Path("view.token")},  // the system's store alone
       "TLS: certificate verify failed: self-signed certificate in certificate chain (CN=test CA)",
       "Check --ca-file: it must hold the CA of spillwayd's certificate."},
      {{"--ca-file", Path("ca.pem"), "--cert-file", Path("stranger.crt"), "--key-file", Path("stranger.key")},
       "TLS: tlsv1 alert unknown ca",
       "Check --cert-file: it must be of a CA in spillwayd's clientCaFile."},
  };
  for (const Row& row : rows) {
    auto [exit, printed] = Ctl({"status"}, row.trusts);
    EXPECT_EQ(exit, kDenied) << printed;
    for (std::size_t at; (at = printed.find("\n  ")) != std::string::npos;) printed.replace(at, 3, " ");
    EXPECT_EQ(printed, "spillwayctl: GET https://127.0.0.1:" + std::to_string(port_) + "/api/v1/apps: " + row.why +
                           " " + row.next + "\n");
  }
}

}  // namespace
}  // namespace spillway::ctl
