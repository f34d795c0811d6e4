#!/usr/bin/env python3
"""Functions over HTTP: functions.py <waybill binary>

The examples of docs/functions.md; bombs, each of which ends as a problem with its line while other calls go on; versions, roll-back and
removal; what a node that was killed has kept; many callers at once, more than are served.
"""

import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import node
from node import check

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE_S = 60
TOTAL = {"items": [{"price": 1299, "quantity": 2}]}
# What each source ends with: a part of the sentence, and its line.
BOMBS = {
    "an endless loop": ("local n = 0\nwhile true do\n  n = n + 1\nend", "too many steps", 3),
    "a loop that catches its end": ("while true do pcall(function() while true do end end) end", "too many steps", 1),
    "a memory bomb": ("local t = {}\nwhile true do t[#t + 1] = {} end", "too much memory", 2),
    "a text that doubles itself": ("local s = 'x'\nwhile true do s = s .. s end", "too much memory", 2),
    "string.rep": ("return ('x'):rep(1e9)", "would have more than", 1),
    "a recursion": ("local function f(n)\n  return 1 + f(n + 1)\nend\nreturn f(1)", "nested too deep", 2),
    "a pattern bomb": ("local s = ('a'):rep(5000)\nreturn s:find('.-.-.-.-b')", "too many steps", 2),
    "a result that holds itself": ("local t = {}\nt.t = t\nreturn t", "levels", None),
}


