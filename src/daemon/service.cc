#include "src/daemon/service.h"

#include <sys/resource.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/time_text.h"
#include "src/daemon/api_reads.h"
#include "src/daemon/late_store.h"
#include "src/daemon/runner.h"
#include "src/daemon/survey/advice.h"
#include "src/daemon/survey/judge.h"
#include "src/daemon/survey/look.h"
#include "src/daemon/survey/rounds.h"
#include "src/daemon/world.h"

namespace spillway::daemon {
namespace {

// Chosen: what a start reads back for `why` and the API, over all applications.
constexpr std::size_t kKeptRecords = 200;

// Chosen: room for a thousand slow clients beside those who have something to ask; at most half of the descriptors, so
// that watches and files always find one.
std::size_t ConnectionsCap() {
  constexpr std::size_t kMost = 2048;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kMost / 4;
  return std::min<std::size_t>(kMost, limit.rlim_cur / 2);
}

class NoJournal final : public Journal {
 public:
  void Append(const std::string&) override {}
};

// What a reload may not change.
auto Fixed(const Config& config) {
  const ControllerConfig& controller = config.controller;
  const TlsConfig tls = controller.tls.value_or(TlsConfig{});
  auto cluster_of = [&](const std::string& name) {
    const auto cluster = config.clusters.find(name);
    return cluster == config.clusters.end() ? ClusterConfig{} : cluster->second;
  };
  return std::make_tuple(controller.host, controller.port, tls.cert_file, tls.key_file, tls.client_ca_file,
                         controller.state_dir, controller.config_map, controller.election,
                         cluster_of(controller.config_map ? controller.config_map->cluster : ""),
                         cluster_of(controller.election ? controller.election->object.cluster : ""));
}

std::unique_ptr<Candidate> CandidateOf(const Config& config, bool dry_run, const std::string& identity, Clock& clock) {
  const auto& election = config.controller.election;
  if (!election || dry_run) return nullptr;
  return std::make_unique<Candidate>(*election, config.clusters.at(election->object.cluster), identity, clock);
}

}  // namespace

// What runs for one configuration. Its destruction ends it.
class Service::Generation {
 public:
  Generation(const Config& config, AppRoom room, AuditLog& audit)
      : world_(config, room.clock),
        look_(
            config, [this](Instant until) { return world_.SurveyAvi(until); }, room.clock),
        loop_(std::make_shared<Loop>(room.clock)),
        desks_(std::make_shared<OrderDesks>()),
        runner_(nullptr) {
    room.recalled = [this](const std::string& app) { desks_->at(app)->Recall(); };
    room.looked = [this, tell = room.looked](const AppView& view, const std::string& record) {
      tell(view, record);
      desks_->at(view.config->name)->Review();
    };
    room.scaled = [this](const AppView& view, const WriteOutcome& write) { world_.Announce(view, write); };
    const DeskRoom desk{room.clock, room.store, audit, room.leadership,
                        [this](const std::string& app) { loop_->Wake(app); }};
    for (const AppConfig& config_of_app : config.apps) {
      auto app = std::make_unique<App>(config_of_app, world_.PortsOf(config_of_app.name), room);
      desks_->emplace(app->name(), std::make_unique<OrderDesk>(*app, desk));
      loop_->Add(std::move(app));
    }
    world_.Connect([this](const std::string& app) { loop_->Wake(app); }, [this](Feed& feed) { runner_->Start(feed); });
  }
  ~Generation() {
    if (runner_ == nullptr) return;
    runner_->Stop([this] { world_.Cancel(); });
    rounds_->Stop();
    loop_->Flush();
  }
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  void Run(Clock& clock) {
    runner_ = std::make_unique<Runner>(*loop_, clock);
    for (Feed* feed : world_.feeds()) runner_->Start(*feed);
    rounds_ = std::make_shared<Rounds>(
        clock, [this] { return JudgeSetup(look_.Gather(false)); },
        [this](const std::vector<Finding>& findings, Instant now) {
          for (const AppView& view : loop_->Views()) {
            const std::string& app = view.config->name;
            loop_->Find(app)->Advise(AdviceFor(app, findings, now));
          }
        },
        [this] { look_.Cancel(); });
  }
  const std::shared_ptr<Rounds>& rounds() const { return rounds_; }
  const std::shared_ptr<Loop>& loop() const { return loop_; }
  const std::shared_ptr<OrderDesks>& desks() const { return desks_; }

