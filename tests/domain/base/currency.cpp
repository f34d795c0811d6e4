#include "domain/base/currency.hpp"

#include <limits>
#include <string>

#define CAF_SUITE domain.currency
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

SCENARIO("only currencies of ISO 4217 that have a minor unit are known") {
  for (const auto* code : {"EUR", "USD", "JPY", "KWD", "CLF", "GBP", "XAF", "XOF", "ZAR", "ZMW", "AED"})
    CHECK(is_currency(code));
  for (const auto* code :
       {"ZZZ", "XXX", "XTS", "XAU", "XDR", "AAA", "DEM", "eur", "EURO", "EU", "", "E R", "URU", "\xff\xff\xff"})
    CHECK(!is_currency(code));
}

SCENARIO("a currency has the decimals of ISO 4217") {
  CHECK_EQ(decimals_of("EUR").value(), 2);
  CHECK_EQ(decimals_of("JPY").value(), 0);
  CHECK_EQ(decimals_of("KRW").value(), 0);
  CHECK_EQ(decimals_of("ISK").value(), 0);
  CHECK_EQ(decimals_of("HUF").value(), 2);
  CHECK_EQ(decimals_of("KWD").value(), 3);
  CHECK_EQ(decimals_of("TND").value(), 3);
  CHECK_EQ(decimals_of("UYW").value(), 4);
  CHECK(!decimals_of("ZZZ").has_value());
}

SCENARIO("an amount that a person reads has its currency's decimals") {
  CHECK_EQ(to_text({2800, "EUR"}), "28.00 EUR");
  CHECK_EQ(to_text({2800, "JPY"}), "2800 JPY");
  CHECK_EQ(to_text({1234, "KWD"}), "1.234 KWD");
  CHECK_EQ(to_text({12345, "CLF"}), "1.2345 CLF");
  CHECK_EQ(to_text({0, "EUR"}), "0.00 EUR");
  CHECK_EQ(to_text({5, "EUR"}), "0.05 EUR");
  CHECK_EQ(to_text({-5, "EUR"}), "-0.05 EUR");
  CHECK_EQ(to_text({-1234, "KWD"}), "-1.234 KWD");
  CHECK_EQ(to_text({0, ""}), "0");
  CHECK_EQ(to_text({std::numeric_limits<std::int64_t>::min(), "EUR"}), "-92233720368547758.08 EUR");
  CHECK_EQ(to_text({2800, "ZZZ"}), "2800 ZZZ");
}
