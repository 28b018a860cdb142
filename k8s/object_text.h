// How messages name one object, and a view of it that speaks that way.
#ifndef SPILLWAY_K8S_OBJECT_TEXT_H_
#define SPILLWAY_K8S_OBJECT_TEXT_H_

#include <memory>
#include <string>
#include <utility>

#include "k8s/api.h"
#include "k8s/list_watch.h"
#include "k8s/picture.h"

namespace spillway::k8s {

// deployments "shopping" in acme
inline std::string ObjectText(const Collection& collection, const std::string& name) {
  return collection.resource + " \"" + name + "\" in " + collection.in_namespace;
}

template <class T>
std::shared_ptr<View<T>> MakeView(const Api& api, const Collection& collection, const std::string& name,
                                  typename View<T>::Reader read) {
  const Error where = api.Named({Code::kRejected, ObjectText(collection, name) + ": "});
  const Error missing = api.Named(
      {Code::kMissing, collection.resource + " \"" + name + "\" not found in namespace " + collection.in_namespace});
  return std::make_shared<View<T>>(ObjectKey{collection.in_namespace, name}, std::move(read), where.what, missing.what);
}

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_OBJECT_TEXT_H_
