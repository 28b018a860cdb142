"""From home's autoscaler saying "more" to the accepted scale write, and what spillwayd costs at rest.

Called by tools/bench, which builds the programs. The lab's demand rises by one replica again and again; each time the
autoscaler's status changes, the lab notes when a watcher could see it, and when the write arrived.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "story"))

from programs import Daemon, Lab, wait_for  # noqa: E402  (found through the line above)
from promises import judged  # noqa: E402
from scene import CLOUD, Scene  # noqa: E402


def reactions(daemon):
    """(count, seconds) of spillway_reaction_seconds: signal seen → write acknowledged."""
    count = total = 0.0
    for line in metrics(daemon):
        if line.startswith("spillway_reaction_seconds_count"):
            count += float(line.rsplit(" ", 1)[1])
        if line.startswith("spillway_reaction_seconds_sum"):
            total += float(line.rsplit(" ", 1)[1])
    return count, total


def metrics(daemon):
    with urllib.request.urlopen(daemon.url + "/metrics", timeout=5) as answer:
        return answer.read().decode().splitlines()


def cpu_and_memory(pid):
    """CPU seconds so far, and resident MiB."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), resident / 1024


def pinned_to_write(lab, daemon):
    """Milliseconds from the autoscaler's statement to the lab's record of the first scale write, of one fresh burst."""
    known = len(Scene(lab.truth(), None).writes())
    lab.demand(6)

    def written():
        scene = Scene(lab.truth(), daemon.state())
        since = scene.pinned_since()
        # Headroom may have ordered a replica shortly before; the reaction is what follows the statement.
        new = [at for at, api, _, _ in scene.writes()[known:] if api == "k8s-eu" and since and at >= since]
        return (new[0], since) if new else None

    at, since = wait_for("the scale write", written, 30, every=0.02)
    lab.demand(1)
    wait_for("everything to be at rest", lambda: Scene(lab.truth(), None).pods(CLOUD)["total"] == 0, 180, every=0.5)
    wait_for("the end of the calm period", lambda: rested(daemon), 60, every=0.5)
    return 1000 * (at - since)


def rested(daemon):
    state = daemon.state() or {}
    return state.get("demand", {}).get("replicas", 9) < 2 and all(s["phase"] in ("rest", "home") for s in state["sites"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lab", required=True)
    parser.add_argument("--daemon", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="spillway-bench-") as folder:
        lab = Lab(options.lab, folder).up()
        daemon = Daemon(options.daemon, lab.path("spillway.yaml"), folder).up()
        try:
            lab.demand(1)
            time.sleep(3)
            before, started = cpu_and_memory(daemon.process.pid)[0], time.monotonic()
            time.sleep(20)
            after, resident = cpu_and_memory(daemon.process.pid)
            rest = 100 * (after - before) / (time.monotonic() - started)
            taken = [pinned_to_write(lab, daemon) for _ in range(options.rounds)]
            count, total = reactions(daemon)
        finally:
            daemon.end()
            lab.end()
    result = {"pinned_to_scale_write_ms": sorted(taken), "median_ms": statistics.median(taken),
              "signal_to_any_write_mean_ms": 1000 * total / max(1, count), "rest_cpu_percent": rest,
              "rest_resident_mib": resident}
    promises = [("pinned → scale write, median", result["median_ms"], 20, " ms"),
                ("processor at rest", rest, 1, " % of a core"),
                ("resident memory at rest", resident, 40, " MiB")]
    if options.json:
        print(json.dumps(result))
        sys.exit(judged(promises, quiet=True))
    print(f"  pinned → scale write, median of {options.rounds}   {result['median_ms']:8.2f} ms   "
          f"(each: {', '.join(f'{t:.2f}' for t in sorted(taken))})")
    print(f"  signal → any write, mean          {result['signal_to_any_write_mean_ms']:8.2f} ms   (daemon's own histogram)")
    print(f"  at rest: processor                {rest:8.2f} % of a core")
    print(f"  at rest: resident memory          {resident:8.1f} MiB")
    sys.exit(judged(promises))


if __name__ == "__main__":
    main()
