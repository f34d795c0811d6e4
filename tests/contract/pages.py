#!/usr/bin/env python3
"""Signs in to the pages in a real browser: pages.py <waybill binary>. Skipped (77) where there is no browser. With
WAYBILL_TEST_SCREENSHOT=<folder> it keeps what it saw there."""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import browser

ADMIN = ("admin@example.com", "correct horse battery")
GUARDED = ["--auth=required", f"--admin-email={ADMIN[0]}", f"--admin-password={ADMIN[1]}",
           # Short, so that tokens end while the test looks on.
           "--auth-access-lifetime=4s", "--auth-leeway=0ms", "--password-passes=1", "--password-memory=1048576", "--http-rate-auth=off"]
PATIENCE_S = 60


@contextlib.contextmanager
def node(binary, folder, *options):
    """A node on free ports; gives its address."""
    folder.mkdir()
    log = folder / "node.log"
    with open(log, "wb") as out:
        process = subprocess.Popen([binary, "node", "--http=127.0.0.1:0", "--listen=127.0.0.1:0",
                                    f"--store=sqlite:{folder}/waybill.db", *options], stdout=out, stderr=out)
    try:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            found = re.search(r"answers HTTP on (http://[0-9.:]+)", log.read_text())
            if found and post(found[1] + "/readyz", method="GET") == 200:
                yield found[1]
                return
            time.sleep(0.05)
        raise AssertionError("the node did not get ready:\n" + log.read_text())
    finally:
        process.terminate()
        process.wait()


