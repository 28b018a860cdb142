#include "src/daemon/candidate.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <random>
#include <utility>

#include "src/base/log.h"

namespace spillway::daemon {
namespace {

// Chosen: as long as a stop waits for writes under way (Runner::kGrace).
constexpr Duration kReleaseWithin = 2s;

}  // namespace

std::string HostName() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

std::string NewIdentity() {
  std::random_device random;
  std::array<char, 32> digits{};
  (void)std::snprintf(digits.data(), digits.size(), "_%08x%08x", random(), random());
  return HostName() + digits.data();
}

Candidate::Candidate(ElectionConfig election, ClusterConfig cluster, std::string identity, Clock& clock)
    : election_(std::move(election)),
      cluster_(std::move(cluster)),
      identity_(std::move(identity)),
      clock_(clock),
      backoff_(Rng(SeedOf(identity_))),
      no_apps_(clock) {}

Candidate::~Candidate() { Stop(); }

void Candidate::Start(const std::string& url, std::function<void()> changed) {
  url_ = election_.url.empty() ? url : election_.url;
  steps_.OnChange(std::move(changed));
  runner_ = std::make_unique<Runner>(no_apps_, clock_, 0);
  runner_->Start(steps_);
}

void Candidate::Stop() {
  if (runner_ == nullptr) return;
  runner_->Stop();  // a call that hangs ends within its own deadline
  runner_.reset();
  if (const auto lease = this->lease()) lease->Release(kReleaseWithin);
}

void Candidate::Steps::Cancel() {
  if (const auto lease = candidate_.lease()) lease->Cancel();
}

std::shared_ptr<k8s::Lease> Candidate::lease() const {
  const std::scoped_lock lock(mutex_);
  return lease_;
}

Instant Candidate::Step() {
  if (const auto lease = this->lease()) return lease->Step();
  auto opened = OpenCluster(election_.object.cluster, cluster_, clock_);
  const Instant now = clock_.Now();
  if (!opened) {
    bool first = false;
    {
      const std::scoped_lock lock(mutex_);
      first = !failure_;
      failure_ = Failure{opened.error().code, "cluster \"" + election_.object.cluster + "\": " + opened.error().what,
                         failure_ ? failure_->since : now};
    }
    if (first) steps_.Changed();
    return now + backoff_.Failed(now);
  }
  auto lease = opened->cluster->StandFor({election_.object.name_space, election_.object.name, identity_, url_, {}},
                                         SeedOf(identity_));
  lease->OnChange([this] { steps_.Changed(); });
  const std::scoped_lock lock(mutex_);
  opened_ = std::move(*opened);
  lease_ = std::move(lease);
  failure_.reset();
  return now;
}

std::optional<Term> Candidate::Lead() const {
  const auto lease = this->lease();
  return lease ? lease->Lead() : std::nullopt;
}

LeaderView Candidate::View() const {
  if (const auto lease = this->lease()) return lease->View();
  LeaderView view;
  view.elected = true;
  view.leads = false;
  view.identity = identity_;
  const std::scoped_lock lock(mutex_);
  view.failure = failure_;
  return view;
}

}  // namespace spillway::daemon
