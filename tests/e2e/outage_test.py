"""The story of an outage, as tools/demo plays it; and every story's file can be read."""

import unittest

import facts
from arena import Arena
from scenario import all_scenarios, load
from programs import StoryError


class Outage(Arena):
    def test_the_story_holds(self):
        stage = self.stage(self.daemon().up())
        story = all_scenarios()["outage"](stage)
        story.play()
        self.assertTrue(story.rows())

    def test_every_fact_that_a_story_asks_for_is_one(self):
        scene = self.stage(self.daemon().up()).look()
        for name, story in all_scenarios().items():
            for step in story(self.stage(self.daemon())).content["steps"]:
                for fact in step.get("is", {}):
                    with self.subTest(f"{name}: {fact}"):
                        facts.read(scene, fact)


class Files(unittest.TestCase):
    def test_a_step_that_is_none_is_refused(self):
        import os
        import tempfile
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", delete=False) as file:
            file.write("name: x\ntells: y\nmeasures: {}\nsteps:\n- say: a\n- wait: 3\n")
        self.addCleanup(os.remove, file.name)
        with self.assertRaisesRegex(StoryError, "step 2"):
            load(file.name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
