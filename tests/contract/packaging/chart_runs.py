#!/usr/bin/env python3
"""Runs what the Helm chart says, without Kubernetes: chart_runs.py <waybill binary> <source folder>

Each pod is a process with the arguments, variables, files and probes of the rendered chart, in a network of its own with an address of
its own, beside a real PostgreSQL. They must find each other, get ready, play a story for the admin of the Secret, and end by their
preStop hook and a SIGTERM as kubelet sends them. Needs root for the networks; skipped (77) elsewhere, and where chart.py is.
"""

import glob
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from chart_rendered import SKIPPED, Chart, Pod, secrets_for, workloads

PATIENCE_S = int(os.environ.get("WAYBILL_TEST_PATIENCE_S", "120"))
BRIDGE = "10.77.0.1"
INSIDE = "WAYBILL_TEST_INSIDE"
# One node of each role but of one; the hook waits for as long as the test does.
VALUES = {
    "nodes": {"order": {"replicas": 2},
              **{role: {"replicas": 1} for role in ("payment", "inventory", "delivery", "notification", "account")}},
    "gateway": {"replicas": 1}, "drain": {"patienceSeconds": PATIENCE_S},
}


def until(condition, claim):
    end = time.monotonic() + PATIENCE_S
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {PATIENCE_S} s: {claim}")
        time.sleep(0.1)


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def call(url, body=None, token=""):
    """Status and JSON; 0 when nobody answers."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(url, headers=headers, data=json.dumps(body).encode() if body is not None else None)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text.startswith(b"{") else None
    except urllib.error.HTTPError as refused:
        return refused.code, None
    except OSError:
        return 0, None


class Machine:
    """A pod's network and its container."""

    def __init__(self, pod, binary, number):
        self.pod, self.binary = pod, binary
        self.log = pod.folder / "log"
        # Holds the network, as the pause container of a pod does.
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        here = os.readlink("/proc/self/ns/net")
        until(lambda: os.readlink(f"/proc/{self.holder.pid}/ns/net") != here, "the pod has a network")
        run("ip", "link", "add", f"pod{number}", "type", "veth", "peer", "name", "eth0", "netns", str(self.holder.pid))
        run("ip", "link", "set", f"pod{number}", "master", "cluster", "up")
        for words in (["link", "set", "lo", "up"], ["address", "add", f"{pod.address}/24", "dev", "eth0"], ["link", "set", "eth0", "up"]):
            run(*self.within(), "ip", *words)
        self.node = None

    def within(self):
        return ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", "--"]

    def environment(self):
        return {**self.pod.environment(), "PATH": f"{self.pod.folder.parent}/bin:{os.environ['PATH']}"}

    def start(self):
        with open(self.log, "ab") as log:
            self.node = subprocess.Popen([*self.within(), self.binary, *self.pod.container["args"]], env=self.environment(), stdout=log,
                                         stderr=log)

    def probe(self, name):
        """The status that the probe's request is answered with, as kubelet makes it: from the machine."""
        request = self.pod.container[name]["httpGet"]
        return call(f"http://{self.pod.address}:{self.pod.ports()[request['port']]}{request['path']}")[0]

    def await_ready(self):
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            until(lambda: self.alive() and self.probe(probe) == 200, f"{self.pod.name}: {probe}")

    def alive(self):
        if self.node.poll() is not None:
            raise AssertionError(f"{self.pod.name} has ended with {self.node.returncode}")
        return True

    def hook(self):
        """The preStop hook, under way."""
        return subprocess.Popen([*self.within(), *self.pod.container["lifecycle"]["preStop"]["exec"]["command"]], env=self.environment(),
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def shell(self, command):
        """What `kubectl exec` would show."""
        words = [*self.within(), self.binary, "shell", "-c", command]
        return subprocess.run(words, env=self.environment(), capture_output=True, text=True, check=True).stdout

    def await_end(self):
        """Kubelet sends SIGTERM when the hook has ended, whatever the container is doing."""
        if self.node.poll() is None:
            self.node.send_signal(signal.SIGTERM)
        code = self.node.wait(PATIENCE_S)
        assert code == 0, f"{self.pod.name} ended with {code}"


def start_postgres(work):
    folder = work / "pg"
    folder.mkdir()
    for part in (*work.parents, work):
        if part.stat().st_mode & 0o777 == 0o700 and part.is_relative_to(tempfile.gettempdir()):
            part.chmod(0o755)
    run("chown", "postgres", str(folder))
    programs = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))[-1]).parent
    as_postgres = ["runuser", "-u", "postgres", "--"]
    run(*as_postgres, str(programs / "initdb"), "--auth=trust", "--no-sync", "-D", str(folder))
    with open(folder / "postgresql.conf", "a", encoding="utf-8") as settings:
        settings.write(f"listen_addresses = '*'\nunix_socket_directories = '{folder}'\nfsync = off\nmax_connections = 200\n")
    with open(folder / "pg_hba.conf", "a", encoding="utf-8") as rules:
        rules.write("host all all 10.77.0.0/24 trust\n")
    with open(work / "pg.log", "wb") as log:
        server = subprocess.Popen([*as_postgres, str(programs / "postgres"), "-D", str(folder)], stdout=log, stderr=log)
    until(lambda: subprocess.run(["pg_isready", "-qh", BRIDGE], check=False).returncode == 0, "PostgreSQL answers")
    run("psql", "-qh", BRIDGE, "-U", "postgres", "postgres", "-c", "create role waybill login", "-c",
        "create database waybill owner waybill")
    return server


