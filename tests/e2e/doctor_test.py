"""The doctor against the whole lab: nothing to say of a sound set-up, and a name for each thing that is broken."""

import json
import os
import ssl
import subprocess
import unittest
import urllib.parse
import urllib.request

from arena import Arena
from programs import StoryError, wait_for

SOMEBODYS_AUTOSCALER = {
    "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "eager"},
    "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shopping"}, "maxReplicas": 3}}


class Avi:
    """An administrator of the lab's federation, as the API has it."""

    def __init__(self, lab):
        self.url = lab.facts["avi"]["us"]
        self.context = ssl.create_default_context(cafile=lab.path("avi-ca.pem"))
        with open(lab.path("avi-admin.password"), encoding="utf-8") as file:
            password = file.read().strip()
        self.headers = {"Content-Type": "application/json", "Referer": self.url + "/", "X-Avi-Version": "30.2.1"}
        answer = self.send("POST", "/login", {"username": "admin", "password": password})
        cookies = [cookie.split(";")[0] for cookie in answer.headers.get_all("Set-Cookie")]
        self.headers["Cookie"] = "; ".join(cookies)
        self.headers["X-CSRFToken"] = next(c for c in cookies if c.startswith("csrftoken=")).split("=", 1)[1]

    def send(self, method, target, body=None):
        request = urllib.request.Request(self.url + target, method=method, headers=self.headers,
                                         data=json.dumps(body).encode() if body is not None else None)
        return urllib.request.urlopen(request, timeout=5, context=self.context)

    def change(self, kind, name, edit):
        """Edits an object as people do: read, change, put."""
        query = f"/api/{kind}?name={urllib.parse.quote(name)}"
        one = json.load(self.send("GET", query))["results"][0]
        edit(one)
        one.pop("_last_modified")
        self.send("PUT", f"/api/{kind}/{one['uuid']}", one)


class Doctor(Arena):
    def findings(self):
        """What `spillwayctl doctor` says: {check: (verdict, evidence)}, and its exit code."""
        done = subprocess.run([os.environ["SPILLWAYCTL"], "--server", self.url, "--token-file", self.lab.path("admin.token"),
                               "doctor", "-o", "json"], capture_output=True, text=True, timeout=30, check=False)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        checks = json.loads(done.stdout)
        self.assertIn("surveyed", checks)
        return {c["check"]: (c["verdict"], c["evidence"]) for c in checks["checks"]}, done.returncode

    def probe(self):
        """What `spillwayd --check --probe` says, without a daemon, and its exit code."""
        done = subprocess.run([os.environ["SPILLWAYD"], "--config", self.config, "--check", "--probe"],
                              capture_output=True, text=True, timeout=60, check=False)
        return done.stdout, done.returncode

    def test_a_sound_set_up_and_each_thing_broken(self):
        said, code = self.probe()
        self.assertEqual(code, 0, said)
        self.assertIn("ok       TTL: answers may be kept for 3s", said)
        daemon = self.daemon().up()
        self.url = daemon.url

        def sound():
            found, code = self.findings()
            return code == 0 and all(verdict == "ok" for verdict, _ in found.values())

        try:
            wait_for("nothing wrong", sound, 40, every=2)
        except StoryError:
            self.fail({check: said for check, said in self.findings()[0].items() if said[0] != "ok"})

        avi = Avi(self.lab)
        avi.change("gslbservice", "shopping", lambda one: one.update(
            ttl=600, num_dns_ip=0, health_monitor_refs=[], description="made by Terraform"))
        avi.change("role", "Spillway", lambda one: one.update(
            privileges=[{"resource": "PERMISSION_GSLB", "type": "READ_ACCESS"}]))
        avi.change("useraccountprofile", "No-Lockout-Profile", lambda one: one.update(credentials_timeout_threshold=90))
        subprocess.run(["kubectl", "--kubeconfig", self.lab.path("eu-admin.kubeconfig"), "apply", "-f", "-"],
                       input=json.dumps(SOMEBODYS_AUTOSCALER), text=True, timeout=20, check=True, stdout=subprocess.DEVNULL)
        self.break_("dns", "down")
        wanted = {
            "TTL": ("warning", "10m"),
            "ratios mean something": ("failed", "num_dns_ip"),
            "monitor of shopping": ("failed", "no health monitor"),
            "owner of shopping": ("warning", "terraform"),
            "rights of spillway in Avi": ("failed", "PERMISSION_GSLBSERVICE WRITE_ACCESS"),
            "password of spillway in Avi": ("warning", "90 days"),
            "other autoscalers of azure-eu": ("failed", "HorizontalPodAutoscaler eager scales shopping too"),
            "name " + self.lab.facts["fqdn"]: ("unknown", "no resolver answered"),
        }

        def all_named():
            found, code = self.findings()
            return code == 1 and all(found.get(check, ("", ""))[0] == verdict and words in found[check][1]
                                     for check, (verdict, words) in wanted.items())

        try:
            wait_for("each of them named", all_named, 90, every=2)
        except StoryError:
            found = self.findings()[0]
            self.fail({check: found.get(check) for check in wanted})
        said, code = self.probe()
        self.assertEqual(code, 1, said)
        self.assertIn("! FAILED   ratios mean something: ", said)
        conditions = {c["name"] for c in daemon.state()["conditions"]}
        self.assertLessEqual({"SetupFault", "SetupDoubt"}, conditions)


if __name__ == "__main__":
    unittest.main()
