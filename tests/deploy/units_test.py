"""The systemd units in deploy/, as systemd itself reads them."""

import os
import shutil
import subprocess
import tempfile
import unittest

UNITS, UNIT, APP = "deploy/systemd", "spillway-practice@", "shopping"


class Units(unittest.TestCase):
    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed; tools/setup installs systemd")
    def test_systemd_finds_nothing_wrong_with_them(self):
        def verified(change=None):
            with tempfile.TemporaryDirectory() as folder:
                paths = []
                for kind in ("service", "timer"):
                    with open(f"{UNITS}/{UNIT}.{kind}", encoding="utf-8") as unit:
                        text = unit.read().replace("/usr/local/bin/spillwayctl", os.path.abspath(os.environ["SPILLWAYCTL"]))
                    paths.append(f"{folder}/{UNIT}{APP}.{kind}")
                    with open(paths[-1], "w", encoding="utf-8") as unit:
                        unit.write(text.replace(*change) if change else text)
                done = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True,
                                      timeout=60, check=False)
                return done.returncode, done.stdout + done.stderr
        self.assertEqual(verified(), (0, ""))
        self.assertIn("Unknown key", verified(("LoadCredential", "LoadCredentials"))[1], "it does read them")
        self.assertNotEqual(verified(("10:30", "25:00"))[0], 0)

    def test_the_token_comes_from_a_credential_and_the_user_is_nobody(self):
        with open(f"{UNITS}/{UNIT}.service", encoding="utf-8") as unit:
            lines = unit.read().splitlines()
        self.assertIn("DynamicUser=yes", lines)
        self.assertIn("LoadCredential=token:/etc/spillway/practice.token", lines)
        self.assertIn("Environment=SPILLWAY_TOKEN_FILE=%d/token", lines)
        self.assertFalse([line for line in lines if line.startswith("User=")])


if __name__ == "__main__":
    unittest.main(verbosity=2)
