#include "domain/base/errors.hpp"
#include "domain/order/order.hpp"
#include "tests/gateway/support/tokens.hpp"

#define CAF_SUITE gateway.order_changes
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

/// A gateway with one order of a product, of five euros a piece.
struct shop : fixture {
  explicit shop(order::status status = order::status::placed) {
    product = add_product();
    path = send("POST", "/v1/orders", order_body(product)).header("Location");
    std::lock_guard guard{state->mutex};
    auto& made = order();
    made.status = status;
    made.version = 7;
    made.authorized = made.total;
    made.captured = made.refunded = {0, "EUR"};
    if (status == order::status::completed)
      made.captured = made.total;
    if (status == order::status::confirmed)
      made.hold = order::hold_mark{{"operator", "usr_1"}, "looks odd", now(), now()};
  }

  order::state& order() { return state->orders.begin()->second; }

  std::string lines(int quantity) const {
    return R"({"lines":[{"product_id":")" + product.value + R"(","quantity":)" + std::to_string(quantity) + "}]}";
  }

  answer refund(const std::string& body, const header_list& headers = {}) {
    return send("POST", path + "/refunds", body, headers);
  }

  product_id product;
  std::string path;
};

constexpr auto because = R"({"reason":"broken"})";

std::string pointer_of(const answer& answer) {
  return std::string{answer.json().at("errors").at(0).at("pointer").as_string()};
}

} // namespace

// -- refunds ----------------------------------------------------------------------------------------------------------

SCENARIO("a refund is answered with 201 and the order's refunds, the new one pending") {
  shop f{order::status::completed};
  const auto made = f.refund(R"({"amount":{"amount":300,"currency":"EUR"},"reason":"broken"})");
  CHECK_EQ(made.status, 201u);
  CHECK_EQ(made.header("Location"), f.path + "/refunds");
  const auto body = made.json();
  CHECK_EQ(body.at("captured").at("amount").as_int64(), 1000);
  CHECK_EQ(body.at("refunded").at("amount").as_int64(), 0);
  const auto& refund = body.at("items").at(0);
  CHECK_EQ(refund.at("amount").at("amount").as_int64(), 300);
  CHECK_EQ(refund.at("status").as_string(), "pending");
  CHECK_EQ(refund.at("by").at("kind").as_string(), "admin");
  CHECK_EQ(f.refund(because).json().at("items").at(1).at("amount").at("amount").as_int64(), 700);
}

SCENARIO("a repeated refund under the same key gets the first answer, in every later status") {
  shop f{order::status::completed};
  const header_list key{{"Idempotency-Key", "k1"}};
  const auto first = f.refund(because, key);
  CHECK_EQ(first.header("Idempotent-Replayed"), "");
  {
    std::lock_guard guard{f.state->mutex};
    auto& order = f.order();
    const order::record_refunded done{order.refunds->front().id};
    for (const auto& event : *order::decide(order, done, now(), {}))
      order::apply(order, event, now());
  }
  const auto again = f.refund(because, key);
  CHECK_EQ(again.status, 201u);
  CHECK_EQ(again.header("Idempotent-Replayed"), "true");
  CHECK_EQ(again.body, first.body);
  const auto other = f.refund(R"({"reason":"another"})", key);
  CHECK_EQ(other.status, 422u);
  CHECK_EQ(other.text("code"), "idempotency_key_reused");
  CHECK_EQ(f.state->orders.begin()->second.refunds->size(), 1u);
  const auto list = f.send("GET", f.path + "/refunds");
  CHECK_EQ(list.json().at("items").at(0).at("status").as_string(), "refunded");
  CHECK_EQ(f.send("GET", f.path + "/refunds", {}, {{"If-None-Match", list.header("ETag")}}).status, 304u);
}

