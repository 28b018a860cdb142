// The API server's front door: who calls, may they, which resource; then reads and writes, and a log of it all.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_API_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_API_H_

#include <deque>
#include <map>
#include <set>
#include <string>

#include "src/base/time.h"
#include "tools/lab/fake.h"
#include "tools/lab/kubernetes/cluster_options.h"
#include "tools/lab/kubernetes/faults.h"
#include "tools/lab/kubernetes/moment.h"
#include "tools/lab/kubernetes/objects.h"
#include "tools/lab/kubernetes/reads.h"
#include "tools/lab/kubernetes/reply.h"
#include "tools/lab/kubernetes/store.h"
#include "tools/lab/kubernetes/users.h"
#include "tools/lab/kubernetes/watch.h"
#include "tools/lab/kubernetes/write_record.h"
#include "tools/lab/kubernetes/writes.h"

namespace spillway::lab::kube {

// Not synchronised; its owner locks.
class Api {
 public:
  Api(ApiOptions options, std::uint64_t seed);

  Answer Handle(const Call& call, Moment at);

  // A group that another server answers for may be away.
  void SetAvailable(const std::string& group, bool available);

  Store& store() { return store_; }
  Objects& objects() { return objects_; }
  Watches& watches() { return watches_; }
  const Watches& watches() const { return watches_; }
  Users& users() { return users_; }
  Faults& faults() { return faults_; }
  const std::deque<WriteRecord>& writes() const { return log_; }
  const std::map<std::string, int>& counts() const { return counts_; }

 private:
  Answer Serve(const Call& call, const Request& request, Moment at);
  Answer Dispatch(const Kind& kind, const Call& call, const Request& request, const User& user, Moment at);
  void Log(const Call& call, const Request& request, int status, Moment at);

  const ApiOptions options_;
  Store store_;
  Objects objects_;
  Watches watches_;
  Reads reads_;
  Writes writes_;
  Users users_;
  Faults faults_;
  std::set<std::string> unavailable_;
  std::deque<WriteRecord> log_;  // the newest kWritesKept
  std::map<std::string, int> counts_;
};

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_API_H_
