// What only a check of the whole set-up asks of a federation.
#ifndef SPILLWAY_AVI_SURVEY_H_
#define SPILLWAY_AVI_SURVEY_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/base/time.h"

namespace spillway::avi {

// One controller, asked just now.
struct ControllerSeen {
  std::string url;
  std::optional<Error> failure;      // why it can't be read; kDenied: TLS, or the user and password
  std::string version;               // "30.2.1"
  bool leads = false;                // it says of itself that it does
  std::optional<Duration> clock_by;  // how far its Date is ahead of our clock
};

// The account that Spillway logs in with.
struct AccountSeen {
  std::optional<Error> failure;               // what it may do can't be read
  bool superuser = false;                     // it may do everything
  std::map<std::string, std::string> access;  // "PERMISSION_GSLBSERVICE" -> "WRITE_ACCESS", the best over its roles
  std::optional<int> password_days;           // it has to be changed every so many days; 0: never; nullopt: not told
};

// One application's GSLB service.
struct ServiceSeen {
  std::string app;
  std::string name;              // as the configuration calls it
  std::optional<Error> failure;  // it, or a member, can't be found or read
  Duration ttl{};
  std::vector<std::string> ratios_void;  // settings that make ratios meaningless, one clause each
  bool monitored = true;                 // something tells whether its members work
  std::string owner_why;                 // somebody else owns it, who would undo what is written; empty: nobody
  std::string mark_why;                  // it bears marks of a tool that may undo it; empty: none
  std::vector<std::string> domain_names;
};

struct FederationSeen {
  std::vector<ControllerSeen> controllers;
  std::string leader;                  // its URL; empty: none is known
  std::string unwritable_why;          // empty: writes may go to the leader
  std::optional<AccountSeen> account;  // nullopt: there was nobody to ask
  std::vector<ServiceSeen> services;   // empty: there was nobody to ask
};

}  // namespace spillway::avi

#endif  // SPILLWAY_AVI_SURVEY_H_
