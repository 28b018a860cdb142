#include "src/base/pki.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <utility>

namespace spillway {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Extension = std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)>;

using Extensions = std::vector<std::pair<int, std::string>>;

struct Parsed {
  Certificate certificate;
  Key key;
};

struct Wanted {
  std::string common_name;
  std::string organization;
  Validity validity;
  Extensions extensions;
};

Error Refused(const std::string& what) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return {Code::kRejected, what + ": " + (reason == nullptr ? "refused" : reason)};
}

std::string Text(BIO* bio) {
  const char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

Result<Parsed> Parse(const Identity& identity) {
  const Bio cert(BIO_new_mem_buf(identity.cert_pem.data(), static_cast<int>(identity.cert_pem.size())), BIO_free_all);
  const Bio key(BIO_new_mem_buf(identity.key_pem.data(), static_cast<int>(identity.key_pem.size())), BIO_free_all);
  Parsed parsed{{PEM_read_bio_X509(cert.get(), nullptr, nullptr, nullptr), X509_free},
                {PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr), EVP_PKEY_free}};
  if (!parsed.certificate || !parsed.key) return Refused("the CA does not parse");
  return parsed;
}

void AddName(X509_NAME* name, const char* field, const std::string& value) {
  if (value.empty()) return;
  X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
                             static_cast<int>(value.size()), -1, 0);
}

void SetValidity(X509* certificate, Validity validity) {
  using std::chrono::seconds;
  ASN1_TIME_set(X509_getm_notBefore(certificate),
                std::chrono::floor<seconds>(validity.from).time_since_epoch().count());
  ASN1_TIME_set(X509_getm_notAfter(certificate),
                std::chrono::floor<seconds>(validity.until).time_since_epoch().count());
}

// 127 random bits: serial numbers must differ between certificates of one CA, or clients that cache them reject both.
bool SetSerial(X509* certificate) {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return false;
  bytes[0] &= 0x7fU;
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(BN_bin2bn(bytes.data(), bytes.size(), nullptr), BN_free);
  return BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

// Signs with `ca`, or with the new key itself if that is nullptr.
Result<Identity> Issue(const Wanted& wanted, const Parsed* ca) {
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Certificate made(X509_new(), X509_free);
  if (!key || !made || !SetSerial(made.get())) return Refused("no key");
  X509_set_version(made.get(), X509_VERSION_3);
  SetValidity(made.get(), wanted.validity);
  X509_set_pubkey(made.get(), key.get());
  X509_NAME* name = X509_get_subject_name(made.get());
  AddName(name, "O", wanted.organization);
  AddName(name, "CN", wanted.common_name);
  X509* issuer = ca == nullptr ? made.get() : ca->certificate.get();
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer));

  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, made.get(), nullptr, nullptr, 0);
  for (const auto& [kind, value] : wanted.extensions) {
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), X509_EXTENSION_free);
    if (!extension) return Refused(value);
    X509_add_ext(made.get(), extension.get(), -1);
  }
  if (X509_sign(made.get(), ca == nullptr ? key.get() : ca->key.get(), EVP_sha256()) == 0) return Refused("not signed");

  const Bio cert_out(BIO_new(BIO_s_mem()), BIO_free_all);
  const Bio key_out(BIO_new(BIO_s_mem()), BIO_free_all);
  PEM_write_bio_X509(cert_out.get(), made.get());
  PEM_write_bio_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return Identity{Text(cert_out.get()), Text(key_out.get())};
}

Result<Identity> IssueLeaf(const Identity& ca, Wanted wanted, const std::string& usage) {
  const auto parsed = Parse(ca);
  if (!parsed) return parsed.error();
  Extensions& extensions = wanted.extensions;
  extensions.insert(extensions.begin(), {{NID_basic_constraints, "critical,CA:FALSE"},
                                         {NID_key_usage, "critical,digitalSignature"},
                                         {NID_ext_key_usage, usage},
                                         {NID_subject_key_identifier, "hash"},
                                         {NID_authority_key_identifier, "keyid"}});
  return Issue(wanted, &*parsed);
}

}  // namespace

Result<Identity> MakeCa(const std::string& common_name, Validity validity) {
  return Issue({common_name,
                {},
                validity,
                {{NID_basic_constraints, "critical,CA:TRUE"},
                 {NID_key_usage, "critical,keyCertSign,cRLSign"},
                 {NID_subject_key_identifier, "hash"}}},
               nullptr);
}

Result<Identity> IssueServer(const Identity& ca, const ServerNames& names, Validity validity,
                             const std::string& common_name) {
  std::string alternatives;
  // A comma would let one name smuggle in others: OpenSSL reads a list here.
  for (const std::string& name : names.dns) {
    if (name.find(',') != std::string::npos) return Error{Code::kRejected, name + ": not a DNS name"};
    alternatives += (alternatives.empty() ? "DNS:" : ",DNS:") + name;
  }
  for (const std::string& ip : names.ips) {
    if (ip.find(',') != std::string::npos) return Error{Code::kRejected, ip + ": not an IP address"};
    alternatives += (alternatives.empty() ? "IP:" : ",IP:") + ip;
  }
  Wanted wanted{common_name, {}, validity, {}};
  if (wanted.common_name.empty() && !names.ips.empty()) wanted.common_name = names.ips.front();
  if (common_name.empty() && !names.dns.empty()) wanted.common_name = names.dns.front();
  if (!alternatives.empty()) wanted.extensions.emplace_back(NID_subject_alt_name, alternatives);
  return IssueLeaf(ca, std::move(wanted), "serverAuth");
}

Result<Identity> IssueClient(const Identity& ca, const std::string& common_name, const std::string& organization,
                             Validity validity) {
  return IssueLeaf(ca, {common_name, organization, validity, {}}, "clientAuth");
}

}  // namespace spillway
