"""One real page in Chromium, and what it holds in memory."""

import os
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from programs import wait_for


class Tab:
    """The dashboard, signed in and left open."""

    def __init__(self, url, token):
        options = webdriver.ChromeOptions()
        self.profile = tempfile.TemporaryDirectory(prefix="spillway-tab-", ignore_cleanup_errors=True)
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                         "--disable-background-networking", "--window-size=1280,1000",
                         f"--user-data-dir={self.profile.name}"):
            options.add_argument(argument)
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.driver.get(url)
        field = self.driver.find_element(By.ID, "token")
        wait_for("the form that asks for a token", field.is_displayed, 20)
        field.send_keys(token, Keys.ENTER)
        wait_for("the application", lambda: self.driver.find_elements(By.CSS_SELECTOR, "article .headline"), 20)
        self.driver.execute_cdp_cmd("Performance.enable", {})

    def holds(self):
        """After a garbage collection: heap in MiB, nodes, listeners; and the resident MiB of the process that draws."""
        self.driver.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
        found = {each["name"]: each["value"] for each in self.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]}
        return {"heap_mib": found["JSHeapUsedSize"] / 2**20, "nodes": found["Nodes"], "listeners": found["JSEventListeners"],
                "resident_mib": max(self.renderers(), default=0) / 2**20}

    def renderers(self):
        """Resident bytes of this browser's processes that draw."""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
                    command = file.read()
                with open(f"/proc/{pid}/statm", encoding="utf-8") as file:
                    pages = int(file.read().split()[1])
            except OSError:
                continue  # ended meanwhile
            if "--type=renderer" in command and self.profile.name in command:
                yield pages * os.sysconf("SC_PAGE_SIZE")

    def close(self):
        self.driver.quit()
        self.profile.cleanup()
