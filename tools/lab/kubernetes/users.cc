#include "tools/lab/kubernetes/users.h"

#include <algorithm>
#include <string_view>

namespace spillway::lab {
namespace {

bool Has(const std::vector<std::string>& list, std::string_view one) {
  return std::any_of(list.begin(), list.end(), [&](const std::string& entry) { return entry == one || entry == "*"; });
}

bool Allows(const AccessRule& rule, const Access& access) {
  const std::string resource =
      access.subresource.empty() ? access.resource : access.resource + "/" + access.subresource;
  if (!Has(rule.verbs, access.verb) || !Has(rule.groups, access.group) || !Has(rule.resources, resource)) return false;
  if (!rule.in_namespace.empty() && rule.in_namespace != access.in_namespace) return false;
  return rule.names.empty() || Has(rule.names, access.name);
}

// The CN of an RFC 2253 subject.
std::string CommonName(std::string_view subject) {
  const std::size_t at = subject.starts_with("CN=") ? 0 : subject.find(",CN=");
  if (at == std::string_view::npos) return {};
  subject.remove_prefix(at + (at == 0 ? 3 : 4));
  return std::string(subject.substr(0, subject.find(',')));
}

}  // namespace

void Users::Add(User user) {
  open_ = false;
  users_[user.name] = std::move(user);
}

void Users::Remove(const std::string& name) { users_.erase(name); }

const User* Users::Find(const Call& call, WallTime now) const {
  if (open_) return &everybody_;
  // Source: Kubernetes kubeapiserver/authenticator: the client certificate is tried before the token.
  const auto certified = users_.find(CommonName(call.client_subject));
  if (!call.client_subject.empty() && certified != users_.end()) return &certified->second;
  constexpr std::string_view kBearer = "Bearer ";
  const std::string header = call.request.headers.Find("Authorization").value_or("");
  if (!header.starts_with(kBearer)) return nullptr;
  const std::string_view token = std::string_view(header).substr(kBearer.size());
  for (const auto& [name, user] : users_) {
    const bool fresh = !user.token_expires || now < *user.token_expires;
    if (!user.token.empty() && user.token == token && fresh) return &user;
  }
  return nullptr;
}

const User* Users::Named(const std::string& name) const {
  const auto user = users_.find(name);
  return user == users_.end() ? nullptr : &user->second;
}

bool Users::May(const User& user, const Access& access) {
  return user.admin || std::any_of(user.rules.begin(), user.rules.end(),
                                   [&](const AccessRule& rule) { return Allows(rule, access); });
}

}  // namespace spillway::lab