 private:
  World world_;
  SetupLook look_;
  std::shared_ptr<Loop> loop_;
  std::shared_ptr<OrderDesks> desks_;
  std::unique_ptr<Runner> runner_;
  std::shared_ptr<Rounds> rounds_;
};

Service::Service(Config config, bool dry_run, Clock& clock)
    : config_(std::move(config)),
      dry_run_(dry_run),
      clock_(clock),
      identity_(NewIdentity()),
      candidate_(CandidateOf(config_, dry_run, identity_, clock)),
      events_(std::to_string(clock.WallNow().time_since_epoch().count())),
      audit_(dry_run ? "" : config_.controller.state_dir),
      api_({clock, metrics_, audit_, events_, history_, leadership(), [this] { return Ask(); }}) {
  audit_.OnChange([this](const AuditEntry& entry) { events_.Record("audit", entry.app, AuditJson(entry)); });
}

Service::~Service() { Stop(); }

const Leadership& Service::leadership() const {
  return candidate_ ? static_cast<const Leadership&>(*candidate_) : AppRoom::OnlyOne();
}

Status Service::Admit(const Config& config) {
  if (config.controller.tokens_file.empty()) {
    api_.Admit(std::nullopt);
    return Ok();
  }
  auto tokens = Tokens::Load(config.controller.tokens_file);
  if (!tokens) return tokens.error();
  api_.Admit(std::move(*tokens), config.controller.metrics_open);
  return Ok();
}

Result<ServerOptions> Service::Options() const {
  ServerOptions options;
  options.host = config_.controller.host;
  options.port = config_.controller.port;
  options.connections_cap = ConnectionsCap();
  if (!config_.controller.tls) return options;
  const TlsConfig& tls = *config_.controller.tls;
  auto read = [](const std::string& path, std::string& into, bool secret = false) -> Status {
    if (path.empty()) return Ok();
    auto text = secret ? ReadSecretFile(path) : ReadFile(path);
    if (!text) return text.error();
    into = std::move(*text);
    return Ok();
  };
  for (const Status& status : {read(tls.cert_file, options.cert_pem), read(tls.key_file, options.key_pem, true),
                               read(tls.client_ca_file, options.client_ca_pem)}) {
    if (!status) return Error{status.error().code, "controller.tls: " + status.error().what};
  }
  return options;
}

Status Service::OpenState() {
  const ControllerConfig& controller = config_.controller;
  const std::string& dir = controller.state_dir;
  if (!dry_run_ && !dir.empty()) {
    if (Status ready = StateFiles::Prepare(dir); !ready) return ready;
  }
  if (!dir.empty()) kept_ = FileJournal(dir).Tail(kKeptRecords);
  if (dry_run_ || dir.empty()) {
    journal_ = std::make_unique<NoJournal>();
  } else {
    journal_ = std::make_unique<FileJournal>(dir);
  }
  if (dry_run_) {  // to read a ConfigMap as a leader does is to sign it, which a dry run may not
    store_ = std::make_unique<ScratchState>(controller.config_map ? "" : dir);
  } else if (controller.config_map) {
    store_ = std::make_unique<LateStore>(*controller.config_map, config_.clusters.at(controller.config_map->cluster),
                                         identity_, clock_, leadership());
  } else {
    store_ = std::make_unique<StateFiles>(dir);
  }
  if (const std::size_t damaged = audit_.Open(); damaged > 0) {
    Log(LogLevel::kError, "the audit has damaged lines; they were skipped", {{"lines", std::to_string(damaged)}});
  }
  return Ok();
}

std::string Service::Url() const {
  const ControllerConfig& controller = config_.controller;
  const bool everywhere = controller.host == "0.0.0.0" || controller.host == "::";
  const bool six = !everywhere && controller.host.find(':') != std::string::npos;
  const std::string host = everywhere ? HostName() : six ? "[" + controller.host + "]" : controller.host;
  return (controller.tls ? "https://" : "http://") + host + ":" + std::to_string(port());
}

void Service::LeaderChanged() {
  const LeaderView view = leadership().View();
  if (view.failure) {
    Log(LogLevel::kError, "the leader election can't be followed",
        {{"why", view.failure->what}, {"leads", view.leads ? "true" : "false"}});
  } else {
    Log(LogLevel::kInfo, view.leads ? "this process leads" : "this process stands by",
        {{"identity", view.identity}, {"holder", view.holder}, {"term", std::to_string(view.term)}});
  }
  const std::scoped_lock lock(mutex_);
  if (loop_) loop_->WakeAll();
}

void Service::Tell(std::shared_ptr<Loop> loop, std::shared_ptr<const OrderDesks> desks) {
  api_.Serve(loop, std::move(desks));
  const std::scoped_lock lock(mutex_);
  loop_ = std::move(loop);
  rounds_ = nullptr;
}

Status Service::Start() {
  if (Status opened = OpenState(); !opened) return opened;
  if (Status admitted = Admit(config_); !admitted) return admitted;
  auto options = Options();
  if (!options) return options.error();
  auto server = HttpServer::Start(*options, [this](const ServerRequest& request) { return api_.Handle(request); });
  if (!server) return server.error();
  server_ = std::move(*server);
  history_.Recall(kept_);
  Run();
  if (candidate_) candidate_->Start(Url(), [this] { LeaderChanged(); });
  return Ok();
}

void Service::Run() {
  AppRoom room{clock_, *store_, *journal_, metrics_, dry_run_, Decide, leadership()};
  room.looked = [this](const AppView& view, const std::string& record) { Looked(view, record); };
  generation_ = std::make_unique<Generation>(config_, std::move(room), audit_);
  LoadRecords();
  std::set<std::string> apps;
  for (const AppConfig& app : config_.apps) apps.insert(app.name);
  history_.KeepOnly(apps);
  // From a folder at once, so that nobody who asks before the first look is told that no order stands.
  if (!config_.controller.config_map) {
    for (const auto& [app, desk] : *generation_->desks()) desk->Review();
  }
  Tell(generation_->loop(), generation_->desks());
  generation_->Run(clock_);
  const std::scoped_lock lock(mutex_);
  rounds_ = generation_->rounds();
}

std::optional<Surveyed> Service::Ask() const {
  // Chosen: below what spillwayctl waits for an answer.
  constexpr Duration kPatience = 8s;
  std::shared_ptr<Rounds> rounds;
  {
    const std::scoped_lock lock(mutex_);
    rounds = rounds_;
  }
  return rounds ? rounds->Ask(kPatience) : std::nullopt;
}

void Service::Looked(const AppView& view, const std::string& record) {
  const std::string& app = view.config->name;
  const Moment at{clock_.Now(), clock_.WallNow()};
  history_.Take(app, at.wall, SampleJson(view, at.wall));
  if (!record.empty()) events_.Record("decision", app, record);
  events_.State(app, [&] { return StateJson(view, at); });
}

void Service::LoadRecords() {
  for (const std::string& line : kept_) {
    const auto record = ParseJson(line);
    if (!record) continue;
    const auto app = StringAt(*record, "app");
    const auto time = ParseRfc3339(StringAt(*record, "time").value_or(""));
    App* known = app ? generation_->loop()->Find(*app) : nullptr;
    const JsonValue* state = Find(*record, "state");
    if (known == nullptr || !time || state == nullptr) continue;
    known->Remember(line, *state, *time);
  }
}

Status Service::Reload(Config config) {
  if (Fixed(config) != Fixed(config_)) {
    return Error{Code::kRejected,
                 "controller.listen, controller.tls, controller.state, controller.leaderElection or a cluster of these "
                 "has changed, which needs a restart"};
  }
  if (Status admitted = Admit(config); !admitted) return admitted;
  config_ = std::move(config);
  if (!dry_run_ && !config_.controller.state_dir.empty())
    kept_ = static_cast<FileJournal&>(*journal_).Tail(kKeptRecords);
  Tell(nullptr);
  generation_.reset();  // saves, so that the next one finds what this one remembers
  Run();
  api_.Notice({});
  return Ok();
}

void Service::ReportBadReload(const std::string& sentence) { api_.Notice({sentence}); }

void Service::Stop() {
  Tell(nullptr);
  generation_.reset();
  if (candidate_) candidate_->Stop();
  events_.EndAll();
  if (server_) server_->Stop();
}

}  // namespace spillway::daemon
