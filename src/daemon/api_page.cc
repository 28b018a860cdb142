#include "src/daemon/api_page.h"

#include <algorithm>
#include <string>

#include "src/page/page.h"

namespace spillway::daemon {
namespace {

// The icon is an empty data: URL, so that no browser asks for one. Source: https://www.w3.org/TR/CSP3
constexpr char kPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

}  // namespace

std::optional<HttpReply> PageReply(const ServerRequest& request) {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  const auto& assets = page::Assets();
  const auto path = SplitTarget(request.target).first;
  const auto asset = std::find_if(assets.begin(), assets.end(), [&](const auto& each) { return each.path == path; });
  if (asset == assets.end()) return std::nullopt;
  HttpReply reply;
  HttpHeaders& headers = reply.response.headers;
  headers.Set("Content-Security-Policy", kPolicy);
  headers.Set("ETag", std::string(asset->tag));
  headers.Set("Cache-Control", "no-cache");  // to be kept, and asked for whether it is still so
  reply.response.status = request.headers.Find("If-None-Match") == asset->tag ? 304 : 200;
  if (reply.response.status == 304) return reply;
  headers.Set("Content-Type", std::string(asset->type));
  reply.response.body = std::string(asset->body);
  return reply;
}

}  // namespace spillway::daemon
