#!/usr/bin/env python3
"""Stages one fault, and looks whether whoever is on call would find it: staged.py <waybill binary> <source folder> <fault>

Real nodes, a real PostgreSQL and a real Prometheus with the shipped alarms, of which only the times are shorter (hastened.py). For
each fault: its alarm begins to fire, a panel of its dashboard shows it, and neither did before; `why` or `stuck` of the shell names
the cause; the alarm ends when the fault is healed. `--unstaged` behind it leaves the fault out: then the test must fail. Needs root for a network of its own, and Debian's
packages prometheus and postgresql; skipped (77) elsewhere.
"""

import glob
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from relay import Relay, Silence
from site_of_fault import Site, call, until

STORE = "--store=postgresql://waybill@127.0.0.1:{port}/waybill"


class Fault:
    """A fault: `prepare` starts what there is, `stage` makes the fault, `heal` ends it, `load` is called again and again from the one to
    the end and may give an order, `command` is what is typed (with the order), `cause` is what must be said."""

    needs_postgres = False
    most_orders = 100
    alarm = panel = cause = ""
    dashboard = ""
    command = "stuck --older-than 1s"

    def is_fault(self, _labels, value):
        return value > 0

    def prepare(self, site):
        raise NotImplementedError

    def stage(self, site):
        raise NotImplementedError

    def heal(self, site):
        raise NotImplementedError

    def load(self, site):
        return site.order()


class ProviderSlow(Fault):
    alarm, dashboard, panel = "WaybillPaymentSlow", "steps", "Half of the orders wait at most"
    command, cause = "why {order}", "the provider was asked for authorize"
    token = "tok_ok"

    def prepare(self, site):
        pathlib.Path("secret").write_text("a secret of the test, long enough", encoding="utf-8")
        self.start_provider(site)
        site.node(0, "--payment-provider=http", "--payment-url=http://127.0.0.1:4200", "--payment-secret-file=secret",
                  "--payment-provider-timeout=20s")

    def start_provider(self, site):
        self.provider = site.start(site.binary, "psp", "--listen=127.0.0.1:4200", "--secret-file=secret", "--slow-ms=6500")

    def is_fault(self, labels, value):
        return labels.get("step") == "payment" and value > 2

    def stage(self, site):
        self.token = "tok_slow"

    def heal(self, site):
        self.token = "tok_ok"

    def load(self, site):
        return site.order(self.token)


class ProviderDown(ProviderSlow):
    alarm, panel = "WaybillProviderCircuitOpen", "Circuit to the payment provider"
    cause = "the payment provider fails"

    def is_fault(self, _labels, value):
        return value > 0

    def stage(self, site):
        self.provider.kill()

    def heal(self, site):
        self.start_provider(site)


class DatabaseSlow(Fault):
    needs_postgres = True
    alarm, dashboard, panel = "WaybillCommitSlow", "database", "A commit"
    command, cause = "why {order}", "the database is slow: a commit took"

    def prepare(self, site):
        self.relay = Relay(5433, 5432)
        site.database()
        site.node(0, STORE.format(port=5433))

    def is_fault(self, _labels, value):
        return value > 0.2

    def stage(self, site):
        self.relay.delay_s = 0.08

    def heal(self, site):
        self.relay.delay_s = 0


class NodeFrozen(Fault):
    needs_postgres = True
    alarm, dashboard, panel = "WaybillNodesLost", "overview", "Nodes, by state"
    command, cause = "why {order}", "no node has the role payment"

    def prepare(self, site):
        site.database()
        site.node(0, STORE.format(port=5432), "--name=a", "--role=gateway,order,inventory,delivery,notification,account")
        self.other = site.node(1, STORE.format(port=5432), "--name=b", "--role=payment")

    def is_fault(self, labels, value):
        return labels.get("state") in ("dead", "suspected") and value > 0

    def stage(self, site):
        self.other.send_signal(signal.SIGSTOP)

    def heal(self, site):
        self.other.send_signal(signal.SIGCONT)