SCENARIO("an impossible refund is refused with the reason and the JSON pointer of the error") {
  shop f{order::status::completed};
  const auto too_much = f.refund(R"({"amount":{"amount":1001,"currency":"EUR"},"reason":"broken"})");
  CHECK_EQ(too_much.status, 422u);
  CHECK_EQ(too_much.text("code"), "validation_failed");
  CHECK_EQ(pointer_of(too_much), "/amount");
  CHECK_EQ(f.refund(R"({"amount":{"amount":1,"currency":"USD"},"reason":"broken"})").status, 422u);
  CHECK_EQ(pointer_of(f.refund(R"({"amount":{"amount":0,"currency":"EUR"},"reason":"broken"})")), "/amount/amount");
  CHECK_EQ(pointer_of(f.refund(R"({"amount":{"amount":1,"currency":"eu"},"reason":"broken"})")), "/amount/currency");
  CHECK_EQ(pointer_of(f.refund("{}")), "/reason");
  CHECK_EQ(pointer_of(f.refund(R"({"reason":"broken","tip":1})")), "/tip");
  CHECK_EQ(f.refund("null").status, 422u);
  CHECK_EQ(f.refund("{").status, 400u);
  CHECK_EQ(f.refund(because).status, 201u);
  const auto nothing_left = f.refund(because);
  CHECK_EQ(nothing_left.status, 409u);
  CHECK_EQ(nothing_left.text("code"), "illegal_transition");
  CHECK_EQ(f.send("POST", "/v1/orders/ord_00000000000000000000/refunds", because).status, 404u);
  shop early;
  CHECK_EQ(early.refund(because).text("code"), "illegal_transition");
}

// -- views ------------------------------------------------------------------------------------------------------------

SCENARIO("the payment of an order is shown with its sums and refunds, and without its token") {
  shop f{order::status::completed};
  const auto id = order_id{f.path.substr(f.path.rfind('/') + 1)};
  CHECK_EQ(f.send("GET", f.path + "/payment").text("status"), "pending");
  {
    std::lock_guard guard{f.state->mutex};
    payment::state paid;
    paid.status = payment::status::captured;
    paid.amount = paid.authorized = paid.captured = {1000, "EUR"};
    paid.refunded = {300, "EUR"};
    paid.token = "tok_ok";
    paid.reference = "ref_1";
    paid.version = 6;
    f.state->payments[sibling_id<payment_id>(id).value] = paid;
  }
  f.refund(because);
  const auto shown = f.send("GET", f.path + "/payment");
  CHECK_EQ(shown.status, 200u);
  CHECK_EQ(shown.text("status"), "partially_refunded");
  CHECK_EQ(shown.text("method"), "card");
  CHECK_EQ(shown.text("reference"), "ref_1");
  CHECK_EQ(shown.json().at("captured").at("amount").as_int64(), 1000);
  CHECK_EQ(shown.json().at("refunds").as_array().size(), 1u);
  CHECK_EQ(shown.body.find("tok_ok"), std::string::npos);
  CHECK_EQ(shown.header("ETag"), "\"8.6\"");
  CHECK_EQ(f.send("GET", f.path + "/payment", {}, {{"If-None-Match", "\"8.6\""}}).status, 304u);
}

SCENARIO("D3: an order that ended before its payment and delivery shows them as voided and cancelled") {
  shop f;
  {
    const std::lock_guard guard{f.state->mutex};
    auto& ended = f.state->orders.at(f.path.substr(f.path.rfind('/') + 1));
    ended.status = order::status::rejected;
    ended.payment_status = order::payment_status::voided;
    ended.fulfillment_status = order::fulfillment_status::cancelled;
  }
  CHECK_EQ(f.send("GET", f.path + "/payment").text("status"), "voided");
  CHECK_EQ(f.send("GET", f.path + "/delivery").text("status"), "cancelled");
}

