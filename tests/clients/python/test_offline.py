"""The library against servers that do what a node does seldom."""
import io
import json
import shutil
import subprocess
import sys
import threading
import time
import unittest

from support import LIBRARY, Scripted, message_of, problem, session, stream_of

from waybill import BadSignature, Problem, Unreachable, Waybill, webhooks
from waybill.following import read_message
from waybill.retrying import Backoff
from waybill.session import Credentials

ORDER = (201, {}, {"id": "ord_1", "status": "placed"})


class Offline(unittest.TestCase):
    def serve(self, *answers, **options):
        server = Scripted(*answers)
        self.addCleanup(server.close)
        client = Waybill(server.url, **options)
        self.addCleanup(client.close)
        return server, client


class Retries(Offline):
    def test_an_order_whose_answer_was_lost_is_sent_again_under_its_key(self):
        server, client = self.serve(None, problem(503, "overloaded", **{"Retry-After": "0"}), ORDER)
        self.assertEqual(client.orders.place({})["id"], "ord_1")
        keys = server.header("Idempotency-Key")
        self.assertEqual(len(keys), 3)
        self.assertEqual(len(set(keys)), 1)
        self.assertTrue(keys[0])

    def test_two_orders_have_two_keys_and_a_given_key_is_used(self):
        server, client = self.serve(ORDER, ORDER, ORDER)
        client.orders.place({})
        client.orders.place({})
        client.orders.place({}, idempotency_key="basket-1")
        first, second, third = server.header("Idempotency-Key")
        self.assertNotEqual(first, second)
        self.assertEqual(third, "basket-1")

    def test_what_must_not_be_done_twice_is_not_sent_again_when_its_answer_was_lost(self):
        server, client = self.serve(None)
        with self.assertRaises(Unreachable) as lost:
            client.products.create("tea", "Tea", {"amount": 1, "currency": "EUR"}, 1)
        self.assertTrue(lost.exception.sent)
        self.assertEqual(len(server.requests), 1)

    def test_what_the_node_refused_before_it_did_anything_is_sent_again(self):
        refused = [problem(429, "rate_limited", **{"Retry-After": "0"}), problem(503, "overloaded", **{"Retry-After": "0"})]
        server, client = self.serve(*refused, (201, {}, {"id": "prd_1"}))
        client.products.create("tea", "Tea", {"amount": 1, "currency": "EUR"}, 1)
        self.assertEqual(len(server.requests), 3)

    def test_what_may_have_been_done_is_not_sent_again(self):
        server, client = self.serve(problem(503, "unavailable", **{"Retry-After": "0"}))
        with self.assertRaises(Problem):
            client.products.create("tea", "Tea", {"amount": 1, "currency": "EUR"}, 1)
        self.assertEqual(len(server.requests), 1)

    def test_a_connection_that_the_node_has_closed_meanwhile_is_no_loss(self):
        server, client = self.serve(ORDER, None, ORDER, patience=0)
        client.orders.get("ord_1")
        client.orders.get("ord_1")
        self.assertEqual(len(server.requests), 3)

    def test_a_change_of_a_version_is_not_sent_again(self):
        server, client = self.serve(None)
        with self.assertRaises(Unreachable):
            client.products.change("prd_1", name="Tea", if_version=3)
        self.assertEqual(server.header("If-Match"), ['"3"'])

    def test_a_refusal_that_will_not_change_is_told_at_once(self):
        server, client = self.serve(problem(409, "illegal_transition", traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
        with self.assertRaises(Problem) as refused:
            client.orders.cancel("ord_1")
        told = refused.exception
        self.assertEqual((told.status, told.code, told.detail, told.request_id), (409, "illegal_transition", "the detail", "req_1"))
        self.assertEqual(told.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736")
        self.assertEqual(len(server.requests), 1)

    def test_patience_ends(self):
        server, client = self.serve(None, None, patience=0)
        with self.assertRaises(Unreachable):
            client.orders.get("ord_1")
        self.assertEqual(len(server.requests), 1)

    def test_an_answer_that_does_not_come_in_time_is_lost(self):
        server, client = self.serve(patience=0, timeout=0.01)
        with self.assertRaises(Unreachable) as lost:
            client.orders.place({})
        self.assertTrue(lost.exception.sent)
        server.answers.put(None)

    def test_a_node_that_does_not_listen_was_not_asked(self):
        server, client = self.serve(patience=0)
        server.close()
        with self.assertRaises(Unreachable) as lost:
            client.orders.place({})
        self.assertFalse(lost.exception.sent)

    def test_the_pause_is_at_least_what_the_node_asked_for_and_grows(self):
        self.assertGreaterEqual(Backoff().pause_after(Problem(503, "overloaded", "", retry_after=7)), 7)
        growing = Backoff(1, 4)
        pauses = [growing.pause_after(Unreachable("", True)) for _ in range(4)]
        for pause, middle in zip(pauses, (1, 2, 4, 4)):
            self.assertTrue(0.75 * middle <= pause <= 1.25 * middle, pauses)

    def test_what_is_no_problem_of_the_node_is_still_told(self):
        _, client = self.serve((418, {}, b"<h1>I am a proxy</h1>"))
        with self.assertRaises(Problem) as refused:
            client.orders.get("ord_1")
        self.assertEqual((refused.exception.status, refused.exception.code), (418, "internal"))

    def test_no_key_is_taken_where_the_api_has_none(self):
        _, client = self.serve()
        with self.assertRaises(ValueError):
            client.request("POST", "/v1/products", body={}, idempotency_key="k")

    def test_ids_cannot_lead_to_another_path(self):
        server, client = self.serve(ORDER)
        client.orders.get("../products?x=1")
        self.assertEqual(server.requests[0][1], "/v1/orders/..%2Fproducts%3Fx%3D1")


class Sessions(Offline):
    def test_a_token_that_is_refused_is_renewed_and_the_request_sent_again(self):
        sessions = []
        server, client = self.serve(session(1), problem(401, "unauthenticated"), session(2), (200, {}, {"id": "ord_1"}),
                                    on_session=sessions.append)
        client.sign_in("ada@example.com", "secret")
        client.orders.get("ord_1")
        self.assertEqual(server.header("Authorization"), [None, "Bearer access1", None, "Bearer access2"])
        self.assertEqual([one["refresh_token"] for one in sessions], ["refresh1", "refresh2"])

    def test_a_token_is_renewed_before_it_ends(self):
        server, client = self.serve(session(1, expires_in=0), session(2), (200, {}, {}))
        client.sign_in("ada@example.com", "secret")
        client.orders.get("ord_1")
        self.assertEqual([path for _, path, _, _ in server.requests], ["/v1/auth/login", "/v1/auth/refresh", "/v1/orders/ord_1"])
        self.assertEqual(json.loads(server.requests[1][3]), {"refresh_token": "refresh1"})

    def test_a_session_that_has_ended_does_not_go_on_as_somebody_else(self):
        sessions = []
        server, client = self.serve(session(1), problem(401, "unauthenticated"), problem(401, "unauthenticated"), on_session=sessions.append)
        client.sign_in("ada@example.com", "secret")
        for _ in range(2):
            with self.assertRaises(Problem) as refused:
                client.orders.get("ord_1")
            self.assertEqual(refused.exception.code, "unauthenticated")
        self.assertEqual(len(server.requests), 3)
        self.assertIsNone(sessions[-1])

    def test_threads_renew_a_token_once(self):
        trades = []
        both_refused = threading.Barrier(2)

        def trade(token, _):
            trades.append(token)
            return session(len(trades) + 1)[2]

        credentials = Credentials(trade, None, None, None, 1)
        credentials.begin(session(1)[2])
        fresh = []

        def ask():
            token = credentials.token()
            both_refused.wait()
            fresh.append(credentials.token_after(token))

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        self.assertEqual((trades, fresh), (["refresh1"], ["access2", "access2"]))

    def test_a_token_that_cannot_be_renewed_now_is_used_while_it_holds(self):
        credentials = Credentials(lambda *_: self.fail_to_reach(), None, None, None, 1)
        credentials.begin(session(1)[2])
        credentials._renew_at = 0  # Time to renew it, and not at its end yet.
        self.assertEqual(credentials.token(), "access1")
        credentials._ends_at = 0
        self.assertRaises(Unreachable, credentials.token)

    def fail_to_reach(self):
        raise Unreachable("away", False)

    def test_a_service_key_is_sent_and_never_renewed(self):
        server, client = self.serve(problem(401, "unauthenticated"), service_key="wbk_1")
        with self.assertRaises(Problem):
            client.orders.get("ord_1")
        self.assertEqual(server.header("Authorization"), ["Bearer wbk_1"])


class Streams(Offline):
    def test_a_stream_goes_on_behind_its_last_event(self):
        server, client = self.serve(stream_of(message_of("a"), message_of("b")), None, stream_of(message_of("c")))
        waits = []
        with client.events.follow(after="earliest", types=["order.*"], on_wait=lambda error, _: waits.append(error)) as events:
            self.assertEqual([next(events)["position"] for _ in range(3)], ["a", "b", "c"])
        asked = [path for _, path, _, _ in server.requests]
        self.assertEqual(asked, [f"/v1/events/stream?type=order.%2A&after={after}" for after in ("earliest", "b", "b")])
        self.assertEqual(len(waits), 2)

    def test_a_stream_that_is_lost_before_its_first_event_misses_nothing(self):
        server, client = self.serve((200, {}, {"items": [], "next_cursor": "end"}), stream_of(), stream_of(message_of("a")))
        with client.events.follow() as events:
            self.assertEqual(next(events)["position"], "a")
        self.assertEqual([path for _, path, _, _ in server.requests],
                         ["/v1/events?after=latest", "/v1/events/stream?after=end", "/v1/events/stream?after=end"])

    def test_half_an_event_is_not_told(self):
        server, client = self.serve(stream_of(message_of("a"), message_of("b")[:-1]), stream_of(message_of("b")))
        with client.events.follow(after="x") as events:
            self.assertEqual([next(events)["position"] for _ in range(2)], ["a", "b"])
        self.assertEqual(server.requests[1][1], "/v1/events/stream?after=a")

    def test_a_log_that_no_longer_has_the_position_is_an_error(self):
        gone = "event: error\ndata: " + json.dumps(problem(410, "cursor_expired")[2]) + "\n\n"
        for answer in (problem(410, "cursor_expired"), stream_of(gone)):
            _, client = self.serve(answer)
            with client.events.follow(after="x") as events, self.assertRaises(Problem) as refused:
                next(events)
            self.assertEqual(refused.exception.code, "cursor_expired")

    def test_a_token_that_is_refused_is_renewed_for_a_stream_too(self):
        server, client = self.serve(session(1), problem(401, "unauthenticated"), session(2), stream_of(message_of("a")))
        client.sign_in("ada@example.com", "secret")
        with client.events.follow(after="x") as events:
            next(events)
        self.assertEqual(server.header("Authorization")[-1], "Bearer access2")

    def test_closing_wakes_whoever_waits(self):
        server, client = self.serve()
        events = client.events.follow(after="x")
        took = []
        waiting = threading.Thread(target=lambda: took.extend(events))
        waiting.start()
        while not server.requests:
            time.sleep(0.01)
        events.close()
        server.answers.put(None)
        waiting.join(60)
        self.assertFalse(waiting.is_alive())
        self.assertEqual(took, [])

    def test_messages_are_read_as_the_standard_has_them(self):
        text = b": comment\n\nevent: x\n\ndata: lost type\n\r\ndata:one\r\ndata: two\nid: 7\nunknown\n\nevent: error\ndata: e\n\ndata: cut"
        lines = io.BytesIO(text)
        self.assertEqual([read_message(lines.readline) for _ in range(4)],
                         [("message", "lost type"), ("message", "one\ntwo"), ("error", "e"), None])


class Webhooks(unittest.TestCase):
    # Made with: printf 'msg_1.1700000000.{"type":"a.b","timestamp":"t","data":{}}' | openssl dgst -sha256 -mac HMAC
    # -macopt hexkey:000102030405060708090a0b0c0d0e0f1011121314151617 -binary | base64
    SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
    BODY = b'{"type":"a.b","timestamp":"t","data":{}}'
    SIGNATURE = "v1,IPiWBZHQ4BkKioM4LRo34rXUrFlLBZYCRwL+WBOfv6M="
    AT = 1700000000

    def verify(self, secret=SECRET, body=BODY, signature=SIGNATURE, now=AT, **headers):
        given = {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(self.AT), "Webhook-Signature": signature, **headers}
        return webhooks.verify(secret, given, body, now=now)

    def test_a_signed_message_is_taken(self):
        self.assertEqual(self.verify(), ("msg_1", "a.b", "t", {}))

    def test_one_of_several_signatures_is_enough(self):
        other = "v1," + "A" * 43 + "="
        self.assertEqual(self.verify(signature=f"v2,x {other} {self.SIGNATURE}").id, "msg_1")

    def test_what_was_changed_is_refused(self):
        for change in ({"body": self.BODY + b" "}, {"secret": "whsec_AAAA"}, {"signature": ""}, {"signature": self.SIGNATURE[3:]},
                       {"signature": "v1,"}, {"Webhook-Id": "msg_2"}, {"Webhook-Id": ""}, {"Webhook-Timestamp": "1700000001"},
                       {"Webhook-Timestamp": "now"}, {"signature": "v1,ü"}):
            with self.subTest(change), self.assertRaises(BadSignature):
                self.verify(**change)

    def test_a_message_from_another_time_is_refused(self):
        self.verify(now=self.AT + 299)
        for off in (-301, 301):
            with self.assertRaises(BadSignature):
                self.verify(now=self.AT + off)

    def test_a_secret_that_is_none_is_an_error_of_the_program(self):
        for secret in ("secret", "whsec_?"):
            with self.assertRaises(ValueError):
                self.verify(secret=secret)


class Types(unittest.TestCase):
    @unittest.skipUnless(shutil.which("mypy"), "mypy is not there; scripts/setup.sh installs it")
    def test_the_library_and_its_examples_are_typed(self):
        examples = sorted((LIBRARY / "examples").glob("*.py"))
        done = subprocess.run(["mypy", "--strict", "--python-version=3.9", "--cache-dir=/dev/null", "waybill", *examples], cwd=LIBRARY,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_types_are_those_of_the_api_document(self):
        done = subprocess.run([sys.executable, "-B", LIBRARY / "make_types.py", "--check"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
