#include "src/base/tls.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <vector>

namespace spillway {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Store = std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)>;

std::string Reason() {
  const unsigned long code = ERR_peek_last_error();  // NOLINT(google-runtime-int): OpenSSL's type
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return text == nullptr ? "unknown reason" : text;
}

std::string Subject(const X509* certificate) {
  const Bio out(BIO_new(BIO_s_mem()), BIO_free_all);
  X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  const char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Bio Reader(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free_all};
}

// An encrypted key must fail, not ask at a terminal.
int NoPassword(char*, int, int, void*) { return -1; }

Result<std::vector<Certificate>> Certificates(const std::string& pem, const std::string& what) {
  const Bio in = Reader(pem);
  std::vector<Certificate> all;
  for (;;) {
    Certificate next(PEM_read_bio_X509(in.get(), nullptr, NoPassword, nullptr), X509_free);
    if (!next) break;
    all.push_back(std::move(next));
  }
  // The end of the text shows as "no start line"; anything else is a damaged certificate among good ones.
  const bool damaged = ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE;
  if (all.empty() || damaged) return Error{Code::kRejected, what + " is not a PEM certificate: " + Reason()};
  ERR_clear_error();
  return all;
}

Result<Store> TrustedStore(const std::string& pem, const std::string& what) {
  auto all = Certificates(pem, what);
  if (!all) return all.error();
  Store store(X509_STORE_new(), X509_STORE_free);
  for (const Certificate& one : *all) X509_STORE_add_cert(store.get(), one.get());
  // What was given is trusted as given: a pinned leaf or an intermediate is an anchor too.
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
  return store;
}

Status UseIdentity(SSL_CTX* context, const std::string& cert_pem, const std::string& key_pem,
                   const std::string& whose) {
  auto chain = Certificates(cert_pem, whose + " certificate");
  if (!chain) return chain.error();
  const Bio in = Reader(key_pem);
  const Key key(PEM_read_bio_PrivateKey(in.get(), nullptr, NoPassword, nullptr), EVP_PKEY_free);
  if (!key) return Error{Code::kRejected, whose + " key is not an unencrypted PEM key: " + Reason()};
  if (SSL_CTX_use_certificate(context, chain->front().get()) != 1) {
    return Error{Code::kRejected, whose + " certificate is not usable: " + Reason()};
  }
  for (std::size_t i = 1; i < chain->size(); ++i) SSL_CTX_add1_chain_cert(context, (*chain)[i].get());
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return Error{Code::kRejected, whose + " key does not belong to its certificate: " + Reason()};
  }
  return Ok();
}

void FreeText(void*, void* text, CRYPTO_EX_DATA*, int, long, void*) {  // NOLINT(google-runtime-int): OpenSSL's type
  delete static_cast<std::string*>(text);
}

// Where a session keeps the words of its verification's failure.
int FaultSlot() {
  static const int slot = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, FreeText);
  return slot;
}

// Changes nothing about the verdict; notes which certificate failed and why, which the handshake's error lacks.
int NoteFault(int ok, X509_STORE_CTX* store) {
  if (ok == 1) return ok;
  auto* session = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* text = static_cast<std::string*>(SSL_get_ex_data(session, FaultSlot()));
  if (text == nullptr) return ok;
  *text = std::string("certificate verify failed: ") + X509_verify_cert_error_string(X509_STORE_CTX_get_error(store));
  if (const X509* certificate = X509_STORE_CTX_get_current_cert(store)) *text += " (" + Subject(certificate) + ")";
  return ok;
}

