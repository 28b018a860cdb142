// An application of which both sites serve, and orders for it over real HTTP.
#ifndef SPILLWAY_TESTS_DAEMON_ORDERS_WORLD_H_
#define SPILLWAY_TESTS_DAEMON_ORDERS_WORLD_H_

#include <string>
#include <vector>

#include "tests/daemon/api_world.h"

namespace spillway::daemon {

inline constexpr char kWhy[] = R"("reason":"a repair","ticket":"CHG-1")";

inline std::string With(const std::string& fields) {
  return "{" + std::string(kWhy) + (fields.empty() ? "" : ",") + fields + "}";
}

class OrdersTest : public ApiTest {
 protected:
  OrdersTest() {
    AskForTokens();
    // Both sites are up, overflow serves a part, and each could carry all.
    world_.SetDemand(2, std::nullopt);
    world_.workload("eu").Show({3, 3, 3, "eu1"});
    TrafficState traffic = world_.director.reading.seen->value;
    traffic.members.at("eu") = {Placement{Place::kServed, 5, 0}, Health::kUp, Health::kUp, Health::kUp, {}, {}};
    traffic.members.at("us").placement = {Place::kServed, 15, 0};
    world_.director.Show(traffic);
    Look();
    world_.calls.clear();
  }
  std::vector<std::string> Standing() {
    std::vector<std::string> lines;
    const auto state = Json("/api/v1/apps/shop", kViewer);
    const JsonValue* orders = FindPath(state, "override.orders");
    if (orders == nullptr) return lines;
    for (const JsonValue& order : orders->GetArray()) {
      lines.push_back(*StringAt(order, "kind") + " " + StringAt(order, "site").value_or("-") + " by " +
                      *StringAt(order, "actor"));
    }
    return lines;
  }
  // What a new process would make of what this one left: another App and desk on the same store.
  Override Restarted(AuditLog& audit) {
    App app(world_.config, world_.ports(), world_.room());
    DeskRoom room = desk_room();
    OrderDesk desk(app, {room.clock, room.store, audit, room.leadership, [](const std::string&) {}});
    desk.Recall();
    return app.View().override;
  }
};

using Lines = std::vector<std::string>;

}  // namespace spillway::daemon

#endif  // SPILLWAY_TESTS_DAEMON_ORDERS_WORLD_H_