SCENARIO("the delivery of an order is shown, also before it is requested") {
  shop f;
  const auto id = order_id{f.path.substr(f.path.rfind('/') + 1)};
  const auto early = f.send("GET", f.path + "/delivery");
  CHECK_EQ(early.text("status"), "none");
  CHECK_EQ(early.json().at("recipient").at("address").as_string(), "1 Main Street");
  CHECK(early.json().at("courier_id").is_null());
  {
    std::lock_guard guard{f.state->mutex};
    delivery::state under_way;
    under_way.id = sibling_id<delivery_id>(id);
    under_way.status = delivery::status::started;
    under_way.attempt = 2;
    under_way.courier = courier_id{"cur_00000000000000000001"};
    under_way.name = "Ada";
    under_way.address = "1 Main Street";
    under_way.version = 5;
    f.state->deliveries[under_way.id.value] = under_way;
  }
  const auto shown = f.send("GET", f.path + "/delivery");
  CHECK_EQ(shown.text("status"), "started");
  CHECK_EQ(shown.text("courier_id"), "cur_00000000000000000001");
  CHECK_EQ(shown.json().at("attempts").as_int64(), 2);
  CHECK_EQ(f.send("GET", f.path + "/delivery", {}, {{"If-None-Match", shown.header("ETag")}}).status, 304u);
}

SCENARIO("the parts of another customer's order are not found") {
  token_maker maker;
  auto gateway = guarded_gateway(maker);
  const auto mine = bearer(maker.token("usr_00000000000000000001", {"customer"}));
  const auto theirs = bearer(maker.token("usr_00000000000000000002", {"customer"}));
  const auto path = gateway->send("POST", "/v1/orders", order_body(gateway->add_product()), mine).header("Location");
  for (const auto* part : {"/payment", "/delivery", "/refunds"}) {
    CHECK_EQ(gateway->send("GET", path + part, {}, mine).status, 200u);
    CHECK_EQ(gateway->send("GET", path + part, {}, theirs).status, 404u);
  }
  const auto body = R"({"lines":[{"product_id":"prd_nothing","quantity":1}]})";
  CHECK_EQ(gateway->send("PATCH", path, body, theirs).status, 404u);
  CHECK_EQ(gateway->send("PATCH", path, body, mine).status, 422u);
  CHECK_EQ(gateway->send("POST", path + "/refunds", because, mine).status, 403u);
  CHECK_EQ(gateway->send("POST", path + "/hold", because, mine).status, 403u);
}

// -- holds ------------------------------------------------------------------------------------------------------------

SCENARIO("a held order shows who holds it and why, until it is released") {
  shop f;
  {
    std::lock_guard guard{f.state->mutex};
    f.order().created_at = now();
  }
  CHECK_EQ(f.send("POST", f.path + "/hold", "{}").status, 422u);
  CHECK_EQ(f.send("POST", f.path + "/hold", because, {{"If-Match", "\"6\""}}).status, 412u);
  const auto held = f.send("POST", f.path + "/hold", because, {{"If-Match", "\"7\""}});
  CHECK_EQ(held.status, 200u);
  CHECK_EQ(held.json().at("hold").at("reason").as_string(), "broken");
  CHECK_EQ(held.json().at("hold").at("by").at("kind").as_string(), "admin");
  CHECK_EQ(held.header("ETag"), "\"8\"");
  const auto free = f.send("POST", f.path + "/release", because);
  CHECK_EQ(free.status, 200u);
  CHECK(!free.json().as_object().contains("hold"));
  shop late{order::status::fulfilling};
  const auto refused = late.send("POST", late.path + "/hold", because);
  CHECK_EQ(refused.status, 409u);
  CHECK_EQ(refused.text("code"), "illegal_transition");
}

// -- changes ----------------------------------------------------------------------------------------------------------

