#include "src/base/resolver.h"

#include <ldns/ldns.h>

#include <cstdlib>
#include <memory>

namespace spillway {
namespace {

struct Free {
  void operator()(ldns_resolver* resolver) const { ldns_resolver_deep_free(resolver); }
  void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
  void operator()(ldns_rdf* data) const { ldns_rdf_deep_free(data); }
  void operator()(char* text) const { std::free(text); }  // NOLINT(cppcoreguidelines-no-malloc): ldns uses malloc
};
using Resolver = std::unique_ptr<ldns_resolver, Free>;
using Data = std::unique_ptr<ldns_rdf, Free>;

Result<Resolver> Make(const NameServer& server) {
  if (server.ip.empty()) {
    ldns_resolver* made = nullptr;
    if (ldns_resolver_new_frm_file(&made, nullptr) == LDNS_STATUS_OK) return Resolver(made);
    return Error{Code::kRetry, "/etc/resolv.conf names no resolver that can be used"};
  }
  Data address(ldns_rdf_new_frm_str(server.ip.find(':') == std::string::npos ? LDNS_RDF_TYPE_A : LDNS_RDF_TYPE_AAAA,
                                    server.ip.c_str()));
  if (!address) return Error{Code::kRejected, "\"" + server.ip + "\" is no IP address"};
  Resolver resolver(ldns_resolver_new());
  ldns_resolver_set_port(resolver.get(), static_cast<std::uint16_t>(server.port));
  ldns_resolver_push_nameserver(resolver.get(), address.get());  // it takes a copy
  return resolver;
}

void AddAddresses(const ldns_pkt* answer, ldns_rr_type type, std::vector<std::string>& out) {
  const ldns_rr_list* records = ldns_pkt_answer(answer);
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(records); ++i) {
    const ldns_rr* record = ldns_rr_list_rr(records, i);
    if (ldns_rr_get_type(record) != type || ldns_rr_rd_count(record) == 0) continue;
    const std::unique_ptr<char, Free> text(ldns_rdf2str(ldns_rr_rdf(record, 0)));
    if (text) out.emplace_back(text.get());
  }
}

}  // namespace

Result<std::vector<std::string>> ResolveName(const std::string& name, const NameServer& server, Duration deadline) {
  auto resolver = Make(server);
  if (!resolver) return resolver.error();
  const Data owner(ldns_dname_new_frm_str(name.c_str()));
  if (!owner) return Error{Code::kRejected, "\"" + name + "\" is no domain name"};
  timeval wait{};
  wait.tv_sec = deadline / 1s;
  wait.tv_usec = static_cast<suseconds_t>((deadline % 1s) / 1us);
  ldns_resolver_set_timeout(resolver->get(), wait);
  ldns_resolver_set_retry(resolver->get(), 1);
  std::vector<std::string> addresses;
  bool exists = true;
  for (const ldns_rr_type type : {LDNS_RR_TYPE_A, LDNS_RR_TYPE_AAAA}) {
    const std::unique_ptr<ldns_pkt, Free> answer(
        ldns_resolver_query(resolver->get(), owner.get(), type, LDNS_RR_CLASS_IN, LDNS_RD));
    if (!answer) return Error{Code::kRetry, "no resolver answered for " + name};
    const ldns_pkt_rcode code = ldns_pkt_get_rcode(answer.get());
    exists = code != LDNS_RCODE_NXDOMAIN;
    if (code != LDNS_RCODE_NOERROR && exists) {
      const std::unique_ptr<char, Free> word(ldns_pkt_rcode2str(code));
      return Error{Code::kRetry, "the resolver answered " + name + " with " + (word ? word.get() : "an error")};
    }
    AddAddresses(answer.get(), type, addresses);
    if (!addresses.empty()) return addresses;
  }
  return Error{Code::kMissing, exists ? name + " has no address" : name + " does not exist"};
}

}  // namespace spillway
