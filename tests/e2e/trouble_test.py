"""Each kind of trouble at the start gives one clear sentence naming it, and nothing is written to anything."""

import os
import shutil
import subprocess
import unittest

from arena import Arena
from programs import call, wait_for
from scene import CLOUD

AVI, AUTOSCALER, CLOUDS_CLUSTER = {"gslb"}, {"demand"}, {"workload azure-eu", "metrics azure-eu"}


class Trouble(Arena):
    def readiness(self, daemon):
        return call("GET", daemon.url + "/readyz")

    def assert_told_and_harmless(self, unseen, *words):
        """Starts the daemon under load; /readyz must hold one sentence with all `words`, and no write may happen.

        `unseen`: the inputs that can't be read; every other one is."""
        self.lab.demand(6)
        daemon = self.daemon().up()

        def sentence():
            _, body = self.readiness(daemon)
            for text in sentences(body):
                if all(word in text for word in words):
                    return text
            return None

        told = wait_for(f"a sentence with {words} in /readyz", sentence, 20)
        self.assertLess(len(told), 600, told)
        stage = self.stage(daemon)
        stage.rest(5)
        self.assertEqual(stage.now.writes(), [], "nothing is written to anything")
        self.assertEqual(stage.now.pods(CLOUD)["wanted"], 0)
        self.assertEqual({name for name, state in stage.now.inputs().items() if state != "ok"}, unseen,
                         "the rest goes on")
        self.assertEqual(self.readiness(daemon)[0], 200)
        return daemon

    def test_a_wrong_ca_of_avi(self):
        other = self.lab.path("other-ca.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", os.devnull, "-out", other, "-subj", "/CN=another", "-days", "2"],
                       check=True, capture_output=True)
        self.change_config((self.lab.path("avi-ca.pem"), other))
        self.assert_told_and_harmless(AVI, "GSLB service", "certificate verify failed")

    def test_a_wrong_password_of_avi(self):
        with open(self.lab.path("avi.password"), "w", encoding="utf-8") as file:
            file.write("not-the-password\n")
        daemon = self.assert_told_and_harmless(AVI, "GSLB service", "refused", "password")
        with open(daemon.log_path, encoding="utf-8") as log:
            self.assertNotIn("not-the-password", log.read())

    def test_a_cluster_that_cannot_be_reached(self):
        self.change_kubeconfig("eu", "server: https://127.0.0.1:", "server: https://127.0.0.1:1\n    # was ")
        self.assert_told_and_harmless(CLOUDS_CLUSTER, "azure-eu", "127.0.0.1:1")

    def test_a_wrong_token_of_a_cluster(self):
        self.change_kubeconfig("eu", "    token: ", "    token: wrong")
        self.assert_told_and_harmless(CLOUDS_CLUSTER, "azure-eu", "401")

    def test_an_autoscaler_that_does_not_exist(self):
        self.change_config(("name: frontend-asd", "name: frontend-gone"))
        self.assert_told_and_harmless(AUTOSCALER, "frontend-gone", "not found")

    def test_a_gslb_service_that_does_not_exist(self):
        self.change_config(("gslbService: shopping", "gslbService: shoping"))
        self.assert_told_and_harmless(AVI, "shoping", "not found")

    def test_a_kubeconfig_that_does_not_exist(self):
        os.remove(self.lab.path("eu.kubeconfig"))
        self.assert_told_and_harmless(CLOUDS_CLUSTER, "eu.kubeconfig", "No such file")

    def test_trouble_that_is_mended_needs_no_restart(self):
        shutil.copy(self.lab.path("avi.password"), self.lab.path("right"))
        with open(self.lab.path("avi.password"), "w", encoding="utf-8") as file:
            file.write("not-the-password\n")
        daemon = self.assert_told_and_harmless(AVI, "GSLB service", "refused", "password")
        shutil.copy(self.lab.path("right"), self.lab.path("avi.password"))
        self.stage(daemon).until("the burst", lambda s: s.pods(CLOUD)["wanted"] > 0, 30)

    def change_kubeconfig(self, site, old, new):
        path = self.lab.path(site + ".kubeconfig")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertEqual(text.count(old), 1)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))


def sentences(body):
    """Every string in a JSON value."""
    if isinstance(body, str):
        yield body
    elif isinstance(body, dict):
        for value in body.values():
            yield from sentences(value)
    elif isinstance(body, list):
        for value in body:
            yield from sentences(value)


if __name__ == "__main__":
    unittest.main(verbosity=2)
