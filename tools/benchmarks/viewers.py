"""What fifty people with the dashboard open cost spillwayd, and how soon they see what it decides.

Called by tools/bench, which builds the programs. Each viewer loads the page's files and what the page asks for, then
keeps its stream open; the lab plays bursts meanwhile. The promises: below 5 % of a core for all fifty, no growth, the
state within a second of loading and a decision within a second of being made.
"""

import argparse
import hashlib
import http.client
import json
import os
import re
import selectors
import socket
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "story"))

from programs import Daemon, Lab  # noqa: E402  (found through the line above)
from promises import judged  # noqa: E402
from reaction import cpu_and_memory  # noqa: E402
from scene import seconds_of  # noqa: E402

SHARED_BY = 10  # viewers of one token; one caller may have 32 streams


class Viewer:
    """One open page."""

    def __init__(self, address, token, app):
        self.address, self.token, self.app = address, token, app
        self.bytes = 0
        self.rest = b""

    def get(self, connection, path):
        connection.request("GET", path, headers={"Authorization": "Bearer " + self.token})
        body = connection.getresponse().read()
        self.bytes += len(body)
        return body.decode()

    def load(self):
        """Everything that a browser asks for; the seconds until the first state was here."""
        began = time.monotonic()
        connection = http.client.HTTPConnection(*self.address)
        waiting, seen = ["/"], {"/"}
        while waiting:
            text = self.get(connection, waiting.pop())
            found = set(re.findall(r'(?:src|href)="(/assets/[^"]+)"', text))
            found |= {"/assets/" + name for name in re.findall(r'from "\./([^"]+)"', text)}
            waiting += sorted(found - seen)
            seen |= found
        self.page = self.bytes
        self.get(connection, "/api/v1/whoami")
        self.socket = socket.create_connection(self.address)
        self.socket.sendall((f"GET /api/v1/stream HTTP/1.1\r\nHost: {self.address[0]}\r\n"
                             f"Authorization: Bearer {self.token}\r\n\r\n").encode())
        while b"event: state" not in self.rest:
            got = self.socket.recv(65536)
            if not got:
                raise OSError(f"the stream ended: {self.rest[:300]!r}")
            self.rest += got
        shown = time.monotonic() - began
        for path in ("history", "decisions?limit=100&brief=true"):
            self.get(connection, f"/api/v1/apps/{self.app}/{path}")
        self.get(connection, "/api/v1/audit?limit=50")
        connection.close()
        return shown


class Crowd:
    """All viewers, reading what they are sent."""

    def __init__(self, viewers):
        self.viewers = viewers
        self.events, self.bytes, self.lost = 0, 0, 0
        self.delays = []  # seconds from a decision to its arrival at a viewer
        self.ended = False
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended = True
        self.thread.join()
        for viewer in self.viewers:
            viewer.socket.close()

    def run(self):
        selector = selectors.DefaultSelector()
        for viewer in self.viewers:
            selector.register(viewer.socket, selectors.EVENT_READ, viewer)
        while not self.ended:
            for key, _ in selector.select(0.2):
                got = key.fileobj.recv(1 << 20)
                if got:
                    self.take(key.data, got)
                else:
                    self.lost += 1
                    selector.unregister(key.fileobj)

    def take(self, viewer, got):
        now = time.time()
        self.bytes += len(got)
        *events, viewer.rest = (viewer.rest + got).split(b"\n\n")
        self.events += len(events)
        for event in events:
            if b"event: decision" in event:
                self.delays.append(now - seconds_of(re.search(rb'"time":"([^"]+)"', event).group(1).decode()))


def watch(pid, seconds, crowd=None):
    """CPU in percent of a core, events and bytes a second and viewer, over `seconds`."""
    events, sent = (crowd.events, crowd.bytes) if crowd else (0, 0)
    (before, _), began = cpu_and_memory(pid), time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    result = {"cpu_percent": 100 * (cpu_and_memory(pid)[0] - before) / took}
    if crowd:
        result |= {"events_per_second": (crowd.events - events) / took / len(crowd.viewers),
                   "bytes_per_second": (crowd.bytes - sent) / took / len(crowd.viewers)}
    return result


