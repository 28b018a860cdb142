"""Starts and stops the lab and the daemon as separate processes, and speaks to both over HTTP."""

import json
import os
import select
import signal
import subprocess
import time
import urllib.error
import urllib.request


class StoryError(Exception):
    """Something that should be so is not; the text says what, in one or a few lines."""


def call(method, url, body=None, timeout=5, token=None):
    """One HTTP call with a JSON answer. Returns (status, decoded body); status 0: no answer, body says why."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = "Bearer " + token
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            status, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text


def wait_for(what, condition, seconds, every=0.05):
    """Waits until `condition()` is true and returns its value; StoryError naming `what` after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise StoryError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(every)


class Program:
    """One process with its output in a file."""

    def __init__(self, name, command, log_path):
        self.name, self.command, self.log_path = name, command, log_path
        self.process = None

    def start(self, **popen):
        log = open(self.log_path, "ab")
        with log:
            # A group of its own: Ctrl-C reaches the story, and the story ends its programs in order.
            self.process = subprocess.Popen(self.command, stderr=log, start_new_session=True,
                                            **({"stdout": log} | popen))
        return self

    def running(self):
        return self.process is not None and self.process.poll() is None

    def last_lines(self, count=8):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as log:
                return "".join(log.readlines()[-count:])
        except OSError:
            return ""

    def end(self, how=signal.SIGTERM, seconds=10):
        """Returns the exit code; kills what does not end in time."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise StoryError(f"{self.name} did not end within {seconds} s of signal {how}") from None


class Lab(Program):
    """`spillway-lab up`, and its control API."""

    def __init__(self, binary, folder, arguments=(), runner=()):
        super().__init__("the lab", [*runner, binary, "up", "--dir", folder, *arguments],
                         os.path.join(folder, "lab.log"))
        self.folder = folder
        self.facts = {}

    def up(self, seconds=30):
        self.start(stdout=subprocess.PIPE)
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        line = self.process.stdout.readline() if ready else b""
        if not line.strip():
            raise StoryError(f"the lab did not come up; the end of {self.log_path}:\n{self.last_lines()}")
        with open(self.path("lab.json"), encoding="utf-8") as facts:
            self.facts = json.load(facts)
        return self

    def path(self, name):
        return os.path.join(self.folder, name)

    def control(self, method, path, body=None):
        status, answer = call(method, self.facts["control"] + path, body)
        if status // 100 != 2:
            raise StoryError(f"the lab's {method} {path} answered {status}: {answer}")
        return answer

    def demand(self, replicas):
        self.control("PUT", "/demand", {"replicas": replicas})

    def truth(self):
        return self.control("GET", "/truth")


class Daemon(Program):
    """`spillwayd`, and its API."""

    def __init__(self, binary, config, folder, app="shopping", arguments=()):
        super().__init__("spillwayd", [binary, "--config", config, *arguments], os.path.join(folder, "spillwayd.log"))
        self.app = app
        self.url = "http://" + listen_address(config)
        with open(os.path.join(folder, "admin.token"), encoding="utf-8") as token:
            self.token = token.read().strip()

    def up(self, seconds=20):
        self.start()
        wait_for("spillwayd to be ready", lambda: self.ready() or self.gone(), seconds)
        return self

    def gone(self):
        if self.running():
            return False
        raise StoryError(f"spillwayd ended with {self.process.returncode}; its last lines:\n{self.last_lines()}")

    def ready(self):
        return call("GET", self.url + "/readyz", timeout=1)[0] == 200

    def state(self):
        """The application's state, or None while spillwayd does not answer."""
        status, answer = call("GET", f"{self.url}/api/v1/apps/{self.app}", timeout=2, token=self.token)
        return answer if status == 200 else None


def listen_address(config):
    """The `listen:` value of a configuration file."""
    with open(config, encoding="utf-8") as lines:
        for line in lines:
            key, _, value = line.strip().partition(":")
            if key == "listen":
                return value.split("#")[0].strip().strip("\"'")
    return "127.0.0.1:9440"
