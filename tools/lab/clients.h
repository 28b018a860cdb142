// The crowd: real DNS queries to the lab's name servers, real HTTP requests to what they answer.
#ifndef SPILLWAY_TOOLS_LAB_CLIENTS_H_
#define SPILLWAY_TOOLS_LAB_CLIENTS_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "src/base/clock.h"
#include "src/base/http_client.h"
#include "tools/lab/meter.h"
#include "tools/lab/population.h"

namespace spillway::lab {

struct ClientsOptions {
  std::string fqdn;
  struct NameServer {
    std::string ip;
    int port = 0;
  };
  std::vector<NameServer> name_servers;  // each resolver prefers one of them and tries the next if it is silent
  int app_port = 80;
  PopulationOptions population;
  std::size_t workers = 64;      // requests under way at once. Chosen: 100 a second to a site that takes half a second
  Duration dns_timeout = 300ms;  // for one name server
  Duration http_timeout = 2s;
  std::uint64_t seed = 1;
};

// What became of the requests that were sent; sent is the sum of the other three.
struct Tally {
  std::uint64_t sent = 0, served = 0, overloaded = 0, failed = 0;
  bool operator==(const Tally&) const = default;
};

// A request that got no answer, or not one of the application's.
struct FailedRequest {
  WallTime at;
  std::string address;  // empty: none was found
  std::string why;
};

// Requests leave at even distances, whether earlier ones were answered or not (people do not wait for each other); a
// stretch in which all workers hung is not made up for. A client keeps its connection for PopulationOptions::keep_alive
// and asks its resolver for every new one. The connections themselves are shared in a pool per address, which no server
// can tell apart. Safe from several threads.
class Clients {
 public:
  Clients(ClientsOptions options, const Clock& clock);
  ~Clients();
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  void SetRate(double requests_per_second);  // 0: nobody comes

  // By address; under "" the requests that found no address at all (they count as failed).
  std::map<std::string, Tally> Tallies() const;
  Tally Total() const;
  // The latest of them, the oldest first.
  std::vector<FailedRequest> Failures() const;
  double SentPerSecond(Duration window) const;
  double FailedPerSecond(Duration window) const;
  const Population& population() const { return population_; }

 private:
  enum class Fate { kServed, kOverloaded, kFailed };
  struct Outcome {
    Fate fate;
    std::string why;  // it failed
  };
  void Work(std::size_t worker);
  // Waits for the turn of the next request. False: the end.
  bool WaitTurn();
  void OneRequest(Rng& rng);
  // The error says why there is no address.
  Result<std::string> Resolve(std::size_t resolver, Rng& rng);
  Outcome Fetch(const std::string& address);
  void Count(const std::string& address, const Outcome& outcome);
  HttpClient& ClientFor(const std::string& address);

  const ClientsOptions options_;
  const Clock& clock_;
  Population population_;

  std::mutex turn_mutex_;
  std::condition_variable turn_;
  bool stop_ = false;
  bool timed_ = false;  // one of the idle workers waits for the time of the next turn, the others for him to go
  double rate_ = 0;
  Instant next_{};

  mutable std::mutex tally_mutex_;
  std::map<std::string, Tally> tallies_;
  Meter sent_, failed_;
  std::deque<FailedRequest> failures_;

  std::mutex http_mutex_;
  std::map<std::string, std::unique_ptr<HttpClient>> http_;
  std::vector<std::thread> threads_;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_CLIENTS_H_
