"""What a thousand slow connections cost everybody else: scrapes and reactions, side by side without and with them.

Called by tools/bench, which builds the programs. Each slow connection sends a byte of a request's head every half second
and opens anew when spillwayd cuts it off, as a slowloris does. All come from this machine, which is the hard case: they
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
from reaction import pinned_to_write  # noqa: E402

HEAD = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"x" * 1000
BYTE_EVERY = 0.5  # seconds


class SlowClients:
    """Connections that never finish what they say. `cut` counts those that spillwayd ended."""

    def __init__(self, host, port, count):
        self.address, self.count = (host, port), count
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
        selector.register(one, selectors.EVENT_READ, [0])

    def run(self):
        selector = selectors.DefaultSelector()
        for _ in range(self.count):
            self.connect(selector)
        while not self.ended:
            began = time.monotonic()
            for key in list(selector.get_map().values()):
                at = key.data[0] % len(HEAD)
                try:
                    key.fileobj.send(HEAD[at:at + 1])
                    key.data[0] += 1
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


def measure(lab, daemon, rounds):
    taken, failed = scrapes(daemon.url, rounds)
    taken = sorted(taken) or [float("inf")]
    return {"scrape_median_ms": statistics.median(taken), "scrape_p99_ms": taken[int(0.99 * (len(taken) - 1))],
            "scrape_failed": failed, "reaction_ms": pinned_to_write(lab, daemon)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lab", required=True)
    parser.add_argument("--daemon", required=True)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=100)
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
            quiet = measure(lab, daemon, options.rounds)
            host, port = daemon.url.split("//")[1].split(":")
            with SlowClients(host, int(port), options.connections) as slow:
                crowded = measure(lab, daemon, options.rounds)
        finally:
            daemon.end()
            lab.end()
    result = {"connections": options.connections, "cut_off": slow.cut, "quiet": quiet, "crowded": crowded}
    if options.json:
        print(json.dumps(result))
        return
    print(f"  {options.connections} slow connections ({slow.cut} were cut off meanwhile and came back)")
    print(f"  {'':34}{'without':>10}{'with':>10}{'more':>10}{'ratio':>8}")
    rows = [("scrape, median", "scrape_median_ms"), ("scrape, 99 of 100", "scrape_p99_ms"),
            ("home pinned → scale write", "reaction_ms")]
    for label, key in rows:
        without, with_them = quiet[key], crowded[key]
        print(f"  {label:34}{without:7.2f} ms{with_them:7.2f} ms{with_them - without:7.2f} ms{with_them / without:8.2f}")
    print(f"  scrapes not answered              {quiet['scrape_failed']:10d}{crowded['scrape_failed']:10d}")


if __name__ == "__main__":
    main()
