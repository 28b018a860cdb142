"""The shipped runbooks that an evening is for, played whole: the practice burst as its schedule plays it, with nobody
there, and home's maintenance with somebody who has to be asked."""

import os
import shlex
import signal
import unittest

from desk import RUNBOOKS, Desk
from scene import CLOUD, HOME

UNIT = "deploy/systemd/spillway-practice@.service"
FAILED, USAGE, TIMED_OUT = 1, 2, 5  # exit codes
APP = "shopping"


def service_lines():
    with open(UNIT, encoding="utf-8") as unit:
        return [line.strip() for line in unit if "=" in line and not line.startswith("#")]


class Played(Desk):
    def setUp(self):
        super().setUp()
        self.let_in("practice", "operator", "the word of the practice")
        self.sit_down()
        self.environment |= self.as_the_unit_sets_it()
        self.lab.demand(3)
        self.scenes.until("home to carry it", lambda s: s.pods(HOME)["ready"] >= 3 and s.phase() == "rest", 60)

    def as_the_unit_sets_it(self):
        """Its Environment= lines, with the lab's folders for systemd's."""
        for folder in ("credentials", "var-lib"):
            os.makedirs(self.lab.path(folder))
        with open(self.lab.path("credentials/token"), "w", encoding="utf-8") as token:
            token.write("the word of the practice")
        os.chmod(self.lab.path("credentials/token"), 0o400)
        set_ = [line.split("=", 2)[1:] for line in service_lines() if line.startswith("Environment=")]
        self.assertEqual({name for name, _ in set_}, {"XDG_STATE_HOME", "SPILLWAY_TOKEN_FILE"})
        return {name: value.replace("%S", self.lab.path("var-lib")).replace("%d", self.lab.path("credentials"))
                for name, value in set_}

    @staticmethod
    def scheduled(*settings):
        """The arguments of the unit's ExecStart, as its instance for the lab's application has them."""
        start = next(line for line in service_lines() if line.startswith("ExecStart="))
        words = shlex.split(start.removeprefix("ExecStart=").replace("%i", APP))
        words = [word.replace("/etc/spillway/runbooks", RUNBOOKS) for word in words]
        at = words.index("$SETTINGS")
        return words[1:at] + [word for setting in settings for word in ("--set", setting)] + words[at + 1:]

    def standing(self):
        return [order["kind"] for order in self.ask(f"/api/v1/apps/{APP}").get("override", {}).get("orders", [])]

    def serving(self):
        return self.scenes.until("the cloud to serve its little", lambda s: s.share(CLOUD) > 0, 60)

    def assert_at_rest(self):
        scene = self.scenes.until("the cloud to be at zero", lambda s: s.pods(CLOUD)["wanted"] == 0, 60)
        self.assertEqual(self.standing(), [])
        self.assertEqual(scene.published(CLOUD), 0.0)
        self.assertEqual(scene.pods(CLOUD)["wanted"], 0)

    PINNED = [("pin", "accepted"), ("pin", "accepted")]
    CLEARED = PINNED + [("override clear", "accepted")]

    def test_a_scheduled_burst_comes_and_goes_and_no_second_begins_beside_it(self):
        first = self.begun(*self.scheduled("lasts=1s"))
        self.serving()
        self.assertIn("another process", self.ctl(*self.scheduled("lasts=1s"), expect=USAGE))
        elsewhere = self.ctl(*self.scheduled("lasts=1s"), "--progress", self.lab.path("other.json"), expect=FAILED)
        self.assertIn("there is order pin-replicas (by practice)", elsewhere)
        self.assertIn("Nothing is to be undone", elsewhere)
        told = first.communicate(timeout=120)[0]
        self.assertEqual(first.returncode, 0, told)
        self.assertEqual(self.audit(), self.CLEARED, "the others ordered nothing")
        self.assert_at_rest()
        self.assertEqual(self.scenes.look().clients()["failed"], 0)

    def test_an_aborted_burst_is_undone_and_says_so_by_its_exit_code(self):
        run = self.begun(*self.scheduled("lasts=10m"))
        self.serving()
        # It may not be seen before nobody is sent there any more: spillwayd takes the share away at once.
        self.break_("site-eu", "down")
        told = " ".join(run.communicate(timeout=120)[0].split())
        self.assertEqual(run.returncode, FAILED, told)
        self.assertRegex(told, "it is not safe to go on: .*what it did is undone")
        self.assertEqual(self.audit(), self.CLEARED)
        self.mend()
        self.assert_at_rest()

    def test_a_stopped_burst_is_put_right_by_the_next_run(self):
        run = self.begun(*self.scheduled("lasts=3s"))
        self.serving()
        run.send_signal(signal.SIGTERM)
        told = " ".join(run.communicate(timeout=20)[0].split())
        self.assertEqual(run.returncode, TIMED_OUT, told)
        self.assertIn("The same command goes on from here", told)
        self.assertIn("runbook practice-burst: done", self.ctl(*self.scheduled("lasts=3s")))
        self.assertEqual(self.audit(), self.CLEARED, "nothing twice")
        self.assert_at_rest()

    def test_home_is_left_for_its_maintenance_and_gets_its_traffic_back(self):
        book = ["runbook", "run", f"{RUNBOOKS}/home-maintenance.yaml", "--set", "reason=power work"]
        self.assertIn("accepted", self.ctl(*book, "--dry-run"))
        self.assertIn("nobody is there to answer", self.ctl(*book, expect=USAGE))
        scene = self.scenes.look()
        self.assertEqual(scene.published(HOME), 0.0)
        self.assertGreaterEqual(scene.pods(CLOUD)["ready"], 3)
        self.assertEqual(self.standing(), ["failover"])
        self.scenes.until("home to be left alone", lambda s: s.share(HOME) < 0.02, 20)
        self.assertIn("runbook home-maintenance: done", self.ctl(*book, "--yes"))
        scene = self.scenes.look()
        self.assertEqual((self.standing(), scene.published(HOME)), ([], 1.0))
        self.assertEqual(self.audit(), [(action, "accepted") for action in ("failover", "failback", "override clear")])
        self.scenes.until("the cloud to be at zero", lambda s: s.pods(CLOUD)["wanted"] == 0, 60)
        self.assertEqual(self.scenes.look().clients()["failed"], 0, self.scenes.look().failures())


if __name__ == "__main__":
    unittest.main(verbosity=2)
