"""What every end-to-end test needs: a lab of its own, a daemon in it, and an end to both."""

import hashlib
import os
import shutil
import tempfile
import unittest

from programs import Daemon, Lab
from stage import Stage


def new_folder(add_cleanup):
    folder = tempfile.mkdtemp(prefix="spillway-e2e-", dir=os.environ.get("TEST_TMPDIR"))
    add_cleanup(shutil.rmtree, folder, ignore_errors=True)
    return folder


class Arena(unittest.TestCase):
    """Each test gets a fresh lab in a fresh folder; everything is ended and removed afterwards."""

    maxDiff = None
    lab_arguments = ()
    lab_runner = ()  # words before the lab's own command

    def setUp(self):
        self.folder = new_folder(self.addCleanup)
        self.addCleanup(self.keep_what_tells_why)
        self.lab = Lab(os.environ["SPILLWAY_LAB"], self.folder, self.lab_arguments, self.lab_runner).up()
        self.addCleanup(self.lab.end)
        self.config = self.lab.path("spillway.yaml")

    def keep_what_tells_why(self):
        """Of a test that failed: logs, journals and the lab's files, where bazel shows them (test.outputs)."""
        outputs, result = os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR"), self._outcome.result
        if outputs and any(test is self for test, _ in result.failures + result.errors):
            shutil.copytree(self.folder, os.path.join(outputs, self.id()), dirs_exist_ok=True,
                            ignore=lambda folder, names: [name for name in names if not self.tells(folder, name)])

    @staticmethod
    def tells(folder, name):
        return os.path.isdir(os.path.join(folder, name)) or name.endswith((".log", ".jsonl", ".yaml"))

    def let_in(self, name, role, token):
        """One more who may come; for daemons that start after this."""
        with open(self.lab.path("tokens"), "a", encoding="utf-8") as tokens:
            tokens.write(f"{name} {role} sha256:{hashlib.sha256(token.encode()).hexdigest()}\n")

    def daemon(self, *arguments):
        """A daemon of this lab's configuration, not started yet."""
        daemon = Daemon(os.environ["SPILLWAYD"], self.config, self.folder, arguments=arguments)
        self.addCleanup(lambda: daemon.end() if daemon.running() else None)
        return daemon

    def member(self, number):
        """One of the two that elect a leader, not started yet."""
        daemon = Daemon(os.environ["SPILLWAYD"], self.lab.path(f"pair-{number}.yaml"), self.folder)
        daemon.log_path = self.lab.path(f"pair-{number}.log")
        self.addCleanup(lambda: daemon.end() if daemon.running() else None)
        return daemon

    def stage(self, daemon):
        return Stage(self.lab, daemon, quiet=True)

    def break_(self, target, kind, value=None):
        """Puts a fault up until mend()."""
        self.lab.control("POST", "/faults", {"target": target, "kind": kind} | ({"value": value} if value else {}))

    def mend(self):
        self.lab.control("DELETE", "/faults")

    def change_config(self, *replacements):
        """Rewrites spillway.yaml; every (old, new) must be there exactly once."""
        with open(self.config, encoding="utf-8") as file:
            text = file.read()
        for old, new in replacements:
            self.assertEqual(text.count(old), 1, f"{old!r} in spillway.yaml")
            text = text.replace(old, new)
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)
