// The enums and the values of the layout that several texts hold, for src/daemon/field_visit.h.
#ifndef SPILLWAY_SRC_DAEMON_FIELD_WORDS_H_
#define SPILLWAY_SRC_DAEMON_FIELD_WORDS_H_

#include "src/daemon/field_visit.h"

namespace spillway::daemon {

template <>
struct EnumValues<Mode> {
  static constexpr auto kAll = kModes;
};
template <>
struct EnumValues<Place> {
  static constexpr auto kAll = std::to_array({Place::kServed, Place::kStandby, Place::kParked, Place::kDisabled});
};
template <>
struct EnumValues<Health> {
  static constexpr auto kAll = std::to_array({Health::kUp, Health::kDown, Health::kUnknown});
};
template <>
struct EnumValues<UsageSource> {
  static constexpr auto kAll = std::to_array({UsageSource::kMetrics, UsageSource::kAutoscaler, UsageSource::kShare});
};
template <>
struct EnumValues<Sureness> {
  static constexpr auto kAll = std::to_array(
      {Sureness::kMeasured, Sureness::kStated, Sureness::kComputed, Sureness::kAtLeast, Sureness::kInferred});
};
template <>
struct EnumValues<Code> {
  static constexpr auto kAll =
      std::to_array({Code::kRetry, Code::kReread, Code::kRejected, Code::kMissing, Code::kDenied});
};

template <class Visitor, OneOf<Placement> M>
void Describe(Visitor& visit, M& placement) {
  visit.Field("place", placement.place);
  visit.Field("ratio", placement.ratio);
  visit.Field("rank", placement.rank);
}

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_FIELD_WORDS_H_
