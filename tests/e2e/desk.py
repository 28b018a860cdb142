"""An operator's desk: the real spillwayctl at the real spillwayd."""

import os
import subprocess

from arena import Arena
from programs import call

RUNBOOKS = "deploy/runbooks"


class Desk(Arena):
    """After sit_down(): a spillwayd that runs, and an admin's environment for spillwayctl."""

    def sit_down(self):
        self.spillwayd = self.daemon().up()
        self.environment = os.environ | {
            "SPILLWAY_SERVER": self.spillwayd.url, "XDG_STATE_HOME": self.lab.path("xdg"),
            "SPILLWAY_TOKEN_FILE": self.lab.path("admin.token")}
        self.scenes = self.stage(self.spillwayd)

    def ctl(self, *arguments, expect=0):
        """What the command says; `expect` is its exit code."""
        done = subprocess.run([os.environ["SPILLWAYCTL"], *arguments], env=self.environment, capture_output=True,
                              text=True, timeout=120, check=False, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, expect, f"{arguments}:\n{done.stdout}\n{done.stderr}")
        return " ".join((done.stdout + done.stderr).split())

    def begun(self, *arguments):
        process = subprocess.Popen([os.environ["SPILLWAYCTL"], *arguments], env=self.environment, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        return process

    def ask(self, path):
        status, body = call("GET", self.spillwayd.url + path, token=self.spillwayd.token)
        self.assertEqual(status, 200, body)
        return body

    def audit(self):
        """(action, outcome) of what was asked, oldest first; without the dry runs."""
        entries = reversed(self.ask("/api/v1/audit?limit=1000")["audit"])
        return [(entry["action"], entry["outcome"]) for entry in entries if entry["outcome"] != "dry-run"]
