#include "domain/base/errors.hpp"
#include "tests/gateway/support/support.hpp"

#define CAF_SUITE gateway.orders
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

SCENARIO("a placed order is answered with 201, its location, its version and no payment token") {
  fixture f;
  const auto made = f.send("POST", "/v1/orders", order_body(f.add_product(), 3));
  CHECK_EQ(made.status, 201u);
  CHECK_EQ(made.header("Location"), "/v1/orders/" + made.text("id"));
  CHECK_EQ(made.header("ETag"), "\"1\"");
  CHECK_EQ(made.text("status"), "placed");
  CHECK_EQ(made.json().at("total").at("amount").as_int64(), 1500);
  CHECK_EQ(made.body.find("tok_ok"), std::string::npos);
}

SCENARIO("a repeated request under one key gets the first answer, also after changes of the order and its products") {
  fixture f;
  const auto product = f.add_product();
  const auto first = f.send("POST", "/v1/orders", order_body(product), {{"Idempotency-Key", "\"k1\""}});
  CHECK_EQ(first.header("Idempotent-Replayed"), "");
  f.state->orders.begin()->second.status = order::status::completed;
  f.state->orders.begin()->second.version = 9;
  const auto again = f.send("POST", "/v1/orders", order_body(product), {{"Idempotency-Key", "k1"}});
  CHECK_EQ(again.status, 201u);
  CHECK_EQ(again.header("Idempotent-Replayed"), "true");
  CHECK_EQ(again.body, first.body);
  f.state->products.begin()->second.withdrawn = true;
  const auto later = f.send("POST", "/v1/orders", order_body(product), {{"Idempotency-Key", "k1"}});
  CHECK_EQ(later.body, first.body);
  CHECK_EQ(f.state->orders.size(), 1u);
}

SCENARIO("a key that was used for another body is refused") {
  fixture f;
  const auto product = f.add_product();
  f.send("POST", "/v1/orders", order_body(product, 1), {{"Idempotency-Key", "k1"}});
  for (const auto& body : {order_body(product, 2), order_body(product, 1, "tok_declined")}) {
    const auto other = f.send("POST", "/v1/orders", body, {{"Idempotency-Key", "k1"}});
    CHECK_EQ(other.status, 422u);
    CHECK_EQ(other.text("code"), "idempotency_key_reused");
  }
}

SCENARIO("blanks and the order of members do not make another body") {
  fixture f;
  const auto product = f.add_product();
  const auto first = f.send("POST", "/v1/orders", order_body(product), {{"Idempotency-Key", "k1"}});
  const auto again =
    f.send("POST", "/v1/orders",
           R"({ "delivery": {"address":"1 Main Street","name":"Ada"}, "payment": {"token":"tok_ok","method":"card"},)"
           R"( "lines": [{"quantity": 2, "product_id": ")"
             + product.value + "\"}] }",
           {{"Idempotency-Key", "k1"}});
  CHECK_EQ(again.status, 201u);
  CHECK_EQ(again.body, first.body);
}

SCENARIO("requests without a key are new intents") {
  fixture f;
  const auto product = f.add_product();
  f.send("POST", "/v1/orders", order_body(product));
  f.send("POST", "/v1/orders", order_body(product));
  CHECK_EQ(f.state->orders.size(), 2u);
}

SCENARIO("Prefer: wait answers with the settled order and says so") {
  fixture f;
  const auto made = f.send("POST", "/v1/orders", order_body(f.add_product()), {{"Prefer", "respond-async, wait=90"}});
  CHECK_EQ(made.status, 201u);
  CHECK_EQ(made.text("status"), "confirmed");
  CHECK_EQ(made.header("Preference-Applied"), "wait=30");
  CHECK_EQ(made.header("ETag"), "\"4\"");
}

SCENARIO("lines that cannot be sold are named one by one") {
  fixture f;
  const auto good = f.add_product();
  const auto foreign = f.add_product("USD");
  const auto gone = f.add_product();
  f.state->products[gone.value].withdrawn = true;
  const auto line = [](const std::string& id) { return R"({"product_id":")" + id + R"(","quantity":1})"; };
  const auto refused = f.send(
    "POST", "/v1/orders",
    R"({"lines":[)" + line(good.value) + ',' + line("nonsense") + ',' + line(foreign.value) + ',' + line(gone.value)
      + ',' + line(good.value) + R"(],"payment":{"method":"card","token":"t"},"delivery":{"name":"A","address":"B"}})");
  CHECK_EQ(refused.status, 422u);
  CHECK_EQ(refused.text("code"), "validation_failed");
  const auto json = refused.json();
  const auto& errors = json.at("errors").as_array();
  REQUIRE_EQ(errors.size(), 3u);
  CHECK_EQ(errors[0].at("pointer").as_string(), "/lines/1/product_id");
  CHECK_EQ(errors[1].at("pointer").as_string(), "/lines/2/product_id");
  CHECK_EQ(errors[2].at("pointer").as_string(), "/lines/3/product_id");
}

SCENARIO("an order is answered with 304 to a client that has its version") {
  fixture f;
  const auto made = f.send("POST", "/v1/orders", order_body(f.add_product()));
  const auto path = made.header("Location");
  CHECK_EQ(f.send("GET", path).body, made.body);
  CHECK_EQ(f.send("GET", path, {}, {{"If-None-Match", "\"0\", W/\"1\""}}).status, 304u);
  CHECK_EQ(f.send("GET", path, {}, {{"If-None-Match", "\"2\""}}).status, 200u);
}

