#include "domain/json/readable_amounts.hpp"

#include <boost/json/parse.hpp>

#define CAF_SUITE domain.readable_amounts
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
namespace json = boost::json;

SCENARIO("D1: amounts at any depth get the decimals of their currency; nothing else is changed") {
  const auto read = [](std::string_view text) { return with_readable_amounts(json::parse(text)); };
  CHECK_EQ(read(R"({"amount":2800,"currency":"JPY"})"), json::value("2800 JPY"));
  CHECK_EQ(read(R"({"amount":1234,"currency":"KWD"})"), json::value("1.234 KWD"));
  CHECK_EQ(read(R"({"lines":[{"unit_price":{"amount":-5,"currency":"EUR"},"quantity":2}]})"),
           json::parse(R"({"lines":[{"unit_price":"-0.05 EUR","quantity":2}]})"));
  for (const auto* other : {R"({"amount":1})", R"({"amount":"1","currency":"EUR"})", R"({"amount":1,"currency":null})",
                            R"({"amount":1,"currency":"EUR","of":"x"})", "null", "7"})
    CHECK_EQ(read(other), json::parse(other));
}
