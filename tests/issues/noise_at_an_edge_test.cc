// Found by the simulator (seed 6813 of two hours): what overflow serves was inferred from home's share, and home stood
// at its maximum, so a true demand of 5.74 was told between 5.72 and 5.94. The tenth replica was wanted above 5.91 and
// let go at 5.72: it came and went every half hour.
#include <gtest/gtest.h>

#include "tests/core/model.h"

namespace spillway {
namespace {

TEST(NoiseAtAnEdge, OfAnEstimateByShareOrdersNoReplicaUpAndDown) {
  ModelOptions options;
  options.policy.headroom = 0;
  options.demand = 5.76;
  Model model(options);
  model.Run(1h);
  ASSERT_EQ(model.overflow_wanted, 2);
  model.options.demand = 6.02;
  model.Run(30min);
  ASSERT_EQ(model.overflow_wanted, 3);
  const int writes = model.scale_writes + model.layout_writes;
  for (const double demand : {5.76, 6.02, 5.76, 6.02, 5.76}) {
    model.options.demand = demand;
    model.Run(30min);
  }
  EXPECT_EQ(model.scale_writes + model.layout_writes, writes);
  model.options.demand = 5.6;
  model.Run(30min);
  EXPECT_EQ(model.overflow_wanted, 2) << "less demand than noise explains";
  EXPECT_EQ(model.violations, std::vector<std::string>{});
}

}  // namespace
}  // namespace spillway
