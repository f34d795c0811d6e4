"""Orders that earlier versions of the program have brought to their end are folded by this one to the same outcome: `waybill shell
replay`, the check before an upgrade. replay.py <waybill binary>. They were recorded by the program of
2026-11-29 (schema 8 of the database), and stay for ever: add some when a form changes, never change one."""
import json
import pathlib
import subprocess
import sys
import tempfile

binary = sys.argv[1]
here = pathlib.Path(__file__).parent
# Each way in which an order can end, with the events that tell of it.
WANTED = {"order.completed", "order.rejected", "order.cancelled", "order.resolved", "order.refund_requested", "order.held", "order.released",
          "payment.authorized", "payment.declined", "payment.captured", "payment.voided", "payment.refunded",
          "delivery.declined", "delivery.aborted", "delivery.completed", "delivery.failed", "delivery.cancelled"}


def replay(*files):
    run = subprocess.run([binary, "shell", "-c", "replay " + " ".join(map(str, files))], capture_output=True, text=True, timeout=60)
    return run.returncode, run.stdout + run.stderr


histories = sorted(here.glob("*.json"))
code, said = replay(*histories)
assert code == 0 and f"{len(histories)} orders: the same" in said, said

seen = {event["type"] for path in histories for event in json.loads(path.read_text())["events"]}
assert WANTED <= seen, f"no history tells of {sorted(WANTED - seen)}"

# Whoever would fold one otherwise is found out.
with tempfile.TemporaryDirectory() as folder:
    history = json.loads((here / "refunded.json").read_text())
    kept = [event for event in history["events"] if event["type"] != "order.completed"]
    assert len(kept) < len(history["events"])
    history["events"] = kept
    other = pathlib.Path(folder, "other.json")
    other.write_text(json.dumps(history))
    code, said = replay(here / "changed.json", other)
    assert code == 1 and "/status" in said, said
print(f"{len(histories)} histories")
