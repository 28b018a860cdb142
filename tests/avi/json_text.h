// Short ways to the JSON that tests of this room need.
#ifndef SPILLWAY_TESTS_AVI_JSON_TEXT_H_
#define SPILLWAY_TESTS_AVI_JSON_TEXT_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "avi/match.h"
#include "src/base/json.h"
#include "src/core/layout.h"

namespace spillway::avi {

// Parses text that the test wrote; single quotes stand for double ones, so that rows stay readable.
inline JsonDocument Json(std::string_view text) {
  std::string real(text);
  for (char& c : real) {
    if (c == '\'') c = '"';
  }
  auto json = ParseJson(real);
  EXPECT_TRUE(json) << real;
  return json ? std::move(*json) : JsonDocument(rapidjson::kObjectType);
}

// "us" is 10.1.0.10, "eu" 10.2.0.10, "ap" 10.3.0.10.
inline MemberMatch ByIp(std::string ip) { return {.ip = std::move(ip), .fqdn = {}, .vs_uuid = {}}; }
inline MemberMatches TwoSites() { return {{"us", ByIp("10.1.0.10")}, {"eu", ByIp("10.2.0.10")}}; }
inline MemberMatches ThreeSites() {
  MemberMatches sites = TwoSites();
  sites["ap"] = ByIp("10.3.0.10");
  return sites;
}

inline Placement Served(int ratio = 1) { return {Place::kServed, ratio}; }
inline Placement Standby(int rank) { return {Place::kStandby, kRatioMin, rank}; }
inline Placement Parked() { return {Place::kParked}; }
inline Placement Disabled() { return {Place::kDisabled}; }

}  // namespace spillway::avi

#endif  // SPILLWAY_TESTS_AVI_JSON_TEXT_H_
