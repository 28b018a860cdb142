// An autoscaler's object as a DemandSource. Which kind of autoscaler is a matter of the function that reads the object.
#ifndef SPILLWAY_K8S_DEMAND_SOURCE_H_
#define SPILLWAY_K8S_DEMAND_SOURCE_H_

#include <memory>
#include <string>
#include <utility>

#include "k8s/api.h"
#include "k8s/list_watch.h"
#include "k8s/object_text.h"
#include "k8s/picture.h"
#include "src/ports/demand_source.h"

namespace spillway::k8s {

class ObjectDemand final : public DemandSource {
 public:
  // `read`: ReadDefinition, ...
  ObjectDemand(const Api& api, std::shared_ptr<ListWatch> watch, const std::string& name, View<HomeDemand>::Reader read)
      : watch_(std::move(watch)), view_(MakeView<HomeDemand>(api, watch_->collection(), name, std::move(read))) {
    watch_->Observe(view_);
  }

  Reading<HomeDemand> Read() const override {
    return watch_->Look([&](const Picture& picture) { return view_->Read(picture); });
  }

 private:
  const std::shared_ptr<ListWatch> watch_;
  const std::shared_ptr<View<HomeDemand>> view_;
};

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_DEMAND_SOURCE_H_
