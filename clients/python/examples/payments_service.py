#!/usr/bin/env python3
"""A payments service that pays orders by RPC: whatever waits for its payer (`"payment": {"method": "deferred"}`) is charged.

WAYBILL_URL; WAYBILL_TOKEN: a service key with the role operator; CARD: the card's token at the provider; POSITION: a file that
keeps how far the log was worked through. Until SIGTERM or SIGINT; killed and started again it goes on there, and pays no order
twice: the calls of one order have one key.
"""
import os
import pathlib
import signal
import time
import xmlrpc.client
from typing import Any, Dict

from waybill import Waybill

#: Seconds between two questions or tries.
PAUSE = 0.5
#: Faults that pass (docs/doors.md): something else is under way, too many calls, a part cannot answer.
PASSING = (4091, 4290, 5030)


class Payments:
    def __init__(self, url: str, token: str, card: str) -> None:
        self.url, self.token, self.card = url, token, card

    def pay(self, order_id: str) -> Dict[str, Any]:
        """Charges an order; returns when the provider has decided."""
        result = self.call("process_payment", order_id, order_id, self.card)
        while result["outcome"] == "pending":
            time.sleep(PAUSE)
            result = self.call("payment_status", order_id, order_id)
        return result

    def call(self, method: str, key: str, *parameters: str) -> Dict[str, Any]:
        """Calls again until it is answered: under the same key nothing happens twice."""
        headers = [("Authorization", f"Bearer {self.token}"), ("Idempotency-Key", key)]
        while True:
            try:
                with xmlrpc.client.ServerProxy(self.url + "/rpc", headers=headers) as waybill:
                    result: Any = getattr(waybill, method)(*parameters)
                    return dict(result)
            except xmlrpc.client.Fault as fault:
                if fault.faultCode not in PASSING:
                    return {"outcome": f"fault {fault.faultCode}", "order_id": key}
            except xmlrpc.client.ProtocolError as refused:
                if refused.errcode not in (429, 503):
                    raise
            except OSError:
                pass  # The node is away; it comes back.
            time.sleep(PAUSE)


def main() -> None:
    url, token = os.environ["WAYBILL_URL"], os.environ["WAYBILL_TOKEN"]
    kept = pathlib.Path(os.environ["POSITION"])
    payments = Payments(url, token, os.environ["CARD"])
    waybill = Waybill(url, service_key=token)
    after = kept.read_text() if kept.exists() else "earliest"
    placed = waybill.events.follow(after=after, types=["order.placed"])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: placed.close())
    for event in placed:
        if event["data"].get("pays_later"):
            result = payments.pay(event["stream"])
            print(f"{event['stream']} {result['outcome']}", flush=True)
        # Behind the work: whoever is killed in between asks again, and is answered as the first time.
        new = kept.with_suffix(".new")
        new.write_text(event["position"])
        new.replace(kept)


if __name__ == "__main__":
    main()