def play(lab, daemon, options):
    """Rest and burst without viewers, the same with them, and bursts until the time is over."""
    pid = daemon.process.pid
    address = tuple(daemon.url.split("//")[1].split(":"))
    result = {"viewers": options.viewers}
    for name, replicas in (("rest", 2), ("burst", 6)):
        lab.demand(replicas)
        time.sleep(15)
        result[name] = {"without": watch(pid, options.seconds)}
    viewers = [Viewer(address, token_of(i // SHARED_BY), daemon.app) for i in range(options.viewers)]
    before = cpu_and_memory(pid)[0]
    loads = [viewer.load() for viewer in viewers]
    result["load"] = {"page_bytes": viewers[0].page, "all_bytes": viewers[0].bytes,
                      "daemon_cpu_ms": 1000 * (cpu_and_memory(pid)[0] - before) / options.viewers,
                      "state_median_s": statistics.median(loads), "state_most_s": max(loads)}
    with Crowd(viewers) as crowd:
        resident = []
        for name, replicas in (("burst", 6), ("rest", 2)):
            lab.demand(replicas)
            time.sleep(15)
            result[name]["with"] = watch(pid, options.seconds, crowd)
        tab = None
        if options.tab:
            from tab import Tab  # Selenium is Debian's; the other measurements do without it
            tab = Tab(daemon.url, token_of(options.viewers // SHARED_BY))
        result["tab"] = []
        began = time.monotonic()
        while True:
            resident.append(cpu_and_memory(pid)[1])
            passed = (time.monotonic() - began) / 60
            if tab and passed >= len(result["tab"]):
                result["tab"].append(tab.holds())
                print(f"{passed:.1f} min: spillwayd {resident[-1]:.1f} MiB; the page {json.dumps(result['tab'][-1])}", file=sys.stderr, flush=True)
            if passed >= options.minutes:
                break
            lab.demand(6 if len(resident) % 2 else 2)
            time.sleep(options.every)
        if tab:
            tab.close()
    result["resident_mib"] = resident
    result["lost"] = crowd.lost
    result["decisions"] = len(crowd.delays) // options.viewers
    result["decision_seen_median_s"] = statistics.median(crowd.delays)
    result["decision_seen_most_s"] = max(crowd.delays)
    return result


def token_of(number):
    return f"token-of-viewer-{number}"


def growth(resident):
    """MiB from the third quarter of the time to the last: by then every table is as full as it gets."""
    quarter = max(1, len(resident) // 4)
    return statistics.mean(resident[-quarter:]) - statistics.mean(resident[-2 * quarter:-quarter] or resident[:1])


def promised(result):
    load = result["load"]
    return [("processor for all viewers, at rest", result["rest"]["with"]["cpu_percent"], 5, " % of a core"),
            ("processor for all viewers, in a burst", result["burst"]["with"]["cpu_percent"], 5, " % of a core"),
            ("loading → state is here", load["state_most_s"], 1, " s"),
            ("decision → viewer", result["decision_seen_most_s"], 1, " s"),
            ("streams lost", result["lost"], 0, ""),
            ("growth from the third quarter of the time to the last", growth(result["resident_mib"]), 1, " MiB")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lab", required=True)
    parser.add_argument("--daemon", required=True)
    parser.add_argument("--viewers", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=20, help="of each measurement")
    parser.add_argument("--minutes", type=float, default=10, help="of bursts, for the memory")
    parser.add_argument("--every", type=float, default=15, help="seconds from one change of demand to the next")
    parser.add_argument("--tab", action="store_true", help="open a page in a real Chromium too; tells each minute what both hold")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="spillway-bench-") as folder:
        lab = Lab(options.lab, folder).up()
        with open(lab.path("tokens"), "a", encoding="utf-8") as tokens:
            for number in range(1 + options.viewers // SHARED_BY):
                tokens.write(f"viewer{number} viewer sha256:{hashlib.sha256(token_of(number).encode()).hexdigest()}\n")
        daemon = Daemon(options.daemon, lab.path("spillway.yaml"), folder).up()
        try:
            result = play(lab, daemon, options)
        finally:
            daemon.end()
            lab.end()
    if options.json:
        print(json.dumps(result))
        sys.exit(judged(promised(result), quiet=True))
    print(f"  {result['viewers']} viewers                          without      with    events a second and viewer")
    for name in ("rest", "burst"):
        without, with_them = result[name]["without"], result[name]["with"]
        print(f"  processor, at {name:23}{without['cpu_percent']:7.2f} %{with_them['cpu_percent']:8.2f} %"
              f"{with_them['events_per_second']:10.1f} ({with_them['bytes_per_second'] / 1000:.1f} kB/s)")
    load, resident = result["load"], result["resident_mib"]
    print(f"  a load: page {load['page_bytes'] / 1000:.0f} kB, with its data {load['all_bytes'] / 1000:.0f} kB, "
          f"{load['daemon_cpu_ms']:.1f} ms of the daemon's processor")
    print(f"  loading → state is here: median {load['state_median_s']:.3f} s, at most {load['state_most_s']:.3f} s")
    print(f"  decision → viewer: median {result['decision_seen_median_s']:.3f} s, at most {result['decision_seen_most_s']:.3f} s")
    print(f"  resident memory: {resident[0]:.1f} MiB with viewers, {resident[-1]:.1f} after {options.minutes:g} minutes "
          f"and {result['decisions']} decisions")
    print(f"  each minute: {' '.join(f'{at:.1f}' for at in resident[::max(1, round(60 / options.every))])}; "
          f"streams lost: {result['lost']}")
    for kind in result["tab"][0] if result["tab"] else ():
        print(f"  a page in Chromium, {kind} each minute: {' '.join(f'{at[kind]:.4g}' for at in result['tab'])}")
    sys.exit(judged(promised(result)))


if __name__ == "__main__":
    main()
