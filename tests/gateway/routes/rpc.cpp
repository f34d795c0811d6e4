#include "domain/base/errors.hpp"
#include "tests/gateway/support/tokens.hpp"

#define CAF_SUITE gateway.rpc
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace json = boost::json;

namespace {

/// A gateway with one order that waits for a payer.
struct shop : fixture {
  explicit shop(const std::string& payment = R"({"method":"deferred"})") {
    const auto product = add_product();
    const auto made = send("POST", "/v1/orders",
                           R"({"lines":[{"product_id":")" + product.value + R"(","quantity":2}],"payment":)" + payment
                             + R"(,"delivery":{"name":"Ada","address":"1 Main Street"}})");
    CHECK_EQ(made.status, 201u);
    id = made.text("id");
  }

  order::state& order() { return state->orders.begin()->second; }

  answer call_json(const std::string& body, header_list headers = {}) {
    headers.emplace_back("Content-Type", "application/json");
    return send("POST", "/rpc", body, headers);
  }

  /// The answer to one call in JSON-RPC.
  json::object call(const std::string& method, const std::string& parameters, const header_list& headers = {}) {
    const auto answered =
      call_json(R"({"jsonrpc":"2.0","method":")" + method + R"(","params":)" + parameters + R"(,"id":1})", headers);
    CHECK_EQ(answered.status, 200u);
    return answered.json().as_object();
  }

  json::object pay(const std::string& token = "tok_ok", const header_list& headers = {}) {
    return call("process_payment", R"([")" + id + R"(",")" + token + R"("])", headers);
  }

  answer call_xml(const std::string& body) { return send("POST", "/rpc", body, {{"Content-Type", "text/xml"}}); }

  std::string id;
};

std::string outcome_of(const json::object& answered) {
  if (const auto* result = answered.if_contains("result"))
    return std::string{result->at("outcome").as_string()};
  return std::to_string(answered.at("error").at("code").as_int64());
}

} // namespace

SCENARIO("D2: a card's token holds no control characters over RPC either, and is not blank") {
  shop f;
  for (const auto* token : {"tok\\u202e", "tok\\u009b31m", " "})
    CHECK_EQ(outcome_of(f.call("process_payment", R"([")" + f.id + R"(",")" + token + R"("])")), "-32602");
  CHECK(f.state->payments_of_orders.empty());
}

SCENARIO("process_payment pays an order that is paid later, once, and afterwards tells how it stands") {
  shop f;
  const auto paid = f.pay();
  CHECK_EQ(outcome_of(paid), "paid");
  CHECK(paid.at("result").at("charged").as_bool());
  CHECK_EQ(paid.at("result").at("amount").as_int64(), 1000);
  const auto again = f.pay("tok_other");
  CHECK_EQ(outcome_of(again), "paid");
  CHECK(!again.at("result").at("charged").as_bool());
  CHECK_EQ(f.state->payments_of_orders.size(), 1u);
}

SCENARIO("without a token the order's own card is charged; without any card the answer says so") {
  shop f;
  CHECK_EQ(outcome_of(f.call("process_payment", R"([")" + f.id + R"("])")), "-32602");
  CHECK(f.state->payments_of_orders.empty());
  shop with_card{R"({"method":"deferred","token":"tok_late"})"};
  CHECK_EQ(outcome_of(with_card.call("process_payment", R"({"order_id":")" + with_card.id + R"("})")), "paid");
  CHECK_EQ(with_card.state->payments_of_orders.at(0).payment.token, "tok_late");
  CHECK_EQ(with_card.state->payments_of_orders.at(0).payment.method, "card");
}

SCENARIO("every other state of an order has its own answer") {
  shop f{R"({"method":"card","token":"tok_ok"})"};
  const auto state_of = [&](order::status status, order::payment_status payment) {
    {
      std::lock_guard guard{f.state->mutex};
      f.order().status = status;
      f.order().payment_status = payment;
    }
    return outcome_of(f.pay());
  };
  using enum order::payment_status;
  CHECK_EQ(state_of(order::status::confirmed, authorized), "paid");
  CHECK_EQ(state_of(order::status::completed, captured), "paid");
  CHECK_EQ(state_of(order::status::completed, partially_refunded), "paid");
  CHECK_EQ(state_of(order::status::completed, order::payment_status::refunded), "refunded");
  CHECK_EQ(state_of(order::status::rejected, declined), "declined");
  CHECK_EQ(state_of(order::status::rejected, voided), "4090");
  CHECK_EQ(state_of(order::status::cancelled, voided), "4090");
  CHECK_EQ(state_of(order::status::cancelling, authorized), "4090");
  CHECK_EQ(state_of(order::status::needs_attention, authorized), "paid");
  CHECK(f.state->payments_of_orders.empty());
}