class LinkCut(NodeFrozen):
    cause = "node a cannot reach node b"

    def prepare(self, site):
        self.relay = Relay(5101, 4101)
        site.database()
        site.node(0, STORE.format(port=5432), "--name=a", "--role=gateway,order,inventory,delivery,notification,account")
        site.node(1, STORE.format(port=5432), "--name=b", "--role=payment", "--advertise=127.0.0.1:5101")

    def stage(self, site):
        self.relay.cut = True

    def heal(self, site):
        self.relay.cut = False


class CouriersGone(Fault):
    # Fewer than the courier has places.
    most_orders = 10
    alarm, dashboard, panel = "WaybillNoCourier", "steps", "No courier has had time for"
    command, cause = "why {order}", "no courier has had time for"

    def prepare(self, site):
        site.node(0, "--courier-pool=real")
        self.courier = call(site.url() + "/v1/couriers", {"name": "Ann", "capacity": 20})[1]["id"]
        self.go(site, True)

    def go(self, site, online):
        status, _ = call(f"{site.url()}/v1/couriers/{self.courier}", {"online": online}, method="PATCH")
        assert status == 200, f"the courier cannot go on or off line: {status}"

    def is_normal(self, site):
        until(lambda: call(site.url() + "/v1/deliveries?status=offered")[1]["items"], "the courier gets an offer")

    def stage(self, site):
        self.go(site, False)

    def heal(self, site):
        self.go(site, True)


class HotProduct(Fault):
    alarm, dashboard, panel = "WaybillHotProduct", "business", "Messages for crowded products a second"
    cause = "is crowded"

    def prepare(self, site):
        site.node(0)

    def stage(self, site):
        self.is_wanted = True

        def rush():
            while self.is_wanted:
                subprocess.run([site.binary, "bench", "flash-sale", "--connect=127.0.0.1:4100", "--units=20000", "--buyers=500"],
                               check=False, stdout=subprocess.DEVNULL)

        threading.Thread(target=rush, daemon=True).start()

    def heal(self, site):
        self.is_wanted = False


class WebhookHanging(Fault):
    alarm, dashboard, panel = "WaybillWebhookFailing", "business", "Webhook messages that are late"
    cause = "takes nothing: "

    def prepare(self, site):
        site.node(0, "--webhook-targets=any", "--webhook-timeout=1s", "--webhook-retry-schedule=1s,1s,1s,1s,1s,1m")

    def is_fault(self, _labels, value):
        return value > 2

    def stage(self, site):
        self.receiver = Silence(4300)
        status, _ = call(site.url() + "/v1/webhook-endpoints", {"url": "http://127.0.0.1:4300/", "types": ["order.*"]})
        assert status == 201, status

    def heal(self, site):
        self.receiver.answers = True


class ForeignTransaction(Fault):
    needs_postgres = True
    alarm, dashboard, panel = "WaybillForeignTransaction", "database", "Readers of the log are behind"
    cause = "the transaction of pid"

    def prepare(self, site):
        site.database()
        site.node(0, STORE.format(port=5432))

    def is_fault(self, _labels, value):
        return value > 5

    def stage(self, site):
        self.session = subprocess.Popen(["psql", "-qh", "127.0.0.1", "-U", "postgres", "postgres"], stdin=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL, env=os.environ | {"PGAPPNAME": "forgotten"})
        site.processes.append(self.session)
        self.session.stdin.write(b"begin;\nselect txid_current();\n")
        self.session.stdin.flush()

    def heal(self, site):
        self.session.kill()


class DiskFull(Fault):
    needs_postgres = True
    alarm, dashboard, panel = "WaybillDatabaseFull", "database", "What connections to the database have met"
    cause = "the disk of the database is full"

    def prepare(self, site):
        self.disk = pathlib.Path("disk").resolve()
        self.disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=777", "tmpfs", str(self.disk)], check=True)
        (self.disk / "tables").mkdir()
        subprocess.run(["chown", "postgres", str(self.disk / "tables")], check=True)
        site.sql(f"create tablespace small location '{self.disk}/tables'")
        site.database("tablespace small")
        site.node(0, STORE.format(port=5432))

    def stage(self, site):
        with open(self.disk / "rubbish", "wb", buffering=0) as rubbish:
            try:
                while rubbish.write(bytes(4096)):
                    pass
            except OSError:
                pass

    def heal(self, site):
        (self.disk / "rubbish").unlink()