SCENARIO("a published order is answered from the cache; others, and those of other customers, by their actor") {
  const auto known = std::make_shared<const order::state>(placed_order("ord_00000000000000000001"));
  fixture f{{}, [&](gateway_services& services) {
              services.order_at_hand = [&](const get_order& wanted) {
                return wanted.id == known->id ? known : nullptr;
              };
            }};
  const auto shown = f.send("GET", "/v1/orders/ord_00000000000000000001");
  CHECK_EQ(shown.status, 200u);
  CHECK_EQ(shown.text("id"), "ord_00000000000000000001");
  CHECK_EQ(shown.header("ETag"), '"' + std::to_string(known->version) + '"');
  CHECK_EQ(f.send("GET", "/v1/orders/ord_00000000000000000001", {}, {{"If-None-Match", shown.header("ETag")}}).status,
           304u);
  CHECK_EQ(f.state->asked_orders.load(), 0);
  CHECK_EQ(f.send("GET", "/v1/orders/ord_00000000000000000002").status, 404u);
  CHECK_EQ(f.state->asked_orders.load(), 1);
}

SCENARIO("G6: an order's events come in pages, each once, also those that readers of the whole log may not see yet") {
  fixture f;
  const std::string order = "ord_00000000000000000001";
  f.state->orders[order] = placed_order(order);
  for (const auto* type : {"order.placed", "order.confirmed", "order.completed"})
    f.log_event(type, order);
  f.state->settled = 1;
  std::string target = "/v1/orders/" + order + "/events?limit=1";
  std::vector<std::string> types;
  for (int pages = 0; !target.empty() && pages < 5; ++pages) {
    const auto page = f.send("GET", target);
    REQUIRE_EQ(page.status, 200u);
    const auto json = page.json();
    for (const auto& event : json.at("items").as_array()) {
      types.emplace_back(event.at("type").as_string());
      CHECK_EQ(event.at("position").as_string(), to_string(position(1)));
    }
    const auto link = page.header("Link");
    CHECK_EQ(link.empty(), json.at("next_cursor").is_null());
    target = link.empty() ? link : link.substr(1, link.find('>') - 1);
  }
  CHECK_EQ(types, (std::vector<std::string>{"order.placed", "order.confirmed", "order.completed"}));
  CHECK_EQ(target, "");
  const auto cursor = to_string(position(1)) + '~' + order + ".2";
  CHECK_EQ(f.send("GET", "/v1/orders/" + order + "/events?after=" + cursor).json().at("items").as_array().size(), 1u);
  // The cursor is valid neither for the log nor for another order.
  CHECK_EQ(f.send("GET", "/v1/events?after=" + cursor).status, 400u);
  CHECK_EQ(f.send("GET", "/v1/orders/" + order + "/events?after=" + to_string(position(1)) + "~ord_1.2").status, 400u);
}

SCENARIO("a cancellation under way is answered with 202, a finished one with 200, an impossible one with 409") {
  fixture f;
  const auto path = f.send("POST", "/v1/orders", order_body(f.add_product())).header("Location");
  CHECK_EQ(f.send("POST", path + "/cancel", R"({"reason":"changed my mind"})", {{"If-Match", "\"7\""}}).status, 412u);
  const auto under_way = f.send("POST", path + "/cancel", R"({"reason":"changed my mind"})", {{"If-Match", "\"1\""}});
  CHECK_EQ(under_way.status, 202u);
  CHECK_EQ(under_way.text("status"), "cancelling");
  CHECK_EQ(f.send("DELETE", path).status, 200u);
  f.state->orders.begin()->second.status = order::status::completed;
  const auto refused = f.send("DELETE", path);
  CHECK_EQ(refused.status, 409u);
  CHECK_EQ(refused.text("code"), "illegal_transition");
  CHECK_EQ(f.state->cancels[1].reason, "changed my mind");
  CHECK_EQ(f.state->cancels[1].expected_version, 1u);
}

SCENARIO("E5: an order is cancelled without a body, whatever Content-Type the client sends") {
  fixture f;
  for (const header_list& headers : {header_list{}, header_list{{"Content-Type", "application/json"}}}) {
    const auto path = f.send("POST", "/v1/orders", order_body(f.add_product())).header("Location");
    REQUIRE_EQ(f.send("POST", path + "/cancel", "", headers).status, 202u);
    CHECK_EQ(f.state->cancels.back().reason, "cancelled by the caller");
  }
  CHECK_EQ(f.state->cancels.size(), 2u);
}

SCENARIO("a cancellation that cannot be completed and needs attention is not answered as done") {
  fixture f;
  const auto path = f.send("POST", "/v1/orders", order_body(f.add_product())).header("Location");
  f.state->orders.begin()->second.status = order::status::needs_attention;
  const auto answer = f.send("DELETE", path);
  CHECK_EQ(answer.status, 202u);
  CHECK_EQ(answer.text("status"), "needs_attention");
}

SCENARIO("a temporary failure is retried, a lasting one is 503 with Retry-After") {
  fixture f;
  const auto product = f.add_product();
  f.state->order_failure = ec::unavailable;
  f.state->failures_left = 1;
  CHECK_EQ(f.send("POST", "/v1/orders", order_body(product)).status, 201u);
  CHECK_EQ(f.state->asked_orders.load(), 2);
  f.state->order_failure = ec::unavailable;
  const auto refused = f.send("POST", "/v1/orders", order_body(product));
  CHECK_EQ(refused.status, 503u);
  CHECK_EQ(refused.text("code"), "unavailable");
  CHECK_EQ(refused.header("Retry-After"), "1");
  f.state->order_failure = ec::none;
  CHECK_EQ(f.send("POST", "/v1/orders", order_body(product)).status, 201u);
}
