"""A story from a file in scenarios/. A file holds

  name, tells    what --list shows
  steps          one after the other; each has one of these keys:
    say: TEXT                    headline
    demand: REPLICAS             how many replicas the crowd keeps busy
    fault: {target, kind, value?, for?}    breaks something, as POST /faults of the lab does
    mend: all                    ends every fault
    until: TEXT, is: {FACT: WANTED}, within: SECONDS, mark: NAME?    waits for it; mark remembers when
    for: SECONDS, is: {FACT: WANTED}       lets time pass in which that must be so in every scene
    failures: none | allowed     whether requests may fail from here on; none at the beginning
    mark: NAME                   remembers now
  measures       rows of the summary: TEXT: [MARK, MARK] is a time; TEXT: most FACT or least FACT, over the whole story

Facts and what may be wanted of them: facts.py.
"""

import os

import yaml

import facts
from programs import StoryError

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "scenarios")
KEYS = {"say": set(), "demand": set(), "fault": set(), "mend": set(), "until": {"is", "within", "mark"},
        "for": {"is"}, "failures": set(), "mark": set()}


def load(path):
    """Reads and checks a file; StoryError names what is wrong with it."""
    with open(path, encoding="utf-8") as file:
        try:
            content = yaml.safe_load(file)
        except yaml.YAMLError as error:
            raise StoryError(f"{path}: {error}") from None
    if not isinstance(content, dict) or set(content) != {"name", "tells", "steps", "measures"}:
        raise StoryError(f"{path}: it needs name, tells, steps and measures, and nothing else")
    for number, step in enumerate(content["steps"], 1):
        verbs = [key for key in step if key in KEYS and not (key == "mark" and "until" in step)]
        if len(verbs) != 1 or set(step) - {verbs[0]} - KEYS[verbs[0]]:
            raise StoryError(f"{path}: step {number}: {step} is none; see scenario.py")
    return content


def all_scenarios():
    """By name, ready to be played: name → a class like Burst's."""
    found = {}
    for name in sorted(os.listdir(FOLDER)):
        if name.endswith(".yaml"):
            content = load(os.path.join(FOLDER, name))
            found[content["name"]] = lambda stage, content=content: Scenario(content, stage)
            found[content["name"]].tells = content["tells"]
    return found


class Scenario:
    def __init__(self, content, stage):
        self.content, self.stage = content, stage
        self.marks, self.most, self.least = {}, {}, {}
        self.strict, self.failed, self.failed_allowed = True, 0, 0
        self.watched = {row.split()[1] for row in content["measures"].values() if isinstance(row, str)}
        stage.on_scene.append(self.look)

    def play(self):
        for step in self.content["steps"]:
            verb = next(key for key in KEYS if key in step)
            getattr(self, "do_" + verb)(step)
        return self

    def look(self, scene):
        """Keeps the books, scene by scene."""
        new = scene.clients()["failed"] - self.failed
        self.failed += new
        if self.strict and new > 0:
            raise StoryError(f"{new} requests failed, {scene.at - self.stage.started:.1f} s into the story: "
                             + scene.failures())
        self.failed_allowed += new
        for name in self.watched:
            value = facts.read(scene, name)
            self.most[name] = max(value, self.most.get(name, value))
            self.least[name] = min(value, self.least.get(name, value))

    def do_say(self, step):
        self.stage.say(step["say"])

    def do_demand(self, step):
        self.stage.lab.demand(step["demand"])

    def do_fault(self, step):
        self.stage.lab.control("POST", "/faults", step["fault"])

    def do_mend(self, _):
        self.stage.lab.control("DELETE", "/faults")

    def do_failures(self, step):
        self.strict = step["failures"] == "none"

    def do_mark(self, step):
        self.marks[step["mark"]] = self.stage.now.at

    def do_until(self, step):
        try:
            scene = self.stage.until(step["until"], lambda s: not facts.wrong(s, step["is"]), step["within"])
        except StoryError as error:
            raise StoryError(f"{error}\n  {'; '.join(facts.wrong(self.stage.now, step['is']))}") from None
        if "mark" in step:
            self.marks[step["mark"]] = scene.at

    def do_for(self, step):
        for scene in self.stage.rest(step["for"]):
            different = facts.wrong(scene, step.get("is", {}))
            if different:
                raise StoryError(f"{scene.at - self.stage.started:.1f} s into the story {'; '.join(different)}")

    def judge(self):
        """Every step has judged for itself."""

    def rows(self):
        """The summary: [(text, value)]."""
        rows = []
        for text, row in self.content["measures"].items():
            if isinstance(row, list):
                rows.append((text, f"{self.marks[row[1]] - self.marks[row[0]]:.1f} s"))
            else:
                kind, name = row.split()
                rows.append((text, facts.shown(getattr(self, kind)[name])))
        clients = self.stage.now.clients()
        rows.append(("requests served / overloaded / failed",
                     f"{clients['served']} / {clients['overloaded']} / {clients['failed']}"))
        if self.failed_allowed:
            rows.append(("failed while that could not be helped", str(self.failed_allowed)))
        rows.append(("writes: Kubernetes / Avi", f"{facts.read(self.stage.now, 'writes.k8s')} / "
                                                 f"{facts.read(self.stage.now, 'writes.avi')}"))
        rows.append(("the whole story", f"{self.stage.now.at - self.stage.started:.1f} s"))
        return rows
