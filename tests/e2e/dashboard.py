"""A test of the dashboard: an Arena with people who may come, and browsers for them."""

import glob
import os
import pwd
import tempfile

from arena import Arena
from browser import NEWS, Browser, installed
from programs import wait_for

VIEWER, OPERATOR = "viewer-token-of-the-test", "operator-token-of-the-test"


class Dashboard(Arena):
    def setUp(self):
        if not installed():
            self.skipTest("chromium or chromedriver is not installed; tools/setup installs them")
        super().setUp()
        self.let_in("vera", "viewer", VIEWER)
        self.let_in("otto", "operator", OPERATOR)
        # Chromium's profile wants short paths.
        self.profiles = self.enterContext(tempfile.TemporaryDirectory(dir="/tmp"))

    def browser(self, *arguments, **named):
        browser = Browser(self.profiles, *arguments, **named)
        self.addCleanup(browser.driver.quit)
        return browser

    def quit(self, *browsers):
        """The end of a browser whose page was well all the time."""
        for browser in browsers:
            self.assertEqual(browser.errors(), [])
            browser.driver.quit()

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
