#!/usr/bin/env python3
"""Types into `waybill shell` at a terminal: shell.py <waybill binary>"""

import decimal
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import urllib.request

from node import check

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE_S = 60
PROMPT = "waybill> "


class Terminal:
    """A shell at a pseudo-terminal."""

    def __init__(self, command, environment):
        self.screen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(command[0], command, environment)

    def expect(self, pattern):
        """Reads until the pattern has come, and forgets everything up to its end."""
        end = time.monotonic() + PATIENCE_S
        while not (match := re.search(pattern, self.screen)):
            if time.monotonic() > end or not self.read(1):
                sys.exit(f"there is no {pattern!r} in {self.screen!r}")
        self.screen = self.screen[match.end():]
        return match

    def read(self, limit):
        if not select.select([self.fd], [], [], limit)[0]:
            return True
        try:
            got = os.read(self.fd, 65536).decode(errors="replace")
        except OSError:
            return False
        self.screen += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", got)
        return got != ""

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def wait(self):
        while self.read(0.2) and os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def run(binary, address, folder):
    environment = {"HOME": folder, "TERM": "dumb", "PATH": os.environ["PATH"]}
    history = pathlib.Path(folder) / ".local/state/waybill/history"
    terminal = Terminal([binary, "shell", "--connect=" + address], environment)
    terminal.expect(PROMPT)
    terminal.type("half a line that nobody wants\x03")
    terminal.expect(r"\^C")
    terminal.expect(PROMPT)
    terminal.type("nodes\r")
    terminal.expect(r"NODE +ROLES")
    terminal.expect(PROMPT)
    terminal.type("nodes -o json\r")
    terminal.expect(r'"nodes":\[')
    terminal.expect(PROMPT)
    # A command that runs is ended by Ctrl-C, the shell is not.
    terminal.type("events tail --after earliest --type order.*\r")
    terminal.expect("order.placed")
    terminal.type("\x03")
    terminal.expect(PROMPT)
    # The tabulator completes the name of the node, which is alone.
    terminal.type("actors --node gua\t")
    terminal.expect("guarded ")
    terminal.type("\r")
    terminal.expect("TYPE +ID")
    terminal.expect(PROMPT)
    terminal.type("ndoes\r")
    terminal.expect("did you mean nodes")
    terminal.expect(PROMPT)
    # Typed lines are stored at once, however the shell ends, and readable by their user only.
    check("nodes -o json" in re.sub(r"\\040", " ", history.read_text()), "the history lacks a line")
    check(stat.S_IMODE(history.stat().st_mode) == 0o600, "others can read the history")
    os.kill(terminal.pid, signal.SIGKILL)
    terminal.wait()
    terminal = Terminal([binary, "shell", "--connect=" + address], environment)
    terminal.expect(PROMPT)
    terminal.type("\x10")
    terminal.expect("ndoes")
    terminal.type("\x03")
    terminal.expect(PROMPT)
    terminal.type("exit\r")
    check(terminal.wait() == 0, "exit does not end the shell with 0")


class Commands:
    """Commands that are given by `-c`."""

    def __init__(self, binary, address, folder):
        self.binary, self.address, self.folder = binary, address, folder

    def run(self, line, code=0):
        done = subprocess.run([self.binary, "shell", "--connect=" + self.address, "-c", line], capture_output=True, cwd=self.folder,
                              timeout=PATIENCE_S, check=False, stdin=subprocess.DEVNULL)
        check(done.returncode == code, f"{line} ends with {done.returncode}: {done.stderr.decode()}")
        return done.stdout.decode()

    def json(self, line, code=0):
        return json.loads(self.run(line + " -o json", code))

    def completed_order(self):
        """Of the log, which is followed until it comes."""
        with subprocess.Popen([self.binary, "shell", "--connect=" + self.address, "events", "tail", "--after", "earliest", "--type",
                               "order.completed", "-o", "jsonl"], stdout=subprocess.PIPE) as tail:
            line = tail.stdout.readline()
            tail.send_signal(signal.SIGINT)
        return json.loads(line)["stream"]


