"""A node of its own for a test, on free ports; and how a test says what must be, at once or in the end."""

import contextlib
import re
import subprocess
import time
import urllib.error
import urllib.request

PATIENCE_S = 60


def check(condition, text):
    """The test fails with the text unless the condition holds."""
    if not condition:
        raise AssertionError(text)


def wait_until(holds, claim, patience_s=PATIENCE_S, every_s=0.05):
    """Asks again and again; the test fails with the claim when the answer is not true after `patience_s`."""
    end = time.monotonic() + patience_s
    while not holds():
        check(time.monotonic() < end, claim)
        time.sleep(every_s)


def is_ready(url):
    try:
        with urllib.request.urlopen(url + "/readyz", timeout=PATIENCE_S) as answer:
            return answer.status == 200
    except urllib.error.URLError:
        return False


class Restartable:
    """A node that can be killed and started again on the same database, with the same port."""

    def __init__(self, binary, folder, *options):
        self.binary, self.folder, self.options = binary, folder, options
        folder.mkdir()
        self.process, self.url = None, None

    def start(self):
        log = self.folder / "node.log"
        http = self.url.removeprefix("http://") if self.url else "127.0.0.1:0"
        with open(log, "wb") as out:
            self.process = subprocess.Popen(
                [self.binary, "node", f"--http={http}", "--listen=127.0.0.1:0", f"--store=sqlite:{self.folder}/waybill.db",
                 *self.options], stdout=out, stderr=out)
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            address = re.search(r"answers HTTP on (http://[0-9.:]+)", log.read_text())
            if address and is_ready(address[1]):
                self.url = address[1]
                return
            if self.process.poll() is not None:
                raise AssertionError("the node ended:\n" + log.read_text())
            time.sleep(0.05)
        raise AssertionError("the node did not get ready:\n" + log.read_text())

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()


@contextlib.contextmanager
def started(binary, folder, *options):
    """Gives its address."""
    at = Restartable(binary, folder, *options)
    try:
        at.start()
        yield at.url
    finally:
        at.stop()