class Client:
    def __init__(self, url):
        self.url = url

    def ask(self, method, path, body=None, headers=None):
        """The status, the JSON of the answer, and its headers."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None, answer.headers
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read()), error.headers

    def put(self, name, source, **headers):
        return self.ask("PUT", f"/v1/functions/{name}", {"source": source}, headers)

    def invoke(self, name, body):
        return self.ask("POST", f"/v1/functions/{name}/invoke", body)


def is_part(expected, real):
    """Whether `real` has all that stands in `expected`."""
    if isinstance(expected, dict):
        return isinstance(real, dict) and all(name in real and is_part(value, real[name]) for name, value in expected.items())
    return expected == real


def check_examples(client):
    """Each block of `sh` is run; a block of `json` behind one is a part of what it prints."""
    text = (HERE.parents[1] / "docs" / "functions.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```\n(?:\n```json\n(.*?)^```$)?", text, re.MULTILINE | re.DOTALL)
    check(sum(1 for _, printed in blocks if printed) >= 2, "docs/functions.md has no examples")
    for code, printed in blocks:
        done = subprocess.run(["bash", "-c", code.replace("http://127.0.0.1:4000", client.url)], capture_output=True, text=True,
                              timeout=PATIENCE_S, check=True)
        real = json.loads(done.stdout)
        check(is_part(json.loads(printed) if printed else {"built_in": False}, real), f"{code} prints {done.stdout}")


def check_bombs(client):
    for name, (source, sentence, line) in BOMBS.items():
        check(client.put("bomb", source)[0] in (200, 201), name)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            bomb = pool.submit(client.invoke, "bomb", {})
            other = pool.submit(client.invoke, "calculate-total", TOTAL)
            status, problem, _ = bomb.result()
            check(status == 422 and problem["code"] == "function_failed", f"{name}: {status} {problem}")
            check(sentence in problem["detail"] and problem.get("line") == line, f"{name}: {problem}")
            check(other.result()[:2] == (200, {"result": 2598}), f"{name} hurt another call: {other.result()}")
        check(client.invoke("calculate-total", TOTAL)[0] == 200, f"no call works after {name}")
    for source in ("return os.time()", "return io.open('/etc/passwd')", "return load('return 1')", "return require('os')"):
        client.put("bomb", source)
        status, problem, _ = client.invoke("bomb", {})
        check(status == 422 and "nil value" in problem["detail"], f"{source}: {problem}")


def check_versions(client):
    check(client.put("greeting", "return 1", **{"If-Match": "*"})[0] == 412, "what is not there was changed")
    status, made, headers = client.put("greeting", "return 'hello ' .. input", **{"If-None-Match": "*"})
    check(status == 201 and headers["Location"] == "/v1/functions/greeting" and made["current_version"] == 1, f"{status} {made}")
    tag = headers["ETag"]
    status, changed, headers = client.put("greeting", "return 'bye ' .. input", **{"If-Match": tag})
    check(status == 200 and changed["current_version"] == 2, f"{status} {changed}")
    check(client.put("greeting", "return 1", **{"If-Match": tag})[0] == 412, "an old version was changed")
    check(client.put("greeting", "return 1", **{"If-None-Match": "*"})[0] == 412, "what is there was made anew")
    check(client.put("not-there", "return 1", **{"If-Match": '"1"'})[0] == 412, "a function with no version was changed")
    check(client.put("greeting", "return 'bye ' .. input")[2]["ETag"] == headers["ETag"], "the same source made a version")
    status, problem, _ = client.put("greeting", "return 1\nreturn (")
    check(status == 422 and problem["line"] == 2 and problem["errors"][0]["pointer"] == "/source", f"{status} {problem}")
    check(client.invoke("greeting", "Ada")[1] == {"result": "bye Ada"}, "the last version is not the one that is called")
    status, back, _ = client.ask("POST", "/v1/functions/greeting/rollback", {"version": 1})
    check(status == 200 and back["current_version"] == 1, f"{status} {back}")
    check(client.invoke("greeting", "Ada")[1] == {"result": "hello Ada"}, "the roll-back changed nothing")
    check(client.ask("POST", "/v1/functions/greeting/rollback", {"version": 9})[0] == 404, "a version that never was is called")
    versions = client.ask("GET", "/v1/functions/greeting/versions")[1]["items"]
    check([(each["version"], each["current"]) for each in versions] == [(2, False), (1, True)], f"{versions}")
    check(all(each["registered_by"]["id"] for each in versions), f"nobody registered {versions}")
    names = [each["name"] for each in client.ask("GET", "/v1/functions")[1]["items"]]
    check(names == sorted(names) and {"greeting", "calculate-total", "validate-email"} <= set(names), f"{names}")
    page = client.ask("GET", "/v1/functions?limit=1")[1]
    following = client.ask("GET", f"/v1/functions?limit=100&cursor={page['next_cursor']}")[1]
    check([each["name"] for each in page["items"] + following["items"]] == names, "pages leave functions out")
    check(client.put("calculate-total", "return 0")[0] == 409, "what is built in was changed")
    check(client.invoke("nobody", {})[0] == 404, "a function that is not there was called")


def check_kept(client):
    """After a kill."""
    check(client.invoke("greeting", "Ada")[1] == {"result": "hello Ada"}, "the node forgot what was rolled back")
    check(len(client.ask("GET", "/v1/functions/greeting/versions")[1]["items"]) == 2, "the node forgot versions")
    check(client.ask("DELETE", "/v1/functions/greeting")[0] == 204, "a function was not removed")
    check(client.invoke("greeting", "Ada")[0] == 404 and client.ask("GET", "/v1/functions/greeting")[0] == 404, "it is still there")
    types = [each["type"] for each in client.ask("GET", "/v1/events?after=earliest&type=function.*&stream=fun_greeting")[1]["items"]]
    check(types == ["function.registered", "function.registered", "function.rolled_back", "function.removed"], f"{types}")


def check_crowd(client):
    """One thread, and few places: who finds none is refused with 503, nobody waits for ever, and then all works."""
    client.put("slow", "while true do end")
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        answers = [future.result() for future in [pool.submit(client.invoke, "slow", {}) for _ in range(24)]]
    statuses = {status for status, _, _ in answers}
    check(statuses == {422, 503}, f"{statuses}")
    refused = next(answer for answer in answers if answer[0] == 503)
    check(refused[1]["code"] == "overloaded" and refused[2]["Retry-After"], f"{refused[1]}")
    check(client.invoke("calculate-total", TOTAL)[1] == {"result": 2598}, "no call works after the crowd")
    with urllib.request.urlopen(client.url + "/metrics", timeout=PATIENCE_S) as metrics:
        text = metrics.read().decode()
    for outcome in ("done", "raised", "steps", "memory", "depth", "result", "refused"):
        check(re.search(rf'waybill_function_calls_total{{outcome="{outcome}"}} [1-9]', text), f"no call counts as {outcome}")


class Process:
    """A node whose process can be killed."""

    def __init__(self, binary, folder):
        self.binary, self.folder, self.process = binary, folder, None

    def start(self):
        log = self.folder / "node.log"
        with open(log, "wb") as out:
            self.process = subprocess.Popen(
                [self.binary, "node", "--http=127.0.0.1:0", "--listen=127.0.0.1:0", f"--store=sqlite:{self.folder}/waybill.db",
                 "--function-threads=1", "--function-max-waiting=4", "--function-guard-timeout=5s", "--http-rate-writes=off", "--http-rate-reads=off"],
                stdout=out, stderr=out)
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            found = re.search(r"answers HTTP on (http://[0-9.:]+)", log.read_text())
            if found and node.is_ready(found[1]):
                return Client(found[1])
            time.sleep(0.05)
        sys.exit("the node did not get ready:\n" + log.read_text())

    def kill(self):
        self.process.kill()
        self.process.wait()


def main():
    with tempfile.TemporaryDirectory() as folder:
        process = Process(sys.argv[1], pathlib.Path(folder))
        client = process.start()
        try:
            for part in (check_examples, check_bombs, check_versions, check_crowd):
                part(client)
                print(part.__name__, "holds")
            process.kill()
            check_kept(process.start())
            print(check_kept.__name__, "holds")
        finally:
            process.kill()


if __name__ == "__main__":
    main()
