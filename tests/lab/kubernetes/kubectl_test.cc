// Rows 1 to 13, 25 and 36 to 38 of the fidelity checklist: what operators do with kubectl works as it is.
#include "tests/lab/kubernetes/kubectl.h"

namespace spillway::lab {
namespace {

TEST_F(Kubectl, Rows1To5GetShowsTheColumnsOfEachKindAndTheShortNameWorks) {
  AwaitReady(1);
  const std::string deployments = Do("get deploy");
  EXPECT_TRUE(Has(deployments, "READY   UP-TO-DATE   AVAILABLE   AGE")) << deployments;
  EXPECT_TRUE(Has(deployments, "1/1")) << deployments;
  const std::string definitions = Do("get asd frontend-asd");
  EXPECT_TRUE(
      Has(definitions, "NAME           ENABLED   MODE         TRIGGER              MIN   MAX   CURRENT   DESIRED"))
      << definitions;
  EXPECT_TRUE(Has(Do("get pods"), "1/1     Running   0"));
  const std::string sets = Do("get rs");
  EXPECT_TRUE(Has(sets, "DESIRED   CURRENT   READY   AGE") && Has(sets, "   1         1         1       ")) << sets;
  EXPECT_TRUE(Has(Do("get deployment shopping -o jsonpath={.spec.replicas}"), "1"));
  EXPECT_TRUE(Has(Do("get definitions -A -o yaml"), "kind: Definition"));
  EXPECT_TRUE(Has(Do("api-resources"), "definitions"));
  EXPECT_TRUE(
      Has(Try("get deployment nothere").text, "Error from server (NotFound): deployments.apps \"nothere\" not found"));
}

TEST_F(Kubectl, Row6WatchingPrintsEachChangeUnderOneHeader) {
  cluster_.SetAutoscaler({.running = false});
  AwaitReady(1);
  OpenStream watch("env " + Environment() + "timeout 60 kubectl get deploy shopping -w");
  std::string text;
  for (int lines = 0; const auto line = watch.Line(); ++lines) {
    text += *line + "\n";
    if (lines == 1) {
      Call call;
      call.request = {"PATCH",
                      std::string(kDeployments) + "/shopping/scale",
                      {{"Content-Type", "application/merge-patch+json"}, {"Authorization", "Bearer secret"}},
                      R"({"spec":{"replicas":2}})"};
      EXPECT_EQ(cluster_.Handle(call).response.status, 200);
    }
    if (Has(text, "/2")) cluster_.CutWatches();  // kubectl ends with its stream
  }
  EXPECT_TRUE(Has(text, "1/1") && Has(text, "/2")) << text;
  EXPECT_EQ(text.find("NAME"), text.rfind("NAME")) << text;
}

TEST_F(Kubectl, Row7ScaleReachesThePodsAndADefinitionHasNoScale) {
  cluster_.SetAutoscaler({.running = false});
  AwaitReady(1);
  EXPECT_TRUE(Has(Do("scale deployment shopping --replicas=2"), "deployment.apps/shopping scaled"));
  AwaitReady(2);
  EXPECT_TRUE(Has(Do("scale deployment shopping --current-replicas=2 --replicas=1"), "scaled"));
  EXPECT_TRUE(
      Has(Try("scale deployment shopping --current-replicas=7 --replicas=3").text, "Expected replicas to be 7"));
  const Output refused = Try("scale asd frontend-asd --replicas=2");
  EXPECT_NE(refused.status, 0);
  EXPECT_TRUE(Has(refused.text, "could not find the requested resource")) << refused.text;
}

TEST_F(Kubectl, Rows8And9ApplyCreatesAndChangesBothWays) {
  Write("definition.json", BenchCluster::Definition(R"({"enabled":false})"));
  Write("deployment.json", BenchCluster::Deployment("second", 2));
  EXPECT_TRUE(Has(Do("apply -f " + Folder() + "/deployment.json"), "deployment.apps/second created"));
  EXPECT_TRUE(Has(Do("apply -f " + Folder() + "/deployment.json"), "deployment.apps/second unchanged"));
  Write("deployment.json", BenchCluster::Deployment("second", 3));
  EXPECT_TRUE(Has(Do("apply -f " + Folder() + "/deployment.json"), "deployment.apps/second configured"));
  EXPECT_EQ(Do("get deployment second -o jsonpath={.spec.replicas}"), "3");
  EXPECT_TRUE(Has(Do("apply -f " + Folder() + "/definition.json"), "configured"));
  EXPECT_EQ(Do("get asd frontend-asd -o jsonpath={.spec.scaleRule.enabled}"), "false");
  Write("map.json", BenchCluster::ConfigMap("settings"));
  EXPECT_TRUE(Has(Do("apply --server-side -f " + Folder() + "/map.json"), "configmap/settings serverside-applied"));
  EXPECT_EQ(Do("get configmap settings -o jsonpath={.data.k}"), "v");
}

TEST_F(Kubectl, Row25TwoWhoWantOneFieldConflictUntilOneForcesIt) {
  cluster_.SetAutoscaler({.running = false});
  AwaitReady(1);
  Do("scale deployment shopping --replicas=2");
  Write("three.json", BenchCluster::Deployment("shopping", 3));
  const Output refused = Try("apply --server-side -f " + Folder() + "/three.json");
  EXPECT_NE(refused.status, 0);
  EXPECT_TRUE(Has(refused.text,
                  "Apply failed with 1 conflict: conflict with \"kubectl\" with subresource \"scale\" "
                  "using apps/v1: .spec.replicas"))
      << refused.text;
  EXPECT_EQ(Do("get deployment shopping -o jsonpath={.spec.replicas}"), "2");
  Do("apply --server-side --force-conflicts -f " + Folder() + "/three.json");
  EXPECT_EQ(Do("get deployment shopping -o jsonpath={.spec.replicas}"), "3");
  EXPECT_TRUE(Has(Do("get deployment shopping -o yaml" + ManagedFields()), "f:replicas: {}"));
}

TEST_F(Kubectl, Row25AClientSideApplyIsTakenOverByAServerSideOne) {
  Write("second.json", BenchCluster::Deployment("second", 2));
  Do("apply -f " + Folder() + "/second.json");
  Write("second.json", BenchCluster::Deployment("second", 3));
  EXPECT_TRUE(Has(Do("apply --server-side --force-conflicts -f " + Folder() + "/second.json"), "serverside-applied"));
  EXPECT_EQ(Do("get deployment second -o jsonpath={.spec.replicas}"), "3");
  if (Minor() < 26) return;  // before, kubectl left its older entry as it was
  EXPECT_FALSE(Has(Do("get deployment second -o yaml" + ManagedFields()), "kubectl-client-side-apply"));
}

TEST_F(Kubectl, Row38AServicesEndpointsAreItsReadyPods) {
  cluster_.SetAutoscaler({.running = false});
  Write("service.json", R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"shopping"},
    "spec":{"selector":{"app":"shopping"},"ports":[{"port":80}]}})");
  Do("apply -f " + Folder() + "/service.json");
  AwaitReady(1);
  EXPECT_TRUE(Has(Do("get svc shopping"), "80/TCP"));
  const std::string slices = " -l kubernetes.io/service-name=shopping ";
  const std::string ready = "get endpointslices" + slices + "-o jsonpath='{.items[*].endpoints[*].conditions.ready}'";
  if (Minor() >= 23) {
    Do("wait endpointslice" + slices + "--timeout=20s --for=jsonpath='{.endpoints[0].conditions.ready}'=true");
  }
  Await([&] { return Do(ready) == "true"; });
  EXPECT_EQ(Do(ready), "true");
}

