#!/usr/bin/env python3
"""Runs the commands of docs/http-by-example.md against a node: by_example.py <waybill binary> <document>

Blocks of `sh` run in one shell, one after the other. A block of `http` behind one is what it must answer (status, the headers
that are named, the fields that are named), one of `text` what it must print. `...` in a text stands for anything. Each
answer is held against the API documents, too.
"""

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

import documents

HERE = pathlib.Path(__file__).resolve().parent
ADMIN = {"email": "admin@example.com", "password": "correct horse battery"}
ADDRESS = "http://127.0.0.1:4000"
PATIENCE_S = 300
# Every order is delivered: no simulated courier declines, aborts or vanishes by chance, or is too late on a busy machine.
OPTIONS = " ".join(["--auth=required", "--http-target-latency=0ms", "--courier-decline-percent=0", "--courier-abort-percent=0",
                    "--courier-vanish-percent=0", "--delivery-answer-within=60s", "--delivery-start-within=60s"])
# On a machine that is busy a node may answer 503: then curl comes back, as it is asked to. A stream has no end to wait for.
PRELUDE = r"""
set -o pipefail
curl() {
  if [ "$1" = -sN ]; then
    command curl "$@"
    return
  fi
  local answer=$(mktemp -p .) code
  for _ in $(seq 60); do
    code=$(command curl --silent --show-error --output "$answer" --write-out '%{http_code}' "$@")
    [ "$code" = 503 ] || break
    sleep 1
  done
  cat "$answer"
  rm "$answer"
}
"""
MARK = "--- end of block %d: "


def blocks_of(text):
    """Pairs of commands and their expected output: (kind, text), or None."""
    blocks = []
    for kind, body in re.findall(r"^```(sh|http|text)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if kind == "sh":
            blocks.append([body, None])
        elif not blocks or blocks[-1][1] is not None:
            sys.exit(f"an expectation without a command:\n{body}")
        else:
            blocks[-1][1] = (kind, body)
    return blocks


def matches(pattern, text):
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("...")), text, re.DOTALL) is not None


def differences(wanted, got, where=""):
    if isinstance(wanted, str) and isinstance(got, str):
        same = matches(wanted, got)
    elif isinstance(wanted, dict) and isinstance(got, dict):
        for name, value in wanted.items():
            if name not in got:
                yield f"{where}/{name} is missing"
            else:
                yield from differences(value, got[name], f"{where}/{name}")
        return
    elif isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for i, (part, got_part) in enumerate(zip(wanted, got)):
            yield from differences(part, got_part, f"{where}/{i}")
        return
    else:
        same = wanted == got and type(wanted) is type(got)
    if not same:
        yield f"{where} is {json.dumps(got)[:200]} instead of {json.dumps(wanted)[:200]}"


def split_message(text):
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    status, *lines = head.strip().split("\n")
    return status.strip(), [tuple(line.split(": ", 1)) for line in lines], body.strip()


def compare(wanted, got):
    status, headers, body = split_message(wanted)
    real_status, real_headers, real_body = split_message(got)
    if status != real_status:
        yield f"'{real_status}' instead of '{status}'"
    lower = {name.lower(): value for name, value in real_headers}
    for name, value in headers:
        if not matches(value, lower.get(name.lower(), "")):
            yield f"{name} is '{lower.get(name.lower())}' instead of '{value}'"
    if body:
        yield from differences(json.loads(body), json.loads(real_body))
    elif real_body and status == real_status and " 204 " in status:
        yield "there is a body"


def against_documents(contract, command, got):
    """The last request of a block is the one whose answer is shown."""
    request = command[command.rindex("curl -i"):]
    status, headers, body = split_message(got)
    method = re.search(r"-X ([A-Z]+)", request)
    target = re.search(re.escape(ADDRESS) + r"""([^\s"]*)""", request).group(1)
    exchange = {"method": method.group(1) if method else "POST" if "--json" in request else "GET",
                # The value of an id does not matter to the document.
                "target": re.sub(r"\$[A-Z]+", "x", target), "request_type": "", "request_body": "",
                "status": int(status.split(" ")[1]), "headers": headers, "body": body}
    return contract.check_exchange(exchange)


def await_admin(url):
    """A node serves a moment before it has made the first admin; a person at a keyboard is never that quick."""
    end = time.monotonic() + PATIENCE_S
    request = urllib.request.Request(url + "/v1/auth/login", json.dumps(ADMIN).encode(),
                                     {"Content-Type": "application/json"})
    while True:
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S):
                return
        except urllib.error.HTTPError as error:
            if error.code not in (401, 503) or time.monotonic() > end:
                sys.exit(f"the admin cannot sign in: {error.code} {error.read().decode()}")
        time.sleep(1)


def run(blocks, url, folder):
    script = "".join(command.replace(ADDRESS, url) + f"\necho '{MARK % i}'$?\n" for i, (command, _) in enumerate(blocks))
    try:
        done = subprocess.run(["bash", "-c", PRELUDE + script], cwd=folder, capture_output=True,
                              timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode(), f"it took longer than {PATIENCE_S} s"
    return done.stdout.decode(), done.stderr.decode()


def check(blocks, out):
    contract = documents.Contract()
    failures = 0
    for i, (command, expected) in enumerate(blocks):
        got, mark, rest = out.partition(MARK % i)
        if not mark:
            print(f"it did not get to the end of:\n{command}    which printed:\n{got}\n")
            return failures + 1
        code, _, out = rest.partition("\n")
        wrong = []
        if expected is None and code != "0":
            wrong.append(f"it ended with {code}")
        elif expected and expected[0] == "text":
            wrong += [] if matches(expected[1].strip(), got.strip()) else [f"it printed: {got}"]
        elif expected:
            # The output before is of other commands of the block.
            got = got[max(got.find("HTTP/1.1 "), 0):]
            wrong += compare(expected[1], got)
            wrong += against_documents(contract, command, got)
        if wrong:
            print("\n".join(wrong) + f"\n    in:\n{command}    which answered:\n{got}\n")
        failures += len(wrong)
    return failures


def main():
    binary, document = sys.argv[1:]
    blocks = blocks_of(pathlib.Path(document).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "WAYBILL_ADMIN_EMAIL": ADMIN["email"], "WAYBILL_ADMIN_PASSWORD": ADMIN["password"]}
        start = (f'. "{HERE}/node.sh"; trap stop_node EXIT; start_node "{binary}" "{folder}" {OPTIONS} >&2'
                 ' && echo "$url" && read -r _')
        with subprocess.Popen(["bash", "-c", start], env=environment, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as node:
            url = node.stdout.readline().decode().strip()
            if not url:
                sys.exit("there is no node")
            try:
                await_admin(url)
                out, trouble = run(blocks, url, folder)
            finally:
                node.stdin.close()
                node.wait(60)
    failures = check(blocks, out)
    print(f"{len(blocks)} commands, {failures} differences")
    if failures:
        print(trouble[-2000:])
    sys.exit(1 if failures or not blocks else 0)


if __name__ == "__main__":
    main()
