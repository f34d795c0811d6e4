"""A real browser, driven over a pipe by the DevTools protocol (https://chromedevtools.github.io/devtools-protocol/)."""

import base64
import json
import os
import select
import shutil
import subprocess
import time

PATIENCE_S = 60


def find():
    """The browser's path, or None."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")


class Browser:
    """One page. What the page complains of (exceptions, its Content-Security-Policy) is kept in `complaints`."""

    def __init__(self, path, profile):
        to_browser, self.out = os.pipe()
        self.into, from_browser = os.pipe()
        # The browser reads from descriptor 3 and writes to 4; the copies are behind both.
        reads, writes = os.dup(to_browser), os.dup(from_browser)
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={profile}",
                 "--disable-background-networking", "--disable-component-update", "--no-first-run",
                 # Nothing but this machine can be reached.
                 "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--remote-debugging-pipe"]
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$0" "$@" 3<&{reads} 4>&{writes}', path, *flags], pass_fds=(reads, writes),
            env={**os.environ, "HOME": str(profile)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for descriptor in (to_browser, from_browser, reads, writes):
            os.close(descriptor)
        self.number = 0
        self.buffer = b""
        self.session = None
        self.complaints = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def close(self):
        self.process.terminate()
        self.process.wait()
        os.close(self.out)
        os.close(self.into)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + PATIENCE_S
        while True:
            answer = self.receive(end)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def receive(self, end):
        while b"\0" not in self.buffer:
            if not select.select([self.into], [], [], max(end - time.monotonic(), 0))[0]:
                raise RuntimeError("the browser does not answer")
            octets = os.read(self.into, 1 << 16)
            if not octets:
                raise RuntimeError("the browser has ended")
            self.buffer += octets
        text, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(text)
        if message.get("method") == "Runtime.exceptionThrown":
            details = message["params"]["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description") or details["text"])
        # That a request is answered 401 is no fault of the page.
        if message.get("method") == "Log.entryAdded" and message["params"]["entry"]["source"] != "network":
            self.complaints.append(message["params"]["entry"]["text"])
        return message

    def value(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, claim, expression):
        """Waits until `expression` is true, also over a change of the page."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                if self.value(expression):
                    return
            except RuntimeError as problem:
                if "has ended" in str(problem):
                    raise
            time.sleep(0.05)
        raise AssertionError(f"{claim}; the page says: {self.value('document.body.innerText')}")

    def go(self, url):
        self.call("Page.navigate", url=url)
        self.wait(f"{url} is loaded", f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    def type(self, text):
        self.call("Input.insertText", text=text)

    def press(self, key, text=""):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, text=text if kind == "keyDown" else "",
                      windowsVirtualKeyCode={"Enter": 13, "Tab": 9}[key])

    def size(self, width, height, phone=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if phone else 1,
                  mobile=phone)

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))