TEST_F(Kubectl, Row10RolloutStatusAndWaitEnd) {
  cluster_.SetAutoscaler({.running = false});
  EXPECT_TRUE(Has(Do("rollout history deployment shopping"), "REVISION"));
  EXPECT_TRUE(Has(Do("rollout status deployment shopping --timeout=20s"), "successfully rolled out"));
  EXPECT_TRUE(Has(Do("wait deployment shopping --for=condition=Available --timeout=20s"), "condition met"));
}

TEST_F(Kubectl, Row36APodIsSeenToComeStepByStepAndToServeWhileItGoes) {
  cluster_.SetAutoscaler({.running = false});
  AwaitReady(1);
  OpenStream watch("env " + Environment() + "timeout 60 kubectl get pods -w");
  // Reads on until a line has both words; the lines that it passed.
  const auto until = [&](const std::string& ready, const std::string& status) {
    std::string passed;
    while (const auto line = watch.Line()) {
      passed += *line + "\n";
      if (Has(*line, " " + ready + " ") && Has(*line, " " + status + " ")) return std::string();
    }
    return passed.empty() ? "nothing" : passed;
  };
  EXPECT_EQ(until("1/1", "Running"), "");
  Do("scale deployment shopping --replicas=2");
  EXPECT_EQ(until("0/1", "Pending"), "");
  EXPECT_EQ(until("0/1", "Running"), "");
  EXPECT_EQ(until("1/1", "Running"), "");
  Do("scale deployment shopping --replicas=1");
  EXPECT_EQ(until("1/1", "Terminating"), "");
  Await([&] { return cluster_.Pods("acme", "shopping").size() == 1; });
  EXPECT_EQ(cluster_.Pods("acme", "shopping").size(), 1U);
  cluster_.CutWatches();  // kubectl ends with its stream
}

