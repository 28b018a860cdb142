"""What a scenario may ask of a scene, by name, and how it says what the answer should be.

  demand, limited, phase, answers                  of the whole: replicas asked for; home is held back by its maximum;
                                                   the cloud's phase; spillwayd answers
  failed, failing                                  requests that failed so far; a second, over the last five
  share.S published.S intended.S                   S is us or azure-eu; of the requests, by Avi's ratios, by spillwayd
  ready.S wanted.S pods.S                          replicas: ready, in the Deployment's spec, there at all
  up.S                                             both DNS services hold the member to be up
  condition.NAME gate.NAME                         spillwayd reports that condition; the cloud's gate condition holds
  input.NAME                                       ok, failing or waiting; NAME is demand, gslb or workload S
  writes.API                                       accepted writes of spillwayd so far: k8s-eu, avi-us, k8s, avi
"""

import operator
import re

from programs import StoryError

COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "!=": operator.ne}
COMPARISON = re.compile(r"(<=|>=|<|>|!=)\s*(.+)")


def read(scene, name):
    """The fact `name` of a scene; StoryError for a name that is none."""
    word, _, rest = name.partition(".")
    simple = {"demand": lambda: scene.truth["demand"], "limited": scene.limited, "phase": scene.phase,
              "failed": lambda: scene.clients()["failed"],
              "failing": lambda: float(scene.truth["clientsPerSecond"]["failed"]),
              "answers": lambda: scene.state is not None}
    of_site = {"share": scene.share, "published": scene.published, "intended": scene.intended, "up": scene.up,
               "ready": lambda site: scene.pods(site)["ready"], "wanted": lambda site: scene.pods(site)["wanted"],
               "pods": lambda site: scene.pods(site)["total"]}
    if name in simple:
        return simple[name]()
    if word in of_site and rest in scene.truth["sites"]:
        return of_site[word](rest)
    if word == "condition" and rest:
        return rest in scene.conditions()
    if word == "gate" and rest:
        return all(not missing.startswith(rest + " ") for missing in scene.missing())
    if word == "input" and rest:
        return scene.inputs().get(rest, "waiting")
    if word == "writes" and rest:
        return sum(1 for _, api, _, _ in scene.writes() if api.startswith(rest))
    raise StoryError(f"no fact is called {name!r}")


def fits(value, wanted):
    """`wanted` is a value, a list of them, or a comparison like ">= 0.95" or "!= rest"."""
    if isinstance(wanted, list):
        return value in wanted
    found = COMPARISON.fullmatch(wanted) if isinstance(wanted, str) else None
    if not found:
        return value == wanted
    sign, text = found.groups()
    return COMPARE[sign](value, type(value)(text) if not isinstance(value, bool) else text == "true")


def wrong(scene, wanted):
    """What of a mapping of facts is not so, as texts; empty: all of it is so."""
    return [f"{name} is {shown(read(scene, name))}, not {target}" for name, target in wanted.items()
            if not fits(read(scene, name), target)]


def shown(value):
    return f"{value:.3g}" if isinstance(value, float) else str(value)