def find_causes(commands):
    """The questions of an engineer on call, about orders that a scenario has left."""
    check(len(commands.run("watch --every 1ms --times 2 nodes -o jsonl").splitlines()) == 2, "nodes are not looked at twice")
    order = commands.completed_order()
    timeline = commands.json(f"order {order} --timeline")
    total = sum(decimal.Decimal(str(step["ms"])) for step in timeline["steps"])
    check(total == decimal.Decimal(str(timeline["ms"])), f"the steps of {timeline} do not add up")
    check({"stock", "payment", "dispatch", "courier", "settlement"} <= {step["step"] for step in timeline["steps"]}, f"{timeline}")
    check("all" in commands.run(f"order {order} --timeline"), "the timeline has no sum")
    check(commands.json(f"order {order} --at 1")["order"]["status"] == "placed", "an order was not placed at its first version")
    check(commands.json(f"order {order} --at {timeline['began_at']}")["version"] == 1, "an order is not found by a time")
    commands.run(f"order {order} --at 2000-01-01T00:00:00Z", 3)
    commands.run(f"order {order} --at 999", 3)
    changes = {change["pointer"]: change for change in commands.json(f"diff {order} 1 4")["changes"]}
    check(changes["/status"]["after"] == "confirmed", f"{changes}")
    check(commands.json(f"why {order}")["waits_for"] is None, "an order that is over waits")
    check(commands.run(f"order {order} -o csv", 2) == "", "one object is shown as rows")
    file = pathlib.Path(commands.folder) / "order.json"
    file.write_text(commands.run(f"export {order}"), encoding="utf-8")
    check("tok_" not in file.read_text(encoding="utf-8"), "an export has a token")
    check("the same" in commands.run("replay order.json"), "an export is replayed otherwise")
    file.write_text(file.read_text(encoding="utf-8").replace('"status":"completed"', '"status":"cancelled"'), encoding="utf-8")
    check("/status" in commands.run("replay order.json", 1), "another outcome is not found")
    commands.run("replay nothing.json", 3)
    for line in ("why", "export", "diff"):
        commands.run(f"{line} ord_00000000000000000000" + (" 1 2" if line == "diff" else ""), 3)


def look_at_nodes(commands):
    steps = {step["step"]: step for step in commands.json("latency")["steps"]}
    check(steps["delivered"]["count"] > 0 and steps["delivered"]["p99_ms"] > 0, f"{steps}")
    check(commands.run("latency -o csv").startswith("step,count,p50_ms,p90_ms,p99_ms\n"), "no rows of latencies")
    check({row["shards"] for row in commands.json("shards")["shards"]} == {1024}, "one node does not own all shards")
    check(commands.json("shards ord_00000000000000000000")["owners"][0]["node"] == "guarded", "nobody owns an order")
    check(commands.json("lease")["leases"][0]["lease_until"] is None, "a node alone has a lease")
    check(commands.json("top --once")["nodes"][0]["node"] == "guarded", "top has no node")
    check(commands.json("dead-letters")["messages"] == [], "messages failed")
    commands.run("dead-letters --retry msg_1", 3)


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return json.load(answer)


