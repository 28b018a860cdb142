"""The dashboard in a real browser, through a burst, a restart, an operator's orders and the loss of home."""

import glob
import hashlib
import os
import pwd
import signal
import tempfile
import unittest

from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from arena import Arena
from browser import NEWS, Browser, attack, installed
from programs import call, wait_for
from scene import CLOUD, HOME

VIEWER, OPERATOR = "viewer-token-of-the-test", "operator-token-of-the-test"
LEASE = 20  # seconds until another one leads, at the most
EU = f'[data-site="{CLOUD}"]'


def orders_of(daemon):
    """What stands, but for when: an answer's times are of two clocks."""
    return [{key: value for key, value in order.items() if key not in ("since", "expires")}
            for order in daemon.state()["override"]["orders"]]


class Page(Arena):
    def setUp(self):
        if not installed():
            self.skipTest("chromium or chromedriver is not installed; tools/setup installs them")
        super().setUp()
        with open(self.lab.path("tokens"), "a", encoding="utf-8") as tokens:
            for name, role, token in (("vera", "viewer", VIEWER), ("otto", "operator", OPERATOR)):
                tokens.write(f"{name} {role} sha256:{hashlib.sha256(token.encode()).hexdigest()}\n")
        # Chromium's profile wants short paths.
        self.profiles = self.enterContext(tempfile.TemporaryDirectory(dir="/tmp"))

    def browser(self, *arguments, **named):
        browser = Browser(self.profiles, *arguments, **named)
        self.addCleanup(browser.driver.quit)
        return browser

    def says(self, browser, what, seconds=NEWS):
        wait_for(f"the page to say {what!r}; it says {browser.text('.headline')!r}",
                 lambda: what in browser.text(".headline"), seconds)

    def accessible(self, browser):
        home = pwd.getpwuid(os.getuid()).pw_dir
        scripts = glob.glob(home + "/.cache/spillway-axe/node_modules/axe-core/axe.min.js")
        if not scripts:
            with self.subTest("axe"):
                self.skipTest("axe-core is not installed; tools/setup said that npm could not install it")
            return
        with open(scripts[0], encoding="utf-8") as script:
            browser.driver.execute_script(script.read())
        found = browser.driver.execute_async_script(
            "const done = arguments[0]; axe.run().then((all) => done(all.violations.map("
            "(each) => [each.impact, each.id, each.nodes.map((node) => node.html.slice(0, 150))])))")
        self.assertEqual([each for each in found if each[0] in ("serious", "critical")], [])

    def as_truth_says(self, browser, stage):
        """Replicas and shares on the page are those that really are."""
        def same():
            scene = stage.look()
            card = browser.text(EU)
            share = scene.published(CLOUD) * 100
            shown = f"{share:.0f} %" if abs(share - round(share)) < 0.05 else f"{share:.1f} %"
            return f"{scene.pods(CLOUD)['ready']} ready of {scene.pods(CLOUD)['wanted']}" in card and shown in card
        wait_for("the page to show what is so", same, 10)

    def order(self, browser, action, fill=lambda: None):
        """Asks for a dry run of an order; the dialog's answer."""
        browser.one(".act").click()
        Select(browser.one("#order-action")).select_by_value(action)
        fill()
        browser.one("#order-reason").send_keys("practice")
        browser.one("#order button[type=submit]").click()
        wait_for("an answer", lambda: "…" not in browser.text("#order-result") and browser.text("#order-result"), NEWS)
        return browser.text("#order-result")

    def test_a_burst_a_restart_orders_and_an_outage_as_people_see_them(self):
        daemon = self.daemon().up()
        stage = self.stage(daemon)
        stage.until("a decision", lambda s: s.phase() == "rest", 20)
        viewer = self.browser()
        viewer.open(daemon.url)
        self.assertTrue(viewer.one("#sign-in").is_displayed(), "nothing is shown to strangers")
        viewer.open(daemon.url, VIEWER)
        self.says(viewer, "At rest: home carries a demand of")
        self.assertFalse(viewer.one(".act").is_displayed(), "viewers see no buttons")
        self.assertNotIn(VIEWER, viewer.driver.current_url)
        viewer.picture("rest")
        self.accessible(viewer)

        self.lab.demand(6)
        self.says(viewer, "Bursting", 30)
        viewer.picture("provisioning")
        stage.until("a burst", lambda s: s.phase() == "serving" and s.share(CLOUD) > 0.3, 60)
        self.says(viewer, f"{CLOUD} has")
        self.as_truth_says(viewer, stage)
        wait_for("decisions on the page", lambda: viewer.all(".decisions li"), NEWS)
        self.assertRegex(viewer.text(".headline"), r"; since \d\d:\d\d\.$")
        viewer.one(".why summary").click()
        self.assertRegex(viewer.text(".why"), r"an excess of \d when the demand is above \d")
        viewer.picture("bursting")
        self.accessible(viewer)

        phone, dark = self.browser(390, 844), self.browser(dark=True)
        phone.open(daemon.url, VIEWER)
        phone.picture("phone")
        self.assertLessEqual(phone.driver.execute_script("return document.documentElement.scrollWidth"), 390)
        dark.open(daemon.url, VIEWER)
        dark.picture("dark")
        self.accessible(dark)

        daemon.end()
        wait_for("the page to say that news are missing", lambda: "no news" in viewer.text("#news"), NEWS)
        self.assertIn("As of ", viewer.text(".headline"), "old figures do not pass for live ones")
        viewer.picture("lost")
        daemon.up()
        wait_for("the page to be live again", lambda: "live" in viewer.text("#news"), 15)
        self.as_truth_says(viewer, stage)
        self.assertNotIn("As of ", viewer.text(".headline"))
        self.loads_with_its_past(daemon, dark)

        operator = self.browser()
        operator.open(daemon.url, OPERATOR)
        self.operator_orders(daemon, stage, operator, phone)
        self.comes_back(daemon, stage, operator, viewer)
        print("a decision on the page, seconds after it was made:", viewer.driver.execute_script(
            "const [last] = performance.getEntriesByName('decision');"
            "return Math.round(performance.timeOrigin + last.startTime - Date.parse(last.detail)) / 1000"))

        self.break_("site-us", "down")
        self.says(viewer, "Home is down", 60)
        viewer.picture("outage")
        self.says(viewer, "gets 100 %", 60)
        self.as_truth_says(viewer, stage)
        errors = [entry["message"] for entry in viewer.driver.get_log("browser") if entry["level"] == "SEVERE"
                  and "Failed to load resource" not in entry["message"] and "ERR_" not in entry["message"]]
        self.assertEqual(errors, [])

    def loads_with_its_past(self, daemon, late):
        """A page that is loaded now draws what was before, from before the restart too; a click on a mark tells why."""
        late.driver.refresh()
        wait_for("the burst's decisions", lambda: len(late.all(".decisions li")) > 2, NEWS)
        status, history = call("GET", f"{daemon.url}/api/v1/apps/{daemon.app}/history", token=VIEWER)
        self.assertEqual(status, 200)
        samples = history["samples"]
        self.assertTrue(any(each["share"][CLOUD]["written"] == 0 for each in samples), "from before the burst")
        self.assertGreater(samples[-1]["share"][CLOUD]["written"], 0.3)
        late.one(".zoom button:last-child").click()
        # The last mark: what the restart decided stands at the right edge of the replicas' part of the chart.
        clicked = late.driver.execute_script("""
            const canvas = document.querySelector("canvas"), chart = Chart.getChart(canvas);
            const marks = chart.data.datasets.findIndex((set) => set.decisions);
            const mark = chart.getDatasetMeta(marks).data.at(-1), box = canvas.getBoundingClientRect();
            canvas.dispatchEvent(new MouseEvent("click", { clientX: box.left + mark.x, clientY: box.top + mark.y, bubbles: true }));
            return chart.data.datasets.map((set, i) => {
                const { data, yAxisID } = chart.getDatasetMeta(i);
                return [set.label, [yAxisID, data.length]];
            });""")
        lines = dict(clicked)
        for line, axis in (("demand", "y"), ("home's maximum", "y"), ("decisions", "y"), (f"{CLOUD} written", "share"),
                           (f"{CLOUD} measured", "share")):
            self.assertEqual(lines[line][0], axis, line)
            self.assertGreater(lines[line][1], 1, f"points of {line}")
        wait_for("the decision's reasons", lambda: late.all(".opened ol li"), NEWS)
        late.picture("opened")
        late.driver.refresh()  # as somebody who is signed in opens it
        wait_for("the page", lambda: late.all("article .headline"), NEWS)
        print("the state on the page, seconds after it was asked for:", late.driver.execute_script(
            "return Math.round(performance.getEntriesByName('state')[0].startTime) / 1000"))
        late.driver.quit()

    def operator_orders(self, daemon, stage, operator, phone):
        answer = self.order(operator, "drain", lambda: Select(operator.one("#order-site")).select_by_value(CLOUD))
        self.assertIn("Refused by the rule CapacityFloor", answer)
        self.assertFalse(operator.one("#order-confirm").is_displayed(), "what is refused can't be confirmed")
        operator.picture("refused")
        operator.one("body").send_keys(Keys.ESCAPE)

        answer = self.order(operator, "mode", lambda: Select(operator.one("#order-mode")).select_by_value("round-robin"))
        self.assertIn("It would be accepted", answer)
        self.assertIn("In the end", answer)
        self.assertEqual(daemon.state()["override"]["orders"], [], "a dry run does nothing")
        operator.picture("dry-run")
        self.accessible(operator)
        operator.one("#order-confirm").click()
        wait_for("the order to stand", lambda: daemon.state()["override"]["orders"], NEWS)
        self.assertEqual(daemon.state()["override"]["orders"][0]["actor"], "otto")
        stage.until("equal shares", lambda s: abs(s.published(CLOUD) - 0.5) < 0.01, 60)
        operator.one("body").send_keys(Keys.ESCAPE)
        wait_for("the order on everybody's page", lambda: "Order mode round-robin by otto" in phone.text(".orders"), NEWS)
        wait_for("the audit trail", lambda: "otto (operator)" in operator.text("#trail-rows"), NEWS)
        self.assertIn(HOME, operator.text(".sites"))
        operator.picture("ordered")
        phone.driver.quit()
        self.another_site_can_do_nothing(daemon, operator)

    def another_site_can_do_nothing(self, daemon, operator):
        """A page of another site in the browser of an operator who is signed in: it reads, sends and frames nothing."""
        told = orders_of(daemon)
        tried = attack(operator, daemon.url, daemon.app)
        self.assertEqual(tried, {"read": "TypeError", "send as a page may": "opaque", "send JSON": "TypeError",
                                 "end the orders": "TypeError", "look into its window": "SecurityError",
                                 "frame it": "SecurityError"})
        self.assertEqual(orders_of(daemon), told, "nothing came of it")
        self.assertIn("live", operator.text("#news"))

    def comes_back(self, daemon, stage, operator, viewer):
        """The order is ended without a mouse; then the load falls, and home has it all again."""
        operator.driver.execute_script("document.activeElement.blur()")
        for _ in range(20):
            operator.press(Keys.TAB)
            if operator.driver.execute_script("return document.activeElement.matches('.act')"):
                break
        operator.press(Keys.ENTER)
        operator.press("End every")
        operator.press(Keys.TAB)
        operator.press("practised", Keys.ENTER)
        wait_for("the confirmation to have the focus",
                 lambda: operator.driver.execute_script("return document.activeElement.id") == "order-confirm", NEWS)
        operator.press(Keys.ENTER)
        wait_for("the order to end", lambda: not daemon.state()["override"]["orders"], NEWS)
        operator.press(Keys.ESCAPE)
        self.assertFalse(operator.one("#order").is_displayed())
        operator.driver.quit()

        here = viewer.driver.execute_script(
            "const at = document.querySelector('.decisions button'); at.closest('details').open = true; at.focus(); "
            "return at.dataset.key")
        self.lab.demand(2)
        self.says(viewer, "Coming back", 60)
        wait_for("a drain with its progress and its end", lambda: "Draining: " in viewer.text(f"{EU} .moves")
                 and "done at about" in viewer.text(f"{EU} .moves") and viewer.all(f"{EU} progress"), 90)
        self.assertEqual(viewer.driver.execute_script("return document.activeElement.dataset.key"), here,
                         "who reads with the keyboard stays where he is while decisions come")
        viewer.picture("draining")
        self.says(viewer, "At rest", 90)
        self.as_truth_says(viewer, stage)

    def test_a_standbys_page_names_the_leader_until_it_leads_itself(self):
        first, second = self.member(1).up(), self.member(2)
        self.config = self.lab.path("pair-2.yaml")
        with open(self.config, encoding="utf-8") as file:
            whole = file.read()
        # The second knows of one more, of which nothing is there.
        with open(self.config, "a", encoding="utf-8") as file:
            file.write(whole[whole.index("\n- name: shopping") + 1:].replace("shopping", "tickets"))
        leads = lambda daemon: call("GET", daemon.url + "/readyz", timeout=1)[1]["leader"]["leads"]
        wait_for("the first to lead", lambda: leads(first), LEASE)
        second.up()
        page = self.browser()
        page.open(second.url, OPERATOR)
        wait_for("the leader's address", lambda: "stands by" in page.text("#leader") and first.url in page.text("#leader"), 10)
        self.assertEqual(page.one("#leader a").get_attribute("href").rstrip("/"), first.url)
        self.says(page, "At rest", 20)
        wait_for("a line for each", lambda: "shopping – At rest" in page.text("#overview") and "tickets – " in page.text("#overview"), 10)
        self.assertIn("Spillway: ", page.driver.title)
        page.picture("standby")
        self.accessible(page)
        self.assertFalse(page.one(".act").is_displayed(), "orders are given where they are taken")
        self.assertEqual(first.end(signal.SIGTERM), 0)
        wait_for("the second to lead", lambda: leads(second), LEASE)
        wait_for("its page to say so", lambda: not page.one("#leader").is_displayed() and page.one(".act").is_displayed(), NEWS)


if __name__ == "__main__":
    unittest.main(verbosity=2)
