"""Each fault of the lab in the middle of a burst: what holds, what is said, and that it ends without anybody's help.

One lab for all tests; each begins and ends with the burst as it was. The stories of tools/demo play the long ones.
"""

import os
import shutil
import unittest

import facts
from arena import Arena, new_folder
from programs import Daemon, Lab
from scene import CLOUD

BURST = {"phase": ["serving", "draining"], "share.azure-eu": "> 0.3", "published.azure-eu": "> 0.3",
         "ready.azure-eu": ">= 3", "input.gslb": "ok", "input.demand": "ok", "input.workload us": "ok", "input.workload azure-eu": "ok"}
HELD = {"published.azure-eu": "> 0.15", "ready.azure-eu": ">= 3", "wanted.azure-eu": ">= 3"}


class Faults(Arena):
    @classmethod
    def setUpClass(cls):
        cls.folder = new_folder(cls.addClassCleanup)
        cls.lab = Lab(os.environ["SPILLWAY_LAB"], cls.folder).up()
        cls.addClassCleanup(cls.lab.end)
        cls.running = Daemon(os.environ["SPILLWAYD"], cls.lab.path("spillway.yaml"), cls.folder).up()
        cls.addClassCleanup(cls.running.end)

    def setUp(self):
        self.play = self.stage(self.running)
        self.addCleanup(self.mend)
        self.calm()

    def calm(self, seconds=90):
        """The burst, undisturbed."""
        self.mend()
        self.lab.demand(6)
        self.becomes(BURST, seconds, "the burst")
        self.play.rest(2)
        self.becomes(BURST, seconds, "the burst")
        self.failed = self.play.now.clients()["failed"]

    def becomes(self, wanted, seconds, what="that"):
        """Waits for it; meanwhile self.holding must hold in every scene."""
        return self.play.until(f"{what}: {wanted}", lambda s: self.checked(s) and not facts.wrong(s, wanted), seconds)

    def stays(self, wanted, seconds):
        for scene in self.play.rest(seconds):
            self.assertEqual(facts.wrong(scene, wanted), [])

    def rests(self):
        """Nothing is written for longer than a fall of the demand is waited for, which is 15 s in the lab."""
        self.play.until("nothing to be left to write",
                        lambda s: not s.writes() or s.at - s.writes()[-1][0] > 18, 120)

    holding = {}

    def checked(self, scene):
        self.assertEqual(facts.wrong(scene, self.holding), [])
        return True

    def grow(self):
        """Raises the demand so that the cloud needs one more replica; how many that makes."""
        more = self.play.look().pods(CLOUD)["wanted"] + 1
        self.lab.demand((4 + more - 0.3) / 1.1)
        return more

    def served(self):
        self.assertEqual(self.play.look().clients()["failed"], self.failed, self.play.now.failures())

    def accepted(self, api):
        return [entry for entry in self.play.look().writes() if entry[1] == api]

    def test_an_api_that_can_not_be_read_is_named_and_nothing_moves(self):
        # What was seen before may still be acted on; so nothing must be left to do. With six, a twentieth more would ask
        # for one more replica, and requests come as unevenly as that.
        self.lab.demand(5.8)
        self.rests()
        for target, kind, value, signs in [
                # The other controller can still be read, but nothing can be written.
                ("avi-us", "down", None, {"condition.GslbNotWritable": [True, False]}),
                ("avi-us", "http", 503, {"condition.GslbNotWritable": [True, False]}),
                ("avi-us", "rate-limit", None, {"condition.GslbNotWritable": [True, False]}),
                ("k8s-us", "down", None, {"input.demand": ["failing", "ok"], "input.workload us": ["failing", "ok"]}),
                ("k8s-eu", "http", 500, {"input.workload azure-eu": ["failing", "ok"]}),
                ("k8s-eu", "rate-limit", None, {"input.workload azure-eu": ["failing", "ok"]})]:
            with self.subTest(f"{target} {kind}"):
                self.holding = HELD
                self.break_(target, kind, value)
                began = self.play.look().at
                if target.startswith("k8s"):
                    self.break_(target, "drop-watch")
                self.becomes({name: values[0] for name, values in signs.items()}, 20)
                self.stays(HELD, 1)
                self.assertEqual([w for w in self.play.now.writes() if w[0] > began], [], "nothing is written")
                self.mend()
                self.becomes({name: values[1] for name, values in signs.items()}, 40)
                self.served()

    def test_a_follower_that_is_down_changes_nothing(self):
        self.break_("avi-eu", "down")
        self.stays(HELD | {"input.gslb": "ok"}, 5)
        self.served()

    def test_sessions_that_expire_are_renewed_unseen(self):
        self.break_("avi-us", "expire-sessions")
        self.stays(HELD | {"input.gslb": "ok"}, 4)

    def test_an_autoscaler_without_metrics_is_no_low_load(self):
        self.holding = HELD
        self.break_("autoscaler", "down")
        self.becomes({"input.demand": "failing"}, 10)
        self.stays(HELD, 5)
        self.mend()
        self.becomes({"input.demand": "ok"}, 10)
        self.served()

    def test_an_autoscaler_that_stands_still_moves_nothing(self):
        self.break_("autoscaler", "stale")
        self.lab.demand(1)
        self.stays(HELD, 8)

    def test_watches_that_break_or_are_too_old_lose_nothing(self):
        self.holding = HELD
        self.break_("k8s-us", "gone")
        self.break_("k8s-eu", "drop-watch")
        self.becomes({"input.demand": "ok", "input.workload azure-eu": "ok"}, 10)
        self.becomes({"ready.azure-eu": f">= {self.grow()}"}, 30)

    def test_a_slow_and_lossy_tunnel_only_takes_longer(self):
        self.holding = HELD
        self.break_("tunnel", "latency", 100)
        self.break_("tunnel", "loss", 5)
        self.break_("avi-us", "latency", 400)
        self.break_("k8s-us", "latency", 400)
        self.break_("site-eu", "latency", 200)
        self.becomes({"ready.azure-eu": f">= {self.grow()}", "input.workload azure-eu": "ok", "input.gslb": "ok"}, 40)

    def test_a_write_whose_answer_is_lost_is_looked_at_before_it_is_repeated(self):
        self.holding = {"published.azure-eu": "> 0.3"}
        self.break_("k8s-eu", "lose-answer")
        self.break_("avi-us", "lose-answer")
        before = self.play.now
        written = len(self.accepted("k8s-eu"))
        self.becomes({"ready.azure-eu": f">= {self.grow()}",
                      "published.azure-eu": f"> {before.published(CLOUD) + 0.02}"}, 60)
        steps = self.play.look().pods(CLOUD)["wanted"] - before.pods(CLOUD)["wanted"]
        self.assertLessEqual(len(self.accepted("k8s-eu")) - written, steps, "no write was repeated blindly")

    def test_somebody_elses_changes_are_not_overwritten(self):
        self.holding = HELD
        self.break_("k8s-eu", "conflict")
        written = len(self.accepted("k8s-eu"))
        more = self.grow()
        self.stays({"wanted.azure-eu": f"< {more}"}, 10)
        self.assertEqual(len(self.accepted("k8s-eu")), written, "every write met a newer object and was refused")
        self.mend()
        self.becomes({"wanted.azure-eu": f">= {more}"}, 40)

        self.break_("avi-us", "conflict")
        written = len(self.accepted("avi-us"))
        more = self.grow()
        self.becomes({"ready.azure-eu": f">= {more}"}, 40)
        self.stays({"published.azure-eu": "> 0.2"}, 5)
        self.assertEqual(len(self.accepted("avi-us")), written, "every write met a newer service and was refused")
        published = self.play.now.published(CLOUD)
        self.mend()
        self.becomes({"published.azure-eu": f"> {published + 0.01}"}, 40)

    def test_a_stale_cluster_and_a_stale_controller_scale_nothing_down(self):
        self.break_("k8s-us", "stale")
        self.break_("avi-us", "stale")
        self.lab.demand(2)
        self.stays(HELD, 10)
        self.mend()
        self.lab.demand(6)
        self.becomes({"input.demand": "ok"}, 10)
        self.served()

    def test_maintenance_keeps_replicas_whose_weight_can_not_be_taken(self):
        self.holding = HELD
        self.break_("avi-us", "maintenance")
        self.becomes({"condition.GslbNotWritable": True}, 10)
        self.lab.demand(1)
        self.stays(HELD, 25)
        self.lab.demand(6)
        # Else the weight that could not be taken would be taken now, and rightly.
        self.becomes({"intended.azure-eu": "> 0.3", "share.azure-eu": "> 0.3"}, 60)
        self.mend()
        self.becomes({"condition.GslbNotWritable": False}, 20)

    def test_name_servers_that_answer_old_weights_keep_the_replicas(self):
        self.break_("dns", "stale")
        self.lab.demand(2)
        self.becomes({"published.azure-eu": 0.0}, 120)
        # Half of the load of two replicas still comes; within drain.maxDrain the drain waits for it to go.
        self.stays({"ready.azure-eu": ">= 2", "share.azure-eu": "> 0.2"}, 15)
        self.served()

    def test_a_new_leader_is_found_and_written_to(self):
        self.holding = HELD
        for leader in ("avi-eu", "avi-us"):
            with self.subTest(leader):
                self.break_(leader, "leader-change")
                written = len(self.accepted(leader))
                published = self.play.look().published(CLOUD)
                self.grow()
                self.becomes({"published.azure-eu": f"> {published + 0.01}"}, 60)
                self.assertGreater(len(self.accepted(leader)), written)
                self.served()

    def test_silent_name_servers_move_nothing(self):
        self.break_("dns", "down")
        self.stays(HELD, 5)

    def test_z_a_cloud_that_does_not_answer_gets_no_traffic_and_keeps_its_replicas(self):
        """Last: what went down once has to prove itself for longer."""
        for kind, value in (("hang", None), ("unhealthy-vip", None), ("http", 500)):
            with self.subTest(kind):
                self.holding = {"wanted.azure-eu": ">= 3", "ready.azure-eu": ">= 3"}
                self.break_("site-eu", kind, value)
                self.becomes({"up.azure-eu": False, "published.azure-eu": 0.0}, 30)
                self.mend()
                self.becomes({"published.azure-eu": "> 0.3"}, 60)

    def test_zz_when_everything_is_lost_everything_holds_and_says_so(self):
        self.rests()
        for target in ("avi-us", "avi-eu", "k8s-us", "k8s-eu"):
            self.break_(target, "hang")
        began = self.play.look().at
        self.holding = {"wanted.azure-eu": ">= 3", "published.azure-eu": "> 0.3"}
        conditions = ["DemandUnknown", "HomeClusterUnseen", "OverflowUnseen", "GslbUnseen"]
        self.becomes({f"condition.{name}": True for name in conditions}, 110)
        self.assertEqual([w for w in self.play.now.writes() if w[0] > began], [], "nothing is written")
        self.served()
        self.mend()
        self.becomes({f"condition.{name}": False for name in conditions}, 60)


