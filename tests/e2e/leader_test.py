"""Two daemons and one Lease: one writes, the other takes over, and nothing moves because of that."""

import json
import os
import signal
import unittest

from arena import Arena
from burst import Burst
from programs import call, wait_for
from scene import CLOUD, HOME

LEASE, RETRY = 15, 2  # seconds
SLACK = 3             # of a busy machine
NEEDED = 3 / 7        # of the answers, for what home can't hold


class Pair(Arena):
    def setUp(self):
        super().setUp()
        self.first, self.second = self.member(1), self.member(2)

    @staticmethod
    def leader(daemon):
        """What it says of who leads; {} while it does not answer."""
        status, body = call("GET", daemon.url + "/readyz", timeout=1)
        return body.get("leader", {}) if status == 200 else {}

    def leads(self, daemon):
        return self.leader(daemon).get("leads")

    def up(self):
        self.first.up()
        wait_for("the first to lead", lambda: self.leads(self.first), LEASE + RETRY + SLACK)
        self.second.up()
        wait_for("the second to know the first", lambda: self.leader(self.second).get("url") == self.first.url, 10)
        self.assertFalse(self.leads(self.second))
        return self.stage(self.first)

    def writes_of(self, number):
        """The writes that this one's journal calls done."""
        path = os.path.join(self.lab.path(f"state-{number}"), "journal.jsonl")
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as lines:
            return [w for line in lines for w in json.loads(line)["writes"] if w["outcome"] == "done"]

    def test_sigkill_of_the_leader_in_a_burst(self):
        stage = self.up()
        moved = []

        def look(scene):
            # A weight still on its way when the leader dies is the next one's to move, and rightly.
            quiet = scene.pods(HOME)["ready"] == scene.pods(HOME)["wanted"] and abs(
                scene.published(CLOUD) - scene.intended(CLOUD)) < 0.02
            if moved or scene.share(CLOUD) < 0.1 or not quiet:
                return
            moved.append(True)
            self.assertEqual(self.writes_of(2), [], "who stands by writes nothing")
            before = stage.look()
            self.first.end(signal.SIGKILL)
            stage.daemon = self.second
            wait_for("the other to lead", lambda: self.leads(self.second), LEASE + RETRY + SLACK)
            after = stage.look()
            self.assertGreaterEqual(after.pods(CLOUD)["wanted"], before.pods(CLOUD)["wanted"])
            # What the first had a replica too many for, the next one, with a memory of its own, need not go on with.
            self.assertGreaterEqual(after.published(CLOUD), min(before.published(CLOUD), NEEDED) - 0.02)

        stage.on_scene.append(look)
        facts = Burst(stage).play()
        self.assertEqual(moved, [True])
        self.assertIn(facts["peak_replicas"], (3, 4), "three are needed; on a busy machine a wish outlives its load")
        self.assertEqual(stage.now.clients()["failed"], 0, stage.now.failures())
        self.assertEqual(stage.now.pods(CLOUD)["total"], 0)
        self.assertNotEqual(self.writes_of(2), [], "the way back is the second one's")

    def test_a_clean_stop_hands_over_at_once(self):
        self.up()
        self.assertEqual(self.first.end(signal.SIGTERM), 0)
        wait_for("the other to lead", lambda: self.leads(self.second), RETRY + SLACK)
        self.assertEqual(self.leader(self.second)["term"], 1)

    def test_a_leader_that_slept_finds_another_one_and_writes_nothing(self):
        stage = self.up()
        self.first.process.send_signal(signal.SIGSTOP)
        self.addCleanup(self.first.process.send_signal, signal.SIGCONT)
        wait_for("the other to lead", lambda: self.leads(self.second), LEASE + RETRY + SLACK)
        self.lab.demand(6)
        stage.daemon = self.second
        stage.until("the second to scale the cloud", lambda s: s.pods(CLOUD)["wanted"] > 0, 30)
        self.first.process.send_signal(signal.SIGCONT)
        wait_for("the first to know", lambda: self.leader(self.first).get("url") == self.second.url, 10)
        stage.until("traffic in the cloud", lambda s: s.published(CLOUD) > 0, 60)
        self.assertEqual(self.writes_of(1), [])
        pending = self.first.state()
        self.assertFalse(pending["leader"]["leads"])
        self.assertEqual(pending["leader"]["holder"], self.leader(self.second)["identity"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
