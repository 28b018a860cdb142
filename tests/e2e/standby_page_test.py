"""The dashboard of a daemon that stands by, in a real browser, until it leads itself."""

import signal
import unittest

from browser import NEWS
from dashboard import OPERATOR, Dashboard
from programs import call, wait_for

LEASE = 20  # seconds until another one leads, at the most


class StandbyPage(Dashboard):
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
        self.quit(page)


if __name__ == "__main__":
    unittest.main(verbosity=2)
