// One controller's memory: objects by type, in the order of their creation. Objects never change; a write stores a new
// one, which is what makes replication a matter of handing over a pointer.
#ifndef SPILLWAY_TOOLS_LAB_AVI_STORE_H_
#define SPILLWAY_TOOLS_LAB_AVI_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/json.h"
#include "tools/lab/avi/config.h"
#include "tools/lab/avi/schema.h"

namespace spillway::lab::avi {

// `body` is the whole object with defaults filled, references as "/api/TYPE/UUID", and without "url", which depends on
// the controller that answers.
struct Object {
  const Type* type = nullptr;
  std::string uuid, name;
  std::string tenant;         // uuid
  std::uint64_t order = 0;    // of creation
  std::int64_t modified = 0;  // microseconds since the epoch
  bool federated = false;
  JsonDocument body;
  ServiceConfig service;  // of a gslbservice
};
using ObjectPtr = std::shared_ptr<const Object>;

class Store {
 public:
  // nullptr: there is none.
  ObjectPtr Find(std::string_view type, const std::string& uuid) const;
  // Within one tenant; names are unique there.
  ObjectPtr FindByName(std::string_view type, const std::string& tenant, const std::string& name) const;
  // The first of that name in any tenant.
  ObjectPtr FindByName(std::string_view type, const std::string& name) const;
  std::vector<ObjectPtr> List(std::string_view type) const;
  // Every object that holds a reference to this one.
  std::vector<ObjectPtr> Referrers(const Object& object) const;

  void Put(const ObjectPtr& object);
  void Erase(ObjectPtr object);

 private:
  struct Shelf {
    std::map<std::uint64_t, ObjectPtr> by_order;
    std::map<std::string, std::uint64_t> order_of;
    std::map<std::pair<std::string, std::string>, std::uint64_t> order_by_name;  // tenant and name
  };
  std::map<std::string, Shelf, std::less<>> shelves_;
};

}  // namespace spillway::lab::avi

#endif  // SPILLWAY_TOOLS_LAB_AVI_STORE_H_
