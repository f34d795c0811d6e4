#!/usr/bin/env python3
"""A courier who takes what is offered, fetches it and brings it, until SIGTERM or SIGINT.

WAYBILL_URL, COURIER_EMAIL, COURIER_PASSWORD: a user with the role courier whom an operator has made a courier
(docs/operations.md, Couriers). A delivery is a job that several workers compete for: one that this worker accepted and does not
start in time is offered to another. Killed and started again it goes on with what it has accepted.
"""
import os
import signal
import sys

from waybill import EventStream, Problem, Waybill
from waybill.types import Delivery


def main() -> None:
    waybill = Waybill(os.environ["WAYBILL_URL"])
    user = waybill.sign_in(os.environ["COURIER_EMAIL"], os.environ["COURIER_PASSWORD"])
    courier_id = user["id"].replace("usr_", "cur_")
    # Before the list is read: what is offered while it is read comes as an event.
    offers = waybill.events.follow(after=waybill.events.end(), types=["delivery.*"])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: offers.close())
    waybill.couriers.change(courier_id, online=True)
    try:
        work(waybill, offers)
    finally:
        waybill.couriers.change(courier_id, online=False)
        waybill.sign_out()


def work(waybill: Waybill, offers: EventStream) -> None:
    for status in ("started", "assigned", "offered"):
        for delivery in waybill.deliveries.list(status=status):
            bring(waybill, delivery)
    for event in offers:
        # An event says that something was so; what is so now, the delivery says.
        if event["type"] in ("delivery.offered", "delivery.assigned", "delivery.started"):
            bring(waybill, waybill.deliveries.get(event["stream"]))


def bring(waybill: Waybill, delivery: Delivery) -> None:
    """Takes a delivery to its end, from wherever it is. Each step may be said twice: `attempt` names the offer."""
    try:
        if delivery["status"] == "offered":
            delivery = waybill.deliveries.accept(delivery["id"], delivery["attempt"])
        if delivery["status"] == "assigned":
            delivery = waybill.deliveries.start(delivery["id"], delivery["attempt"])
        if delivery["status"] == "started":
            waybill.deliveries.complete(delivery["id"], delivery["attempt"])
            print(f"delivered {delivery['order_id']}", flush=True)
    except Problem as problem:
        # The offer has passed, another courier has it, or there is no room for it: the next one may do.
        if problem.code not in ("illegal_transition", "conflict", "not_found"):
            raise
        print(f"{delivery['id']}: {problem.detail}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
