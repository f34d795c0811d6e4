#include "functions/built_in.hpp"
#include "functions/sandbox.hpp"

#include "domain/user.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <string>

#define CAF_SUITE functions.built_in
#include <caf/test/bdd_dsl.hpp>

using namespace waybill::sandbox;

namespace {

std::string call(std::string_view name, const std::string& input) {
  const auto done = run(find_built_in(name)->source, input);
  return done.error ? to_text(*done.error) : done.result;
}

bool is_valid(const std::string& email) {
  return call("validate-email", R"({"email":")" + email + "\"}") == R"({"valid":true})";
}

} // namespace

SCENARIO("the total is exact, in minor units") {
  CHECK_EQ(call("calculate-total", R"({"items":[{"price":1299,"quantity":2},{"price":1,"quantity":3}]})"), "2601");
  CHECK_EQ(call("calculate-total", R"({"items":[]})"), "0");
  CHECK_EQ(call("calculate-total", R"({"items":[{"price":9223372036854775807,"quantity":1}]})"), "9223372036854775807");
  CHECK_EQ(call("calculate-total", R"({"items":[{"price":4611686018427387904,"quantity":2}]})"),
           "line 17: the total is too large");
  CHECK_EQ(call("calculate-total", R"({"items":[{"price":1.5,"quantity":1}]})"),
           "line 11: the price of item 1 must be a whole number of minor units");
  CHECK_EQ(call("calculate-total", R"({"items":[{"price":1,"quantity":0}]})"),
           "line 14: the quantity of item 1 must be a whole number from 1");
  CHECK_EQ(call("calculate-total", "[]"), "line 4: input.items must be a list of items");
}

SCENARIO("an order is text for people") {
  CHECK_EQ(call("format-order", R"({"order":{"id":"ord_1","status":"placed","lines":[{"name":"Tea","quantity":2,
    "unit_price":{"amount":450,"currency":"EUR"},"total":{"amount":900,"currency":"EUR"}}],
    "total":{"amount":900,"currency":"EUR"},"delivery":{"name":"Ada","address":"Main Street 1"},"note":""}})"),
           R"("Order ord_1, placed\n2 x Tea at 4.50 EUR = 9.00 EUR\nTotal: 9.00 EUR\nTo: Ada, Main Street 1")");
  CHECK_EQ(call("format-order", R"({"order":{"lines":[{}]}})"), "line 9: an amount in the order is not {amount, currency}");
}

SCENARIO("an address that validate-email accepts is one that an account can have") {
  for (const auto* good : {"ada@example.com", "a.b+c@x-y.example", "A@B", "o'hara@host"}) {
    CHECK(is_valid(good));
    CHECK(waybill::user::normal_email(good).has_value());
  }
  for (const auto* bad : {"", "ada", "@b", "a@", "a@@b", "a b@c", ".a@b", "a.@b", "a..b@c", "a@b..c", "a@.b", "a@-b",
                          "a@b_c", "\xC3\xA4@b"})
    CHECK(!is_valid(bad));
}

SCENARIO("all that is built in compiles, and is found by its name") {
  CHECK_EQ(built_ins().size(), 3u);
  CHECK(std::ranges::is_sorted(built_ins(), {}, &built_in::name));
  for (const auto& each : built_ins())
    CHECK(!check(each.source).has_value());
  CHECK(find_built_in("other") == nullptr);
}
