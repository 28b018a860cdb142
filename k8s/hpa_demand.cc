#include "k8s/hpa_demand.h"

#include <algorithm>
#include <utility>

#include "k8s/object_text.h"

namespace spillway::k8s {

void SettledPods::Changed(const Picture& picture, std::optional<Instant> confirmed_before, Instant now) {
  view_->Changed(picture, confirmed_before, now);
  const Reading<ScaledPods> reading = view_->Read(picture);
  if (!reading.seen) return;
  const ScaledPods& pods = reading.seen->value;
  if (counts_.empty() || counts_.back().ready != pods.ready || counts_.back().total != pods.total) {
    counts_.push_back({now, pods.ready, pods.total});
  }
  // The one before the oldest that is young enough still held at the start of the time that counts.
  while (counts_.size() > 1 && now - counts_[1].since >= kFigureAge) counts_.pop_front();
}

Reading<ScaledPods> SettledPods::Read(const Picture& picture, Instant now) const {
  Reading<ScaledPods> reading = view_->Read(picture);
  if (!reading.seen) return reading;
  ScaledPods& pods = reading.seen->value;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const bool over = i + 1 < counts_.size() && now - counts_[i + 1].since >= kFigureAge;
    if (over) continue;
    pods.ready = std::min(pods.ready, counts_[i].ready);
    pods.total = std::min(pods.total, counts_[i].total);
  }
  return reading;
}

HpaDemand::HpaDemand(const Api& api, Clock& clock, std::shared_ptr<ListWatch> watch, const std::string& name,
                     std::shared_ptr<ListWatch> deployments, const std::string& deployment)
    : clock_(clock),
      watch_(std::move(watch)),
      deployments_(std::move(deployments)),
      report_(MakeView<HpaReport>(api, watch_->collection(), name,
                                  [deployment](const JsonValue& hpa) { return ReadHpa(hpa, deployment); })),
      pods_(std::make_shared<SettledPods>(
          MakeView<ScaledPods>(api, deployments_->collection(), deployment, ReadScaledPods))) {
  watch_->Observe(report_);
  deployments_->Observe(pods_);
}

Reading<HomeDemand> HpaDemand::Read() const {
  const auto report = watch_->Look([&](const Picture& picture) { return report_->Read(picture); });
  const auto pods = deployments_->Look([&](const Picture& picture) { return pods_->Read(picture, clock_.Now()); });
  Reading<HomeDemand> reading;
  reading.failure = report.failure ? report.failure : pods.failure;
  if (report.seen && pods.seen) {
    reading.seen = {DemandOf(report.seen->value, pods.seen->value), std::min(report.seen->as_of, pods.seen->as_of)};
  }
  return reading;
}

}  // namespace spillway::k8s
