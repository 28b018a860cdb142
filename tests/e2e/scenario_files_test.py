"""The stories' files: each can be read, and asks for nothing that is not there."""

import os
import tempfile
import unittest

import facts
from arena import Arena
from programs import StoryError
from scenario import all_scenarios, load


class Files(Arena):
    def test_every_fact_that_a_story_asks_for_is_one(self):
        stage = self.stage(self.daemon().up())
        for name, story in all_scenarios().items():
            content = story(stage).content
            asked = [fact for step in content["steps"] for fact in step.get("is", {})]
            asked += [row.split()[1] for row in content["measures"].values() if isinstance(row, str)]
            for fact in asked:
                with self.subTest(f"{name}: {fact}"):
                    facts.read(stage.now, fact)

    def test_every_fault_that_a_story_asks_for_is_one(self):
        for name, story in all_scenarios().items():
            for step in story(self.stage(self.daemon())).content["steps"]:
                if "fault" in step:
                    with self.subTest(f"{name}: {step['fault']}"):
                        self.lab.control("POST", "/faults", step["fault"])
                        self.mend()

    def test_a_step_that_is_none_is_refused(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", dir=self.folder, delete=False) as file:
            file.write("name: x\ntells: y\nmeasures: {}\nsteps:\n- say: a\n- wait: 3\n")
        with self.assertRaisesRegex(StoryError, "step 2"):
            load(file.name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
