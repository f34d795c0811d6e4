"""A node of its own for a test, on free ports."""

import contextlib
import re
import subprocess
import time
import urllib.error
import urllib.request

PATIENCE_S = 60


def is_ready(url):
    try:
        with urllib.request.urlopen(url + "/readyz", timeout=PATIENCE_S) as answer:
            return answer.status == 200
    except urllib.error.URLError:
        return False


@contextlib.contextmanager
def started(binary, folder, *options):
    """Gives its address."""
    folder.mkdir()
    log = folder / "node.log"
    with open(log, "wb") as out:
        process = subprocess.Popen([binary, "node", "--http=127.0.0.1:0", "--listen=127.0.0.1:0",
                                    f"--store=sqlite:{folder}/waybill.db", *options], stdout=out, stderr=out)
    try:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            address = re.search(r"answers HTTP on (http://[0-9.:]+)", log.read_text())
            if address and is_ready(address[1]):
                yield address[1]
                return
            time.sleep(0.05)
        raise AssertionError("the node did not get ready:\n" + log.read_text())
    finally:
        process.terminate()
        process.wait()
