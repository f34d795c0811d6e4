"""The library against a real node."""
import itertools
import threading
import unittest

from support import ADMIN, PASSWORD, Shop, order_of, wait_until

from waybill import Problem, Waybill


class Node(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Access tokens end while the tests run.
        cls.shop = Shop("--auth-access-lifetime=2s", "--auth-leeway=0s", "--webhook-targets=any")
        cls.addClassCleanup(cls.shop.close)
        cls.product = cls.shop.product()

    def refused(self, code, call, *arguments, **options):
        with self.assertRaises(Problem) as told:
            call(*arguments, **options)
        self.assertEqual(told.exception.code, code)
        return told.exception

    def settle(self, client, order, status):
        return wait_until(lambda: (now := client.orders.get(order["id"]))["status"] == status and now,
                          f"{order['id']} does not become {status}")


class Callers(Node):
    def test_a_session_outlives_its_access_token_and_a_restart_of_the_program(self):
        kept = []
        ada = self.shop.customer(on_session=kept.append)
        first = ada.token()
        wait_until(lambda: ada.token() != first, "the token is not renewed")
        self.assertEqual(ada.me()["name"], "Ada")
        self.assertGreater(len(kept), 1)
        with Waybill(self.shop.url, refresh_token=kept[-1]["refresh_token"]) as later:
            self.assertEqual(later.me()["id"], ada.me()["id"])

    def test_who_signs_out_is_nobody(self):
        ada = self.shop.customer()
        ada.sign_out()
        self.refused("unauthenticated", ada.me)

    def test_a_wrong_password_is_a_problem_with_all_that_is_known(self):
        nobody = Waybill(self.shop.url)
        told = self.refused("unauthenticated", nobody.sign_in, "nobody@example.com", PASSWORD)
        self.assertEqual(told.status, 401)
        self.assertTrue(told.detail)
        self.assertTrue(told.request_id)
        self.assertRegex(told.trace_id, "^[0-9a-f]{32}$")

    def test_a_service_key_asks_until_it_is_revoked(self):
        made = self.shop.admin.service_keys.create("robot", ["operator"])
        robot = Waybill(self.shop.url, service_key=made["token"])
        self.assertEqual(robot.me()["roles"], ["operator"])
        self.assertIn(made["key"]["id"], [key["id"] for key in self.shop.admin.service_keys.list()])
        self.shop.admin.service_keys.revoke(made["key"]["id"])
        wait_until(lambda: self.is_refused(robot), "the key is not refused")

    def is_refused(self, client):
        try:
            client.me()
        except Problem as problem:
            return problem.status == 401
        return False

    def test_users_are_made_and_changed(self):
        users = self.shop.admin.users
        made = users.create("grace@example.com", "Grace", password=PASSWORD, roles=["operator"])
        self.assertEqual(users.change(made["id"], disabled=True)["disabled"], True)
        self.assertEqual(users.get(made["id"])["roles"], ["operator"])


class Products(Node):
    def test_a_product_is_made_found_changed_and_withdrawn(self):
        products = self.shop.admin.products
        tea = products.create("earl-1", "Earl Grey", {"amount": 500, "currency": "EUR"}, 10)
        self.assertEqual([one["id"] for one in products.list("earl")], [tea["id"]])
        changed = products.change(tea["id"], name="Lady Grey", if_version=tea["version"])
        self.assertEqual((changed["name"], changed["sku"]), ("Lady Grey", "earl-1"))
        self.refused("version_mismatch", products.change, tea["id"], name="Grey", if_version=tea["version"])
        self.assertEqual(products.adjust_stock(tea["id"], 5, "came in", idempotency_key="k")["on_hand"], 15)
        self.assertEqual(products.adjust_stock(tea["id"], 5, "came in", idempotency_key="k")["on_hand"], 15)
        products.withdraw(tea["id"])
        told = self.refused("validation_failed", self.shop.customer().orders.place, order_of(tea))
        self.assertTrue(told.errors[0].pointer)

    def test_lists_are_read_to_their_end(self):
        products = self.shop.admin.products
        made = {products.create(f"page-{number}", "Paged", {"amount": 1, "currency": "EUR"}, 0)["id"] for number in range(55)}
        self.assertEqual({one["id"] for one in products.list("Paged")}, made)


class Orders(Node):
    def test_an_order_is_placed_paid_delivered_and_refunded(self):
        ada, admin = self.shop.customer(), self.shop.admin
        order = ada.orders.place(order_of(self.product), wait=20)
        self.assertIn(order["status"], ("confirmed", "fulfilling", "completed"))
        self.assertEqual(self.settle(ada, order, "completed")["total"], {"amount": 950, "currency": "EUR"})
        self.assertEqual(ada.orders.payment(order["id"])["status"], "captured")
        self.assertEqual(ada.orders.delivery(order["id"])["status"], "completed")
        refunds = admin.orders.refund(order["id"], "a broken cup", {"amount": 300, "currency": "EUR"}, idempotency_key="cup")
        again = admin.orders.refund(order["id"], "a broken cup", {"amount": 300, "currency": "EUR"}, idempotency_key="cup")
        self.assertEqual([one["id"] for one in again["items"]], [one["id"] for one in refunds["items"]])
        self.assertEqual(len(ada.orders.refunds(order["id"])["items"]), 1)
        told = [event["type"] for event in ada.orders.events(order["id"], types=["order.*"])]
        self.assertEqual(told[0], "order.placed")
        self.assertIn("order.completed", told)

    def test_the_same_key_is_the_same_order(self):
        ada = self.shop.customer()
        orders = [ada.orders.place(order_of(self.product), idempotency_key="basket") for _ in range(2)]
        self.assertEqual(orders[0]["id"], orders[1]["id"])
        self.refused("idempotency_key_reused", ada.orders.place, order_of(self.product, "tok_declined"), idempotency_key="basket")
        self.assertEqual([one["id"] for one in ada.orders.list()], [orders[0]["id"]])

    def test_a_declined_card_is_a_status_and_no_exception(self):
        self.assertEqual(self.shop.customer().orders.place(order_of(self.product, "tok_declined"), wait=20)["status"], "rejected")

    def test_an_order_that_is_paid_later_is_changed_and_paid_once(self):
        ada = self.shop.customer()
        order = ada.orders.place(order_of(self.product, None), wait=20)
        self.assertEqual(order["payment_status"], "awaiting")
        self.assertEqual(ada.orders.change(order["id"], delivery={"address": "5 Fordhook"}, note="ring")["note"], "ring")
        paid = ada.orders.pay(order["id"], "tok_ok", wait=20, idempotency_key="card-1")
        self.assertNotEqual(paid["payment_status"], "awaiting")
        self.assertEqual(ada.orders.pay(order["id"], "tok_ok", wait=20, idempotency_key="card-1")["id"], order["id"])
        self.refused("illegal_transition", ada.orders.pay, order["id"], "tok_ok")

    def test_an_order_is_cancelled_twice_without_an_error(self):
        ada = self.shop.customer()
        order = ada.orders.place(order_of(self.product, None), wait=20)
        ada.orders.cancel(order["id"], "no more tea")
        self.settle(ada, order, "cancelled")
        self.assertEqual(ada.orders.cancel(order["id"])["status"], "cancelled")
        self.assertEqual([one["id"] for one in ada.orders.list(status=["cancelled", "rejected"])], [order["id"]])

    def test_operators_hold_release_and_resolve(self):
        ada, admin = self.shop.customer(), self.shop.admin
        late = ada.orders.place(order_of(self.product, "tok_late"))
        self.assertIn("hold", admin.orders.hold(late["id"], "is that the right address?"))
        self.assertNotIn("hold", admin.orders.release(late["id"], "it is now"))
        stuck = ada.orders.place(order_of(self.product, "tok_capture_fails"))
        self.settle(admin, stuck, "needs_attention")
        admin.orders.retry(stuck["id"], "the bank is open again")
        self.settle(admin, stuck, "needs_attention")
        self.assertEqual(admin.orders.resolve(stuck["id"], "completed", "paid at the door")["status"], "completed")

    def test_what_belongs_to_somebody_else_is_not_there(self):
        order = self.shop.customer().orders.place(order_of(self.product))
        self.refused("not_found", self.shop.customer().orders.get, order["id"])

    def test_customers_read_what_they_were_told(self):
        ada = self.shop.customer()
        ada.orders.place(order_of(self.product, "tok_declined"), wait=20)
        first = wait_until(lambda: next(ada.notifications.list(unread=True), None), "nothing is told")
        self.assertRegex(ada.notifications.read(first["id"]), "Z$")
        ada.notifications.read_all()
        self.assertEqual(list(ada.notifications.list(unread=True)), [])

    def test_operators_tell_customers_something_once(self):
        ada = self.shop.customer()
        customer = ada.me()["customer_id"]
        order = ada.orders.place(order_of(self.product))["id"]
        operator = self.shop.admin
        pushed = operator.notifications.push(customer, "The courier comes tomorrow.", order_id=order, idempotency_key="push-1")
        again = operator.notifications.push(customer, "The courier comes tomorrow.", order_id=order, idempotency_key="push-1")
        self.assertEqual(pushed, again)
        self.assertEqual((pushed["kind"], pushed["order_id"]), ("message", order))
        self.assertIsNone(operator.notifications.push(customer, "We are closed on Monday.")["order_id"])
        theirs = sorted(one["text"] for one in operator.notifications.list(customer_id=customer) if one["kind"] == "message")
        self.assertEqual(theirs, ["The courier comes tomorrow.", "We are closed on Monday."])
        with self.assertRaises(Problem) as refused:
            ada.notifications.push(customer, "Mine.")
        self.assertEqual(refused.exception.code, "forbidden")


class EventLog(Node):
    def test_a_stream_outlives_the_tokens_and_leaves_nothing_out(self):
        ada = self.shop.customer()
        waits, told = [], []
        start = ada.events.end()
        events = ada.events.follow(types=["order.placed"], on_wait=lambda error, _: waits.append(error))

        def follow():
            for event in events:
                told.append(event)

        thread = threading.Thread(target=follow)
        thread.start()
        placed = []
        wait_until(lambda: events.position != "latest", "the stream does not begin")

        def places_until_tokens_ended():
            placed.append(ada.orders.place(order_of(self.product))["id"])
            return len(waits) >= 2
        wait_until(places_until_tokens_ended, "no stream ended with its token")
        wait_until(lambda: len(told) == len(placed), "an event is missing")
        events.close()
        thread.join(60)
        self.assertFalse(thread.is_alive())
        self.assertEqual([event["stream"] for event in told], placed)
        self.assertEqual(events.position, told[-1]["position"])
        listed = list(ada.events.list(after=start, types=["order.placed"]))
        self.assertEqual([event["id"] for event in listed], [event["id"] for event in told])

    def test_a_stream_goes_on_where_another_one_ended(self):
        ada = self.shop.customer()
        placed = [ada.orders.place(order_of(self.product))["id"] for _ in range(3)]
        with ada.events.follow(after="earliest", types=["order.placed"]) as events:
            first = next(events)
        with ada.events.follow(after=first["position"], types=["order.placed"]) as events:
            rest = list(itertools.islice(events, 2))
        self.assertEqual([event["stream"] for event in [first, *rest]], placed)

    def test_a_position_that_the_log_does_not_have_is_a_problem(self):
        events = self.shop.admin.events.follow(after="g" + "f" * 46)
        with events, self.assertRaises(Problem) as told:
            next(events)
        self.assertEqual(told.exception.code, "cursor_expired")


class Endpoints(Node):
    def test_an_endpoint_is_made_tested_disabled_and_deleted(self):
        endpoints = self.shop.admin.webhook_endpoints
        made = endpoints.create("http://127.0.0.1:9/hook", ["webhook.nothing"])
        self.assertTrue(made["secret"].startswith("whsec_"))
        self.assertNotEqual(endpoints.rotate_secret(made["id"])["secret"], made["secret"])
        self.assertFalse(endpoints.test(made["id"])["delivered"])
        self.assertEqual(endpoints.enable(made["id"], False)["status"], "disabled")
        self.assertEqual(endpoints.get(made["id"])["disabled_reason"], "operator")
        endpoints.delete(made["id"])
        self.assertNotIn(made["id"], [one["id"] for one in endpoints.list()])


class Couriers(Node):
    def test_couriers_come_and_go(self):
        couriers = self.shop.admin.couriers
        ann = couriers.create("Ann", capacity=2)
        self.assertTrue(couriers.change(ann["id"], online=True)["online"])
        self.assertIn(ann["id"], [one["id"] for one in couriers.list(online=True)])
        couriers.change(ann["id"], online=False)
        self.assertEqual(couriers.get(ann["id"])["capacity"], 2)
        couriers.remove(ann["id"])
        self.refused("not_found", couriers.get, ann["id"])


class AnyRequest(Node):
    def test_the_rest_of_the_api_can_be_asked_for(self):
        self.assertTrue(self.shop.admin.request("GET", "/v1/cluster").json()["nodes"])
        self.assertEqual(ADMIN[0], self.shop.admin.me()["email"])


if __name__ == "__main__":
    unittest.main()
