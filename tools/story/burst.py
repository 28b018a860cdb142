"""The main story: quiet, the load rises, home is pinned, the cloud takes the rest, the load falls, back to zero.

Every figure of the summary is measured: times from the lab's own record of writes and requests, shares from requests.
"""

from programs import StoryError
from scene import CLOUD, HOME
from summary import of_time

QUIET, HIGH = 2.0, 6.0


class Burst:
    name = "burst"
    tells = "a burst to the cloud and the way back"

    def __init__(self, stage):
        self.stage = stage  # stage.until(), stage.rest(), stage.say(), stage.lab
        self.facts = {}

    def play(self):
        self.quiet()
        self.rise()
        self.peak()
        self.fall()
        return self.facts

    def quiet(self):
        stage = self.stage
        stage.say(f"Quiet: the shop needs {QUIET:g} replicas, home may have 4, the cloud has none and its member is down.")
        stage.lab.demand(QUIET)
        stage.until("home to serve alone", lambda s: s.phase() == "rest" and s.share(HOME) == 1, 20)
        known = len(stage.now.writes())
        stage.rest(4)
        written = stage.now.writes()[known:]
        if written:
            raise StoryError("spillwayd wrote something while nothing called for it: "
                             + ", ".join(f"{verb} {what} ({api})" for _, api, verb, what in written))

    def rise(self):
        stage = self.stage
        stage.say(f"The load rises to {HIGH:g} replicas.")
        known = len(stage.now.writes())
        stage.lab.demand(HIGH)
        pinned = stage.until("home's autoscaler to be pinned at its maximum", lambda s: s.limited(), 30)
        scaled = stage.until("the cloud to be scaled", lambda s: s.pods(CLOUD)["wanted"] > 0, 10)
        self.facts["pinned_at"] = pinned.pinned_since() or pinned.at
        self.facts["scale_write_at"] = next(at for at, api, _, _ in scaled.writes()[known:] if api == "k8s-eu")
        first = stage.until("the first traffic in the cloud", lambda s: s.share(CLOUD) > 0, 60)
        self.facts["first_traffic_at"] = first.at
        if not first.up(CLOUD) or first.pods(CLOUD)["ready"] == 0:
            raise StoryError("traffic reached the cloud before it was ready and green")

    def peak(self):
        stage = self.stage
        stage.until("the shares to settle", lambda s: settled(s), 60)
        stage.say("At its peak: the cloud serves what home can't hold. Measuring for 15 s.")
        sums = {"intended": 0.0, "written": 0.0}
        before, count = stage.now, 0
        for scene in stage.rest(15):
            sums["intended"] += scene.intended(CLOUD)
            sums["written"] += scene.published(CLOUD)
            self.facts["peak_replicas"] = max(self.facts.get("peak_replicas", 0), scene.pods(CLOUD)["ready"])
            count += 1
        arrived = {site: stage.now.truth["sites"][site]["requests"]["arrived"]
                   - before.truth["sites"][site]["requests"]["arrived"] for site in (HOME, CLOUD)}
        shares = {name: total / count for name, total in sums.items()}
        shares["measured"] = arrived[CLOUD] / max(1, sum(arrived.values()))
        self.facts["shares"] = shares
        if max(shares.values()) - min(shares.values()) > 0.05:
            raise StoryError("intended, written and measured share are more than 5 points apart: "
                             + ", ".join(f"{name} {100 * share:.1f} %" for name, share in shares.items()))

    def fall(self):
        stage = self.stage
        stage.say(f"The load falls to {QUIET:g} replicas. First the weight, then a wait, then the replicas.")
        stage.lab.demand(QUIET)
        fell = stage.now
        taken = stage.until("the cloud's weight to be taken", lambda s: s.published(CLOUD) == 0, 60)
        # Some may be gone by then: those that the lower share has not needed for a whole drain.
        if taken.pods(CLOUD)["ready"] == 0:
            raise StoryError("the last replica was taken before its traffic")
        self.facts["weight_gone_at"] = self.last_write(taken, "avi-", fell.at)
        lowered = stage.until("the drain to end", lambda s: s.pods(CLOUD)["wanted"] < self.facts["peak_replicas"], 60)
        self.facts["drain_over_at"] = self.last_write(lowered, "k8s-eu", fell.at)
        stage.until("the cloud to be back at zero", lambda s: s.pods(CLOUD)["total"] == 0, 60)
        done = stage.until("everything to be at rest", lambda s: s.phase() == "rest" and s.share(HOME) == 1, 20)
        self.facts["zero_at"] = done.at
        stage.rest(3)

    def rows(self):
        """The summary: [(text, value)]."""
        facts, stage = self.facts, self.stage
        shares, clients = facts["shares"], stage.now.clients()
        writes = [api for _, api, _, _ in stage.now.writes()]

        def span(begin, end):
            return facts[end] - facts[begin]

        return [
            ("home pinned → scale write", reaction(span("pinned_at", "scale_write_at"))),
            ("home pinned → first traffic in the cloud", of_time(span("pinned_at", "first_traffic_at"))),
            ("replicas in the cloud at the peak", str(facts["peak_replicas"])),
            ("cloud's share at the peak: intended / written / measured",
             " / ".join(f"{100 * shares[name]:.1f} %" for name in ("intended", "written", "measured"))),
            ("drain: weight gone → first replica taken", of_time(span("weight_gone_at", "drain_over_at"))),
            ("weight gone → back at zero", of_time(span("weight_gone_at", "zero_at"))),
            ("requests served / overloaded / failed",
             f"{clients['served']} / {clients['overloaded']} / {clients['failed']}"),
            ("writes: Kubernetes / Avi", f"{sum(api.startswith('k8s') for api in writes)} / "
                                         f"{sum(api.startswith('avi') for api in writes)}"),
            ("the whole story", of_time(stage.now.at - stage.started)),
        ]

    def judge(self):
        """StoryError when a request failed that should not have."""
        failed = self.stage.now.clients()["failed"]
        if failed:
            raise StoryError(f"{failed} requests failed: {self.stage.now.failures()}")

    @staticmethod
    def last_write(scene, api, after):
        return max((at for at, name, _, _ in scene.writes() if name.startswith(api) and at >= after), default=scene.at)


def reaction(seconds):
    """Headroom may call for a replica shortly before home is at its limit."""
    return of_time(seconds) if seconds >= 0 else f"{of_time(-seconds)} before it: the headroom was used up"


def settled(scene):
    """Serving with every replica it needs, and clients have followed the weight."""
    return (scene.phase() == "serving" and scene.pods(CLOUD)["ready"] == scene.pods(CLOUD)["wanted"] > 0
            and abs(scene.intended(CLOUD) - scene.published(CLOUD)) < 0.03
            and abs(scene.share(CLOUD) - scene.published(CLOUD)) < 0.05)
