#include "tools/lab/credentials.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <set>
#include <string_view>
#include <vector>

namespace spillway::lab {
namespace {

std::string Hex(const unsigned char* bytes, std::size_t size) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += kDigits[bytes[i] >> 4U];
    text += kDigits[bytes[i] & 0xfU];
  }
  return text;
}

// 128 random bits; empty if there is no randomness.
std::string Secret() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return "";
  return Hex(bytes.data(), bytes.size());
}

}  // namespace

Result<Credentials> MakeCredentials(WallTime now, const std::vector<std::string>& addresses) {
  const Validity validity{now - 1h, now + 30 * 24h};
  const Result<Identity> ca = MakeCa("Spillway lab", validity);
  if (!ca) return ca.error();
  Credentials made;
  made.ca_pem = ca->cert_pem;
  std::set<std::string> all(addresses.begin(), addresses.end());
  all.insert("127.0.0.1");
  const Result<Identity> server = IssueServer(*ca, {{"localhost"}, {all.begin(), all.end()}}, validity);
  if (!server) return server.error();
  made.server = *server;
  const Result<Identity> spillway = IssueClient(*ca, "spillway", "", validity);
  if (!spillway) return spillway.error();
  made.spillway = *spillway;
  const Result<Identity> admin = IssueClient(*ca, "admin", "", validity);
  if (!admin) return admin.error();
  made.admin = *admin;
  for (std::string* secret :
       {&made.spillway_token, &made.admin_token, &made.avi_password, &made.avi_admin_password, &made.api_token}) {
    *secret = Secret();
    if (secret->empty()) return Error{Code::kRetry, "the machine has no randomness"};
  }
  return made;
}

std::string Sha256Hex(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return Hex(digest.data(), size);
}

std::string Base64(const std::string& bytes) {
  std::vector<unsigned char> text(4 * ((bytes.size() + 2) / 3) + 1);
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());  // NOLINT(*-reinterpret-cast): char to byte
  const int size = EVP_EncodeBlock(text.data(), data, static_cast<int>(bytes.size()));
  return {text.begin(), text.begin() + size};
}

}  // namespace spillway::lab
