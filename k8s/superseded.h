// Revisions of objects that a watch has told something newer after.
#ifndef SPILLWAY_K8S_SUPERSEDED_H_
#define SPILLWAY_K8S_SUPERSEDED_H_

#include <cstddef>
#include <queue>
#include <string>
#include <unordered_set>

namespace spillway::k8s {

// Revisions are opaque and may be compared for equality only, so this is how an answer of the past is known: it shows
// one of these. Only a watch tells things in order; that one list came after another says nothing, since either may be
// of the past. Remembers the last kMost; an older one is not recognised. Not for several threads.
// Source: kubernetes/website, reference/using-api/api-concepts, "Resource versions".
class Superseded {
 public:
  // Chosen: hours of a Deployment's changes, minutes of a namespace full of pods; some 50 kB.
  static constexpr std::size_t kMost = 1000;

  // Something newer came after `revision`, which may be empty (nothing was known).
  void Note(const std::string& revision) {
    if (revision.empty() || !known_.insert(revision).second) return;
    order_.push(revision);
    if (order_.size() <= kMost) return;
    known_.erase(order_.front());
    order_.pop();
  }
  bool Has(const std::string& revision) const { return known_.contains(revision); }

 private:
  std::queue<std::string> order_;
  std::unordered_set<std::string> known_;
};

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_SUPERSEDED_H_
