#include "tools/lab/kubernetes/metrics_server.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "src/base/time_text.h"
#include "tools/lab/kubernetes/kind.h"

namespace spillway::lab::kube {
namespace {

// Between two readings the work is looked at this often. Chosen: enough to see it change within a window.
constexpr int kLooks = 3;

std::string WindowText(Duration window) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3fs", Seconds(window));
  return text.data();
}

// "24Mi": in the canonical form of binary quantities.
std::string BytesText(double bytes) {
  std::int64_t number = std::llround(bytes);
  std::size_t unit = 0;
  constexpr std::array<const char*, 5> kUnits = {"", "Ki", "Mi", "Gi", "Ti"};
  for (; number != 0 && number % 1024 == 0 && unit + 1 < kUnits.size(); ++unit) number /= 1024;
  return std::to_string(number) + kUnits[unit];
}

PodFigure FigureOf(const Tree& pod, double millicores, const MetricsOptions& options) {
  PodFigure figure;
  for (const Tree& container : pod.At("spec.containers").Items()) {
    const double work = figure.containers.empty() ? millicores : 0;
    figure.containers.push_back(
        {container.At("name").String(), work, options.memory_idle + work * options.memory_per_millicore});
  }
  return figure;
}

Tree Body(const Tree& pod, const PodFigure& figure) {
  Tree::Array measured;
  for (const ContainerAmounts& container : figure.containers) {
    const std::int64_t nanocores = std::llround(container.millicores * 1e6);
    measured.emplace_back(Tree::Object{
        {"name", container.name},
        {"usage", Tree::Object{{"cpu", std::to_string(nanocores) + "n"}, {"memory", BytesText(container.bytes)}}}});
  }
  Tree metadata(Tree::Object{{"name", pod.At("metadata.name")},
                             {"namespace", pod.At("metadata.namespace")},
                             {"creationTimestamp", Rfc3339(figure.at)}});
  if (const Tree* labels = pod.At("metadata").Find("labels")) metadata["labels"] = *labels;
  return Tree::Object{{"kind", "PodMetrics"},
                      {"apiVersion", "metrics.k8s.io/v1beta1"},
                      {"metadata", metadata},
                      {"timestamp", Rfc3339(figure.at)},
                      {"window", WindowText(figure.window)},
                      {"containers", measured}};
}

}  // namespace

void MetricsServer::Notice(const Change& change, Instant now) {
  if (change.table != DeploymentKind().stored_as || next_ || !options_.available) return;
  measured_at_ = read_at_ = now;
  next_ = now + options_.resolution / kLooks;
}

std::optional<Instant> MetricsServer::NextDue() const { return options_.available ? next_ : std::nullopt; }

void MetricsServer::SetOptions(const MetricsOptions& options, Instant now) {
  options_ = options;
  measured_at_ = read_at_ = now;
  next_ = now + options_.resolution / kLooks;
}

std::set<Key> MetricsServer::Targets() const {
  std::set<Key> targets;
  for (const ObjectPtr& deployment : store_.List(DeploymentKind().stored_as, "")) targets.insert(KeyOf(*deployment));
  return targets;
}

void MetricsServer::Spread(const std::map<Key, double>& loads, double seconds) {
  std::set<Key> there;
  for (const auto& [deployment, load] : loads) {
    const std::vector<PodView> pods = deployments_.Pods(deployment);
    const auto serving = std::count_if(pods.begin(), pods.end(), [](const PodView& pod) { return pod.ready; });
    for (const PodView& pod : pods) {
      if (pod.phase != "Running" || load < 0) continue;
      const Key key{deployment.in_namespace, pod.name};
      there.insert(key);
      if (pod.ready) meters_[key].work += load / static_cast<double>(serving) * seconds;
    }
  }
  for (const Key& key : there) meters_.try_emplace(key);
}

void MetricsServer::Measure(const std::map<Key, double>& loads, Moment at) {
  Spread(loads, Seconds(at.now - measured_at_));
  measured_at_ = at.now;
  if (at.now - read_at_ >= options_.resolution) Publish(at);
  next_ = at.now + std::max<Duration>(options_.resolution / kLooks, 1ms);
}

void MetricsServer::Publish(Moment at) {
  const Duration window = at.now - read_at_;
  read_at_ = at.now;
  for (auto meter = meters_.begin(); meter != meters_.end();) {
    const ObjectPtr pod = store_.Get(PodKind().stored_as, meter->first);
    if (pod == nullptr) {
      if (meter->second.figure) store_.Remove(PodMetricsKind().stored_as, meter->first);
      meter = meters_.erase(meter);
      continue;
    }
    Meter& of = meter->second;
    // A server that has stopped reading goes on with what it has.
    if (of.begun && options_.reading) {
      of.figure = FigureOf(*pod, of.work / Seconds(window), options_);
      of.figure->at = at.wall;
      of.figure->window = window;
      store_.Put(PodMetricsKind().stored_as, Body(*pod, *of.figure));
    }
    of.begun = true;
    of.work = 0;
    ++meter;
  }
}

const PodFigure* MetricsServer::Find(const Key& pod) const {
  const auto meter = meters_.find(pod);
  return options_.available && meter != meters_.end() && meter->second.figure ? &*meter->second.figure : nullptr;
}

}  // namespace spillway::lab::kube
