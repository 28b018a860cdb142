#include "src/daemon/service.h"

#include <tuple>

#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/time_text.h"
#include "src/daemon/api_reads.h"
#include "src/daemon/runner.h"
#include "src/daemon/world.h"

namespace spillway::daemon {
namespace {

// Chosen: what a start reads back for `why` and the API, over all applications.
constexpr std::size_t kKeptRecords = 200;

class NoJournal final : public Journal {
 public:
  void Append(const std::string&) override {}
};

auto Fixed(const ControllerConfig& controller) {
  const TlsConfig tls = controller.tls.value_or(TlsConfig{});
  return std::make_tuple(controller.host, controller.port, tls.cert_file, tls.key_file, tls.client_ca_file,
                         controller.state_dir);
}

}  // namespace

// What runs for one configuration. Its destruction ends it.
class Service::Generation {
 public:
  Generation(const Config& config, AppRoom room)
      : world_(config, room.clock), loop_(std::make_shared<Loop>(room.clock)), runner_(nullptr) {
    for (const AppConfig& app : config.apps) {
      loop_->Add(std::make_unique<App>(app, world_.PortsOf(app.name), room));
    }
    world_.Connect([this](const std::string& app) { loop_->Wake(app); }, [this](Feed& feed) { runner_->Start(feed); });
  }
  ~Generation() {
    if (runner_ == nullptr) return;
    runner_->Stop([this] { world_.Cancel(); });
    loop_->Flush();
  }
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  void Run(Clock& clock) {
    runner_ = std::make_unique<Runner>(*loop_, clock);
    for (Feed* feed : world_.feeds()) runner_->Start(*feed);
  }
  const std::shared_ptr<Loop>& loop() const { return loop_; }

 private:
  World world_;
  std::shared_ptr<Loop> loop_;
  std::unique_ptr<Runner> runner_;
};

Service::Service(Config config, bool dry_run, Clock& clock)
    : config_(std::move(config)),
      dry_run_(dry_run),
      clock_(clock),
      events_(std::to_string(clock.WallNow().time_since_epoch().count())),
      audit_(dry_run ? "" : config_.controller.state_dir),
      api_({clock, metrics_, audit_, events_}) {
  audit_.OnChange([this](const AuditEntry& entry) { events_.Record("audit", entry.app, AuditJson(entry)); });
}

Service::~Service() { Stop(); }

Status Service::Admit(const Config& config) {
  if (config.controller.tokens_file.empty()) {
    api_.Admit(std::nullopt);
    return Ok();
  }
  auto tokens = Tokens::Load(config.controller.tokens_file);
  if (!tokens) return tokens.error();
  api_.Admit(std::move(*tokens));
  return Ok();
}

Result<ServerOptions> Service::Options() const {
  ServerOptions options;
  options.host = config_.controller.host;
  options.port = config_.controller.port;
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

Status Service::Start() {
  const std::string& dir = config_.controller.state_dir;
  if (dry_run_) {
    store_ = std::make_unique<ScratchState>(dir);
    journal_ = std::make_unique<NoJournal>();
    kept_ = FileJournal(dir).Tail(kKeptRecords);
  } else {
    if (Status ready = StateFiles::Prepare(dir); !ready) return ready;
    store_ = std::make_unique<StateFiles>(dir);
    auto journal = std::make_unique<FileJournal>(dir);
    kept_ = journal->Tail(kKeptRecords);
    journal_ = std::move(journal);
  }
  if (const std::size_t damaged = audit_.Open(); damaged > 0) {
    Log(LogLevel::kError, "the audit has damaged lines; they were skipped", {{"lines", std::to_string(damaged)}});
  }
  if (Status admitted = Admit(config_); !admitted) return admitted;
  auto options = Options();
  if (!options) return options.error();
  auto server = HttpServer::Start(*options, [this](const ServerRequest& request) { return api_.Handle(request); });
  if (!server) return server.error();
  server_ = std::move(*server);
  Run();
  return Ok();
}

void Service::Run() {
  AppRoom room{clock_, *store_, *journal_, metrics_, dry_run_};
  room.looked = [this](const AppView& view, const std::string& record) { Looked(view, record); };
  generation_ = std::make_unique<Generation>(config_, std::move(room));
  LoadRecords();
  api_.Serve(generation_->loop());
  generation_->Run(clock_);
}

void Service::Looked(const AppView& view, const std::string& record) {
  const std::string& app = view.config->name;
  if (!record.empty()) events_.Record("decision", app, record);
  events_.State(app, [&] { return StateJson(view, {clock_.Now(), clock_.WallNow()}); });
}

void Service::LoadRecords() {
  for (const std::string& line : kept_) {
    const auto record = ParseJson(line);
    if (!record) continue;
    const auto app = StringAt(*record, "app");
    const auto time = ParseRfc3339(StringAt(*record, "time").value_or(""));
    App* known = app ? generation_->loop()->Find(*app) : nullptr;
    if (known != nullptr && time) known->Remember(line, *time);
  }
}

Status Service::Reload(Config config) {
  if (Fixed(config.controller) != Fixed(config_.controller)) {
    return Error{Code::kRejected,
                 "controller.listen, controller.tls or controller.state has changed, which needs a restart"};
  }
  if (Status admitted = Admit(config); !admitted) return admitted;
  config_ = std::move(config);
  if (!dry_run_) kept_ = static_cast<FileJournal&>(*journal_).Tail(kKeptRecords);
  api_.Serve(nullptr);
  generation_.reset();  // saves, so that the next one finds what this one remembers
  Run();
  api_.Notice({});
  return Ok();
}

void Service::ReportBadReload(const std::string& sentence) { api_.Notice({sentence}); }

void Service::Stop() {
  api_.Serve(nullptr);
  generation_.reset();
  events_.EndAll();
  if (server_) server_->Stop();
}

}  // namespace spillway::daemon
