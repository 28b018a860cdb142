// Durable memory in a ConfigMap: one key for each application.
#ifndef SPILLWAY_K8S_CONFIG_MAP_STORE_H_
#define SPILLWAY_K8S_CONFIG_MAP_STORE_H_

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "k8s/api.h"
#include "src/base/clock.h"
#include "src/base/json.h"
#include "src/ports/leadership.h"
#include "src/ports/state_store.h"

namespace spillway::k8s {

struct ConfigMapOptions {
  std::string in_namespace, name;
  std::string identity;  // of this process, unlike any other's
  // Chosen: a save comes before a write, and must not keep it for long.
  Duration call = 5s;
  // Chosen: how long one application's failure answers for all, so that they do not queue for a server that hangs.
  Duration pause = 2s;
};

// Keys are "APP.memory.json". Whoever loads first in a term of leadership signs the ConfigMap with an annotation
// (spillway.io/writer: the process and its term); every change carries the resourceVersion of the ConfigMap that was
// last seen with that signature. So what a process sent while it led can't land once another one has loaded.
//
//   * The ConfigMap changed, but neither the signature nor this application's key: a label, or another key. Tried again
//     on top of it.
//   * A save without an answer: if the key holds what was sent, it was done.
//   * Signed by somebody else, or the key was changed: kReread. What is there counts, and is to be loaded.
//   * It does not exist: nothing was saved yet; the first save makes it, if the role allows.
//
// Safe from any thread; calls queue up.
class ConfigMapStore final : public StateStore {
 public:
  // What the data of one ConfigMap may have. Source: kubernetes pkg/apis/core/validation, MaxSecretSize.
  static constexpr std::size_t kBytesMost = 1U << 20U;

  ConfigMapStore(std::shared_ptr<Api> api, ConfigMapOptions options, Clock& clock, const Leadership& leadership);

  // kDenied: this process does not lead, or may not read or sign.
  Result<std::optional<std::string>> Load(const std::string& app) override;
  // Asks nobody who leads, signs nothing, and changes nothing of what Save goes by.
  Result<std::optional<std::string>> Peek(const std::string& app) override;
  // kRejected: it would not fit.
  Status Save(const std::string& app, const std::string& text) override;
  // Moves it to "APP.memory.json.damaged-N", N the first that is free, up to nine.
  Result<std::string> SetAside(const std::string& app) override;

 private:
  struct Seen {
    std::string revision, writer;
    std::map<std::string, std::string> data;
    std::optional<std::string> At(const std::string& key) const;
  };
  using Changes = std::map<std::string, std::optional<std::string>>;  // by key; nullopt: taken away

  struct Turn {
    Duration deadline{};
    std::string writer;
  };
  // The right to make one call now.
  Result<Turn> Begin() const;
  Result<std::optional<Seen>> Read();
  Result<Seen> Patch(const std::string& revision, const Changes& changes);
  Result<Seen> Make(const Changes& changes);
  Result<Seen> Send(HttpRequest request, const Turn& turn, const std::string& doing);
  Status Change(const std::string& key, const Changes& changes);
  Status Compare(const std::string& key, const Changes& changes, bool& done);
  Status CheckSize(const Changes& changes) const;
  Error Told(Error error);

  const std::shared_ptr<Api> api_;
  const ConfigMapOptions options_;
  const std::string path_, text_;
  Clock& clock_;
  const Leadership& leadership_;

  std::mutex mutex_;
  std::optional<Seen> seen_;                                  // absent: it does not exist, or was not read yet
  std::map<std::string, std::optional<std::string>> unsure_;  // what was sent last without an answer, by key
  std::optional<Error> hangs_;
  Instant hangs_since_{};
};

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_CONFIG_MAP_STORE_H_