FAULTS = {"provider_slow": ProviderSlow, "provider_down": ProviderDown, "database_slow": DatabaseSlow, "node_frozen": NodeFrozen,
          "link_cut": LinkCut, "couriers_gone": CouriersGone, "hot_product": HotProduct, "webhook_hanging": WebhookHanging,
          "foreign_transaction": ForeignTransaction, "disk_full": DiskFull}


def waiting_one(orders):
    """Of those that were taken with the fault the newest that has waited for a moment."""
    moment_s = 2
    old = [order for at, order in orders if time.monotonic() - at > moment_s]
    return (old or [order for _, order in orders[:1]] or ["none"])[-1]


def run(fault, site, is_staged):
    if fault.needs_postgres:
        site.postgres()
    fault.prepare(site)
    site.ready()
    site.watch()
    if isinstance(fault, CouriersGone):
        site.order()
        fault.is_normal(site)
    else:
        site.settle()
    # On a machine that is busy the first moments are slow ones.
    until(lambda: not site.fires(fault.alarm) and not site.shown(fault.dashboard, fault.panel, fault.is_fault),
          f"neither {fault.alarm} nor '{fault.panel}' sees a fault without one")
    if is_staged:
        fault.stage(site)
    orders, missing = [], {"alarm", "panel", "words"}
    said = ""

    def look():
        nonlocal said
        if len(orders) < fault.most_orders and (order := fault.load(site)):
            orders.append((time.monotonic(), order))
        if "alarm" in missing and site.fires(fault.alarm):
            missing.discard("alarm")
        if "panel" in missing and site.shown(fault.dashboard, fault.panel, fault.is_fault):
            missing.discard("panel")
        if "words" in missing:
            said = site.shell(fault.command.format(order=waiting_one(orders)))
            if fault.cause in said:
                missing.discard("words")
        return not missing

    try:
        until(look, "")
    except AssertionError:
        raise AssertionError(f"missing: {sorted(missing)}: alarm {fault.alarm}, panel {fault.panel} of {fault.dashboard}, words "
                             f"'{fault.cause}' of '{fault.command}', which says:\n{said}") from None
    print(f"{fault.alarm} fires, '{fault.panel}' shows it, '{fault.command}' says '{fault.cause}':\n{said}")
    fault.heal(site)

    def is_over():
        # What an alarm looks at moves on with the orders that come.
        if len(orders) < 2 * fault.most_orders and (order := fault.load(site)):
            orders.append((time.monotonic(), order))
        return not site.fires(fault.alarm)

    until(is_over, f"{fault.alarm} ends with the fault")


def inside(binary, root, name, is_staged):
    site = Site(binary, root)
    try:
        run(FAULTS[name](), site, is_staged)
    except Exception:
        for log in sorted(glob.glob("log.*")):
            print(f"--- {log}\n{pathlib.Path(log).read_text(encoding='utf-8', errors='replace')[-1500:]}")
        raise
    finally:
        site.stop()


def main():
    binary, root, name = sys.argv[1:4]
    is_staged = "--unstaged" not in sys.argv
    if "--inside" in sys.argv:
        inside(binary, root, name, is_staged)
        return
    if not shutil.which("prometheus") or not glob.glob("/usr/lib/postgresql/*/bin/initdb"):
        print("skipped: there is no prometheus, or no postgresql")
        sys.exit(77)
    own = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
    if subprocess.run([*own, "true"], check=False, capture_output=True).returncode != 0:
        print("skipped: a network of its own needs root")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("WAYBILL_") or key.startswith("WAYBILL_TEST_")}
        done = subprocess.run([*own, sys.executable, "-B", str(pathlib.Path(__file__).resolve()), *sys.argv[1:], "--inside"],
                              cwd=folder, env=environment, check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
