"""The end of a burst story: what was measured, and whether the promise was kept."""

from programs import StoryError


def span(facts, begin, end):
    return facts[end] - facts[begin]


def of_time(seconds):
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def reaction(seconds):
    """Headroom may call for a replica shortly before home is at its limit."""
    return of_time(seconds) if seconds >= 0 else f"{of_time(-seconds)} before it: the headroom was used up"


def summarise(facts, truth, started, ended):
    """Prints the table and returns nothing; StoryError when a request failed that should not have."""
    shares, clients = facts["shares"], truth["clients"]
    rows = [
        ("home pinned → scale write", reaction(span(facts, "pinned_at", "scale_write_at"))),
        ("home pinned → first traffic in the cloud", of_time(span(facts, "pinned_at", "first_traffic_at"))),
        ("replicas in the cloud at the peak", str(facts["peak_replicas"])),
        ("cloud's share at the peak: intended / written / measured",
         " / ".join(f"{100 * shares[name]:.1f} %" for name in ("intended", "written", "measured"))),
        ("drain: weight gone → first replica taken", of_time(span(facts, "weight_gone_at", "drain_over_at"))),
        ("weight gone → back at zero", of_time(span(facts, "weight_gone_at", "zero_at"))),
        ("requests served / overloaded / failed",
         f"{clients['served']} / {clients['overloaded']} / {clients['failed']}"),
        ("writes: Kubernetes / Avi", f"{facts['writes']['k8s']} / {facts['writes']['avi']}"),
        ("the whole story", of_time(ended - started)),
    ]
    width = max(len(name) for name, _ in rows)
    print("\nMeasured")
    for name, value in rows:
        print(f"  {name:<{width}}  {value}")
    print("  (overloaded: more than home could take, before the cloud was ready)\n")
    if clients["failed"]:
        raise StoryError(f"{clients['failed']} requests failed")