def tell_story(gateway, password):
    url = f"http://{gateway.pod.address}:{gateway.pod.ports()['http']}"
    email = gateway.pod.environment()["WAYBILL_ADMIN_EMAIL"]
    status, session = call(url + "/v1/auth/login", {"email": email, "password": password})
    assert status == 200, f"the admin cannot sign in: {status}"
    assert call(url + "/v1/orders")[0] == 401, "orders are shown to strangers"
    status, story = call(url + "/scenario/1", token=session["access_token"])
    assert status == 200 and story["verdict"] == "pass", f"scenario 1: {status} {story}"


def check(machines, password):
    gateway = next(machine for name, machine in machines.items() if "gateway" in name)
    first, second, payment = (machines[f"shop-waybill-{name}"] for name in ("order-0", "order-1", "payment-0"))
    for machine in machines.values():
        machine.await_ready()
    tell_story(gateway, password)
    print("all pods are ready and play a story")

    hook = first.hook()
    said = hook.communicate(timeout=PATIENCE_S)[0]
    assert hook.returncode == 0 and "has handed over and left" in said, f"the hook of one of two: {hook.returncode} {said}"
    first.await_end()
    tell_story(gateway, password)
    print("one of two is drained")

    # The other one waits until there is another one again.
    until(lambda: first.pod.name not in second.shell("shards"), "the other one owns everything")
    hook = second.hook()
    line = hook.stdout.readline()
    assert "is the only one that serves as order" in line, line
    second.alive()
    first.start()
    said = hook.communicate(timeout=PATIENCE_S)[0]
    assert hook.returncode == 0 and "has handed over and left" in said, f"the hook of the last one: {hook.returncode} {said}"
    second.await_end()
    first.await_ready()
    tell_story(gateway, password)
    print("the last one of a role waits for another one")

    # There never is another one: it is not waited for.
    began = payment.hook()
    said = began.communicate(timeout=PATIENCE_S)[0]
    assert began.returncode == 0 and "is the only one that serves as payment" in said and payment.alive(), said
    payment.await_end()
    until(lambda: gateway.probe("readinessProbe") == 503, "the gateway says that a role is missing")
    assert gateway.probe("livenessProbe") == 200, "a gateway would be killed because another role is away"
    payment.start()
    payment.await_ready()
    until(lambda: gateway.probe("readinessProbe") == 200, "the gateway is ready again")
    tell_story(gateway, password)
    print("the only one of a role ends without waiting, and comes back under its name")


def main():
    binary, root = sys.argv[1], pathlib.Path(sys.argv[2])
    if INSIDE not in os.environ:
        words = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
        missing = not glob.glob("/usr/lib/postgresql/*/bin/initdb")
        if missing or subprocess.run([*words, "true"], check=False, capture_output=True).returncode != 0:
            print("skipped: it needs PostgreSQL, and root for networks of its own")
            sys.exit(SKIPPED)
        os.execvpe("unshare", [*words, sys.executable, "-B", *sys.argv], {**os.environ, INSIDE: "1"})
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        documents, _ = Chart(root, work).render(VALUES)
        secrets = secrets_for(root, work, f"postgresql://waybill@{BRIDGE}/waybill")
        for words in (["link", "set", "lo", "up"], ["link", "add", "cluster", "type", "bridge"],
                      ["address", "add", f"{BRIDGE}/24", "dev", "cluster"], ["link", "set", "cluster", "up"]):
            run("ip", *words)
        start_postgres(work)
        (work / "bin").mkdir()
        (work / "bin/waybill").symlink_to(binary)
        machines = {}
        for workload in workloads(documents):
            for ordinal in range(workload["spec"]["replicas"]):
                name, number = f"{workload['metadata']['name']}-{ordinal}", 10 + len(machines)
                machines[name] = Machine(Pod(workload, documents, secrets, work / name, name, f"10.77.0.{number}"), binary, number)
        for machine in machines.values():
            machine.start()
        try:
            check(machines, secrets["waybill-admin"]["password"])
        except BaseException:
            for name, machine in machines.items():
                print(f"{name}:\n{machine.log.read_text(encoding='utf-8')[-3000:]}")
            raise


if __name__ == "__main__":
    main()
