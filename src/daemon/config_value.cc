#include "src/daemon/config_value.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "k8s/quantity.h"
#include "src/daemon/change_rules.h"

namespace spillway::daemon {
namespace {

bool Printable(const std::string& text) {
  return !text.empty() && std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; });
}

bool IsLabel(std::string_view text) {
  if (text.empty() || text.size() > 63 || text.front() == '-' || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '-'; });
}

bool IsSubdomain(const std::string& text) {
  if (text.size() > 253) return false;
  std::string_view left = text;
  while (true) {
    const std::size_t dot = std::min(left.find('.'), left.size());
    if (!IsLabel(left.substr(0, dot))) return false;
    if (dot == left.size()) return true;
    left.remove_prefix(dot + 1);
  }
}

bool IsPort(std::string_view text, int least) {
  const auto port = ParseCount(text);
  return port && *port >= least && *port <= 65535;
}

bool IsUrlOf(std::string_view scheme, const std::string& text) {
  if (text.rfind(scheme, 0) != 0) return false;
  std::string host = text.substr(scheme.size());
  if (!host.empty() && host.back() == '/') host.pop_back();
  if (!host.empty() && host.front() == '[') {
    const std::size_t close = host.find(']');
    if (close == std::string::npos || !IsIpAddress(host.substr(1, close - 1))) return false;
    const std::string rest = host.substr(close + 1);
    return rest.empty() || (rest.front() == ':' && IsPort(std::string_view(rest).substr(1), 1));
  }
  const std::size_t colon = host.find(':');
  if (colon != std::string::npos && !IsPort(std::string_view(host).substr(colon + 1), 1)) return false;
  host = host.substr(0, colon);
  std::transform(host.begin(), host.end(), host.begin(), [](unsigned char c) { return std::tolower(c); });
  return IsSubdomain(host);
}

bool IsHttpsUrl(const std::string& text) { return IsUrlOf("https://", text); }
bool IsHttpUrl(const std::string& text) { return IsUrlOf("http://", text) || IsHttpsUrl(text); }

bool IsHostName(const std::string& text) {
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return IsSubdomain(lower) && !IsIpAddress(text);
}

std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same =
          std::tolower(static_cast<unsigned char>(a[i - 1])) == std::tolower(static_cast<unsigned char>(b[j - 1]));
      const std::size_t replaced = diagonal + (same ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

const TextRule kAnyText{"text", "any text that is not empty", Printable};
const TextRule kFilePath{"file", "an absolute path",
                         [](const std::string& text) { return Printable(text) && text.front() == '/'; }};
const TextRule kLabel{"name", "lower-case letters, digits and inner dashes, at most 63",
                      [](const std::string& text) { return IsLabel(text); }};
const TextRule kObjectName{"name", "lower-case letters, digits, inner dashes and dots, at most 253", IsSubdomain};
const TextRule kHttpsUrl{"url", "https://HOST or https://HOST:PORT", IsHttpsUrl};
const TextRule kHttpUrl{"URL", "http:// or https:// with HOST or HOST:PORT", IsHttpUrl};
const TextRule kIpAddress{"address", "an IPv4 or IPv6 address", IsIpAddress};
const TextRule kHostName{"host name", "a host name", IsHostName};
const TextRule kListen{"address and port", "IP:PORT, [IPv6]:PORT or localhost:PORT",
                       [](const std::string& text) { return ParseListen(text).has_value(); }};
const TextRule kOnlyVersion{"text", "spillway/v1", [](const std::string& text) { return text == "spillway/v1"; }};
const TextRule kCpu{"quantity", "cores or millicores of more than none, like 1.5 or 500m",
                    [](const std::string& text) { return k8s::ParseQuantity(text).value_or(0) > 0; }};
const TextRule kBlockedWindow{"list of times",
                              "times such as \"Fri 18:00-Mon 06:00\" or, for every day, \"22:00-06:00\"",
                              [](const std::string& text) { return ParseBlockedWindow(text).has_value(); }};

std::optional<int> ParseCount(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return value;
}

std::optional<double> ParseNumber(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> ParseShare(std::string_view text) {
  if (!text.empty() && text.back() == '%') {
    const auto percent = ParseNumber(text.substr(0, text.size() - 1));
    return percent ? std::optional(*percent / 100) : std::nullopt;
  }
  const auto fraction = ParseNumber(text);
  return fraction && *fraction <= 1 ? fraction : std::nullopt;
}

std::string NumberText(double value) {
  std::array<char, 32> text{};
  const int n = std::snprintf(text.data(), text.size(), "%.6g", value);
  return {text.data(), static_cast<std::size_t>(n)};
}

std::string ShareText(double share) { return NumberText(share * 100) + "%"; }

std::optional<HostPort> ParseListen(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || !IsPort(std::string_view(text).substr(colon + 1), 0)) return std::nullopt;
  std::string host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  if (!IsIpAddress(host) || (host.find(':') != std::string::npos) != bracketed) return std::nullopt;
  return HostPort{host, *ParseCount(std::string_view(text).substr(colon + 1))};
}

bool IsIpAddress(const std::string& text) {
  std::array<unsigned char, 16> out{};
  return ::inet_pton(AF_INET, text.c_str(), out.data()) == 1 || ::inet_pton(AF_INET6, text.c_str(), out.data()) == 1;
}

bool IsLoopback(const std::string& host) {
  in_addr address{};
  const bool v4 = ::inet_pton(AF_INET, host.c_str(), &address) == 1;
  return (v4 && (ntohl(address.s_addr) >> 24U) == 127) || host == "::1";
}

std::string Nearest(std::string_view wrong, const std::vector<std::string>& known) {
  // Chosen: a third of the letters may differ (two in a short word): "readyfor" and "redyFor", but not any other word.
  std::size_t best = std::max<std::size_t>(2, wrong.size() / 3) + 1;
  std::string nearest;
  for (const std::string& candidate : known) {
    const std::size_t distance = EditDistance(wrong, candidate);
    if (distance < best && distance < candidate.size()) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace spillway::daemon
