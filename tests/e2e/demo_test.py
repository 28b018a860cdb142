"""A story as tools/demo plays it, by the same command: it holds, and tells what was measured."""

import os
import subprocess
import sys
import unittest

STORY = os.environ["STORY"]


class Demo(unittest.TestCase):
    def test_the_story_holds(self):
        done = subprocess.run(
            [sys.executable, "-B", "tools/story/demo.py", "--scenario", STORY, "--lab", os.environ["SPILLWAY_LAB"],
             "--daemon", os.environ["SPILLWAYD"], "--ctl", os.environ["SPILLWAYCTL"]],
            capture_output=True, text=True, timeout=600, check=False)
        told = done.stdout + done.stderr
        self.assertEqual(done.returncode, 0, told)
        self.assertIn("requests served / overloaded / failed", told)
        self.assertIn("demo: the story held", told)
        print(done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