SCENARIO("an order's address and note can be changed before its dispatch, and not afterwards") {
  shop f;
  const auto body = R"({"delivery":{"name":"Ada","address":"2 Main Street"},"note":"ring"})";
  CHECK_EQ(f.send("PATCH", f.path, body, {{"If-Match", "\"6\""}}).text("code"), "version_mismatch");
  const auto changed = f.send("PATCH", f.path, body, {{"If-Match", "\"7\""}});
  CHECK_EQ(changed.status, 200u);
  CHECK_EQ(changed.json().at("delivery").at("address").as_string(), "2 Main Street");
  CHECK_EQ(changed.text("note"), "ring");
  CHECK_EQ(changed.header("ETag"), "\"8\"");
  CHECK_EQ(f.send("PATCH", f.path, "{}").header("ETag"), "\"8\"");
  // Of what a patch leaves out the present value stays.
  const auto renamed = f.send("PATCH", f.path, R"({"delivery":{"name":"Bob"}})");
  CHECK_EQ(renamed.status, 200u);
  CHECK_EQ(renamed.json().at("delivery").at("name").as_string(), "Bob");
  CHECK_EQ(renamed.json().at("delivery").at("address").as_string(), "2 Main Street");
  shop late{order::status::completed};
  CHECK_EQ(late.send("PATCH", late.path, body).status, 409u);
}

SCENARIO("a repeated request to place an order gets the first answer, also after the order was changed") {
  fixture f;
  const auto product = f.add_product();
  const header_list key{{"Idempotency-Key", "k1"}};
  const auto first = f.send("POST", "/v1/orders", order_body(product), key);
  const auto path = first.header("Location");
  CHECK_EQ(f.send("POST", path + "/hold", because).status, 200u);
  CHECK_EQ(f.send("PATCH", path, R"({"note":"ring"})").status, 200u);
  CHECK_EQ(f.send("POST", "/v1/orders", order_body(product), key).body, first.body);
}

SCENARIO("revised lines get their prices here, and the answer comes when they are part of the order") {
  shop f{order::status::confirmed};
  const auto changed = f.send("PATCH", f.path, f.lines(3), {{"If-Match", "\"7\""}});
  CHECK_EQ(changed.status, 200u);
  CHECK_EQ(changed.json().at("total").at("amount").as_int64(), 1500);
  REQUIRE_EQ(f.state->changes.size(), 1u);
  CHECK_EQ(f.state->changes[0].lines->front().unit_price.amount, 500);
  CHECK(!f.state->changes[0].intent.empty());
}

SCENARIO("revised lines that cannot be sold are refused, each for its reason") {
  shop f{order::status::confirmed};
  CHECK_EQ(pointer_of(f.send("PATCH", f.path, R"({"lines":[{"product_id":"prd_nothing","quantity":1}]})")),
           "/lines/0/product_id");
  CHECK_EQ(pointer_of(f.send("PATCH", f.path, f.lines(0))), "/lines/0/quantity");
  CHECK_EQ(pointer_of(f.send("PATCH", f.path, R"({"lines":[]})")), "/lines");
  CHECK_EQ(pointer_of(f.send("PATCH", f.path, R"({"status":"completed"})")), "/status");
  CHECK_EQ(pointer_of(f.send("PATCH", f.path, R"({"delivery":{"address":null}})")), "/delivery/address");
  const auto dollars = f.add_product("USD");
  CHECK_EQ(f.send("PATCH", f.path, R"({"lines":[{"product_id":")" + dollars.value + R"(","quantity":1}]})").status,
           422u);
}

SCENARIO("a revision that the stock or the provider refuses is a conflict") {
  shop f{order::status::confirmed};
  f.state->change_failure = ec::out_of_stock;
  CHECK_EQ(f.send("PATCH", f.path, f.lines(3)).text("code"), "insufficient_stock");
  f.state->change_failure = ec::provider_refused;
  const auto declined = f.send("PATCH", f.path, f.lines(3));
  CHECK_EQ(declined.status, 409u);
  CHECK_EQ(declined.text("code"), "conflict");
}
