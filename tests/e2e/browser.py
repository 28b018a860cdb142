"""A page in a real, headless Chromium."""

import base64
import http.server
import os
import shutil
import tempfile
import threading

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from programs import wait_for

NEWS = 3  # seconds until the page shows what the API says, on a busy machine


def installed():
    return shutil.which("chromium") and os.path.exists("/usr/bin/chromedriver")


class Browser:
    def __init__(self, folder, width=1280, height=1000, dark=False):
        options = webdriver.ChromeOptions()
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                         "--disable-background-networking", f"--user-data-dir={tempfile.mkdtemp(dir=folder)}",
                         f"--window-size={width},{height}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        if width < 600:  # a window is never that narrow
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": True})
        if dark:
            self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                        {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})

    def open(self, url, token=None):
        self.driver.get(url)
        if token:
            field = self.one("#token")
            wait_for("the form that asks for a token", field.is_displayed, NEWS)
            field.send_keys(token, Keys.ENTER)
            wait_for("the application", lambda: self.all("article .headline"), NEWS)

    def errors(self):
        """What the console has held of the page since it was asked last, but for requests that were not answered."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"
                and "Failed to load resource" not in entry["message"] and "ERR_" not in entry["message"]]

    def rows(self, site):
        """What a site's card says, by its labels: {"Replicas": …, "GSLB": …, "written": …}; {}: there is no card."""
        return self.driver.execute_script("""
            const card = document.querySelector(`[data-site="${arguments[0]}"]`);
            const pairs = [...card?.querySelectorAll("dt") ?? []].map((label) => [label.innerText, label.nextElementSibling.innerText]);
            const bars = [...card?.querySelectorAll(".share") ?? []].map((bar) => [bar.children[0].innerText, bar.children[2].innerText]);
            return Object.fromEntries([...pairs, ...bars]);""", site)

    def blind(self, kind):
        """As somebody with that deficiency of colour vision sees it, until told "none"."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedVisionDeficiency", {"type": kind})

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        # Asked in one step: elements may be replaced between two.
        return self.driver.execute_script("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def press(self, *keys):
        """As somebody without a mouse does: to what has the focus."""
        # Not to an element: one that is replaced, or that the driver holds to be hidden, takes a key all the same.
        ActionChains(self.driver).send_keys(*keys).perform()

    def picture(self, name):
        folder = os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR")
        if folder:
            self.driver.execute_cdp_cmd("Page.bringToFront", {})
            size = self.driver.execute_script("return [document.documentElement.scrollHeight, innerWidth]")
            shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
                "captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": size[1], "height": size[0], "scale": 1}})
            with open(os.path.join(folder, name + ".png"), "wb") as file:
                file.write(base64.b64decode(shot["data"]))


ATTACKS = """
const [url, app, done] = arguments, results = {};
const attempt = async (what, act) => {
    try { results[what] = await act(); } catch (error) { results[what] = error.name; }
};
const orders = `${url}/api/v1/apps/${app}/`, body = JSON.stringify({ reason: "attack", site: "us" });
(async () => {
    await attempt("read", async () => (await fetch(orders)).status);
    await attempt("send as a page may", async () => (await fetch(orders + "pause", {
        method: "POST", mode: "no-cors", credentials: "include", headers: { "Content-Type": "text/plain" }, body })).type);
    await attempt("send JSON", async () => (await fetch(orders + "pause", {
        method: "POST", credentials: "include", headers: { "Content-Type": "application/json" }, body })).status);
    await attempt("end the orders", async () => (await fetch(orders + "override?reason=attack", { method: "DELETE", credentials: "include" })).status);
    await attempt("look into its window", async () => {
        const opened = window.open(url);
        await new Promise((resolve) => setTimeout(resolve, 500));
        try { return Object.values(opened.sessionStorage).length; } finally { opened.close(); }
    });
    await attempt("frame it", async () => {
        const frame = document.createElement("iframe");
        const loaded = new Promise((resolve) => { frame.onload = resolve; });
        frame.src = url;
        document.body.append(frame);
        await loaded;
        return frame.contentWindow.document.body.innerText;
    });
    done(results);
})();
"""


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """An empty page of another site."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title><body>")

    def log_message(self, *_):
        pass


def attack(browser, url, app):
    """What a page of another site gets when it turns to the daemon at `url`, in a tab beside the browser's."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = browser.driver.current_window_handle
        browser.driver.switch_to.new_window("tab")
        browser.driver.get(f"http://localhost:{server.server_port}/")
        results = browser.driver.execute_async_script(ATTACKS, url, app)
        browser.driver.close()
        browser.driver.switch_to.window(page)
        server.shutdown()
    return results
