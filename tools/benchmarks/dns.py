"""How many queries a second the lab's DNS service answers, and that none is lost at 20,000 of them.

Called by tools/bench, which builds the lab. dnsperf asks one name server over UDP; what a query costs is read from the
lab's own processor time, so a busy machine does not spoil it. The lab has one core; dnsperf has the others.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "story"))

from programs import Lab  # noqa: E402  (found through the line above)
from promises import judged  # noqa: E402
from reaction import cpu_and_memory  # noqa: E402

RATE, SECONDS = 20_000, 10


def dnsperf(server, queries, *limits):
    """(completed, lost, queries a second) of one run."""
    ip, port = server.split(":")
    report = subprocess.run(["dnsperf", "-s", ip, "-p", port, "-d", queries, "-c", "20", *limits],
                            check=True, capture_output=True, text=True).stdout

    def figure(name):
        return float(re.search(name + r":\s+([\d.]+)", report).group(1))

    return int(figure("Queries completed")), int(figure("Queries lost")), figure("Queries per second")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lab", required=True)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="spillway-bench-") as folder:
        core = str(min(os.sched_getaffinity(0)))
        lab = Lab(options.lab, folder, ["--without", "clients"], ["taskset", "--cpu-list", core]).up()
        try:
            queries = lab.path("queries")
            with open(queries, "w", encoding="ascii") as file:
                file.write(f"{lab.facts['fqdn']} A\n")
            before = cpu_and_memory(lab.process.pid)[0]
            completed, _, most = dnsperf(lab.facts["dns"], queries, "-l", str(SECONDS), "-q", "100")
            cost = (cpu_and_memory(lab.process.pid)[0] - before) / completed
            at_rate = dnsperf(lab.facts["dns"], queries, "-l", str(SECONDS), "-Q", str(RATE), "-q", "1000")
        finally:
            lab.end()
    result = {"most_per_second": most, "processor_us_per_query": 1e6 * cost, "per_second_of_one_core": 1 / cost,
              "asked_per_second": RATE, "answered_per_second": at_rate[2], "lost": at_rate[1]}
    promises = [("lost of those asked at a steady rate", at_rate[1], 0, ""),
                ("processor time of one query", 1e6 * cost, 1e6 / RATE, " µs")]
    if options.json:
        print(json.dumps(result))
        sys.exit(judged(promises, quiet=True))
    print(f"  as fast as it goes                {most:8.0f} queries/s")
    print(f"  processor time of one query       {1e6 * cost:8.1f} µs   (one core: {1 / cost:.0f} queries/s)")
    print(f"  asked {RATE} a second for {SECONDS} s    {at_rate[2]:8.0f} queries/s, {at_rate[1]} lost")
    sys.exit(judged(promises))


if __name__ == "__main__":
    main()