TEST_F(Kubectl, Row37PodsThatAreStuckAreSeenInTheCountsAndNotInProgressing) {
  cluster_.SetAutoscaler({.running = false});
  AwaitReady(1);
  PodTimes stuck;
  stuck.never_ready = true;
  cluster_.SetPodTimes(stuck);
  Do("scale deployment shopping --replicas=3");
  Await([&] { return Has(Do("get deploy shopping"), " 1/3 "); });
  EXPECT_TRUE(Has(Do("get deploy shopping"), " 1/3 "));
  EXPECT_EQ(Do("get deploy shopping -o jsonpath='{.status.conditions[?(@.type==\"Progressing\")].reason}'"),
            "NewReplicaSetAvailable");
  EXPECT_TRUE(Has(Do("wait deployment shopping --for=condition=Progressing --timeout=20s"), "condition met"));
}

TEST_F(Kubectl, ANewImageIsRolledOutAndUndone) {
  cluster_.SetAutoscaler({.running = false});
  Do("rollout status deployment shopping --timeout=20s");
  const std::string image = "get pods -o jsonpath='{.items[*].spec.containers[*].image}'";
  EXPECT_TRUE(Has(Do("set image deployment/shopping web=shop:2"), "image updated"));
  EXPECT_TRUE(Has(Do("rollout status deployment shopping --timeout=20s"), "successfully rolled out"));
  Await([&] { return Do(image) == "shop:2"; });
  EXPECT_EQ(Do(image), "shop:2");
  EXPECT_TRUE(Has(Do("rollout undo deployment shopping"), "rolled back"));
  Await([&] { return Do(image) == "shop:1"; });
  EXPECT_EQ(Do(image), "shop:1");
}

TEST_F(Kubectl, Row11DescribeShowsTheEventsOfAnObject) {
  // describe asks by uid: an event without regarding.uid is not shown.
  const std::string uid = Do("get asd frontend-asd -o jsonpath={.metadata.uid}");
  EXPECT_EQ(cluster_.Create(
                R"({"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"generateName":"e-","namespace":"acme"},
    "eventTime":"2026-01-01T10:00:05.000000Z","reportingController":"spillway.example/controller","reportingInstance":"s-0",
    "action":"ScaleOverflow","reason":"BurstStarted","type":"Normal","note":"demand 6.2 > home max 4",
    "regarding":{"apiVersion":"autoscaling.tsm.tanzu.vmware.com/v1alpha1","kind":"Definition","namespace":"acme","name":"frontend-asd","uid":")" +
                uid + R"("}})"),
            "");
  const std::string text = Do("describe asd frontend-asd");
  EXPECT_TRUE(Has(text, "Scale Up:") && Has(text, "BurstStarted") && Has(text, "demand 6.2 > home max 4")) << text;
  AwaitReady(1);
  const std::string deployment = Do("describe deployment shopping");
  EXPECT_TRUE(Has(deployment, "Replicas:")) << deployment;
  EXPECT_TRUE(Has(deployment, "NewReplicaSet:   shopping-") && Has(deployment, "(1/1 replicas created)")) << deployment;
  EXPECT_TRUE(Has(deployment, "deployment-controller  Scaled up replica set shopping-")) << deployment;
  EXPECT_TRUE(Has(Do("describe pod"), "Controlled By:  ReplicaSet/shopping-"));
  EXPECT_TRUE(Has(Do("get events"), "BurstStarted"));
}

