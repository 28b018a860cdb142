"""What is seen at one instant: the lab's truth beside what spillwayd says of it."""

import datetime

HOME, CLOUD = "us", "azure-eu"
NOTHING_CHANGED = ("selfsubjectaccessreviews", "/events")


def seconds_of(text):
    """An RFC 3339 time as seconds since the epoch."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Scene:
    """`truth`: the lab's GET /truth. `state`: spillwayd's view of the application, None while it does not answer."""

    def __init__(self, truth, state):
        self.truth, self.state = truth, state
        self.at = seconds_of(truth["at"])

    # What really is.
    def pods(self, site):
        return self.truth["sites"][site]["pods"]

    def autoscaler(self):
        return self.truth["sites"][HOME]["autoscaler"]

    def share(self, site):
        """Of the requests of the last few seconds."""
        return self.truth["sites"][site]["share"]["recent"]

    def published(self, site):
        return self.truth["sites"][site].get("published", {}).get("share", 0.0)

    def up(self, site):
        return set(self.truth["sites"][site]["health"].get("answered", {}).values()) == {"up"}

    def clients(self):
        return self.truth["clients"]

    def failures(self):
        """The latest requests that failed, and why."""
        return "; ".join(f"{each['at'][11:23]} {each['to'] or 'nowhere'}: {each['why']}" for each in self.truth["failures"])

    def writes(self, caller="spillway"):
        """Accepted writes that change something: [(seconds, api, verb, object)].

        A review of one's own rights is a question that is asked with POST; an Event tells of a write and is none.
        """
        return [(seconds_of(w["at"]), w["api"], w["verb"], w["object"]) for w in self.truth["writes"]
                if w["caller"] == caller and w["status"] < 300 and not w["object"].endswith(NOTHING_CHANGED)]

    # What spillwayd says.
    def told(self, site):
        for entry in (self.state or {}).get("sites", []):
            if entry["site"] == site:
                return entry
        return {}

    def phase(self):
        return self.told(CLOUD).get("phase", "?")

    def intended(self, site):
        return self.told(site).get("share", {}).get("intended", 0.0)

    def limited(self):
        """Home's autoscaler says that its maximum holds it back."""
        return bool((self.state or {}).get("demand", {}).get("homeLimited"))

    def pinned_since(self):
        """When home's autoscaler began to say that its maximum holds it back; None while it does not."""
        since = self.autoscaler().get("limitedSince")
        return seconds_of(since) if since else None

    def inputs(self):
        """How each thing that spillwayd reads can be read now: name → ok, failing or waiting."""
        return {entry["name"]: entry["state"] for entry in (self.state or {}).get("inputs", [])}

    def conditions(self):
        return [c["name"] for c in (self.state or {}).get("conditions", [])]

    def missing(self):
        """The cloud's gate conditions that do not hold, with their values."""
        return [f"{g['name']} ({g['value']})" for g in self.told(CLOUD).get("gate", []) if not g["holds"]]
