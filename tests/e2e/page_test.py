"""The dashboard in a real browser, through a burst, a restart, an operator's orders and the loss of home."""

import re
import unittest

from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from browser import NEWS, attack
from dashboard import OPERATOR, VIEWER, Dashboard
from programs import StoryError, call, wait_for
from scene import CLOUD, HOME

MOST = 20  # replicas in the cloud, as the lab configures it
RED = "rgba(168, 42, 0, 1)"  # --bad of the page's style, on light paper
EU = f'[data-site="{CLOUD}"]'


def orders_of(daemon):
    """What stands, but for when: an answer's times are of two clocks."""
    return [{key: value for key, value in order.items() if key not in ("since", "expires")}
            for order in daemon.state()["override"]["orders"]]


class Page(Dashboard):
    def as_truth_says(self, browser, stage, seen=(HOME, CLOUD)):
        """What the page says of demand and sites is what really is; of replicas, where a cluster can be `seen`."""
        untrue = []

        def same():
            untrue[:] = self.untrue(browser, stage.look(), seen)
            return not untrue
        try:
            wait_for("the page to show what is so", same, 10)
        except StoryError as error:
            raise AssertionError("; ".join(untrue)) from error

    def untrue(self, browser, scene, seen):
        """What on the page is not so in `scene`, a clause each."""
        demand = re.search(r"demand ([\d.]+)", browser.text(".facts"))
        if not demand or abs(float(demand[1]) - scene.truth["demand"]) > 1:  # it is measured, and of a window the most
            yield f"{browser.text('.facts')!r}, a demand of {scene.truth['demand']}"
        most = {HOME: scene.autoscaler()["max"], CLOUD: MOST}
        for site in (HOME, CLOUD):
            rows, pods, written = browser.rows(site), scene.pods(site), scene.published(site)
            replicas = re.fullmatch(r"(\d+) ready of (\d+) (?:target \d+, )?at most (\d+)", rows.get("Replicas", ""))
            if site in seen and (not replicas or replicas.groups() != (str(pods["ready"]), str(pods["wanted"]), str(most[site]))):
                yield f"{site}: replicas {rows.get('Replicas')!r}, {pods}, at most {most[site]}"
            shown = f"{written * 100:.0f} %" if abs(written * 100 - round(written * 100)) < 0.05 else f"{written * 100:.1f} %"
            if rows.get("written") != shown:
                yield f"{site}: written {rows.get('written')!r}, {shown}"
            # Both are measured, over their own seconds, and from a dozen resolvers.
            measured = re.fullmatch(r"([\d.]+) %", rows.get("measured", ""))
            if not measured or abs(float(measured[1]) / 100 - scene.share(site)) > 0.15:
                yield f"{site}: measured {rows.get('measured')!r}, {scene.share(site):.0%}"
            health = "– nothing runs" if pods["total"] == 0 and site != HOME else "✓ up" if scene.up(site) else "✕ down"
            if not rows.get("GSLB", "").startswith(health):
                yield f"{site}: GSLB {rows.get('GSLB')!r}, {health!r}"

    def order(self, browser, action, fill=lambda: None):
        """Asks for a dry run of an order, by no reason; what would happen, or why it is refused."""
        browser.one(".act").click()
        Select(browser.one("#order-action")).select_by_value(action)
        fill()
        self.assertFalse(browser.one("#order-reason").is_displayed(), "first it is shown what would happen")
        browser.one("#order-try").click()
        shown = lambda: browser.text("#order-plan") if browser.one("#order-plan").is_displayed() else browser.text("#order-result")
        wait_for("an answer", lambda: "…" not in shown() and shown(), NEWS)
        return shown()

    def test_a_burst_a_restart_orders_and_an_outage_as_people_see_them(self):
        daemon = self.daemon().up()
        stage = self.stage(daemon)
        stage.until("a decision", lambda s: s.phase() == "rest", 20)
        viewer = self.browser()
        viewer.open(daemon.url)
        wait_for("nothing to be shown to strangers", viewer.one("#sign-in").is_displayed, NEWS)
        self.accessible(viewer)
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
        self.assertRegex(viewer.text(".why"), r"\[[A-Z]\w+\]", "reasons with the codes that docs/symptoms are about")
        wait_for("an Event about who scaled", lambda: any(
            write["caller"] == "spillway" and write["api"] == "k8s-eu" and write["object"].endswith("/events")
            and write["status"] == 201 for write in stage.look().truth["writes"]), 10)
        viewer.picture("bursting")
        self.accessible(viewer)

        phone, dark = self.browser(390, 844), self.browser(dark=True)
        phone.open(daemon.url, VIEWER)
        phone.picture("phone")
        self.assertLessEqual(phone.driver.execute_script("return document.documentElement.scrollWidth"), 390)
        self.accessible(phone)
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
        self.assertEqual(stage.look().clients()["failed"], 0, stage.now.failures())
        print("a decision on the page, seconds after it was made:", viewer.driver.execute_script(
            "const [last] = performance.getEntriesByName('decision');"
            "return Math.round(performance.timeOrigin + last.startTime - Date.parse(last.detail)) / 1000"))

        self.break_("site-us", "down")
        self.says(viewer, "Home is down", 60)
        viewer.picture("outage")
        self.says(viewer, "gets 100 %", 60)
        self.as_truth_says(viewer, stage, seen=(CLOUD,))
        self.accessible(viewer)
        self.quit(viewer)

    def loads_with_its_past(self, daemon, late):
        """A page that is loaded now draws what was before, from before the restart too; a click on a mark tells why."""
        late.driver.refresh()
        wait_for("the burst's decisions", lambda: len(late.all(".decisions li")) > 2, NEWS)
        status, history = call("GET", f"{daemon.url}/api/v1/apps/{daemon.app}/history", token=VIEWER)
        self.assertEqual(status, 200)
        samples = history["samples"]
        self.assertTrue(any(each["share"][CLOUD]["written"] == 0 for each in samples), "from before the burst")
        self.assertGreater(samples[-1]["share"][CLOUD]["written"], 0.3)
        shown = lambda: late.driver.execute_script(
            "const { min, max } = Chart.getChart(document.querySelector('canvas')).scales.x; return (max - min) / 60000")
        self.assertAlmostEqual(shown(), 60)
        late.one(".zoom button:last-child").click()
        self.assertAlmostEqual(shown(), 5, msg="minutes on the time line")
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
        wait_for("what was seen when it was decided", lambda: late.all(".opened .inputs li"), NEWS)
        opened = late.text(".opened")
        self.assertRegex(opened, r"demand: desires \d of at most 4.*, \d+ s old")
        self.assertRegex(opened, rf"gslb: .*{CLOUD} served \d+, up; .*, \d+ s old")
        self.assertRegex(opened, r"Demand [\d.]+ .*, told by home ")
        self.assertRegex(opened, r"\[[A-Z]\w+\]")
        self.assertRegex(opened, r"(?s)Would have changed it.*an excess of \d when the demand is above \d")
        late.picture("opened")
        self.accessible(late)
        late.driver.execute_script(
            "const at = document.querySelector('.decisions button'); at.closest('details').open = true; at.focus()")
        late.press(Keys.ENTER)
        late.driver.execute_script("document.querySelector('.opened > button').focus({ preventScroll: true })")
        wait_for("what was opened to be seen", lambda: late.driver.execute_script(
            "return document.querySelector('.opened').getBoundingClientRect().top >= 0"), NEWS)
        late.press(Keys.ENTER)
        self.assertTrue(late.driver.execute_script("return document.activeElement.matches('.decisions button')"), "and closed")
        self.line_is_hidden_by_keys(late)
        late.driver.refresh()  # as somebody who is signed in opens it
        wait_for("the page", lambda: late.all("article .headline"), NEWS)
        print("the state on the page, seconds after it was asked for:", late.driver.execute_script(
            "return Math.round(performance.getEntriesByName('state')[0].startTime) / 1000"))
        self.quit(late)

    def line_is_hidden_by_keys(self, browser):
        """And shown again, without a mouse; news do not take the keyboard away from it."""
        hidden = lambda: browser.driver.execute_script(
            "return Chart.getChart(document.querySelector('canvas')).data.datasets.filter((set) => set.hidden).map((set) => set.label)")
        on = lambda: browser.driver.execute_script(
            "const at = document.activeElement; return [at.closest('.legend') ? at.innerText : '', at.getAttribute('aria-pressed')]")
        browser.one(".zoom button:last-child").click()
        browser.press(Keys.TAB)
        self.assertEqual(on(), ["demand", "true"], "the lines' names follow the chart")
        browser.press(Keys.TAB, Keys.SPACE)
        self.assertEqual(on(), ["home's maximum", "false"])
        self.assertEqual(hidden(), ["home's maximum"])
        drawn = "return Chart.getChart(document.querySelector('canvas')).scales.x.max"
        before = browser.driver.execute_script(drawn)
        wait_for("the chart to be drawn anew", lambda: browser.driver.execute_script(drawn) > before, 10)
        self.assertEqual(on(), ["home's maximum", "false"])
        browser.picture("a line hidden")
        self.accessible(browser)
        browser.press(Keys.ENTER)
        self.assertEqual((on(), hidden()), (["home's maximum", "true"], []))

    def operator_orders(self, daemon, stage, operator, phone):
        answer = self.order(operator, "drain", lambda: Select(operator.one("#order-site")).select_by_value(CLOUD))
        self.assertIn("Refused by the rule CapacityFloor", answer)
        self.assertFalse(operator.one("#order-confirm").is_displayed(), "what is refused can't be confirmed")
        self.assertFalse(operator.one("#order-reason").is_displayed())
        operator.picture("refused")
        self.accessible(operator)
        operator.one("body").send_keys(Keys.ESCAPE)
        self.forced_order_is_red(daemon, operator)

        def pin():
            operator.one(f"#replicas-{CLOUD}").clear()
            operator.one(f"#replicas-{CLOUD}").send_keys("7")
        answer = self.order(operator, "pin-replicas", pin)
        self.assertIn("It would be accepted", answer)
        self.assertRegex(answer, rf"{CLOUD}\s.*7 replicas.*7 replicas")
        operator.picture("pin")
        operator.one("#order-back").click()
        self.assertTrue(operator.one("#field-order-replicas").is_displayed())
        self.assertFalse(operator.one("#field-order-ratios").is_displayed(), "exactly one of both is asked for")
        operator.one("body").send_keys(Keys.ESCAPE)

        answer = self.order(operator, "mode", lambda: Select(operator.one("#order-mode")).select_by_value("round-robin"))
        self.assertIn("It would be accepted", answer)
        self.assertRegex(answer, r"Mode\s+weighted\s+round-robin\s+round-robin")
        operator.one("#order-confirm").click()
        self.assertTrue(operator.one("#order-reason").is_displayed(), "without a reason nothing is done")
        operator.one("#order-reason").send_keys("practice")
        self.assertEqual(daemon.state()["override"]["orders"], [], "a dry run does nothing")
        operator.picture("dry-run")
        self.accessible(operator)
        self.assertEqual(operator.one("#order-confirm").text, "Do it: mode round-robin")
        operator.one("#order-confirm").click()
        wait_for("the order to stand", lambda: daemon.state()["override"]["orders"], NEWS)
        self.assertEqual([(each["actor"], each["reason"]) for each in daemon.state()["override"]["orders"]], [("otto", "practice")])
        wait_for("the page to say so", lambda: "Accepted, until " in operator.text("#order-plan"), NEWS)
        self.assertFalse(operator.one("#order-confirm").is_displayed())
        stage.until("equal shares", lambda s: abs(s.published(CLOUD) - 0.5) < 0.01, 60)
        operator.one("body").send_keys(Keys.ESCAPE)
        wait_for("the order on everybody's page", lambda: "Order mode round-robin by otto" in phone.text(".orders"), NEWS)
        wait_for("the audit trail", lambda: "otto (operator)" in operator.text("#trail-rows"), NEWS)
        room = phone.driver.execute_script("return document.querySelector('#trail td:last-child').clientWidth")
        self.assertGreater(room, 200, "pixels for a reason, on a phone too")
        self.assertLessEqual(phone.driver.execute_script("return document.documentElement.scrollWidth"), 390)
        self.assertIn(HOME, operator.text(".sites"))
        operator.picture("ordered")
        self.quit(phone)
        self.another_site_can_do_nothing(daemon, operator)

    def forced_order_is_red(self, daemon, operator):
        """And says so in a word. Under a pause, so that nothing comes of it."""
        of = f"{daemon.url}/api/v1/apps/{daemon.app}/"
        for action, fields in (("pause", {}), ("drain", {"site": CLOUD, "force": True})):
            status, answer = call("POST", of + action, fields | {"reason": "practice"}, token=daemon.token)
            self.assertEqual(status, 200, answer)
        for where in (".orders .forced", "#trail-rows .forced"):
            wait_for(f"the forced order among {where}", lambda where=where: "FORCED" in operator.text(where), NEWS)
            self.assertIn("drain", operator.text(where))
            self.assertEqual(len(operator.all(where)), 1, "the pause was not forced")
        for red in (".orders .forced", "#trail-rows .forced td"):
            self.assertEqual(operator.one(red).value_of_css_property("color"), RED)
        operator.blind("deuteranopia")
        operator.picture("deuteranopia")
        operator.blind("none")
        self.assertEqual(call("DELETE", of + "override?reason=practised", token=daemon.token)[0], 200)
        wait_for("no order to stand", lambda: not operator.text(".orders"), NEWS)

    def another_site_can_do_nothing(self, daemon, operator):
        """A page of another site in the browser of an operator who is signed in: it reads, sends and frames nothing."""
        told = orders_of(daemon)
        self.assertEqual(operator.errors(), [])
        tried = attack(operator, daemon.url, daemon.app)
        self.assertEqual(tried, {"read": "TypeError", "send as a page may": "opaque", "send JSON": "TypeError",
                                 "end the orders": "TypeError", "look into its window": "SecurityError",
                                 "frame it": "SecurityError"})
        operator.errors()  # the other site's page was told what it may not
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
        operator.press(Keys.TAB, Keys.ENTER)
        on = lambda: operator.driver.execute_script("return document.activeElement.id")
        wait_for("to be asked why, below what would happen", lambda: on() == "order-reason", NEWS)
        self.assertRegex(operator.text("#order-plan"), r"(?s)It would be accepted.*Mode\s+round-robin\s+weighted\s+weighted")
        operator.press("practised", Keys.ENTER)
        self.assertEqual(on(), "order-confirm", "Enter behind the reason is no confirmation")
        self.assertTrue(daemon.state()["override"]["orders"])
        operator.press(Keys.ENTER)
        wait_for("the order to end", lambda: not daemon.state()["override"]["orders"], NEWS)
        operator.press(Keys.ESCAPE)
        self.assertFalse(operator.one("#order").is_displayed())
        self.quit(operator)

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


if __name__ == "__main__":
    unittest.main(verbosity=2)
