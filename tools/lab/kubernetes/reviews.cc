#include "tools/lab/kubernetes/reviews.h"

#include <string>
#include <utility>
#include <vector>

namespace spillway::lab::kube {
namespace {

Tree Strings(const std::vector<std::string>& texts) {
  Tree::Array list;
  for (const std::string& text : texts) list.emplace_back(text);
  return list;
}

Tree AccessStatus(const Tree& question, const User& user) {
  const Tree& asked = question.At("spec.resourceAttributes");
  const Access access{asked.At("verb").String(),        asked.At("group").String(),     asked.At("resource").String(),
                      asked.At("subresource").String(), asked.At("namespace").String(), asked.At("name").String()};
  const bool allowed = asked.IsNull() ? true : Users::May(user, access);  // other paths are open to every user
  return Tree::Object{{"allowed", allowed}};
}

Tree RulesStatus(const Tree& question, const User& user) {
  const std::string& in_namespace = question.At("spec.namespace").String();
  std::vector<AccessRule> rules = user.rules;
  if (user.admin) rules = {{{"*"}, {"*"}, {}, {"*"}, ""}};
  Tree::Array resources;
  for (const AccessRule& rule : rules) {
    if (!rule.in_namespace.empty() && rule.in_namespace != in_namespace) continue;
    Tree shown(Tree::Object{
        {"verbs", Strings(rule.verbs)}, {"apiGroups", Strings(rule.groups)}, {"resources", Strings(rule.resources)}});
    if (!rule.names.empty()) shown["resourceNames"] = Strings(rule.names);
    resources.push_back(std::move(shown));
  }
  return Tree::Object{{"resourceRules", resources}, {"nonResourceRules", Tree::Array{}}, {"incomplete", false}};
}

Tree Nobody(const std::string& name) {
  return Tree::Object{{"allowed", false}, {"reason", "user \"" + name + "\" has no rules here"}};
}

}  // namespace

Reply Review(const Kind& kind, Tree question, const User& caller, const Users& users) {
  question["kind"] = kind.kind;
  question["apiVersion"] = kind.ApiVersion();
  if (kind.kind == "SelfSubjectRulesReview") {
    question["status"] = RulesStatus(question, caller);
  } else if (kind.kind == "SelfSubjectReview") {
    question["status"] = Tree::Object{
        {"userInfo", Tree::Object{{"username", caller.name}, {"groups", Strings({"system:authenticated"})}}}};
  } else if (kind.kind == "SubjectAccessReview") {
    const std::string& name = question.At("spec.user").String();
    if (name.empty()) return Invalid(kind, "", {Required("spec.user")});
    const User* user = users.Named(name);
    question["status"] = user != nullptr ? AccessStatus(question, *user) : Nobody(name);
  } else {
    question["status"] = AccessStatus(question, caller);
  }
  return {201, std::move(question), {}};
}

}  // namespace spillway::lab::kube
