// Get, list and watch.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_READS_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_READS_H_

#include <memory>
#include <string>

#include "src/base/time.h"
#include "tools/lab/fake.h"
#include "tools/lab/kubernetes/cluster_options.h"
#include "tools/lab/kubernetes/reply.h"
#include "tools/lab/kubernetes/request.h"
#include "tools/lab/kubernetes/store.h"
#include "tools/lab/kubernetes/table.h"
#include "tools/lab/kubernetes/watch.h"

namespace spillway::lab::kube {

// A refusal, or the stream with status 200.
struct Opened {
  std::unique_ptr<Tail> tail;  // null: refused
  Reply refusal;
};

// Not synchronised; its owner locks.
class Reads {
 public:
  Reads(const Store& store, Watches& watches, const ApiOptions& options)
      : store_(store), watches_(watches), options_(options) {}

  // The object in the kind's view, as it is or as a Table of one row.
  Reply Get(const Kind& kind, const Key& key, const TableRequest& table) const;

  // limit and continue, labelSelector and fieldSelector, resourceVersion with resourceVersionMatch=Exact. All pages
  // of one list show the collection as it was at the first one.
  Reply List(const Kind& kind, const Request& request, const TableRequest& table) const;

  // resourceVersion unset or 0: ADDED for everything first; N: what came after N, or ERROR 410 in the stream when the
  // history does not reach back. sendInitialEvents=true: ADDED for everything, then the annotated BOOKMARK.
  Opened Watch(const Kind& kind, const Request& request, const TableRequest& table, Instant now);

 private:
  std::string FirstLines(const WatchRequest& watch, bool initial, bool mark) const;

  const Store& store_;
  Watches& watches_;
  const ApiOptions& options_;
};

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_READS_H_
