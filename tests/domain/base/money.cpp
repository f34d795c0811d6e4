#include "domain/base/money.hpp"

#include "domain/base/errors.hpp"

#include <limits>

#define CAF_SUITE domain.money
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

SCENARIO("amounts of one currency add up") {
  const auto sum = add({150, "EUR"}, {-50, "EUR"});
  REQUIRE(sum.has_value());
  CHECK_EQ(sum->amount, 100);
  CHECK_EQ(sum->currency, "EUR");
}

SCENARIO("a zero without a currency is neutral on both sides") {
  CHECK((*add({}, {5, "USD"}) == money{5, "USD"}));
  CHECK((*add({5, "USD"}, {}) == money{5, "USD"}));
}

SCENARIO("different currencies never add up") {
  const auto sum = add({1, "EUR"}, {1, "USD"});
  REQUIRE(!sum.has_value());
  CHECK(sum.error().code == ec::invalid_argument);
}

SCENARIO("an overflow is an error, not another amount") {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  CHECK(!add({most, "EUR"}, {1, "EUR"}).has_value());
  CHECK(!multiply({most / 2 + 1, "EUR"}, 2).has_value());
  CHECK_EQ(multiply({most / 2, "EUR"}, 2)->amount, most - 1);
}

SCENARIO("a currency is an existing code in capital letters") {
  CHECK(is_currency("EUR"));
  CHECK(!is_currency("ZZZ"));
  CHECK(!is_currency("eur"));
  CHECK(!is_currency("EURO"));
  CHECK(!is_currency(""));
}
