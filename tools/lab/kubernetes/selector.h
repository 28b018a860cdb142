// labelSelector and fieldSelector.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_SELECTOR_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_SELECTOR_H_

#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab::kube {

// "a=b,c!=d,e in (f,g),h notin (i),j,!k" over labels; "metadata.name=x" and the like over fields. A default one
// selects everything.
class Selector {
 public:
  static Result<Selector> Labels(std::string_view text);
  // Any dotted path may be selected by; what is allowed where is the caller's to check with Paths().
  static Result<Selector> Fields(std::string_view text);

  bool Fits(const Tree& object) const;
  std::vector<std::string> Paths() const;
  // The one value that `path` must equal; empty: not pinned.
  std::string Pinned(std::string_view path) const;
  // For views whose paths differ from the stored ones.
  void RenamePrefix(std::string_view from, std::string_view to);

 private:
  enum class Op { kIn, kNotIn, kExists, kAbsent };
  struct Term {
    std::string key;
    Op op;
    std::vector<std::string> values;
  };
  static bool TermFits(const Term& term, const Tree* value);

  std::vector<Term> terms_;
  bool of_labels_ = false;
};

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_SELECTOR_H_