def post(url, body=None, method="POST"):
    """The status."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code
    except urllib.error.URLError:
        return 0


def check(claim, holds):
    if not holds:
        raise AssertionError(claim)


SIGNED_OUT = "document.getElementById('sign-in') !== null"
CONNECTED = "document.getElementById('event-state')?.textContent === 'connected'"
STORIES = "document.querySelectorAll('#scenario-list button').length"
KEPT = "sessionStorage.getItem('waybill.refresh_token')"


class Story:
    def __init__(self, page, url):
        self.page = page
        self.url = url
        self.pictures = os.environ.get("WAYBILL_TEST_SCREENSHOT")

    def picture(self, name):
        if self.pictures:
            self.page.screenshot(pathlib.Path(self.pictures) / f"{name}.png")

    def enter(self, password):
        """Like somebody with a keyboard only."""
        self.page.wait("the form is there", SIGNED_OUT)
        self.page.value("document.getElementById('email').value = ''")
        self.page.value("document.getElementById('email').focus()")
        self.page.type(ADMIN[0])
        self.page.press("Tab")
        self.page.type(password)
        self.page.press("Enter", "\r")

    def form(self):
        page = self.page
        page.go(self.url + "/scenarios")
        page.wait("who comes without a token is asked", SIGNED_OUT)
        check("the first field has the focus", page.value("document.activeElement.id") == "email")
        check("nothing else is shown", page.value("document.getElementById('scenario-list').offsetParent === null"))
        for name, word in (("email", "username"), ("password", "current-password")):
            field = f"document.getElementById('{name}')"
            check(f"{name} has a label", page.value(f"{field}.labels.length") == 1)
            check(f"{name} is known to a password manager", page.value(f"{field}.autocomplete") == word)
            check(f"{name} is described by the error", page.value(f"{field}.getAttribute('aria-describedby')") ==
                  "sign-in-error")
        self.picture("signed-out")

    def phone(self):
        page = self.page
        page.size(360, 640, phone=True)
        check("nothing is wider than a phone", page.value("document.documentElement.scrollWidth") <= 360)
        check("a field is not so small that a phone zooms in",
              page.value("parseFloat(getComputedStyle(document.getElementById('email')).fontSize)") >= 16)
        check("the button is large enough for a thumb",
              page.value("document.querySelector('#sign-in button').getBoundingClientRect().height") >= 40)
        self.picture("signed-out-phone")

    def wrong_password(self):
        page = self.page
        self.enter("wrong horse battery")
        page.wait("a wrong password is said to be so", "document.getElementById('sign-in-error').textContent !== ''")
        check("the error is announced", page.value("document.getElementById('sign-in-error').role") == "alert")
        check("the password can be typed anew", page.value("document.activeElement.id + document.activeElement.value")
              == "password")
        self.picture("refused-phone")
        page.size(1200, 800)

    def signed_in(self):
        page = self.page
        self.enter(ADMIN[1])
        page.wait("the stories are there", f"!({SIGNED_OUT}) && {STORIES} > 0")
        page.wait("the events are live", CONNECTED)
        check("who is signed in is shown", ADMIN[0] in page.value("document.getElementById('who').textContent"))
        stored = page.value("JSON.stringify([Object.keys(sessionStorage), Object.keys(localStorage), document.cookie])")
        check(f"nothing but the refresh token is kept: {stored}", json.loads(stored) == [["waybill.refresh_token"], [], ""])
        check("and it is one", page.value(KEPT).startswith("wbr_"))
        self.picture("signed-in")

    def renewed(self):
        """The socket lives longer than its first token, and what happens then is still shown."""
        page = self.page
        page.value("window.states = []; new MutationObserver(() => window.states.push("
                   "document.getElementById('event-state').textContent)).observe("
                   "document.getElementById('event-state'), {childList: true, characterData: true, subtree: true})")
        seen = set()
        end = time.monotonic() + PATIENCE_S
        while len(seen) < 4 and time.monotonic() < end:
            seen.add(page.value(KEPT))
            time.sleep(0.1)
        check("the session is renewed before its token ends", len(seen) == 4)
        page.value("document.querySelector('#scenario-list button').click()")
        page.wait("a story passes", "document.querySelector('#scenario-list .verdict').textContent.startsWith('pass')")
        page.wait("its events are shown", "document.getElementById('event-list').innerText.includes('order.completed')")
        check("the connection never broke", page.value("window.states.length") == 0)
        page.size(360, 640, phone=True)
        for part in ("html", "#scenario-list", "#event-list"):
            widths = page.value(f"(({{scrollWidth, clientWidth}}) => [scrollWidth, clientWidth])(document.querySelector('{part}'))")
            check(f"{part} is not wider than a phone: {widths}", widths[0] <= widths[1])
        page.value("document.getElementById('event-list').scrollIntoView()")
        self.picture("events-phone")
        page.size(1200, 800)

    def other_pages(self):
        page = self.page
        page.go(self.url + "/scenario/1")
        page.wait("the page of a story plays it with the same session",
                  "document.getElementById('verdict').textContent.startsWith('pass')")
        check("without a question", not page.value(SIGNED_OUT))

    def signed_out(self):
        page = self.page
        token = page.value(KEPT)
        page.value("document.querySelector('#who button').click()")
        page.wait("the form is back", f"{SIGNED_OUT} && {KEPT} === null")
        check("the session has ended at the node too",
              post(self.url + "/v1/auth/refresh", {"refresh_token": token}) == 401)
        self.enter(ADMIN[1])
        page.wait("a story is played for who signs in on its page",
                  "document.getElementById('verdict').textContent.startsWith('pass')")

    def ended_elsewhere(self):
        page = self.page
        page.go(self.url + "/scenarios")
        page.wait("signed in", f"{STORIES} > 0 && {CONNECTED}")
        # As after a reset of the password: the next renewal is refused.
        post(self.url + "/v1/auth/logout", {"refresh_token": page.value(KEPT)})
        page.wait("who has no session any more is asked again", SIGNED_OUT)
        self.enter(ADMIN[1])
        page.wait("and is back", f"!({SIGNED_OUT}) && {STORIES} > 0 && {CONNECTED}")


def main():
    binary = sys.argv[1]
    path = browser.find()
    if path is None:
        print("skipped: there is no chromium-headless-shell")
        return 77
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        work = pathlib.Path(name)
        page = browser.Browser(path, work / "profile")
        try:
            with node(binary, work / "guarded", *GUARDED) as url:
                story = Story(page, url)
                for act in (story.form, story.phone, story.wrong_password, story.signed_in, story.renewed,
                            story.other_pages, story.signed_out, story.ended_elsewhere):
                    act()
                    print(f"{act.__name__}: ok", flush=True)
            with node(binary, work / "demo") as url:
                page.go(url + "/scenarios")
                page.wait("where nobody needs a token nobody is asked", f"{STORIES} > 0 && {CONNECTED}")
                check("no form, no session", not page.value(SIGNED_OUT) and page.value(KEPT) is None)
                for currency, shown in (("JPY", "2800 JPY"), ("KWD", "2.800 KWD"), ("EUR", "28.00 EUR")):
                    product = {"sku": currency, "name": "Tea", "price": {"amount": 2800, "currency": currency}, "on_hand": 1}
                    check("there is a product", post(url + "/v1/products", product) == 201)
                    page.wait(f"an event shows {shown}", "[...document.querySelectorAll('#event-list li')].some("
                              f"(line) => line.title.includes('\"{shown}\"'))")
            check(f"the page breaks its Content-Security-Policy, or fails: {page.complaints}", not page.complaints)
        finally:
            page.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
