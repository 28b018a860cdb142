// The two sites of the lab, and what else has one name everywhere.
#ifndef SPILLWAY_TOOLS_LAB_SITE_H_
#define SPILLWAY_TOOLS_LAB_SITE_H_

#include <array>
#include <cstddef>
#include <string_view>

namespace spillway::lab {

struct LabSite {
  std::string_view name;  // as spillway.yaml and the truth call it
  std::string_view key;   // of its controller, its cluster and its faults: avi-KEY, k8s-KEY, site-KEY
  std::string_view vip;   // of its virtual service. All of 127.0.0.0/8 is loopback on Linux
};

inline constexpr std::size_t kHome = 0;
inline constexpr std::size_t kOverflow = 1;
inline constexpr std::array<LabSite, 2> kSites = {{{"us", "us", "127.10.0.10"}, {"azure-eu", "eu", "127.20.0.10"}}};

inline constexpr std::string_view kZoneApex = "gslb.lab.test";
inline constexpr std::string_view kFqdn = "shop.gslb.lab.test";
inline constexpr std::string_view kGslbService = "shopping";
inline constexpr std::string_view kNamespace = "acme";
inline constexpr std::string_view kDeployment = "shopping";
inline constexpr std::string_view kDefinition = "frontend-asd";
inline constexpr std::string_view kUser = "spillway";

inline constexpr int kHomeReplicasMax = 4;
// Chosen: six replicas make 120 requests a second, which two cores serve without noticing.
inline constexpr double kRequestsPerReplica = 20;
// What the home autoscaler aims at, as the TSM example has it: between 15 and 30 millicores a replica. So a request a
// second costs 1.5 millicores.
inline constexpr int kMillicoresUp = 30;
inline constexpr int kMillicoresDown = 15;
inline constexpr double kMillicoresPerRequest = kMillicoresUp / kRequestsPerReplica;
// Over what the home autoscaler averages. Its Definition says the least that the real schema allows, a minute, and its
// configuration of spillwayd says the truth (demand.averagedOver): waiting for a minute's averages to settle would take
// half of a story's time.
inline constexpr int kAutoscalerWindowSeconds = 3;
inline constexpr int kAutoscalerWindowStatedSeconds = 60;
// Between readings of the metrics server: as short as the autoscaler's window, for the same reason.
inline constexpr int kMetricsSeconds = 1;
// Between bookmarks of a quiet watch. A real API server sends one a minute, production's staleAfter is longer than
// that; the lab's is 30 s, so its bookmarks come faster too.
inline constexpr int kBookmarkSeconds = 10;
// Chosen: short, so that a whole story fits into three minutes.
inline constexpr int kTtlSeconds = 3;

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_SITE_H_
