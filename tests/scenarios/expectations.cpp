#include "scenarios/expectations.hpp"

#include <boost/json/parse.hpp>

#include <tuple>

#define CAF_SUITE scenarios.expectations
#include <caf/test/bdd_dsl.hpp>

using namespace waybill::scenarios;
namespace json = boost::json;

namespace {

facts seen() {
  facts out;
  out.orders["o"] = json::parse(R"({"status": "completed", "total": {"amount": 2800}})");
  out.products["p"] = json::parse(R"({"on_hand": 8, "reserved": 1, "available": 7})");
  for (const auto* type : {"order.placed", "order.confirmed", "order.completed"})
    out.events["o"][stream_kind::order].push_back({type, type, "", ""});
  for (const auto* type : {"payment.authorized", "payment.captured", "payment.captured"})
    out.events["o"][stream_kind::payment].push_back({type, type, "", ""});
  for (const auto* order : {R"({"status": "completed", "paid": 1})", R"({"status": "completed", "paid": 1})",
                            R"({"status": "cancelled", "paid": 0})"})
    out.crowds["c"].push_back(json::parse(order));
  out.products["sold"] = json::parse(R"({"on_hand": 4, "reserved": 0, "available": 4})");
  out.answers["o"] = {{201, "ord_a", false}, {409, "", false}, {201, "ord_a", true}};
  return out;
}

template <class Check>
checked judge(Check check) {
  return evaluate(expectation{"claim", std::move(check)}, seen());
}

} // namespace

SCENARIO("a field is one of the allowed values") {
  CHECK(judge(expect_field{"o", "/status", {"rejected", "completed"}}).ok);
  CHECK(judge(expect_field{"o", "/total/amount", {2800}}).ok);
  const auto wrong = judge(expect_field{"o", "/status", {"rejected"}});
  CHECK(!wrong.ok);
  CHECK_EQ(wrong.text, R"(claim (expected /status "rejected", found "completed"))");
  CHECK(!judge(expect_field{"o", "/nothing", {1}}).ok);
  CHECK(!judge(expect_field{"unknown", "/status", {"completed"}}).ok);
}

SCENARIO("D1: an amount that is not the expected one has its currency's decimals in the report") {
  for (const auto& [currency, expected, found] :
       {std::tuple{"JPY", "1234 JPY", "2800 JPY"}, std::tuple{"KWD", "1.234 KWD", "2.800 KWD"},
        std::tuple{"EUR", "12.34 EUR", "28.00 EUR"}}) {
    facts of_currency;
    const json::object order{{"total", json::object{{"amount", 2800}, {"currency", currency}}}};
    of_currency.orders["o"] = order;
    of_currency.crowds["c"] = {order};
    const auto judge = [&](const auto& check) { return evaluate(expectation{"claim", check}, of_currency).text; };
    CHECK_EQ(judge(expect_field{"o", "/total/amount", {1234}}),
             std::string{"claim (expected /total/amount "} + expected + ", found " + found + ")");
    CHECK_EQ(judge(expect_each{"c", {expect_each::members{{"/total/amount", 1234}}}}),
             std::string{"claim (expected one of the alternatives for each, found {\"total\":\""} + found + "\"})");
  }
}

SCENARIO("events are expected in an order, with others allowed in between") {
  CHECK(judge(expect_sequence{"o", stream_kind::order, {"order.placed", "order.completed"}}).ok);
  CHECK(!judge(expect_sequence{"o", stream_kind::order, {"order.completed", "order.placed"}}).ok);
  CHECK(!judge(expect_sequence{"o", stream_kind::delivery, {"delivery.offered"}}).ok);
  CHECK(!judge(expect_sequence{"o", stream_kind::order, {"order.placed", "order.placed"}}).ok);
}

SCENARIO("events are counted") {
  CHECK(judge(expect_count{"o", stream_kind::payment, "payment.authorized", 1, 1}).ok);
  CHECK(judge(expect_count{"o", stream_kind::payment, "payment.captured", 1, std::nullopt}).ok);
  CHECK(judge(expect_count{"o", stream_kind::payment, "payment.voided", 0, 0}).ok);
  const auto twice = judge(expect_count{"o", stream_kind::payment, "payment.captured", 1, 1});
  CHECK(!twice.ok);
  CHECK_EQ(twice.text, "claim (expected 1 payment.captured, found 2)");
  CHECK(!judge(expect_count{"o", stream_kind::payment, "payment.captured", 3, std::nullopt}).ok);
}

SCENARIO("stock is compared as a whole") {
  CHECK(judge(expect_stock{"p", 8, 1, 7}).ok);
  CHECK_EQ(judge(expect_stock{"p", 8, 0, 8}).text,
           "claim (expected on_hand 8, reserved 0, available 8, found on_hand 8, reserved 1, available 7)");
  CHECK(!judge(expect_stock{"unknown", 0, 0, 0}).ok);
}

SCENARIO("the orders of a crowd are counted and compared one by one") {
  CHECK(judge(expect_crowd{"c", "completed", 2}).ok);
  CHECK(judge(expect_crowd{"c", "rejected", 0}).ok);
  CHECK_EQ(judge(expect_crowd{"c", "completed", 3}).text,
           "claim (expected 3 completed, found 1 cancelled, 2 completed)");
  const expect_each::members paid{{"/status", "completed"}, {"/paid", 1}};
  const expect_each::members given_back{{"/status", "cancelled"}, {"/paid", 0}};
  CHECK(judge(expect_each{"c", {paid, given_back}}).ok);
  CHECK(!judge(expect_each{"c", {paid}}).ok);
  CHECK(!judge(expect_each{"nobody", {paid}}).ok);
}

SCENARIO("the missing stock is compared with the purchases of a crowd") {
  CHECK(judge(expect_sold{"sold", "c", 10, 3}).ok);
  CHECK(!judge(expect_sold{"sold", "c", 10, 2}).ok);
  CHECK(!judge(expect_sold{"p", "c", 14, 3}).ok);
}

SCENARIO("answers are counted by the orders that they name") {
  CHECK(judge(expect_answers{"o", 1, 1}).ok);
  CHECK(!judge(expect_answers{"o", 2, 0}).ok);
  CHECK(!judge(expect_answers{"o", 1, 2}).ok);
}

SCENARIO("an event is read with its public data only") {
  const auto got = read_event(json::parse(R"({"id": "evt_1", "type": "payment.authorized", "occurred_at": "t",
    "data": {"amount": {"amount": 5, "currency": "EUR"}, "token": "tok_ok", "address": "x", "attempt": 2}})"));
  CHECK_EQ(got.detail, "attempt 2, amount 0.05 EUR");
  CHECK_THROWS_AS(read_event(json::parse(R"({"id": "evt_1"})")), std::runtime_error);
}
