// A GSLB federation of Avi controllers that never existed: configuration, sessions, replication and health with memory,
// behind the same REST API as the real one.
//
// Two faces. The API: each site's Controller is a Fake, request in, answer out. The world: whoever owns the clusters,
// the DNS service and the clients asks what to probe and what to answer, and says what it found.
#ifndef SPILLWAY_TOOLS_LAB_AVI_FEDERATION_H_
#define SPILLWAY_TOOLS_LAB_AVI_FEDERATION_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/base/time.h"
#include "tools/lab/fake.h"

namespace spillway::lab::avi {

// One controller cluster and, if active, the DNS service beside it.
struct SiteOptions {
  std::string name;
  std::string cluster_uuid;  // empty: "cluster-NAME"
  std::string url;           // what the world calls it, "https://127.0.0.1:4431"; a later SetUrl() replaces it
  bool leader = false;       // at most one; none: the first site
  bool active = true;        // hosts DNS and probes; false: only owns members
  std::optional<int> ratio;  // 1..20; overrides the ratio of every member of this site
};

struct User {
  std::string name;
  std::string password;
};

struct FederationOptions {
  std::vector<SiteOptions> sites;              // at least one
  std::vector<SiteOptions> third_party_sites;  // name and ratio only: no controller of their own
  std::vector<User> users;
  std::vector<std::string> tenants;      // besides "admin"
  std::vector<std::string> dns_domains;  // a GSLB service's domain names lie in one of them; empty: anywhere
  std::string version = "30.2.1";        // of every controller
  std::uint64_t seed = 1;                // uuids, cookies

  Duration replication_lag = 200ms;  // from the leader's answer to a follower's store
  // How often a controller asks the others how their virtual services and probes fare, i.e. how old its view of
  // another site's health may be. Whole seconds, 1..3600. Source: Gslb.send_interval, default 15 s.
  Duration send_interval = 15s;
  int clear_on_max_retries = 20;  // unanswered asks until a site counts as down. Source: Gslb, default 20

  bool rate_limit = true;   // about 32 requests a second from one address
  bool basic_auth = false;  // Source: SystemConfiguration.allow_basic_authentication, default false
  // A service's runtime, by itself and in the inventory, is a list of one. The swagger of 30.2 has an object, that of
  // 31.1 an entry for each active site.
  bool runtime_as_list = false;
};

// What a site's DNS service probes now. One per address and monitor.
struct ProbeTarget {
  enum class Kind : std::uint8_t { kPing, kTcp, kUdp, kHttp, kHttps, kOther };
  std::string ip;       // of the member; its domain name if it has no address
  std::string monitor;  // uuid of the health monitor, to be handed back in SetDatapath
  Kind kind = Kind::kTcp;
  int port = 80;
  std::string method = "GET";               // kHttp, kHttps
  std::string path = "/";                   // kHttp, kHttps
  std::vector<std::string> response_codes;  // kHttp, kHttps: of "HTTP_1XX".."HTTP_5XX", "HTTP_ANY"; one must match
  Duration send_interval{};                 // between probes
  Duration receive_timeout{};               // of one probe
  int successful_checks = 2;                // in a row until it is up
  int failed_checks = 2;                    // in a row until it is down
  bool operator==(const ProbeTarget&) const = default;
};

struct MemberView {
  std::string ip;  // empty if only `fqdn` is known
  std::string fqdn;
  std::string site;          // by name; empty: unknown
  int ratio = 1;             // with the site's override applied
  int preference_order = 1;  // lowest first
  bool enabled = true;       // the member's own switch and its site's
  bool up = false;           // as this site's DNS service judges
};

struct PoolView {
  std::string name;
  int priority = 10;  // highest first; 0 is never answered
  bool enabled = true;
  std::string algorithm;  // "GSLB_ALGORITHM_ROUND_ROBIN", ..., "_PREFERENCE_ORDER"
  std::vector<MemberView> members;
};

// What one site's DNS service answers from: its own configuration, possibly old, and its own judgement of health.
struct ServiceView {
  std::string uuid, name;
  bool enabled = true;
  std::vector<std::string> domain_names;  // lower case, no dot at the end
  Duration ttl{};                         // unset in the object: 30 s, the DNS profile's
  int num_dns_ip = 0;                     // 0: all
  std::string pool_algorithm;             // "GSLB_SERVICE_ALGORITHM_PRIORITY" or "_GEO"
  std::string down_response;   // "GSLB_SERVICE_DOWN_RESPONSE_NONE", "_ALL_RECORDS", "_FALLBACK_IP", "_EMPTY", "_CNAME"
  std::string fallback_ip;     // _FALLBACK_IP
  std::string fallback_ip6;    // _FALLBACK_IP, of those who ask for AAAA
  std::string fallback_cname;  // _CNAME
  std::vector<PoolView> pools;
};

// A write that was accepted and changed an object.
struct WriteRecord {
  WallTime at;
  std::string controller;  // site
  std::string user;
  std::string user_agent;  // X-Avi-UserAgent, else User-Agent
  std::string peer_ip;
  std::string method;
  std::string path;    // of the request, without the query
  std::string object;  // "gslbservice shop"
  std::string body;    // of the request
  int status = 0;
};

// How many writes are remembered, the newest. Chosen: a day of what a lab does, in about 1 MB.
inline constexpr std::size_t kWritesKept = 2'000;

struct State;

// One site's controller. Every answer is computed at once; Answer::delay carries what rate limiting costs.
class Controller final : public Fake {
 public:
  Controller(State& state, std::size_t site) : state_(state), site_(site) {}
  Answer Handle(const Call& call) override;
  // Advance and NextDue are the whole federation's: calling them on one controller is enough.
  void Advance() override;
  std::optional<Instant> NextDue() const override;