class PodsThatNeverGetReady(Arena):
    def test_get_no_traffic(self):
        self.break_("k8s-eu", "never-ready")
        stage = self.stage(self.daemon().up())
        self.lab.demand(6)
        stage.until("the cloud to be scaled", lambda s: s.pods(CLOUD)["wanted"] > 0, 30)
        for scene in stage.rest(8):
            self.assertEqual(facts.wrong(scene, {"published.azure-eu": 0.0, "ready.azure-eu": 0, "up.azure-eu": False,
                                                 "gate.ReplicasReady": False}), [])
        self.mend()
        stage.until("the first traffic in the cloud", lambda s: s.published(CLOUD) > 0, 40)


class AnothersCluster(Arena):
    """The five commands of docs/lab.md for a real cluster; here another lab has it."""

    lab_arguments = ("--without", "k8s-eu")

    def test_takes_the_place_of_the_clouds(self):
        other = Lab(os.environ["SPILLWAY_LAB"], new_folder(self.addCleanup), ("--without", "clients")).up()
        self.addCleanup(other.end)
        shutil.copy(other.path("eu.kubeconfig"), self.lab.path("eu.kubeconfig"))

        def ready():
            return other.truth()["sites"][CLOUD]["pods"]["ready"]
        stage = self.stage(self.daemon().up())
        stage.on_scene.append(lambda _: self.lab.control("PUT", "/replicas", {CLOUD: ready()}))
        self.lab.demand(6)
        stage.until("its pods to take their part", lambda s: s.share(CLOUD) > 0.3 and ready() >= 3, 60)
        for scene in stage.rest(10):
            self.assertGreater(scene.published(CLOUD), 0.2)
        self.lab.demand(2)
        stage.until("it to be back at zero", lambda s: s.phase() == "rest" and ready() == 0, 120)


if __name__ == "__main__":
    unittest.main(verbosity=2)
