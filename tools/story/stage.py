"""Where a story plays: the programs, the present scene, and waiting for things to become so."""

import time

from programs import StoryError
from scene import Scene
from table import Table

SAMPLE_EVERY = 0.1  # seconds


class Stage:
    def __init__(self, lab, daemon, quiet=False):
        self.lab, self.daemon = lab, daemon
        self.on_scene = []  # called with every scene, e.g. by a test that kills the daemon at some moment
        self.now = self.look()
        self.started = self.now.at
        self.table = None if quiet else Table(self.started)

    def say(self, text):
        if self.table:
            self.table.say(text)

    def look(self):
        """The present scene; StoryError when the lab or, unannounced, the daemon has ended."""
        if not self.lab.running():
            raise StoryError(f"the lab ended; its last lines:\n{self.lab.last_lines()}")
        state = self.daemon.state() if self.daemon.running() else None
        self.now = Scene(self.lab.truth(), state)
        return self.now

    def next_scene(self):
        time.sleep(SAMPLE_EVERY)
        scene = self.look()
        if self.table:
            self.table.show(scene)
        for notice in self.on_scene:
            notice(scene)
        return scene

    def until(self, what, condition, seconds):
        """The first scene in which `condition(scene)` holds; StoryError naming `what` after `seconds`."""
        end = time.monotonic() + seconds
        scene = self.now
        while True:
            if scene.state is not None and condition(scene):
                return scene
            if time.monotonic() > end:
                missing = "; ".join(scene.missing()) or "nothing"
                raise StoryError(f"waited {seconds:g} s in vain for {what}.\n  phase {scene.phase()}; the gate misses: "
                                 f"{missing}; conditions: {', '.join(scene.conditions()) or 'none'}")
            scene = self.next_scene()

    def rest(self, seconds):
        """Lets time pass; the scenes seen meanwhile."""
        end = time.monotonic() + seconds
        scenes = []
        while time.monotonic() < end:
            scenes.append(self.next_scene())
        return scenes