TEST_F(Kubectl, Rows12And13DeleteAndDiffAndCanI) {
  Write("deployment.json", BenchCluster::Deployment("shopping", 9));
  const Output diff = Try("diff -f " + Folder() + "/deployment.json");
  EXPECT_EQ(diff.status, 1) << diff.text;
  EXPECT_TRUE(Has(diff.text, "+  replicas: 9")) << diff.text;
  EXPECT_TRUE(Has(Do("create configmap made --from-literal=a=b"), "configmap/made created"));
  EXPECT_EQ(Do("get configmap made -o jsonpath={.data.a}"), "b");
  EXPECT_EQ(Do("auth can-i patch deployments/scale"), "yes\n");
  EXPECT_TRUE(Has(
      Do("patch deployment shopping --type=json -p '[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":0}]'"),
      "deployment.apps/shopping patched"));
  EXPECT_TRUE(Has(Do("delete deployment shopping"), "deployment.apps \"shopping\" deleted"));
  EXPECT_TRUE(Has(Do("get deploy"), "No resources found in acme namespace"));
}

TEST_F(Kubectl, TopPodsAndGetHpaShowWhatIsMeasured) {
  cluster_.SetMetrics({.available = true, .reading = true, .resolution = 1s});
  cluster_.SetHpa({.running = true, .period = 500ms, .external = {}});
  Tree cart = Tree::Of(BenchCluster::Deployment("cart", 1));
  cart.Make("spec.template.spec")["containers"] =
      Tree::Of(R"([{"name":"web","image":"shop:1","resources":{"requests":{"cpu":"400m"}}}])");
  ASSERT_EQ(cluster_.Create(cart.Text()), "");
  ASSERT_EQ(
      cluster_.Create(R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"cart",
      "namespace":"acme"},"spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"cart"},
      "minReplicas":1,"maxReplicas":4,"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{
      "type":"Utilization","averageUtilization":50}}}]}})"),
      "");
  Await([&] { return Has(Do("get hpa cart"), "cpu: 5%/50%"); });
  const std::string hpa = Do("get hpa");
  EXPECT_TRUE(Has(hpa, "Deployment/cart   cpu: 5%/50%   1         4         1")) << hpa;
  const std::string top = Do("top pods -l app=cart");
  EXPECT_TRUE(Has(top, "CPU(cores)")) << top;
  EXPECT_TRUE(Has(top, "20m")) << top;
  EXPECT_FALSE(Has(top, "shopping")) << top;
  const std::string described = Do("describe hpa cart");
  EXPECT_TRUE(Has(described, "FailedGetResourceMetric")) << "an Event of the time before: " << described;
  EXPECT_TRUE(Has(described, "5%") && Has(described, "50%")) << described;
  if (Minor() >= 23) {  // before, kubectl describes what autoscaling/v1 shows, which has no conditions
    EXPECT_TRUE(Has(described, "ValidMetricFound")) << described;
    EXPECT_TRUE(Has(described, "DesiredWithinRange")) << described;
  }
  EXPECT_TRUE(Has(Do("api-resources --api-group=metrics.k8s.io"), "PodMetrics"));
}

}  // namespace
}  // namespace spillway::lab
