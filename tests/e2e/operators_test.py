"""Operators at work while the crowd goes shopping: orders and the shipped runbooks, both programs killed on the way."""

import os
import signal
import unittest

from desk import RUNBOOKS, Desk
from programs import wait_for
from scene import CLOUD, HOME

DENIED = 4  # an exit code


class Operators(Desk):
    def setUp(self):
        super().setUp()
        for role in ("viewer", "operator"):
            self.let_in(role[0], role, role)
        self.sit_down()
        self.counted = {}  # by the spillwayds that were killed

    def as_role(self, token, *arguments, expect):
        """What the command says to who comes with `token`."""
        path = self.lab.path(f"{token}.token")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(token)
        return self.ctl(*arguments, "--token-file", path, expect=expect)

    def order(self, *arguments):
        return self.ctl(*arguments, "--reason", "a test", "--wait", "--timeout", "60s")

    def count(self):
        """What the metrics of the present spillwayd call done, by API."""
        metrics = self.ask("/metrics")
        for api in ("avi", "kubernetes"):
            lines = [line for line in metrics.splitlines() if line.startswith("spillway_writes_total{")
                     and f'target="{api}"' in line and 'outcome="done"' in line]
            self.counted[api] = self.counted.get(api, 0) + sum(int(float(line.split()[-1])) for line in lines)

    def assert_told_as_it_was(self):
        """What decisions and metrics call done is what reached the APIs, each once, and nothing else did."""
        self.count()
        reached = [api for _, api, _, _ in self.scenes.look().writes()]
        decisions = self.ask("/api/v1/apps/shopping/decisions?limit=100")["decisions"]
        told = [write["target"] for record in decisions for write in record["writes"] if write["outcome"] == "done"]
        for target, prefix in (("avi", "avi"), ("kubernetes", "k8s")):
            there = sum(api.startswith(prefix) for api in reached)
            self.assertGreater(there, 0)
            self.assertEqual(told.count(target), there, target)
            self.assertEqual(self.counted[target], there, target)

    def test_orders_and_runbooks_fail_no_request_whoever_is_killed(self):
        self.lab.demand(3)
        self.scenes.until("home to carry it", lambda s: s.pods(HOME)["ready"] >= 3 and s.phase() == "rest", 60)
        self.assertIn("refused by HealthyServed", self.ctl("drain", "shopping", HOME, "--reason", "a test", expect=1))
        self.roles_are_kept_apart()
        self.order("mode", "shopping", "active-passive")
        self.assertEqual(self.scenes.look().state["mode"], "active-passive")
        self.order("override", "clear", "shopping")
        for part in (self.practise_and_be_killed, self.maintain, self.fail_over_while_spillwayd_is_killed,
                     self.fail_back):
            part()
            scene = self.scenes.look()
            self.assertEqual(scene.clients()["failed"], 0, f"{part.__name__}: {scene.failures()}")
        self.assertEqual(self.audit(), [
            ("drain", "refused"), *self.ROLES_AUDIT, ("mode", "accepted"), ("override clear", "accepted"),
            ("pin", "accepted"), ("pin", "accepted"), ("override clear", "accepted"),
            ("drain", "accepted"), ("undrain", "accepted"),
            ("failover", "accepted"), ("failback", "accepted"), ("override clear", "accepted")])
        self.assertEqual(self.scenes.look().clients()["failed"], 0)
        self.assert_told_as_it_was()

    ROLES_AUDIT = [("pause", "denied"), ("resume", "denied"), ("pause", "accepted"), ("resume", "accepted"),
                   ("drain", "denied")]

    def roles_are_kept_apart(self):
        reason = ["--reason", "a test"]
        for command in (["status"], ["why", "shopping"], ["audit"], ["history", "shopping"]):
            self.as_role("viewer", *command, expect=0)
            self.as_role("stranger", *command, expect=DENIED)
        for token, why in (("viewer", "operator"), ("stranger", "token is unknown")):
            for command in (["pause", "shopping"], ["resume", "shopping"]):
                self.assertIn(why, self.as_role(token, *command, *reason, expect=DENIED))
        self.as_role("operator", "pause", "shopping", *reason, expect=0)
        self.assertIn("pause", self.as_role("viewer", "status", "shopping", expect=0))
        self.as_role("operator", "resume", "shopping", *reason, expect=0)
        self.assertIn("admin", self.as_role("operator", "drain", "shopping", CLOUD, *reason, "--force", expect=DENIED))
        self.assertEqual(self.audit()[1:], self.ROLES_AUDIT)

    def practise_and_be_killed(self):
        """A practice burst; who plays it is killed when its little traffic was just asked for."""
        book = ["runbook", "run", f"{RUNBOOKS}/practice-burst.yaml", "--yes", "--set", "lasts=2s"]
        self.assertIn("accepted", self.ctl(*book, "--dry-run"))
        first = self.begun(*book)
        wait_for("both pins", lambda: self.audit()[-2:] == [("pin", "accepted")] * 2, 60)
        first.send_signal(signal.SIGKILL)
        first.wait()
        told = self.ctl(*book)
        self.assertIn("goes on with run", told)
        self.assertIn("runbook practice-burst: done", told)
        self.assertEqual(self.scenes.look().pods(CLOUD)["wanted"], 0)

    def fail_over_while_spillwayd_is_killed(self):
        """spillwayd is killed after it accepted a failover and before anything of it could be done."""
        before = len(self.scenes.look().writes())
        self.break_("k8s-eu", "http", 503)
        runbook = self.begun("runbook", "run", f"{RUNBOOKS}/failover.yaml", "--set", "reason=a test")
        wait_for("the failover to be accepted", lambda: self.audit()[-1:] == [("failover", "accepted")], 20)
        self.count()
        self.spillwayd.end(signal.SIGKILL)
        self.assertEqual(len(self.scenes.look().writes()), before, "killed before its effect")
        self.mend()
        self.spillwayd.up()
        self.assertEqual(runbook.wait(60), 0, runbook.stdout.read())
        scene = self.scenes.look()
        self.assertEqual(scene.published(HOME), 0.0)
        self.assertGreaterEqual(scene.pods(CLOUD)["ready"], 4)
        # It was done when home's clients had let go; what counts as recent reaches back five seconds.
        self.scenes.until("home to be left alone", lambda s: s.share(HOME) < 0.02, 10)

    def fail_back(self):
        home = ["runbook", "run", f"{RUNBOOKS}/home-maintenance.yaml", "--dry-run"]
        self.assertIn("would fail", self.ctl(*home, expect=1), "an order stands")
        book = ["runbook", "run", f"{RUNBOOKS}/failback.yaml", "--set", "reason=a test"]
        self.assertIn("runbook failback: done", self.ctl(*book))
        self.assertGreater(self.scenes.look().published(HOME), 0)
        self.assertIn("accepted", self.ctl(*home))

    def maintain(self):
        """The cloud, which serves a little, is drained, and comes back when somebody has answered the question."""
        self.lab.demand(3.75)
        self.scenes.until("the cloud to serve a little", lambda s: s.published(CLOUD) > 0, 60)
        book = ["runbook", "run", f"{RUNBOOKS}/site-maintenance.yaml", "--set", "site=" + CLOUD]
        self.assertIn("nobody is there to answer", self.ctl(*book, expect=2))
        self.assertEqual(self.scenes.look().published(CLOUD), 0.0)
        self.assertIn("runbook site-maintenance: done", self.ctl(*book, "--yes"))
        self.assertGreater(self.scenes.look().published(CLOUD), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
