// Who may do what: bearer tokens and client certificates become users, users have rules.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_USERS_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_USERS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/base/time.h"
#include "tools/lab/fake.h"

namespace spillway::lab {

// One rule of a role, as RBAC writes it. "*" stands for any; subresources are named "deployments/scale".
struct AccessRule {
  std::vector<std::string> groups;  // "" is the core group
  std::vector<std::string> resources;
  std::vector<std::string> names;  // empty: every name. Not empty: only requests that carry one of them, which a
                                   // list or a watch does through fieldSelector=metadata.name=X and a POST never
  std::vector<std::string> verbs;  // get list watch create update patch delete
  std::string in_namespace;        // empty: in every one
};

struct User {
  std::string name;
  std::string token;                      // bearer token; empty: none
  std::optional<WallTime> token_expires;  // absent: never
  bool admin = false;                     // cluster-admin: everything
  std::vector<AccessRule> rules;
};

// What a request wants to do, in the words of RBAC.
struct Access {
  std::string verb, group, resource, subresource, in_namespace, name;
};

// Not synchronised; its owner locks.
class Users {
 public:
  // A user of that name is replaced: so a token is rotated.
  void Add(User user);
  void Remove(const std::string& name);

  // The user of a call: by the verified client certificate, whose CN is the user's name, else by a valid bearer token.
  // nullptr: nobody known (401). While no user was ever added, everybody is an admin called "system:anonymous".
  const User* Find(const Call& call, WallTime now) const;

  // nullptr: nobody of that name.
  const User* Named(const std::string& name) const;

  static bool May(const User& user, const Access& access);

 private:
  std::map<std::string, User> users_;
  User everybody_{.name = "system:anonymous", .token = "", .token_expires = {}, .admin = true, .rules = {}};
  bool open_ = true;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_USERS_H_
