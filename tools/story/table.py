"""The live table of a story: one line when something worth seeing changed, and one every few seconds anyway."""

import sys

from scene import CLOUD, HOME

HEADER = ("  time  demand   home ready/max   cloud ready/target   GSLB    "
          "cloud share: meant  written  real   what happens")


# Holds for a moment after every write, until the other controller has it too.
UNTOLD = {"LayoutNotInForce"}


def percent(share):
    return f"{100 * share:3.0f} %"


class Table:
    EVERY = 5.0  # seconds between lines when nothing changes

    def __init__(self, started):
        self.started, self.last_line, self.last_key = started, None, None
        self.rows = 0

    def say(self, text):
        print(f"\n● {text}", flush=True)
        self.last_key = None

    def show(self, scene):
        cloud, home = scene.pods(CLOUD), scene.pods(HOME)
        key = (home["ready"], cloud["ready"], cloud["wanted"], scene.up(CLOUD), scene.phase(),
               round(scene.published(CLOUD), 3), scene.limited(), scene.up(HOME), tuple(told(scene)))
        if key == self.last_key and self.last_line is not None and scene.at - self.last_line < self.EVERY:
            return
        self.last_key, self.last_line = key, scene.at
        if self.rows % 24 == 0:
            print(HEADER)
        self.rows += 1
        print(f"{scene.at - self.started:6.1f}  {scene.truth['demand']:6.1f}"
              f"   {home['ready']:>10}/{scene.autoscaler()['max']:<3}"
              f"   {cloud['ready']:>11}/{cloud['wanted']:<6}"
              f"   {'up  ' if scene.up(CLOUD) else 'down'}"
              f"   {'':13}{percent(scene.intended(CLOUD))}    {percent(scene.published(CLOUD))}  "
              f"{percent(scene.share(CLOUD))}   {'; '.join([self.phase(scene), *told(scene)])}", flush=True)

    @staticmethod
    def phase(scene):
        if scene.state is None:
            return "spillwayd does not answer"
        phase = scene.phase()
        if phase == "provisioning" and scene.missing():
            return "waits for " + scene.missing()[0]
        drain = scene.told(CLOUD).get("drain")
        if phase == "draining" and drain:
            return f"draining, {drain['elapsedSeconds']:.0f} of about {drain['expectedSeconds']:.0f} s"
        words = {"rest": "at rest", "serving": "serving", "tail": "drained; one stays for late clients",
                 "draining": "traffic is taken away first", "provisioning": "replicas ordered"}
        return words.get(phase, phase) + (" (home is full)" if scene.limited() else "")


def told(scene):
    """What is worth saying besides the phase."""
    lines = [] if scene.up(HOME) else ["home is red"]
    return lines + [name for name in scene.conditions() if name not in UNTOLD]


def colour(text, code):
    return f"\033[{code}m{text}\033[0m" if sys.stdout.isatty() else text
