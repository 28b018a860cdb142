#include "tools/ctl/call.h"

#include <iostream>
#include <iterator>
#include <utility>

#include "src/base/file.h"
#include "src/base/join.h"
#include "src/daemon/config_value.h"
#include "tools/ctl/text.h"

namespace spillway::ctl {
namespace {

// Chosen: a person waits; spillwayd answers from memory within milliseconds.
constexpr Duration kDeadline = 10s;

// Chosen: a connection that broke is often there again at once; more than that a person should know.
constexpr int kTriesMost = 3;

// Chosen: a leader that just changed may send on to the next one.
constexpr int kLeadersMost = 3;

Result<std::string> TokenFrom(const std::string& file) {
  std::string token;
  if (file == "-") {
    std::getline(std::cin, token);
  } else {
    auto read = ReadSecretFile(file, 1U << 16U);
    if (!read) return read.error();
    token = std::move(*read);
  }
  token.erase(token.find_last_not_of(" \t\r\n") + 1);
  return token;
}

// "https://host:port/path?query" -> ("https://host:port", "/path?query").
std::pair<std::string, std::string> SplitUrl(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t slash = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  if (slash == std::string::npos) return {url, "/"};
  return {url.substr(0, slash), url.substr(slash)};
}

}  // namespace

Answer Failed(Exit exit, const std::string& what, const std::string& next) {
  return {exit, "", Wrapped("spillwayctl: ", what, 2) + Wrapped("  ", next, 2)};
}

Server::Server(Command command, HttpEndpoint endpoint, std::string token)
    : command_(std::move(command)),
      endpoint_(std::move(endpoint)),
      token_(std::move(token)),
      client_(std::make_unique<HttpClient>(endpoint_)) {}

std::variant<Server, Answer> Server::At(const Command& command) {
  auto endpoint = ParseEndpoint(command.server);
  if (!endpoint) return Failed(kUsage, endpoint.error().what, "Write --server http://HOST:PORT or https://HOST:PORT.");
  struct File {
    const std::string& path;
    std::string& into;
    const char* flag;
    bool secret = false;
  };
  for (const File& file :
       {File{command.ca_file, endpoint->ca_pem, "--ca-file (or SPILLWAY_CA_FILE)"},
        File{command.cert_file, endpoint->client_cert_pem, "--cert-file (or SPILLWAY_CERT_FILE)"},
        File{command.key_file, endpoint->client_key_pem, "--key-file (or SPILLWAY_KEY_FILE)", true}}) {
    if (file.path.empty()) continue;
    auto read = file.secret ? ReadSecretFile(file.path) : ReadFile(file.path);
    if (!read) return Failed(kUsage, read.error().what, std::string("Check ") + file.flag + ".");
    file.into = std::move(*read);
  }
  if (command.token_file.empty()) return Server(command, std::move(*endpoint), "");
  const auto token = TokenFrom(command.token_file);
  if (!token) return Failed(kUsage, token.error().what, "Check --token-file (or SPILLWAY_TOKEN_FILE).");
  return Server(command, std::move(*endpoint), *token);
}

HttpRequest Server::Request(const std::string& method, const std::string& target) const {
  HttpRequest request{method, target, {}, ""};
  if (!token_.empty()) request.headers.Set("Authorization", "Bearer " + token_);
  return request;
}

Answer Server::NoAnswer(const Error& error) const {
  if (error.code == Code::kDenied) {
    const bool theirs = error.what.find("certificate verify failed") != std::string::npos;
    if (!theirs && !command_.cert_file.empty()) {
      return Failed(kDenied, error.what, "Check --cert-file: it must be of a CA in spillwayd's clientCaFile.");
    }
    return Failed(kDenied, error.what, "Check --ca-file: it must hold the CA of spillwayd's certificate.");
  }
  return Failed(kUnreachable, error.what,
                "Is spillwayd running, and is --server " + command_.server + " its controller.listen?");
}

std::variant<std::string, Answer> Server::Get(const std::string& target) {
  auto response = client_->Send(Request("GET", target), kDeadline);
  if (!response) return NoAnswer(response.error());
  if (response->status != 200) return Meaning(*response);
  return std::move(response->body);
}

std::variant<HttpResponse, Answer> Server::Write(const std::string& method, const std::string& target,
                                                 const std::string& body, const std::string& key) {
  HttpRequest request = Request(method, target);
  request.headers.Set("Idempotency-Key", key);
  request.body = body;
  if (!body.empty()) request.headers.Set("Content-Type", "application/json");
  for (int leaders = 0;; ++leaders) {
    auto response = client_->Send(request, kDeadline);
    // It may have been done and its answer lost; under the same key it is not done twice.
    for (int tries = 1; !response && response.error().code == Code::kRetry && tries < kTriesMost; ++tries) {
      response = client_->Send(request, kDeadline);
    }
    if (!response) return NoAnswer(response.error());
    const auto location = response->headers.Find("Location");
    if (response->status != 307 || !location || leaders == kLeadersMost) return std::move(*response);
    const auto [base, rest] = SplitUrl(*location);
    auto leader = ParseEndpoint(base);
    if (!leader) return Failed(kUnreachable, "the leader's address " + base + " is none", "See /readyz.");
    if (leader->scheme == "http" && !daemon::IsLoopback(leader->host)) {
      return Failed(kDenied, "the leader is " + base + ", where a token could be read on the way",
                    "Give the leader's own https address with --server.");
    }
    leader->ca_pem = endpoint_.ca_pem;
    leader->client_cert_pem = endpoint_.client_cert_pem;
    leader->client_key_pem = endpoint_.client_key_pem;
    endpoint_ = std::move(*leader);
    command_.server = base;
    client_ = std::make_unique<HttpClient>(endpoint_);
    request.target = rest;
  }
}

std::variant<OpenedStream, Answer> Server::Open(const std::string& target, const std::string& last_event_id) {
  HttpRequest request = Request("GET", target);
  if (!last_event_id.empty()) request.headers.Set("Last-Event-ID", last_event_id);
  auto stream = client_->Open(request, kDeadline);
  if (!stream) return NoAnswer(stream.error());
  if (!stream->lines) return Meaning(stream->head);
  return std::move(*stream);
}

Answer Server::Meaning(const HttpResponse& response) const {
  const auto problem = ParseJson(response.body);
  std::string detail = problem ? StringAt(*problem, "detail").value_or("") : "";
  const JsonValue* wrong = problem ? Find(*problem, "errors") : nullptr;
  if (wrong != nullptr && wrong->IsArray()) {
    detail.clear();
    for (const JsonValue& field : wrong->GetArray()) {
      Join(detail, StringAt(field, "field").value_or("?") + " " + StringAt(field, "detail").value_or("?"), " ");
    }
  }
  const std::string what = "spillwayd answered " + std::to_string(response.status) + ": " + detail;
  switch (response.status) {
    case 400:
    case 422:
      return Failed(kUsage, what, "spillwayctl help COMMAND shows what is allowed.");
    case 401:
      return Failed(kDenied, what,
                    command_.token_file.empty() ? "Give a token with --token-file FILE (or SPILLWAY_TOKEN_FILE)."
                                                : "Is the token in " + command_.token_file + " in its tokensFile?");
    case 403:
      return Failed(kDenied, what, "Ask for a token with a higher role.");
    case 404:
      return Failed(kUsage, what,
                    command_.at.empty()
                        ? "spillwayctl status lists the applications."
                        : "spillwayctl history APP lists the last decisions, spillwayctl status the applications.");
    case 429:
    case 503:
      return Failed(kUnreachable, what, "Ask again in a moment.");
    default:
      return Failed(kRefused, what, "See spillwayd's log.");
  }
}

}  // namespace spillway::ctl