TlsContext NewContext(const SSL_METHOD* method) {
  TlsContext context(SSL_CTX_new(method), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // Writes go out in the pieces the socket takes, from whatever buffer comes next.
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  return context;
}

int SendQuietly(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  int fd = -1;
  BIO_get_fd(bio, &fd);
  const ssize_t sent = ::send(fd, data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && BIO_sock_should_retry(static_cast<int>(sent)) != 0) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

// OpenSSL's socket BIO, except that writing to a peer that has gone is an error and not SIGPIPE.
const BIO_METHOD* QuietSocket() {
  static BIO_METHOD* const method = [] {
    const BIO_METHOD* plain = BIO_s_socket();
    BIO_METHOD* quiet = BIO_meth_new(BIO_TYPE_SOCKET, "socket without SIGPIPE");
    BIO_meth_set_write(quiet, SendQuietly);
    BIO_meth_set_read(quiet, BIO_meth_get_read(plain));
    BIO_meth_set_ctrl(quiet, BIO_meth_get_ctrl(plain));
    BIO_meth_set_create(quiet, BIO_meth_get_create(plain));
    BIO_meth_set_destroy(quiet, BIO_meth_get_destroy(plain));
    return quiet;
  }();
  return method;
}

TlsSession NewSession(const TlsContext& context, int fd) {
  TlsSession session(SSL_new(context.get()), SSL_free);
  BIO* bio = BIO_new(QuietSocket());
  if (!session || bio == nullptr) {
    BIO_free(bio);
    return {nullptr, SSL_free};
  }
  BIO_set_fd(bio, fd, BIO_NOCLOSE);
  SSL_set_bio(session.get(), bio, bio);
  SSL_set_ex_data(session.get(), FaultSlot(), new std::string);
  return session;
}

bool IsIpAddress(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

}  // namespace

Result<TlsContext> ClientTls(const std::string& ca_pem, const std::string& cert_pem, const std::string& key_pem) {
  TlsContext context = NewContext(TLS_client_method());
  if (ca_pem.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else {
    auto store = TrustedStore(ca_pem, "the CA");
    if (!store) return store.error();
    SSL_CTX_set_cert_store(context.get(), store->release());
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, NoteFault);
  if (cert_pem.empty() && key_pem.empty()) return context;
  if (auto used = UseIdentity(context.get(), cert_pem, key_pem, "the client"); !used) return used.error();
  return context;
}

Result<TlsContext> ServerTls(const std::string& cert_pem, const std::string& key_pem,
                             const std::string& client_ca_pem) {
  TlsContext context = NewContext(TLS_server_method());
  if (auto used = UseIdentity(context.get(), cert_pem, key_pem, "the server"); !used) return used.error();
  // TLS 1.3 has its own suites, all of them good; of 1.2 only those with forward secrecy and authenticated encryption.
  // Source: RFC 9325, section 4.2.
  SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  // Without it a resumed session with a client certificate fails with an internal-error alert.
  static constexpr std::array<unsigned char, 8> kSessionContext = {'s', 'p', 'i', 'l', 'l', 'w', 'a', 'y'};
  SSL_CTX_set_session_id_context(context.get(), kSessionContext.data(), kSessionContext.size());
  if (client_ca_pem.empty()) return context;
  auto store = TrustedStore(client_ca_pem, "the CA of clients");
  if (!store) return store.error();
  auto names = Certificates(client_ca_pem, "the CA of clients");
  for (const Certificate& one : *names) SSL_CTX_add_client_CA(context.get(), one.get());
  SSL_CTX_set_cert_store(context.get(), store->release());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, NoteFault);
  return context;
}

TlsSession ClientSession(const TlsContext& context, int fd, const std::string& name) {
  TlsSession session = NewSession(context, fd);
  if (!session) return session;
  X509_VERIFY_PARAM* wanted = SSL_get0_param(session.get());
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  bool accepted = false;
  if (IsIpAddress(name)) {
    accepted = X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str()) == 1;
  } else {
    accepted = !name.empty() && X509_VERIFY_PARAM_set1_host(wanted, name.data(), name.size()) == 1 &&
               SSL_set_tlsext_host_name(session.get(), name.c_str()) == 1;
  }
  // Without a name to look for, OpenSSL would accept any certificate of the CA.
  if (!accepted) return {nullptr, SSL_free};
  SSL_set_connect_state(session.get());
  return session;
}

TlsSession ServerSession(const TlsContext& context, int fd) {
  TlsSession session = NewSession(context, fd);
  if (session) SSL_set_accept_state(session.get());
  return session;
}

bool TlsFaultIsTrust(const ssl_st* session) {
  const auto* noted = static_cast<const std::string*>(SSL_get_ex_data(session, FaultSlot()));
  if (noted != nullptr && !noted->empty()) return true;
  switch (ERR_GET_REASON(ERR_peek_last_error())) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return true;
    default:
      return false;
  }
}

std::string TlsFault(const ssl_st* session) {
  const auto* noted = static_cast<const std::string*>(SSL_get_ex_data(session, FaultSlot()));
  std::string reason = Reason();
  return noted != nullptr && !noted->empty() ? *noted : reason;
}

std::string PeerSubject(const ssl_st* session) {
  const Certificate peer(SSL_get1_peer_certificate(session), X509_free);
  if (!peer || SSL_get_verify_result(session) != X509_V_OK) return {};
  return Subject(peer.get());
}

}  // namespace spillway
