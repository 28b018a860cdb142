// What a watch knows, and how others look at one object of it.
#ifndef SPILLWAY_K8S_PICTURE_H_
#define SPILLWAY_K8S_PICTURE_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "k8s/wire.h"
#include "src/base/time.h"
#include "src/core/observation.h"

namespace spillway::k8s {

struct Picture {
  std::map<ObjectKey, Object> objects;
  std::optional<Instant> as_of;    // when all of it was last confirmed; absent: never read
  std::optional<Failure> failure;  // why it can't be kept fresh now
};

// Hears of every change of a picture, under the lock that guards it.
class Observer {
 public:
  virtual ~Observer() = default;
  // `confirmed_before`: the picture's as_of before this change.
  virtual void Changed(const Picture& picture, std::optional<Instant> confirmed_before, Instant now) = 0;
};

// One object of a picture, read as a T. Everything happens under the picture's lock.
template <class T>
class View : public Observer {
 public:
  using Reader = std::function<Result<T>(const JsonValue& object)>;

  // `where` begins every error of `read`; `missing` is the whole error when the object is not there.
  View(ObjectKey key, Reader read, std::string where, std::string missing)
      : key_(std::move(key)), read_(std::move(read)), where_(std::move(where)), missing_(std::move(missing)) {}

  void Changed(const Picture& picture, std::optional<Instant> confirmed_before, Instant now) override {
    if (!picture.as_of) return;
    const auto found = picture.objects.find(key_);
    if (found == picture.objects.end()) return Fail({Code::kMissing, missing_}, confirmed_before, now);
    Result<T> read = read_(*found->second.json);
    if (!read) return Fail({read.error().code, where_ + read.error().what}, confirmed_before, now);
    value_ = *std::move(read);
    failure_.reset();
  }

  // The failure of the whole picture hides one of this object.
  Reading<T> Read(const Picture& picture) const {
    Reading<T> reading;
    if (value_) reading.seen = Seen<T>{*value_, failure_ ? last_good_ : picture.as_of.value_or(last_good_)};
    reading.failure = picture.failure ? picture.failure : failure_;
    return reading;
  }

 private:
  void Fail(const Error& error, std::optional<Instant> confirmed_before, Instant now) {
    // The value stays, with the time at which it was last known to be true.
    if (!failure_) last_good_ = confirmed_before.value_or(now);
    failure_ = Failure{error.code, error.what, failure_ ? failure_->since : now};
  }

  const ObjectKey key_;
  const Reader read_;
  const std::string where_, missing_;
  std::optional<T> value_;
  std::optional<Failure> failure_;
  Instant last_good_{};
};

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_PICTURE_H_
