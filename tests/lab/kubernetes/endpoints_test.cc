// Row 38 of the fidelity checklist: EndpointSlices follow the pods that a Service selects.
#include <set>

#include "tests/lab/kubernetes/bench_cluster.h"

namespace spillway::lab {
namespace {

constexpr char kSlices[] =
    "/apis/discovery.k8s.io/v1/namespaces/acme/endpointslices?labelSelector=kubernetes.io/service-name%3Dshopping";
constexpr char kServices[] = "/api/v1/namespaces/acme/services";
constexpr char kService[] = R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"shopping","namespace":"acme"},
  "spec":{"selector":{"app":"shopping"},"ports":[{"port":80,"targetPort":8080}]}})";

class EndpointsBench : public BenchCluster {
 public:
  explicit EndpointsBench(int replicas) : BenchCluster(Options()) {
    EXPECT_EQ(cluster.Create(kService), "");
    EXPECT_EQ(cluster.Create(Deployment("shopping", replicas)), "");
  }
  std::vector<Tree> Slices() { return Get(kSlices).body.At("items").Items(); }
  // "ready/serving/terminating" of every endpoint.
  std::multiset<std::string> Conditions() {
    std::multiset<std::string> all;
    for (const Tree& slice : Slices()) {
      for (const Tree& endpoint : slice.At("endpoints").Items()) {
        std::string text;
        for (const char* name : {"ready", "serving", "terminating"}) {
          text += endpoint.At("conditions").At(name).Bool() ? "1" : "0";
        }
        all.insert(text);
      }
    }
    return all;
  }

 private:
  static ClusterOptions Options() {
    ClusterOptions options;
    options.pods = {.to_running = 1s, .to_ready = 2s, .termination_grace = 5s};
    options.controller_lag = 10ms;
    return options;
  }
};

TEST(Endpoints, Row38AnEndpointComesWithItsAddressAndIsReadyWithItsPod) {
  EndpointsBench bench(2);
  bench.Settle(500ms);
  EXPECT_TRUE(bench.Slices().empty());  // no address yet
  bench.Settle(1s);
  EXPECT_EQ(bench.Conditions(), (std::multiset<std::string>{"000", "000"}));
  bench.Settle(3s);
  EXPECT_EQ(bench.Conditions(), (std::multiset<std::string>{"110", "110"}));
  ASSERT_EQ(bench.Slices().size(), 1U);
  const Tree slice = bench.Slices()[0];
  EXPECT_EQ(slice.At("addressType").String(), "IPv4");
  EXPECT_EQ(slice.At("ports").Text(), R"([{"name":"","port":8080,"protocol":"TCP"}])");
  EXPECT_TRUE(slice.At("metadata.name").String().starts_with("shopping-"));
  const Tree& endpoint = slice.At("endpoints").Items().at(0);
  const Got pod = bench.Get("/api/v1/namespaces/acme/pods/" + endpoint.At("targetRef.name").String());
  EXPECT_EQ(endpoint.At("addresses").Items().at(0).String(), pod.Str("status.podIP"));
  EXPECT_EQ(endpoint.At("targetRef.uid").String(), pod.Str("metadata.uid"));
}

TEST(Endpoints, Row38ADrainingPodServesButIsNotReadyUntilItIsGone) {
  EndpointsBench bench(2);
  bench.Settle(5s);
  bench.Merge(std::string(kDeployments) + "/shopping/scale", R"({"spec":{"replicas":1}})");
  bench.Settle(1s);
  EXPECT_EQ(bench.Conditions(), (std::multiset<std::string>{"011", "110"}));
  bench.Settle(5s);
  EXPECT_EQ(bench.Conditions(), (std::multiset<std::string>{"110"}));
  bench.Merge(std::string(kDeployments) + "/shopping/scale", R"({"spec":{"replicas":0}})");
  bench.Settle(10s);
  EXPECT_TRUE(bench.Slices().empty());
}

TEST(Endpoints, Row38MoreThanAHundredNeedAnotherSliceAndNobodyMovesBetweenThem) {
  EndpointsBench bench(250);
  bench.Settle(10s);
  std::map<std::string, std::string> slice_of;  // by pod
  std::multiset<std::size_t> sizes;
  for (const Tree& slice : bench.Slices()) {
    sizes.insert(slice.At("endpoints").Items().size());
    for (const Tree& endpoint : slice.At("endpoints").Items()) {
      slice_of[endpoint.At("targetRef.name").String()] = slice.At("metadata.name").String();
    }
  }
  EXPECT_EQ(sizes, (std::multiset<std::size_t>{50, 100, 100}));
  bench.Merge(std::string(kDeployments) + "/shopping/scale", R"({"spec":{"replicas":240}})");
  bench.Settle(20s);
  std::size_t left = 0;
  for (const Tree& slice : bench.Slices()) {
    for (const Tree& endpoint : slice.At("endpoints").Items()) {
      EXPECT_EQ(slice_of[endpoint.At("targetRef.name").String()], slice.At("metadata.name").String());
      ++left;
    }
  }
  EXPECT_EQ(left, 240U);
}

TEST(Endpoints, Row38TheSlicesGoWithTheirServiceAndAreWrittenOnlyOnAChange) {
  EndpointsBench bench(1);
  bench.Settle(10s);
  const auto version = [&] { return bench.Slices().at(0).At("metadata.resourceVersion").String(); };
  const std::string before = version();
  bench.Settle(1h);
  EXPECT_EQ(version(), before);
  bench.Send("DELETE", std::string(kServices) + "/shopping");
  bench.Settle(1s);
  EXPECT_TRUE(bench.Slices().empty());
}

TEST(Services, AServiceIsGivenAnAddressAndItsPortsAreChecked) {
  EndpointsBench bench(0);
  const Got got = bench.Get(std::string(kServices) + "/shopping");
  EXPECT_EQ(got.Str("spec.type"), "ClusterIP");
  EXPECT_TRUE(got.Str("spec.clusterIP").starts_with("10.96.")) << got.text;
  for (const char* spec : {R"({"selector":{"a":"b"}})", R"({"ports":[{"port":0}]})", R"({"ports":[{"port":70000}]})"}) {
    EXPECT_EQ(bench.Post(kServices, R"({"metadata":{"name":"bad"},"spec":)" + std::string(spec) + "}").code, 422);
  }
  EXPECT_EQ(bench.Post(kServices, R"({"metadata":{"name":"headless"},"spec":{"clusterIP":"None"}})").code, 201);
}

}  // namespace
}  // namespace spillway::lab