def follow_order(commands, url):
    """An order that is over says so at once; one that waits to be paid is traced while it is paid and brought."""
    over = commands.completed_order()
    check("nothing is under way" in commands.run(f"trace {over}"), "an order that is over goes on")
    check(commands.run(f"trace {over} -o csv").startswith("at,kind,name,node,from,from_node,to,outcome,detail\n"), "a trace has no columns")
    commands.run("trace ord_00000000000000000000", 3)
    product = post(url + "/v1/products", {"sku": "traced", "name": "Tea", "price": {"amount": 100, "currency": "EUR"}, "on_hand": 10})
    order = post(url + "/v1/orders", {"lines": [{"product_id": product["id"], "quantity": 1}], "payment": {"method": "deferred"},
                                      "delivery": {"name": "Ada", "address": "Main Street 1 [couriers: complete]"}})["id"]
    end = time.monotonic() + PATIENCE_S
    while commands.json(f"why {order}")["waits_for"] != "payer" and time.monotonic() < end:
        time.sleep(0.1)
    shell = [commands.binary, "shell", "--connect=" + commands.address, "-c"]
    with subprocess.Popen([*shell, f"trace {order}", "-o", "jsonl"], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as trace:
        first = json.loads(trace.stdout.readline())
        check(first["kind"] == "order" and first["name"] == "placed" and first["detail"].startswith("waits for payer"), f"{first}")
        post(f"{url}/v1/orders/{order}/payment", {"method": "card", "token": "tok_secret"})
        lines = [json.loads(line) for line in trace.stdout]
        check(trace.wait(PATIENCE_S) == 0, "a trace does not end well")
    told = [(line["kind"], line["name"]) for line in lines]
    story = [("message", "pay_order"), ("message", "authorize_payment"), ("message", "provider_request"), ("answer", "provider_request"),
             ("answer", "authorize_payment"), ("message", "request_delivery"), ("message", "offer_delivery"),
             ("message", "delivery_ended"), ("answer", "capture_payment")]
    place = -1
    for step in story:
        check(step in told[place + 1:], f"{step} does not come in {told}")
        place = told.index(step, place + 1)
    sender = {line["name"]: line["from"] for line in lines if line["kind"] == "message"}
    check(sender["pay_order"] == "gateway" and sender["authorize_payment"] == order, f"{sender}")
    check(("event", "order.completed") in told and told[-1] == ("end", "completed"), f"{told}")
    check("secret" not in json.dumps(lines), "a trace tells what is in a message")
    check(len(commands.run(f"trace {over} --max 1 --events -o jsonl").splitlines()) == 1, "a trace has more lines than it may")


def act_in_bulk(commands, url):
    product = post(url + "/v1/products", {"sku": "shell", "name": "Tea", "price": {"amount": 100, "currency": "EUR"}, "on_hand": 10})
    body = {"lines": [{"product_id": product["id"], "quantity": 1}], "payment": {"method": "card", "token": "tok_timeout"},
            "delivery": {"name": "Ada", "address": "Main Street 1"}}
    orders = {post(url + "/v1/orders", body)["id"] for _ in range(3)}
    where = f"--where status=placed --where product_id={product['id']} --reason night"
    # Their stock may still be on its way.
    end = time.monotonic() + PATIENCE_S
    stuck = set()
    while not orders <= stuck and time.monotonic() < end:
        stuck = {order["id"] for order in commands.json("stuck --waits-for payment --older-than 0s")["orders"]}
    check(orders <= stuck, f"{orders} are not among {stuck}")
    why = commands.json(f"why {sorted(orders)[0]}")
    check(why["waits_for"] == "payment" and why["remedies"], f"{why}")
    # No question can be asked without a terminal, and a reason is needed.
    commands.run(f"cancel {where}", 1)
    commands.run("cancel --where status=placed", 2)
    planned = commands.json(f"cancel {where} --dry-run")
    check(planned["dry_run"] and planned["done"] == 3, f"{planned}")
    done = commands.json(f"cancel {where} --yes")
    check({order["id"] for order in done["orders"]} == orders and done["done"] == 3, f"{done}")
    refused = commands.json(f"hold {' '.join(orders)} --reason late --yes", 1)
    check(refused["refused"] == 3 and refused["orders"][0]["code"] == "illegal_transition", f"{refused}")


def explain_itself(binary):
    """What needs no node."""
    def printed(*words):
        return subprocess.run([binary, "shell", *words], capture_output=True, timeout=PATIENCE_S, check=True).stdout.decode()

    check("--older-than" in printed("stuck", "--help"), "a command has no help")
    check(printed("help", "stuck") == printed("stuck", "--help"), "help is not --help")
    check(subprocess.run(["bash", "-n"], input=printed("completion", "bash").encode(), check=False).returncode == 0, "bash cannot read it")
    words = subprocess.run(["bash", "-c", 'eval "$1"; COMP_WORDS=(waybill shell stuck --o); COMP_CWORD=3; _waybill; echo "${COMPREPLY[*]}"', "_",
                            printed("completion", "bash")], capture_output=True, check=True).stdout.decode().split()
    check(words == ["--older-than"], f"bash completes {words}")
    if shutil.which("zsh"):
        check(subprocess.run(["zsh", "-n"], input=printed("completion", "zsh").encode(), check=False).returncode == 0, "zsh cannot read it")
    page = printed("man")
    check(page.startswith(".TH WAYBILL"), "there is no manual page")
    if shutil.which("groff"):
        read = subprocess.run(["groff", "-man", "-Tascii", "-ww"], input=page.encode(), capture_output=True, check=True)
        check(read.stderr == b"", f"groff warns: {read.stderr.decode()}")


def slip(binary):
    """The typed text is shown, and cannot control the terminal: C1, an override of the direction, an escape."""
    word = "\u009b31m\u202e\x1b[0m"
    for words in ([word], ["shell", "-c", word], ["shell", f"--{word}"], ["node", f"--{word}=1"], ["backup", f"--{word}=1"],
                  ["scenario", "run", word], ["bench", word], ["psp", f"--{word}"]):
        done = subprocess.run([binary, *words], capture_output=True, timeout=PATIENCE_S, check=False)
        said = (done.stdout + done.stderr).decode()
        check(done.returncode != 0, f"{words} is taken")
        check("u009b31m" in said, f"{words} is not told in {said!r}")
        for raw in "\u009b\u202e\x1b":
            check(raw not in said, f"{words} is printed raw")


def main():
    binary = sys.argv[1]
    slip(binary)
    explain_itself(binary)
    with tempfile.TemporaryDirectory() as folder:
        start = (f'. "{HERE}/node.sh"; trap stop_node EXIT; start_node "{binary}" "{folder}" --name=guarded >&2 && '
                 'curl -s "$url/scenario/1" > /dev/null && '
                 'echo "$url" && '
                 f'sed -n "s,.*nodes and shells on \\([0-9.:]*\\).*,\\1,p" "{folder}/node.log" && read -r _')
        with subprocess.Popen(["bash", "-c", start], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as node:
            url = node.stdout.readline().decode().strip()
            address = node.stdout.readline().decode().strip()
            check(address, "there is no node")
            try:
                run(binary, address, folder)
                commands = Commands(binary, address, folder)
                find_causes(commands)
                look_at_nodes(commands)
                follow_order(commands, url)
                act_in_bulk(commands, url)
            finally:
                node.stdin.close()
                node.wait(60)
    print("the shell does what a person at a terminal expects")


if __name__ == "__main__":
    main()