SCENARIO("payment_status tells how the payment stands and changes nothing") {
  shop f;
  const auto waiting = f.call("payment_status", R"([")" + f.id + R"("])");
  CHECK_EQ(outcome_of(waiting), "awaiting");
  CHECK(!waiting.at("result").at("paid").as_bool());
  CHECK(waiting.at("result").as_object().contains("pay_by"));
  CHECK_EQ(outcome_of(f.call("payment_status", R"(["ord_00000000000000000000"])")), "4040");
  CHECK_EQ(outcome_of(f.call("payment_status", R"(["nonsense"])")), "4040");
}

SCENARIO("G3: under one idempotency key a payment is made once, and another card is refused") {
  shop f;
  f.state->unsettled_orders = false;
  const header_list key{{"Idempotency-Key", "k1"}};
  CHECK(f.pay("tok_ok", key).at("result").at("charged").as_bool());
  CHECK(f.pay("tok_ok", key).at("result").at("charged").as_bool());
  CHECK_EQ(outcome_of(f.pay("tok_declined", key)), "4220");
  CHECK_EQ(f.call_json("[]", {{"Idempotency-Key", "k 1"}}).status, 400u);
}

SCENARIO("an unavailable part of the system is a fault with its own code, and the call can be repeated") {
  shop f;
  f.state->order_failure = ec::unavailable;
  CHECK_EQ(outcome_of(f.pay()), "5030");
  f.state->order_failure = ec::none;
  CHECK_EQ(outcome_of(f.pay()), "paid");
}

SCENARIO("XML-RPC behaves the same, with the same fault codes") {
  shop f;
  const auto call = [&](const std::string& method, const std::string& parameters) {
    return f.call_xml("<?xml version='1.0'?><methodCall><methodName>" + method + "</methodName><params>" + parameters
                      + "</params></methodCall>");
  };
  const auto text = [](const std::string& value) {
    return "<param><value><string>" + value + "</string></value></param>";
  };
  const auto paid = call("process_payment", text(f.id) + text("tok_ok"));
  CHECK_EQ(paid.status, 200u);
  CHECK_EQ(paid.header("Content-Type"), "text/xml; charset=utf-8");
  CHECK(paid.body.find("<name>outcome</name><value><string>paid</string></value>") != std::string::npos);
  CHECK(paid.body.find("<name>charged</name><value><boolean>1</boolean></value>") != std::string::npos);
  CHECK(call("payment_status", text("ord_00000000000000000000")).body.find("<int>4040</int>") != std::string::npos);
  CHECK(call("no_such_method", "").body.find("<int>-32601</int>") != std::string::npos);
  CHECK(f.call_xml("<oops").body.find("<int>-32700</int>") != std::string::npos);
  CHECK(call("system.listMethods", "").body.find("<string>process_payment</string>") != std::string::npos);
}

SCENARIO("a batch is answered call by call, notifications with nothing") {
  shop f;
  const auto batch = f.call_json(R"([{"jsonrpc":"2.0","method":"payment_status","params":[")" + f.id
                                 + R"("],"id":"a"},)"
                                   R"({"jsonrpc":"2.0","method":"system.listMethods"},7])");
  CHECK_EQ(batch.status, 200u);
  const auto answers = batch.json().as_array();
  CAF_REQUIRE_EQUAL(answers.size(), 2u);
  CHECK_EQ(answers[0].at("id").as_string(), "a");
  CHECK_EQ(answers[1].at("error").at("code").as_int64(), -32600);
  const auto silent =
    f.call_json(R"({"jsonrpc":"2.0","method":"process_payment","params":[")" + f.id + R"(","tok_ok"]})");
  CHECK_EQ(silent.status, 204u);
  CHECK_EQ(silent.body, "");
  CHECK_EQ(f.state->payments_of_orders.size(), 1u);
}

SCENARIO("a body of another type is refused with those that are taken") {
  shop f;
  const auto refused = f.send("POST", "/rpc", "x", {{"Content-Type", "text/plain"}});
  CHECK_EQ(refused.status, 415u);
  CHECK_EQ(refused.header("Accept"), "text/xml, application/json");
  CHECK_EQ(f.send("POST", "/rpc", "x", {{"Content-Type", "text/xml"}, {"Content-Encoding", "gzip"}}).status, 415u);
  CHECK_EQ(f.send("GET", "/rpc").status, 405u);
}