 private:
  State& state_;
  std::size_t site_;
};

// All sites. A site is named as in the options; a name that is none of them throws std::out_of_range (a mistake of the
// test, not of the client). Safe from several threads; the clock must outlive it.
class Federation {
 public:
  Federation(const Clock& clock, FederationOptions options);
  ~Federation();
  Federation(const Federation&) = delete;
  Federation& operator=(const Federation&) = delete;

  Controller& controller(std::string_view site);
  std::vector<std::string> sites() const;

  // The address that URLs in answers and Gslb.sites carry, once a served port is known.
  void SetUrl(std::string_view site, const std::string& url);

  // Creates an object on every site at once, as if POSTed to the leader long ago; answers its uuid. `type` is the
  // path's: "gslbservice", "healthmonitor", "tenant", "virtualservice". Refused: the API's error text.
  // Present from the start: Gslb "Default", tenants, one cluster a site, and the built-in monitors System-GSLB-Ping,
  // -TCP, -UDP, -HTTP, -HTTPS.
  Result<std::string> Create(const std::string& type, std::string_view json);
  // An object as stored at `site`, by uuid or name; for tests and for the truth. kMissing if there is none.
  Result<std::string> Read(std::string_view site, const std::string& type, const std::string& uuid_or_name) const;

  // --- What the world asks ---
  // Disabled members are absent, those in a pool of priority 0 are not. Empty for a site that is not active. Whoever
  // probes forgets its counters when a target disappears: a member that comes back starts unknown.
  std::vector<ProbeTarget> ProbeTargets(std::string_view site) const;
  std::vector<ServiceView> DnsView(std::string_view site) const;
  // Changes whenever DnsView(site) or ProbeTargets(site) may have changed; cheap to ask.
  std::uint64_t DnsVersion(std::string_view site) const;

  // --- What the world says ---
  // The verdict of `site`'s probes. Unknown, hence not up, until said; unknown again after the target was absent.
  // `monitor` empty: the verdict of all monitors. Saying the same again is cheap.
  void SetDatapath(std::string_view site, const std::string& member_ip, bool up, const std::string& monitor = "");
  // What the controller of the member's own site says of its virtual service. Unknown until said. Other sites hear of
  // it at their next ask (send_interval).
  void SetControllerStatus(const std::string& member_ip, bool up);
  // The address that the member's virtual service really has, once somebody changed it at its site; the member's own:
  // in sync again. Until the service is corrected the member is out of sync and not answered.
  void SetVip(const std::string& member_ip, const std::string& in_use);
  // The member's virtual service as metrics show it; absent from answers until said.
  void SetTraffic(const std::string& member_ip, double requests_per_second, double open_connections);

  // --- Events ---
  void SetMaintenance(bool on);
  void SetRateLimit(bool on);
  void ExpireSessions(std::string_view site);
  // `site` becomes the leader: view_id grows and whoever can hear of it follows. An old leader that can't be reached
  // goes on believing in itself until it can.
  void ChangeLeader(std::string_view site);
  // The link between two sites' controllers. A follower that the leader can't reach keeps what it has. `latency`, one
  // way, comes on top of replication_lag for what is sent from now on. Saying the same again is cheap.
  void SetLink(std::string_view site, std::string_view other, bool up, Duration latency = {});
  // A controller that is gone cuts every connection; its DNS service lives on ("headless").
  void SetAlive(std::string_view site, bool alive);
  // Sites[].suspend_mode: the leader keeps accepting, the follower catches up afterwards.
  void SetSuspended(std::string_view site, bool suspended);
  // The next `count` requests to `site` are answered `status` with `body` and not executed.
  void AnswerNext(std::string_view site, int status, int count, const std::string& body = "");

  // --- What happened ---
  std::vector<WriteRecord> Writes() const;  // the newest kWritesKept
  // "us GET gslbservice-inventory 200" -> how often.
  std::map<std::string, std::uint64_t> Requests() const;

 private:
  std::unique_ptr<State> state_;
  std::vector<std::unique_ptr<Controller>> controllers_;
};

}  // namespace spillway::lab::avi

#endif  // SPILLWAY_TOOLS_LAB_AVI_FEDERATION_H_
