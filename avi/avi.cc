#include "avi/avi.h"

#include <utility>

#include "avi/director.h"
#include "avi/federation.h"
#include "avi/picture.h"
#include "avi/poll.h"
#include "avi/surveyor.h"

namespace spillway::avi {

struct Avi::Impl {
  std::shared_ptr<Federation> federation;
  std::shared_ptr<Picture> picture = std::make_shared<Picture>();
  std::vector<std::shared_ptr<Feed>> feeds;
};

Avi::Avi(Options options, Clock& clock, const TransportFactory& transports) : impl_(std::make_shared<Impl>()) {
  impl_->federation = std::make_shared<Federation>(std::move(options), clock, transports);
  for (std::size_t i = 0; i < impl_->federation->size(); ++i) {
    impl_->feeds.push_back(std::make_shared<LeadershipFeed>(impl_->federation, i));
  }
  impl_->feeds.push_back(std::make_shared<Poll>(impl_->federation, impl_->picture));
}

Avi::~Avi() = default;

std::shared_ptr<TrafficDirector> Avi::Direct(ServiceOptions options) {
  const std::size_t service = impl_->picture->Add(std::move(options));
  return std::make_shared<Director>(impl_->federation, impl_->picture, service);
}

std::vector<std::shared_ptr<Feed>> Avi::feeds() const { return impl_->feeds; }

void Avi::PollSoon() { impl_->federation->PollSoon(); }

std::vector<ControllerReport> Avi::Controllers() const { return impl_->federation->Reports(); }

FederationSeen Avi::Survey(Instant until) const {
  std::vector<ServiceOptions> services;
  for (std::size_t i = 0; i < impl_->picture->size(); ++i) services.push_back(impl_->picture->options(i));
  return MakeSurvey(*impl_->federation, services, until);
}

}  // namespace spillway::avi
