"""The examples of clients/python, each against a real node and through a kill."""
import sqlite3
import unittest
import urllib.error
import urllib.request

from support import PASSWORD, PATIENCE_S, Shop, order_of, running, wait_until

from waybill import Waybill


def completed(client, orders):
    return all(client.orders.get(order["id"])["status"] == "completed" for order in orders)


class CourierWorker(unittest.TestCase):
    def test_workers_bring_each_order_once_although_one_is_killed(self):
        shop = Shop("--courier-pool=real", "--delivery-answer-within=2s", "--delivery-start-within=2s", "--delivery-finish-within=2s")
        self.addCleanup(shop.close)
        product, ada = shop.product(), shop.customer()
        workers = []
        for name in ("ann", "bob"):
            user = shop.admin.users.create(f"{name}@example.com", name, password=PASSWORD, roles=["courier"])
            shop.admin.couriers.create(name, capacity=3, user_id=user["id"])
            workers.append(running("courier_worker.py", WAYBILL_URL=shop.url, COURIER_EMAIL=user["email"], COURIER_PASSWORD=PASSWORD))
        with workers[0] as ann, workers[1] as bob:
            orders = [ada.orders.place(order_of(product)) for _ in range(5)]
            wait_until(lambda: ann.lines or bob.lines, "nothing is delivered")
            ann.end(kill=True)
            orders += [ada.orders.place(order_of(product)) for _ in range(5)]
            wait_until(lambda: completed(ada, orders), "not all orders are completed")
            self.assertEqual(bob.end(), 0)
            self.assertEqual(len(ann.lines + bob.lines), len(set(ann.lines + bob.lines)), "an order was delivered twice")
        for order in orders:
            types = [event["type"] for event in ada.orders.events(order["id"])]
            self.assertEqual(types.count("delivery.completed"), 1)
        self.assertFalse(shop.admin.couriers.get(user["id"].replace("usr_", "cur_"))["online"])


class WebhookReceiver(unittest.TestCase):
    def setUp(self):
        self.shop = Shop("--webhook-targets=any", "--webhook-retry-schedule=" + ",".join(["50ms"] * 10))
        self.addCleanup(self.shop.close)
        self.endpoint = self.shop.admin.webhook_endpoints.create("http://127.0.0.1:9/", ["order.*"])
        self.database = self.shop.folder / "receiver.db"

    def receiver(self, secret=None, port="0"):
        return running("webhook_receiver.py", WEBHOOK_SECRET=secret or self.endpoint["secret"], DATABASE=str(self.database), PORT=port)

    def point_to(self, receiver):
        url = receiver.wait_for("receives on ")[0].removeprefix("receives on ")
        self.shop.admin.request("PATCH", "/v1/webhook-endpoints/{id}", path={"id": self.endpoint["id"]}, body={"url": url, "status": "enabled"})
        return url

    def test_each_message_is_taken_once_although_the_receiver_is_killed(self):
        ada, product = self.shop.customer(), self.shop.product()
        with self.receiver() as first:
            url = self.point_to(first)
            self.assertTrue(self.shop.admin.webhook_endpoints.test(self.endpoint["id"])["delivered"])
            orders = [ada.orders.place(order_of(product)) for _ in range(10)]
            first.wait_for("order.")
            first.end(kill=True)
        with self.receiver(port=url.rsplit(":", 1)[1].strip("/")) as second:
            second.wait_for("receives on ")
            wait_until(lambda: completed(ada, orders), "not all orders are completed")
            # Away it may have been for as long as the schedule is; then it is enabled again, and goes on where it stopped.
            self.shop.admin.webhook_endpoints.enable(self.endpoint["id"])
            wait_until(lambda: self.shop.admin.webhook_endpoints.get(self.endpoint["id"])["backlog"] == 0, "messages are left")
            self.retry_failed()
            new = [line for line in first.lines + second.lines if line.startswith("order.") and not line.endswith(" again")]
            self.assertEqual(len(new), len(set(new)), "a message was taken twice")
        stored = dict(sqlite3.connect(self.database).execute("select id, type from orders"))
        self.assertEqual(stored, {order["id"]: "order.completed" for order in orders})

    def retry_failed(self):
        """A message that failed for good is sent again by hand (docs/webhooks.md)."""
        at = {"id": self.endpoint["id"]}

        def left():
            failed = list(self.shop.admin.pages("/v1/webhook-endpoints/{id}/deliveries", {"status": "failed"}, path=at))
            for one in failed:
                self.shop.admin.request("POST", "/v1/webhook-endpoints/{id}/deliveries/{message}/retry",
                                        path={**at, "message": one["message_id"]})
            pending = list(self.shop.admin.pages("/v1/webhook-endpoints/{id}/deliveries", {"status": "pending"}, path=at))
            return failed + pending
        wait_until(lambda: not left(), "messages are left")

    def test_what_is_not_from_the_node_is_refused(self):
        with self.receiver(secret="whsec_AAAA") as receiver:
            url = self.point_to(receiver)
            result = self.shop.admin.webhook_endpoints.test(self.endpoint["id"])
            self.assertEqual((result["delivered"], result["status"]), (False, 400))
            receiver.wait_for("refused: no signature fits")
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(url, b"{}", timeout=PATIENCE_S)
            self.assertEqual(refused.exception.code, 400)
            refused.exception.close()
        self.assertEqual(sqlite3.connect(self.database).execute("select count(*) from seen").fetchone(), (0,))


class PaymentsService(unittest.TestCase):
    def test_each_order_is_charged_once_although_the_service_and_the_node_are_killed(self):
        shop = Shop()
        self.addCleanup(shop.close)
        key, product, ada = shop.operator_key(), shop.product(), shop.customer()
        variables = {"WAYBILL_URL": shop.url, "WAYBILL_TOKEN": key, "CARD": "tok_ok", "POSITION": str(shop.folder / "position")}
        ada.orders.place(order_of(product))  # Is paid with the order, and none of the service's business.
        orders = [ada.orders.place(order_of(product, None)) for _ in range(10)]
        with running("payments_service.py", **variables) as first:
            first.wait_for("ord_")
            first.end(kill=True)
        with running("payments_service.py", **variables) as second:
            second.wait_for("ord_")
            shop.node.kill()
            shop.node.start()
            orders += [ada.orders.place(order_of(product, None)) for _ in range(5)]
            wait_until(lambda: completed(ada, orders), "not all orders are completed")
            self.assertEqual(second.end(), 0)
        self.assertTrue(all(line.endswith(" paid") for line in first.lines + second.lines), first.lines + second.lines)
        operator = Waybill(shop.url, service_key=key)
        for order in orders:
            types = [event["type"] for event in operator.orders.events(order["id"])]
            self.assertEqual((types.count("order.payment_provided"), types.count("payment.captured")), (1, 1))


if __name__ == "__main__":
    unittest.main()
