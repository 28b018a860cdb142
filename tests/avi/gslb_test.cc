#include "avi/gslb.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/avi/json_text.h"

namespace spillway::avi {
namespace {

constexpr const char* kSites =
    "'sites':[{'name':'us','cluster_uuid':'cluster-us','member_type':'GSLB_ACTIVE_MEMBER','password':'<sensitive>'},"
    "{'name':'eu','cluster_uuid':'cluster-eu','member_type':'GSLB_ACTIVE_MEMBER','enabled':true,'ratio':5},"
    "{'name':'passive','cluster_uuid':'cluster-pa','member_type':'GSLB_PASSIVE_MEMBER'},"
    "{'name':'off','cluster_uuid':'cluster-of','member_type':'GSLB_ACTIVE_MEMBER','enabled':false}],"
    "'third_party_sites':[{'name':'cloud','cluster_uuid':'tp_cluster-1','ratio':2}]";

JsonDocument GslbList(const std::string& leader, const std::string& view_id = "18446744073709551615",
                      const std::string& more = "") {
  return Json("{'count':1,'results':[{'name':'Default','leader_cluster_uuid':'" + leader + "','view_id':" + view_id +
              "," + more + kSites + "}]}");
}

ControllerView Controller(const std::string& name, const std::string& leader, const std::string& view_id = "1",
                          const std::string& more = "") {
  ControllerView view;
  view.url = "https://" + name;
  view.looked = true;
  view.cluster_uuid = "cluster-" + name;
  view.gslb = *ReadGslb(GslbList("cluster-" + leader, view_id, more));
  return view;
}

ControllerView Broken(ControllerView view, const std::string& what = "no answer") {
  view.problem = Error{Code::kRetry, view.url + ": " + what};
  return view;
}

TEST(ReadGslb, ReadsWhoLeadsAndWhoAnswersDns) {
  const auto gslb = ReadGslb(GslbList("cluster-us", "18446744073709551615", "'maintenance_mode':true,"));
  ASSERT_TRUE(gslb);
  EXPECT_EQ(gslb->leader_uuid, "cluster-us");
  EXPECT_EQ(gslb->view_id, "18446744073709551615");
  EXPECT_TRUE(gslb->maintenance);
  const std::vector<FederationSite> sites = {{"us", "cluster-us", true, std::nullopt},
                                             {"eu", "cluster-eu", true, 5},
                                             {"passive", "cluster-pa", false, std::nullopt},
                                             {"off", "cluster-of", false, std::nullopt},
                                             {"cloud", "tp_cluster-1", false, 2}};
  EXPECT_EQ(gslb->sites, sites);
}

TEST(ReadGslb, KnowsThatThereIsNone) {
  const auto none = ReadGslb(Json("{'count':0,'results':[]}"));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::kMissing);
  EXPECT_EQ(none.error().what, "no GSLB is configured");
  EXPECT_FALSE(ReadGslb(Json("{'results':[{}]}")));
  EXPECT_FALSE(ReadGslb(Json("[]")));
}

TEST(Judge, FindsWhoLeadsAndWhetherOneMayWrite) {
  ControllerView silent;
  silent.url = "https://us";
  silent.looked = true;
  silent.problem = Error{Code::kDenied, "https://us: user \"x\" was refused"};
  struct Row {
    const char* name;
    std::vector<ControllerView> controllers;
    std::optional<std::size_t> leader;
    std::string why;
  };
  const Row rows[] = {
      {"a leader and a follower", {Controller("us", "us"), Controller("eu", "us")}, 0, ""},
      {"in any order", {Controller("eu", "us"), Controller("us", "us")}, 1, ""},
      {"the leader alone", {Controller("us", "us"), Broken(Controller("eu", "us"))}, 0, ""},
      {"nothing read yet", {ControllerView{}}, std::nullopt, "no Avi controller has been read yet"},
      {"nobody answers", {silent}, std::nullopt, "https://us: user \"x\" was refused"},
      {"the leader does not answer",
       {Broken(Controller("us", "us")), Controller("eu", "us")},
       std::nullopt,
       "the GSLB leader (site \"us\") can't be used: https://us: no answer"},
      {"the leader never answered",
       {silent, Controller("eu", "us")},
       std::nullopt,
       "the GSLB leader (site \"us\") is not among the controllers that answer; https://us: user \"x\" was refused"},
      {"the leader is none of ours",
       {Controller("eu", "us")},
       std::nullopt,
       "the GSLB leader (site \"us\") is not among the configured controllers"},
      {"the leader is none that anybody knows",
       {Controller("eu", "xx")},
       std::nullopt,
       "the GSLB leader (cluster cluster-xx) is not among the configured controllers"},
      {"two leaders",
       {Controller("us", "us", "3"), Controller("eu", "eu", "4")},
       0,
       "https://us and https://eu each say that they lead (view_id 3 and 4)"},
      {"another says that another leads",
       {Controller("us", "us", "3"), Controller("eu", "passive", "4")},
       0,
       "https://us says that it leads, https://eu says that cluster cluster-passive does (view_id 3 and 4)"},
      {"an old word of one that is silent now does not count",
       {Controller("us", "us", "4"), Broken(Controller("eu", "eu", "3"))},
       0,
       ""},
      {"maintenance",
       {Controller("us", "us", "1", "'maintenance_mode':true,"), Controller("eu", "us")},
       0,
       "the GSLB system is in maintenance mode"},
      {"two nodes of the leader's cluster", {Controller("us", "us"), Controller("us", "us")}, 0, ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Verdict verdict = Judge(row.controllers);
    EXPECT_EQ(verdict.leader, row.leader);
    EXPECT_EQ(verdict.unwritable_why, row.why);
  }
}

TEST(SitesBehind, NamesEverySiteThatAnswersDnsFromAnOldConfiguration) {
  const GslbView gslb = *ReadGslb(GslbList("cluster-us"));
  struct Row {
    const char* name;
    std::string eu;  // its runtime, but for the identity
    bool behind;
  };
  const Row rows[] = {
      {"in sync", "'site_cfg':{'sync_info':{'sync_state':'GSLB_SITE_CFG_IN_SYNC'}}", false},
      {"in sync, nothing pending",
       "'site_cfg':{'sync_info':{'sync_state':'GSLB_SITE_CFG_IN_SYNC'}},'replication_stats':{'pending_object_count':0}",
       false},
      {"something pending",
       "'site_cfg':{'sync_info':{'sync_state':'GSLB_SITE_CFG_IN_SYNC'}},'replication_stats':{'pending_object_count':1}",
       true},
      {"out of sync", "'site_cfg':{'sync_info':{'sync_state':'GSLB_SITE_CFG_OUT_OF_SYNC'}}", true},
      {"suspended", "'site_cfg':{'sync_info':{'sync_state':'GSLB_SITE_CFG_SYNC_SUSPENDED'}}", true},
      {"at a checkpoint", "'site_cfg':{'sync_info':{'sync_state':'GSLB_SITE_CFG_SYNCED_TILL_CHECKPOINT'}}", true},
      {"no state at all", "'site_cfg':{}", true},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const std::string us = "{'site_info':{'cluster_uuid':'cluster-us','state':'SITE_STATE_NULL'}}";
    const std::string eu = "{'site_info':{'cluster_uuid':'cluster-eu','state':'SITE_STATE_NULL'}," + row.eu + "}";
    const auto behind = SitesBehind(Json("{'runtime':{'info':{'site':[" + us + "," + eu + "]}}}"), gslb);
    EXPECT_EQ(behind, row.behind ? std::vector<std::string>{"eu"} : std::vector<std::string>{});
  }
  const JsonDocument lost = Json(
      "{'runtime':{'info':{'site':[{'site_info':{'cluster_uuid':'cluster-eu','state':'SITE_STATE_UNREACHABLE'},"
      "'site_cfg':{'sync_info':{'sync_state':'GSLB_SITE_CFG_IN_SYNC'}}}]}}}");
  EXPECT_EQ(SitesBehind(lost, gslb), std::vector<std::string>{"eu"});
  EXPECT_EQ(SitesBehind(Json("{'runtime':{'info':{'site':[]}}}"), gslb), std::vector<std::string>{"eu"})
      << "a site that was not heard of";
  EXPECT_EQ(SitesBehind(Json("{'runtime':{}}"), gslb), std::nullopt) << "nothing is known of any";
}

ServiceView View() {
  ServiceView view;
  view.traffic.writable = true;
  view.traffic.members["us"].health = Health::kUp;
  view.clusters = {"cluster-us"};
  return view;
}

TEST(Overlay, AddsWhatOnlyTheFederationKnows) {
  Verdict verdict;
  verdict.gslb = *ReadGslb(GslbList("cluster-us"));
  EXPECT_TRUE(Overlay(View(), verdict, true).writable);
  EXPECT_TRUE(Overlay(View(), verdict, true).ratios_void.empty()) << "the site with a ratio has no member here";
  EXPECT_FALSE(Overlay(View(), verdict, false).in_force);

  verdict.unwritable_why = "because";
  EXPECT_FALSE(Overlay(View(), verdict, true).writable);
  EXPECT_EQ(Overlay(View(), verdict, true).unwritable_why, "because");
  ServiceView theirs = View();
  theirs.traffic.writable = false;
  theirs.traffic.unwritable_why = "AMKO's";
  EXPECT_EQ(Overlay(theirs, verdict, true).unwritable_why, "AMKO's");

  ServiceView eu = View();
  eu.clusters = {"cluster-eu", "tp_cluster-1"};
  const TrafficState state = Overlay(eu, verdict, true);
  ASSERT_EQ(state.ratios_void.size(), 2U);
  EXPECT_EQ(state.ratios_void[0],
            "site \"eu\" has ratio 5 in the GSLB's configuration, which overrides the ratios of its members");
}

TEST(Overlay, TrustsNoHealthDuringMaintenance) {
  Verdict verdict;
  verdict.gslb = *ReadGslb(GslbList("cluster-us", "1", "'maintenance_mode':true,"));
  EXPECT_EQ(Overlay(View(), verdict, true).members.at("us").health, Health::kUnknown);
}

}  // namespace
}  // namespace spillway::avi
