#include "tools/lab/clients.h"

#include <algorithm>
#include <utility>

#include "tools/lab/dns/stub.h"
#include "tools/lab/front_end.h"

namespace spillway::lab {
namespace {

// How far requests may lag behind their turns before the rest of the lag is forgotten.
constexpr Duration kLagMost = 200ms;
constexpr std::size_t kFailuresKept = 10;

}  // namespace

Clients::Clients(ClientsOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(clock), population_(options_.population, options_.seed), next_(clock.Now()) {
  for (std::size_t worker = 0; worker < options_.workers; ++worker) {
    threads_.emplace_back([this, worker] { Work(worker); });
  }
}

Clients::~Clients() {
  {
    const std::scoped_lock lock(turn_mutex_);
    stop_ = true;
  }
  turn_.notify_all();
  {
    const std::scoped_lock lock(http_mutex_);
    for (const auto& [address, client] : http_) client->Cancel();
  }
  for (std::thread& thread : threads_) thread.join();
}

void Clients::SetRate(double requests_per_second) {
  {
    const std::scoped_lock lock(turn_mutex_);
    rate_ = std::max(0.0, requests_per_second);
    next_ = clock_.Now();
  }
  turn_.notify_all();
}

bool Clients::WaitTurn() {
  std::unique_lock lock(turn_mutex_);
  while (!stop_) {
    const Instant now = clock_.Now();
    if (rate_ <= 0 || timed_) {
      turn_.wait(lock);
    } else if (next_ <= now) {
      next_ = std::max(next_, now - kLagMost) + FromSeconds(1 / rate_);
      turn_.notify_one();
      return true;
    } else {
      timed_ = true;
      turn_.wait_for(lock, next_ - now);
      timed_ = false;
    }
  }
  return false;
}

void Clients::Work(std::size_t worker) {
  Rng rng(options_.seed + 1000 + worker);
  while (WaitTurn()) OneRequest(rng);
}

void Clients::OneRequest(Rng& rng) {
  const Population::Client client = population_.Next();
  std::optional<std::string> address = population_.Connection(client, clock_.Now());
  if (!address) {
    Result<std::string> found = Resolve(client.resolver, rng);
    if (!found) return Count("", {Fate::kFailed, found.error().what});
    address = *std::move(found);
    population_.Connect(client, *address, clock_.Now());
  }
  const Outcome outcome = Fetch(*address);
  if (outcome.fate == Fate::kFailed) population_.Disconnect(client);
  Count(*address, outcome);
}

Result<std::string> Clients::Resolve(std::size_t resolver, Rng& rng) {
  const Error none{Code::kMissing, "no address for " + options_.fqdn};
  if (const std::optional<std::string> cached = population_.Cached(resolver, clock_.Now())) {
    if (cached->empty()) return none;
    return *cached;
  }
  Error silent = none;
  for (std::size_t i = 0; i < options_.name_servers.size(); ++i) {
    const ClientsOptions::NameServer& server = options_.name_servers[(resolver + i) % options_.name_servers.size()];
    const auto id = static_cast<std::uint16_t>(rng.Below(1U << 16U));
    const Result<Addresses> answer = AskNameServer(server.ip, server.port, options_.fqdn, id, options_.dns_timeout);
    if (!answer) {
      silent = answer.error();
      continue;
    }
    const std::string address = answer->addresses.empty() ? "" : answer->addresses.front();
    population_.Learn(resolver, address, answer->ttl, clock_.Now());
    if (address.empty()) return none;
    return address;
  }
  population_.Learn(resolver, "", Duration{}, clock_.Now());
  return silent;
}

HttpClient& Clients::ClientFor(const std::string& address) {
  const std::scoped_lock lock(http_mutex_);
  std::unique_ptr<HttpClient>& client = http_[address];
  if (!client) {
    HttpEndpoint endpoint;
    endpoint.scheme = "http";
    endpoint.host = address;
    endpoint.port = options_.app_port;
    client = std::make_unique<HttpClient>(endpoint);
  }
  return *client;
}

Clients::Outcome Clients::Fetch(const std::string& address) {
  HttpRequest request;
  request.headers.Set("Host", options_.fqdn);
  const Result<HttpResponse> response = ClientFor(address).Send(request, options_.http_timeout);
  if (!response) return {Fate::kFailed, response.error().what};
  if (response->status == kServedStatus) return {Fate::kServed, ""};
  if (response->status == kOverloadedStatus) return {Fate::kOverloaded, ""};
  return {Fate::kFailed, "answered " + std::to_string(response->status)};
}

void Clients::Count(const std::string& address, const Outcome& outcome) {
  const std::scoped_lock lock(tally_mutex_);
  const Instant now = clock_.Now();
  Tally& tally = tallies_[address];
  ++tally.sent;
  sent_.Count(now);
  if (outcome.fate == Fate::kServed) ++tally.served;
  if (outcome.fate == Fate::kOverloaded) ++tally.overloaded;
  if (outcome.fate == Fate::kFailed) {
    ++tally.failed;
    failed_.Count(now);
    failures_.push_back({clock_.WallNow(), address, outcome.why});
    if (failures_.size() > kFailuresKept) failures_.pop_front();
  }
}

std::vector<FailedRequest> Clients::Failures() const {
  const std::scoped_lock lock(tally_mutex_);
  return {failures_.begin(), failures_.end()};
}

std::map<std::string, Tally> Clients::Tallies() const {
  const std::scoped_lock lock(tally_mutex_);
  return tallies_;
}

Tally Clients::Total() const {
  const std::scoped_lock lock(tally_mutex_);
  Tally total;
  for (const auto& [address, tally] : tallies_) {
    total.sent += tally.sent;
    total.served += tally.served;
    total.overloaded += tally.overloaded;
    total.failed += tally.failed;
  }
  return total;
}

double Clients::SentPerSecond(Duration window) const {
  const std::scoped_lock lock(tally_mutex_);
  return sent_.PerSecond(clock_.Now(), window);
}

double Clients::FailedPerSecond(Duration window) const {
  const std::scoped_lock lock(tally_mutex_);
  return failed_.PerSecond(clock_.Now(), window);
}

}  // namespace spillway::lab
