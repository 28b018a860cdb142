// A fake behind real TLS, with a CA made on the spot, for foreign clients.
#ifndef SPILLWAY_TESTS_LAB_SERVED_OVER_TLS_H_
#define SPILLWAY_TESTS_LAB_SERVED_OVER_TLS_H_

#include <memory>
#include <string>
#include <vector>

#include "src/base/pki.h"
#include "tools/lab/fake.h"
#include "tools/lab/serve.h"

namespace spillway::lab {

class ServedOverTls {
 public:
  // Serves `fake` at 127.0.0.1. `addresses`: what the certificate is for; a wrong one is a wrong host. Client
  // certificates of the same CA are verified where they are shown.
  explicit ServedOverTls(Fake& fake, std::vector<std::string> addresses = {"127.0.0.1"});

  std::string url() const;
  int port() const { return served_->port(); }

  // One CA a process.
  static const std::string& CaPem();
  // A client's certificate with that CN.
  static Identity ClientCertificate(const std::string& common_name);

 private:
  std::unique_ptr<ServedFake> served_;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TESTS_LAB_SERVED_OVER_TLS_H_
