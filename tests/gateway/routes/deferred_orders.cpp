#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "tests/gateway/support/tokens.hpp"

#define CAF_SUITE gateway.deferred_orders
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

constexpr auto card = R"({"method":"card","token":"tok_ok"})";

/// A gateway with one order that waits for a payer.
struct shop : fixture {
  shop() {
    product = add_product();
    made = send("POST", "/v1/orders", body_with(R"({"method":"deferred"})"));
    path = made.header("Location");
  }

  std::string body_with(const std::string& payment) const {
    return R"({"lines":[{"product_id":")" + product.value + R"(","quantity":2}],"payment":)" + payment
           + R"(,"delivery":{"name":"Ada","address":"1 Main Street"}})";
  }

  order::state& order() { return state->orders.begin()->second; }

  answer pay(const std::string& body = card, const header_list& headers = {}) {
    return send("POST", path + "/payment", body, headers);
  }

  product_id product;
  answer made;
  std::string path;
};

std::string pointer_of(const answer& answer) {
  return std::string{answer.json().at("errors").at(0).at("pointer").as_string()};
}

} // namespace

SCENARIO("a deferred order waits as placed and awaiting, and shows its deadline") {
  shop f;
  CHECK_EQ(f.made.status, 201u);
  CHECK_EQ(f.made.text("status"), "placed");
  CHECK_EQ(f.made.text("payment_status"), "awaiting");
  const auto shown = f.send("GET", f.path);
  CHECK(!shown.text("pay_by").empty());
  CHECK_EQ(f.send("GET", f.path + "/payment").text("status"), "awaiting");
}

SCENARIO("only a deferred order goes without a token, and it may have one") {
  shop f;
  const auto without = f.send("POST", "/v1/orders", f.body_with(R"({"method":"card"})"));
  CHECK_EQ(without.status, 422u);
  CHECK_EQ(pointer_of(without), "/payment/token");
  const auto with = f.send("POST", "/v1/orders", f.body_with(R"({"method":"deferred","token":"tok_ok"})"));
  CHECK_EQ(with.status, 201u);
  CHECK_EQ(with.text("payment_status"), "awaiting");
  CHECK_EQ(with.body.find("tok_ok"), std::string::npos);
}

SCENARIO("a payment is answered with 202 after the commit, or with 200 when the client waits for the provider") {
  shop f;
  const auto paid = f.pay();
  CHECK_EQ(paid.status, 202u);
  CHECK_EQ(paid.text("payment_status"), "pending");
  CHECK_EQ(paid.header("ETag"), "\"2\"");
  CHECK_EQ(paid.body.find("tok_ok"), std::string::npos);
  CHECK(paid.body.find("pay_by") == std::string::npos);
  shop other;
  const auto waited = other.pay(card, {{"Prefer", "wait=5"}});
  CHECK_EQ(waited.status, 200u);
  CHECK_EQ(waited.text("status"), "confirmed");
  CHECK_EQ(waited.header("Preference-Applied"), "wait=5");
}

SCENARIO("G3: the same key pays once, in every later status of the order; another card under it is refused") {
  shop f;
  const header_list key{{"Idempotency-Key", "k1"}};
  const auto first = f.pay(card, key);
  CHECK_EQ(first.status, 202u);
  CHECK_EQ(first.header("Idempotent-Replayed"), "");
  const auto again = f.pay(card, key);
  CHECK_EQ(again.status, 202u);
  CHECK_EQ(again.header("Idempotent-Replayed"), "true");
  CHECK_EQ(again.body, first.body);
  const auto reused = f.pay(R"({"method":"card","token":"tok_declined"})", key);
  CHECK_EQ(reused.status, 422u);
  CHECK_EQ(reused.text("code"), "idempotency_key_reused");
}

SCENARIO("a second payer gets a conflict, and a payer after the deadline another one") {
  shop f;
  f.pay();
  const auto second = f.pay();
  CHECK_EQ(second.status, 409u);
  CHECK_EQ(second.text("code"), "illegal_transition");
  CHECK(second.text("detail").find("somebody has paid it already") != std::string::npos);
  shop cancelled;
  cancelled.order().status = order::status::cancelled;
  CHECK_EQ(cancelled.pay().text("code"), "illegal_transition");
}

SCENARIO("an order that was placed with its payment takes no other one") {
  shop f;
  const auto made = f.send("POST", "/v1/orders", order_body(f.product));
  const auto refused = f.send("POST", made.header("Location") + "/payment", card);
  CHECK_EQ(refused.status, 409u);
  CHECK(refused.text("detail").find("its payment came with the order") != std::string::npos);
}

SCENARIO("an invalid payment is refused with its errors") {
  shop f;
  const auto again = f.pay(R"({"method":"deferred","token":"tok_ok"})");
  CHECK_EQ(again.status, 422u);
  CHECK_EQ(pointer_of(again), "/method");
  CHECK_EQ(pointer_of(f.pay(R"({"method":"card"})")), "/token");
  CHECK_EQ(pointer_of(f.pay(R"({"method":"card","token":"t","tip":1})")), "/tip");
  CHECK_EQ(f.pay("[]").status, 422u);
  CHECK_EQ(f.pay("{").status, 400u);
  CHECK(f.state->payments_of_orders.empty());
}

SCENARIO("If-Match takes the tag of the order or of its payment") {
  shop f;
  CHECK_EQ(f.pay(card, {{"If-Match", "\"9\""}}).status, 412u);
  CHECK_EQ(f.pay(card, {{"If-Match", "\"9.0\""}}).status, 412u);
  const auto tag = f.send("GET", f.path + "/payment").header("ETag");
  CHECK_EQ(f.pay(card, {{"If-Match", tag}}).status, 202u);
  shop other;
  const auto tag_of_order = other.send("GET", other.path).header("ETag");
  CHECK_EQ(other.pay(card, {{"If-Match", tag_of_order}}).status, 202u);
}

SCENARIO("another customer's order is not found for a payment") {
  shop f;
  f.order().customer = derive_id<customer_id>("bob");
  f.order().id = order_id{f.path.substr(f.path.rfind('/') + 1)};
  CHECK_EQ(f.send("POST", "/v1/orders/ord_00000000000000000000/payment", card).status, 404u);
  CHECK_EQ(f.send("POST", "/v1/orders/x/payment", card).status, 404u);
}

SCENARIO("G1: a payment that could not be recorded is answered with 503, and is safe to repeat") {
  shop f;
  f.state->order_failure = ec::unavailable;
  const auto failed = f.pay(card, {{"Idempotency-Key", "k1"}});
  CHECK_EQ(failed.status, 503u);
  CHECK(!failed.header("Retry-After").empty());
  f.state->order_failure = ec::none;
  CHECK_EQ(f.pay(card, {{"Idempotency-Key", "k1"}}).status, 202u);
}

SCENARIO("a repeated request to place an order gets the first answer, also after the payment") {
  shop f;
  const header_list key{{"Idempotency-Key", "k2"}};
  const auto body = f.body_with(R"({"method":"deferred"})");
  const auto first = f.send("POST", "/v1/orders", body, key);
  f.send("POST", first.header("Location") + "/payment", card);
  const auto again = f.send("POST", "/v1/orders", body, key);
  CHECK_EQ(again.header("Idempotent-Replayed"), "true");
  CHECK_EQ(again.text("payment_status"), "awaiting");
  CHECK_EQ(again.json().at("payment").at("method").as_string(), "deferred");
}
