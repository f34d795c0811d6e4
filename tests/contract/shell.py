#!/usr/bin/env python3
"""Types into `waybill shell` at a terminal: shell.py <waybill binary>"""

import os
import pathlib
import pty
import re
import select
import signal
import stat
import subprocess
import sys
import tempfile
import time

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


def check(condition, text):
    if not condition:
        sys.exit(text)


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
    # What was typed is kept at once, whatever becomes of the shell, and is nobody else's business.
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


def slip(binary):
    """What was typed is told, and cannot steer the terminal: C1, an override of the direction, an escape."""
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
    with tempfile.TemporaryDirectory() as folder:
        start = (f'. "{HERE}/node.sh"; trap stop_node EXIT; start_node "{binary}" "{folder}" --name=guarded >&2 && '
                 'curl -s "$url/scenario/1" > /dev/null && '
                 f'sed -n "s,.*nodes and shells on \\([0-9.:]*\\).*,\\1,p" "{folder}/node.log" && read -r _')
        with subprocess.Popen(["bash", "-c", start], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as node:
            address = node.stdout.readline().decode().strip()
            check(address, "there is no node")
            try:
                run(binary, address, folder)
            finally:
                node.stdin.close()
                node.wait(60)
    print("the shell does what a person at a terminal expects")


if __name__ == "__main__":
    main()
