"""Alerts, Grafana's queries and the metrics, as a real Prometheus takes them: over TLS, with a token."""

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest
import urllib.parse
import urllib.request

from programs import wait_for

RULES, GRAFANA = "deploy/prometheus/spillway.rules.yaml", "deploy/grafana/spillway.json"
STORIES = "tests/monitoring/rules_test.yaml"
TOKEN = "a-token-of-this-test"


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def run(*command, **how):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **how)


def alerts_expressions():
    return re.findall(r"expr: (.+)", text_of(RULES))


def exposition_of_everything():
    """What the daemon serves of an application of which everything is known: each family, each value of a label."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "metrics.txt")
        ran = run(os.environ["API_TEST"], "--gtest_filter=MetricsTest.WritesDown*",
                  env={**os.environ, "SPILLWAY_EXPOSITION": path, "XML_OUTPUT_FILE": path + ".xml"})
        assert ran.returncode == 0, ran.stdout
        return text_of(path)


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@unittest.skipUnless(shutil.which("promtool"), "promtool is not installed; tools/setup installs prometheus")
class Rules(unittest.TestCase):
    def test_each_alert_fires_when_it_should_and_not_otherwise(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(RULES, folder)
            shutil.copy(STORIES, folder)
            checked = run("promtool", "check", "rules", "spillway.rules.yaml", cwd=folder)
            self.assertEqual(checked.returncode, 0, checked.stdout)
            tested = run("promtool", "test", "rules", "rules_test.yaml", cwd=folder)
            self.assertEqual(tested.returncode, 0, tested.stdout)
        alerts = set(re.findall(r"- alert: (\w+)", text_of(RULES)))
        looks = [line for line in text_of(STORIES).splitlines() if "alertname: " in line]
        for fires in (True, False):
            seen = {re.search(r"alertname: (\w+)", look)[1] for look in looks if ("exp_alerts" in look) == fires}
            self.assertEqual(seen, alerts, f"one of them was not looked at, firing: {fires}")

    def test_each_alert_has_a_runbook(self):
        pages = re.findall(r"- alert: (\w+)(?:\n  .*)*?\n +runbook_url: (\S+)", text_of(RULES))
        self.assertEqual(len(pages), text_of(RULES).count("- alert:"))
        for alert, page in pages:
            self.assertIn(alert, text_of(page).splitlines()[0], page)


class Labels(unittest.TestCase):
    """What alerts, their stories and Grafana ask of labels, against the labels and values that are served. Prometheus
    itself takes a label that nobody has for an empty one, and the question is never answered."""

    ADDED = {"job", "instance"}  # by the scrape
    OF_THE_USER = {"app", "site", "input", "version"} | ADDED  # their values come from the configuration
    MATCHER = re.compile(r'(\w+) *(?:=~|!~|!=|=) *"([^"]*)"')

    @classmethod
    def setUpClass(cls):
        cls.exposition = exposition_of_everything()
        cls.served = {}  # by metric, by label: the values
        for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? \S+$", cls.exposition, re.MULTILINE):
            values = cls.served.setdefault(name, {})
            for label, value in cls.MATCHER.findall(labels):
                values.setdefault(label, set()).add(value)

    def wrong(self, expression):
        """What is wrong with the labels of an expression, a clause each."""
        for name, matchers in re.findall(r"(spillway_\w+)(?:\{([^}]*)\})?", expression):
            if name not in self.served:
                yield f"nobody serves {name}"
                continue
            for label, values in self.MATCHER.findall(matchers):
                if label not in set(self.served[name]) | self.ADDED:
                    yield f"{name} has no label {label}"
                for value in [] if label in self.OF_THE_USER else values.split("|"):
                    if value not in self.served[name].get(label, ()):
                        yield f"{label} of {name} is never {value}"
        for found in re.finditer(r"\bby *\(([^)]*)\) *\(", expression):
            for name in re.findall(r"spillway_\w+", self.until_closed(expression[found.end():])):
                for label in set(found[1].replace(" ", "").split(",")) - set(self.served.get(name, ())) - self.ADDED:
                    yield f"{name} has no label {label} to sum by"

    @staticmethod
    def until_closed(text):
        depth = 1
        for at, character in enumerate(text):
            depth += {"(": 1, ")": -1}.get(character, 0)
            if depth == 0:
                return text[:at]
        raise AssertionError(f"{text} is not closed")

    def test_alerts_ask_for_labels_and_values_that_there_are(self):
        self.assertGreater(len(alerts_expressions()), 10)
        for expression in alerts_expressions():
            self.assertEqual(list(self.wrong(expression)), [], expression)

    def test_their_stories_are_told_of_such_labels_and_values(self):
        series = re.findall(r"series: '(.*?)'", text_of(STORIES))
        self.assertGreater(len(series), 20)
        for each in series:
            self.assertEqual(list(self.wrong(each)), [], each)

    def test_grafana_asks_for_labels_and_values_that_there_are(self):
        board = json.loads(text_of(GRAFANA))
        targets = [target for panel in board["panels"] for target in panel["targets"]]
        for expression in [target["expr"] for target in targets] + [each["expr"] for each in board["annotations"]["list"]]:
            self.assertEqual(list(self.wrong(expression)), [], expression)
        for target in targets:
            kept = set(re.findall(r"\w+", " ".join(re.findall(r"\bby *\(([^)]*)\)", target["expr"]))))
            self.assertLessEqual(set(re.findall(r"\{\{ *(\w+) *\}\}", target["legendFormat"])), kept, target)
        asked = [re.fullmatch(r"label_values\((\w+), *(\w+)\)", each["query"])
                 for each in board["templating"]["list"] if each["type"] == "query"]
        self.assertTrue(asked)
        for found in asked:
            self.assertIn(found[2], self.served.get(found[1], ()), found[0])

    def test_what_is_not_there_is_found(self):
        for expression, clause in (
                ("sum by (app) (rate(spillway_writes_total[5m]))", "spillway_writes_total has no label app to sum by"),
                ('spillway_app_condition{condition=~"HomeDown|HomeUp"}', "condition of spillway_app_condition is never HomeUp"),
                ('spillway_writes_total{to="avi"}', "spillway_writes_total has no label to"),
                ("sum(spillway_water)", "nobody serves spillway_water")):
            self.assertIn(clause, list(self.wrong(expression)))

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed; tools/setup installs prometheus")
    def test_promtool_finds_nothing_to_say_of_the_metrics(self):
        checked = run("promtool", "check", "metrics", input=self.exposition)
        self.assertEqual((checked.returncode, checked.stdout), (0, ""))


@unittest.skipUnless(shutil.which("prometheus"), "prometheus is not installed; tools/setup installs it")
class Scrape(unittest.TestCase):
    """A spillwayd that reaches nothing: every metric is there all the same."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        made = run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                   "-subj", "/CN=spillway", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", cls.path("key.pem"),
                   "-out", cls.path("cert.pem"))
        assert made.returncode == 0, made.stdout
        cls.port, cls.prometheus_port = free_port(), free_port()
        cls.write("tokens", f"prometheus viewer sha256:{hashlib.sha256(TOKEN.encode()).hexdigest()}\n")
        cls.write("token", TOKEN)
        cls.write("avi.password", "secret\n")
        cls.write("kubeconfig", KUBECONFIG.replace("CA", cls.path("cert.pem")))
        cls.write("spillway.yaml", CONFIG.replace("FOLDER", cls.folder).replace("PORT", str(cls.port)))
        cls.write("prometheus.yml", PROMETHEUS.replace("FOLDER", cls.folder).replace("PORT", str(cls.port))
                  .replace("RULES", os.path.abspath(RULES)))
        cls.start("spillwayd", os.environ["SPILLWAYD"], "--config", cls.path("spillway.yaml"))
        cls.start("prometheus", "prometheus", "--config.file", cls.path("prometheus.yml"), "--storage.tsdb.path",
                  cls.path("tsdb"), "--web.listen-address", f"127.0.0.1:{cls.prometheus_port}")
        wait_for("the scrape", lambda: cls.query("up == 1"), 30)

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    @classmethod
    def write(cls, name, text):
        with open(os.open(cls.path(name), os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(text)

    @classmethod
    def start(cls, name, *command):
        with open(cls.path(name + ".log"), "wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        cls.addClassCleanup(process.wait, 20)
        cls.addClassCleanup(process.send_signal, signal.SIGTERM)

    @classmethod
    def query(cls, expression):
        url = f"http://127.0.0.1:{cls.prometheus_port}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return json.load(answer)["data"]["result"]
        except urllib.error.HTTPError as error:
            if error.code == 503:  # it is starting
                return None
            raise AssertionError(f"{expression}: {error.read().decode()}") from error
        except OSError:
            return None

    def test_without_the_token_there_is_nothing(self):
        asked = run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", self.path("cert.pem"),
                    f"https://127.0.0.1:{self.port}/metrics")
        self.assertEqual(asked.stdout, "401")

    def test_counters_are_there_from_the_start(self):
        for series in ('spillway_decisions_total{app="shop",reason="DemandRose"}', 'spillway_leader',
                       'spillway_invariant_violations_total{rule="SomebodyServed"}',
                       'spillway_writes_total{target="avi",outcome="done"}',
                       'spillway_burst_cost_total{app="shop",site="eu"}'):
            wait_for(series, lambda series=series: self.query(series), 30)

    def test_the_rules_are_loaded(self):
        url = f"http://127.0.0.1:{self.prometheus_port}/api/v1/rules"
        with urllib.request.urlopen(url, timeout=5) as answer:
            groups = json.load(answer)["data"]["groups"]
        self.assertEqual(sum(len(group["rules"]) for group in groups), text_of(RULES).count("- alert:"))

    def test_grafana_asks_only_for_what_there_is(self):
        board = json.loads(text_of(GRAFANA))
        expressions = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
        expressions += [each["expr"] for each in board["annotations"]["list"]] + alerts_expressions()
        # Which tests/daemon/metrics_test.cc holds against what is served; here some have no value yet.
        served = set(re.findall(r"^\| `(spillway_\w+)`", text_of("docs/metrics.md"), re.MULTILINE))
        for expression in expressions:
            for name in re.findall(r"spillway_\w+", expression):
                self.assertIn(re.sub(r"_(bucket|count|sum)$", "", name), served, expression)
            self.assertIsNotNone(self.query(expression.replace("$app", "shop").strip('"')), expression)


KUBECONFIG = """apiVersion: v1
kind: Config
current-context: x
contexts: [{name: x, context: {cluster: x, user: x}}]
clusters: [{name: x, cluster: {server: "https://127.0.0.1:1", certificate-authority: CA}}]
users: [{name: x, user: {token: none}}]
"""

CONFIG = """apiVersion: spillway/v1
controller:
  listen: 127.0.0.1:PORT
  tls: { certFile: FOLDER/cert.pem, keyFile: FOLDER/key.pem }
  auth: { tokensFile: FOLDER/tokens, metrics: viewer }
  state: { dir: FOLDER/state }
avi:
  controllers: [https://127.0.0.1:1]
  username: spillway
  passwordFile: FOLDER/avi.password
  caFile: FOLDER/cert.pem
clusters:
  us: { kubeconfig: FOLDER/kubeconfig }
  eu: { kubeconfig: FOLDER/kubeconfig }
apps:
- name: shop
  gslbService: shop
  mode: weighted
  home:
    site: us
    cluster: us
    namespace: acme
    deployment: shop
    demand: { kind: TsmDefinition, name: shop }
    member: { ip: 10.10.0.10 }
  overflow:
  - { site: eu, cluster: eu, namespace: acme, deployment: shop, member: { ip: 10.20.0.10 }, maxReplicas: 5 }
"""

PROMETHEUS = """global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [RULES]
scrape_configs:
- job_name: spillway
  scheme: https
  authorization: { credentials_file: FOLDER/token }
  tls_config: { ca_file: FOLDER/cert.pem }
  static_configs: [{ targets: ["127.0.0.1:PORT"] }]
"""

if __name__ == "__main__":
    unittest.main(verbosity=2)
