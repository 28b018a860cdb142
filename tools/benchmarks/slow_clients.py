"""What a thousand slow connections cost everybody else: scrapes and reactions, side by side without and with them.

Called by tools/bench, which builds the programs. Each slow connection sends a byte every half second, one half of them of
a request's head, the other half of an order's body, and opens anew when spillwayd cuts it off, as a slowloris does. All come from this machine, which is the hard case: they
share the processor with what they slow down.
"""

import argparse
import json
import os
import resource
import selectors
import socket
import statistics
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "story"))

from programs import Daemon, Lab  # noqa: E402  (found through the line above)
from promises import judged  # noqa: E402
from reaction import pinned_to_write  # noqa: E402

HEAD = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"x" * 1000
ORDER = (b"POST /api/v1/apps/shopping/pause HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         b"Authorization: Bearer %s\r\nContent-Length: 1000\r\n\r\n")
BYTE_EVERY = 0.5  # seconds


class SlowClients:
    """Connections that never finish what they say. `cut` counts those that spillwayd ended."""

    def __init__(self, host, port, count, token):
        self.address, self.count = (host, port), count
        self.order = ORDER % token.encode()
        self.bodies = 0  # connections opened so far that dribble a body
        self.cut = self.open = 0
        self.ended = False
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        deadline = time.monotonic() + 30
        while self.open < self.count and time.monotonic() < deadline:
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        self.ended = True
        self.thread.join()

    def connect(self, selector):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(self.address)
        # [what is sent whole as soon as it can be, what follows byte by byte, how much of that was sent]
        self.bodies += 1
        said = [self.order, b"{" + b" " * 999, 0] if self.bodies % 2 else [b"", HEAD, 0]
        selector.register(one, selectors.EVENT_READ, said)

    def run(self):
        selector = selectors.DefaultSelector()
        for _ in range(self.count):
            self.connect(selector)
        while not self.ended:
            began = time.monotonic()
            for key in list(selector.get_map().values()):
                whole, slow, sent = key.data
                try:
                    key.fileobj.send(whole or slow[sent % len(slow):][:1])
                    key.data[:] = [b"", slow, sent if whole else sent + 1]
                except BlockingIOError:
                    pass
                except OSError:
                    self.again(selector, key)
            self.open = len(selector.get_map())
            for key, _ in selector.select(0):
                try:
                    gone = not key.fileobj.recv(1000)
                except OSError:
                    gone = True
                if gone:
                    self.again(selector, key)
            time.sleep(max(0, BYTE_EVERY - (time.monotonic() - began)))
        for key in list(selector.get_map().values()):
            key.fileobj.close()

    def again(self, selector, key):
        self.cut += 1
        selector.unregister(key.fileobj)
        key.fileobj.close()
        self.connect(selector)


def scrapes(url, rounds):
    """(milliseconds of each scrape, how many were not answered)."""
    taken, failed = [], 0
    for _ in range(rounds):
        began = time.monotonic()
        try:
            with urllib.request.urlopen(url + "/metrics", timeout=5) as answer:
                answer.read()
            taken.append(1000 * (time.monotonic() - began))
        except OSError:
            failed += 1
        time.sleep(0.05)
    return taken, failed


def measure(lab, daemon, options):
    taken, failed = scrapes(daemon.url, options.rounds)
    taken = sorted(taken) or [float("inf")]
    return {"scrape_median_ms": statistics.median(taken), "scrape_p99_ms": taken[int(0.99 * (len(taken) - 1))],
            "scrape_failed": failed, "reaction_ms": max(pinned_to_write(lab, daemon) for _ in range(options.bursts))}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lab", required=True)
    parser.add_argument("--daemon", required=True)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=100, help="scrapes on each side")
    parser.add_argument("--bursts", type=int, default=2, help="on each side; the slowest reaction counts")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = options.connections + 200
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    with tempfile.TemporaryDirectory(prefix="spillway-bench-") as folder:
        lab = Lab(options.lab, folder).up()
        daemon = Daemon(options.daemon, lab.path("spillway.yaml"), folder).up()
        try:
            lab.demand(1)
            time.sleep(3)
            quiet = measure(lab, daemon, options)
            host, port = daemon.url.split("//")[1].split(":")
            with SlowClients(host, int(port), options.connections, daemon.token) as slow:
                crowded = measure(lab, daemon, options)
        finally:
            daemon.end()
            lab.end()
    result = {"connections": options.connections, "cut_off": slow.cut, "quiet": quiet, "crowded": crowded}
    more = {key: crowded[key] - quiet[key] for key in ("scrape_p99_ms", "reaction_ms")}
    promises = [("delay of a scrape, 99 of 100", more["scrape_p99_ms"], 100, " ms"),
                ("delay of a scale write", more["reaction_ms"], 100, " ms"),
                ("scrapes not answered", crowded["scrape_failed"], 0, "")]
    if options.json:
        print(json.dumps(result))
        sys.exit(judged(promises, quiet=True))
    print(f"  {options.connections} slow connections ({slow.cut} were cut off meanwhile and came back)")
    print(f"  {'':34}{'without':>10}{'with':>10}{'more':>10}{'ratio':>8}")
    rows = [("scrape, median", "scrape_median_ms"), ("scrape, 99 of 100", "scrape_p99_ms"),
            ("home pinned → scale write, slowest", "reaction_ms")]
    for label, key in rows:
        without, with_them = quiet[key], crowded[key]
        print(f"  {label:34}{without:7.2f} ms{with_them:7.2f} ms{with_them - without:7.2f} ms{with_them / without:8.2f}")
    print(f"  scrapes not answered              {quiet['scrape_failed']:10d}{crowded['scrape_failed']:10d}")
    sys.exit(judged(promises))


if __name__ == "__main__":
    main()
