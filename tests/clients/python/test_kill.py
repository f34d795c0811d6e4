"""A node that is killed in the middle of placing orders and of following events, and started again on the same database."""
import threading
import unittest

from support import Shop, order_of, wait_until

THREADS = 8
#: Orders before the kill, and after it.
SOME = 40


class Killed(unittest.TestCase):
    def test_no_order_and_no_event_is_lost_or_doubled(self):
        shop = Shop()
        self.addCleanup(shop.close)
        product, ada = shop.product(on_hand=1_000_000), shop.customer()
        placed, failures, told, waits = [], [], [], []
        enough = threading.Event()

        def place():
            try:
                while not enough.is_set():
                    placed.append(ada.orders.place(order_of(product))["id"])
            except Exception as error:  # noqa: BLE001: whatever it is, the test tells it.
                failures.append(error)

        start = ada.events.end()
        events = ada.events.follow(after=start, types=["order.placed"], on_wait=lambda error, _: waits.append(error))

        def follow():
            for event in events:
                told.append(event)

        follower = threading.Thread(target=follow)
        placers = [threading.Thread(target=place) for _ in range(THREADS)]
        for thread in [follower, *placers]:
            thread.start()
        wait_until(lambda: len(placed) >= SOME and len(told) >= SOME or failures, "nothing is placed and told")
        # All threads place, and the follower follows, until long after this.
        shop.node.kill()
        before = len(placed)
        shop.node.start()
        wait_until(lambda: len(placed) >= before + THREADS + SOME or failures, "nothing is placed after the kill")
        enough.set()
        for thread in placers:
            thread.join(120)
        self.assertEqual(failures, [])
        wait_until(lambda: len(told) >= len(placed), f"events are missing: {len(told)} of {len(placed)}")
        events.close()
        follower.join(60)
        self.assertFalse(follower.is_alive())

        self.assertTrue(waits, "the stream did not notice the kill")
        self.assertEqual(len(placed), len(set(placed)), "two intents have one order")
        self.assertEqual({order["id"] for order in ada.orders.list()}, set(placed), "an order was placed twice, or was lost")
        self.assertEqual([event["id"] for event in told],
                         [event["id"] for event in ada.events.list(after=start, types=["order.placed"])])
        self.assertEqual(sorted(event["stream"] for event in told), sorted(placed), "an event was lost or doubled")
        print(f"{before} orders before the kill, {len(placed) - before} after it, {len(told)} events")


if __name__ == "__main__":
    unittest.main()
