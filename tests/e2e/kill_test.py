"""SIGKILL at any moment of the story changes nothing by itself, and the story ends the same way."""

import os
import signal
import subprocess
import unittest

from arena import Arena
from burst import Burst
from programs import wait_for
from scene import CLOUD, seconds_of


class Killed(Arena):
    def kill_and_start_again(self, stage):
        """Kills the daemon and starts it again; nothing may move before it has made a decision of its own."""
        stage.daemon.end(signal.SIGKILL)
        before = stage.look()
        stage.daemon.up()
        decided = wait_for("its first decision", lambda: (stage.daemon.state() or {}).get("decidedAt"), 10)
        # A state tells its times to the nearest second.
        early = [write for write in stage.look().writes() if before.at < write[0] < seconds_of(decided) - 0.5]
        self.assertEqual(early, [], "written before anything was decided")
        return before

    def kills_at(self, moments):
        """Plays the burst and kills at the first scene for which each condition holds, in order."""
        daemon = self.daemon().up()
        stage = self.stage(daemon)
        waiting, killed = list(moments), []

        def look(scene):
            if not waiting or scene.state is None or not waiting[0][1](scene):
                return
            name = waiting.pop(0)[0]
            killed.append(name)
            before = self.kill_and_start_again(stage)
            after = stage.look()
            # Within the seconds of a restart the story itself may take its next step, but never a step back.
            if "drain" not in name:
                self.assertGreaterEqual(after.pods(CLOUD)["wanted"], before.pods(CLOUD)["wanted"], f"killed while {name}")
                self.assertGreaterEqual(after.published(CLOUD), before.published(CLOUD), f"killed while {name}")

        stage.on_scene.append(look)
        facts = Burst(stage).play()
        self.assertEqual(killed, [name for name, _ in moments])
        self.assertEqual(stage.now.clients()["failed"], 0, stage.now.failures())
        self.assertEqual(stage.now.pods(CLOUD)["total"], 0)
        self.assertIn(facts["peak_replicas"], (3, 4), "three are needed; on a busy machine a wish outlives its load")
        return daemon

    def test_while_provisioning_serving_and_draining(self):
        daemon = self.kills_at([
            ("the load is rising", lambda s: s.limited()),
            ("pods are starting", lambda s: s.pods(CLOUD)["wanted"] > 0 and s.pods(CLOUD)["ready"] == 0),
            ("the gate waits for health", lambda s: s.pods(CLOUD)["ready"] > 0 and s.published(CLOUD) == 0),
            ("clients move over", lambda s: s.published(CLOUD) > 0),
            ("traffic is taken away to drain", lambda s: s.phase() == "draining"),
            ("the drain keeps the last replica", lambda s: s.phase() == "tail"),
            ("all is at rest again", lambda s: s.phase() == "rest" and s.pods(CLOUD)["total"] == 0),
        ])

        self.decided_again(daemon)

    def decided_again(self, daemon):
        """A stranger with the journal alone comes to every decision that spillwayd made, restarts and all."""
        daemon.end()
        journal = os.path.join(self.lab.path("state"), "journal.jsonl")
        replay = subprocess.run([os.environ["SPILLWAY_SIM"], "--replay", journal], capture_output=True, text=True,
                                check=False)
        self.assertEqual(replay.returncode, 0, replay.stdout + replay.stderr)
        records = int(replay.stdout.splitlines()[-1].split()[0])
        self.assertGreater(records, 10, replay.stdout)
        # The same journal with another rule must not pass.
        with open(journal, encoding="utf-8") as lines:
            bent = lines.read().replace('"headroom":0.', '"headroom":2.')
        with open(journal + ".bent", "w", encoding="utf-8") as file:
            file.write(bent)
        told = subprocess.run([os.environ["SPILLWAY_SIM"], "--replay", journal + ".bent"], capture_output=True,
                              text=True, check=False)
        self.assertEqual(told.returncode, 1, told.stdout + told.stderr)

    def test_losing_the_memory_with_it_lowers_nothing(self):
        daemon = self.daemon().up()
        stage = self.stage(daemon)
        self.lab.demand(6)
        stage.until("a burst", lambda s: s.phase() == "serving" and s.published(CLOUD) > 0.3, 60)
        daemon.end(signal.SIGKILL)
        for name in os.listdir(self.lab.path("state")):
            os.remove(os.path.join(self.lab.path("state"), name))
        wanted, published = stage.look().pods(CLOUD)["wanted"], stage.now.published(CLOUD)
        daemon.up()
        for scene in stage.rest(10):
            self.assertGreaterEqual(scene.pods(CLOUD)["wanted"], wanted)
            self.assertGreaterEqual(scene.published(CLOUD), published - 0.05)


if __name__ == "__main__":
    unittest.main(verbosity=2)
