// Who am I, what may I, what may somebody else: questions that are answered and never stored.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_REVIEWS_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_REVIEWS_H_

#include "tools/lab/kubernetes/kind.h"
#include "tools/lab/kubernetes/reply.h"
#include "tools/lab/kubernetes/tree.h"
#include "tools/lab/kubernetes/users.h"

namespace spillway::lab::kube {

// SelfSubjectAccessReview, SelfSubjectRulesReview, SubjectAccessReview (of a user by name) and SelfSubjectReview, from
// the same rules that are enforced: 201 and the question with its status.
Reply Review(const Kind& kind, Tree question, const User& caller, const Users& users);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_REVIEWS_H_
