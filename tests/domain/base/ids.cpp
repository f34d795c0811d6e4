#include "domain/base/ids.hpp"

#include <set>

#define CAF_SUITE domain.ids
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

SCENARIO("new ids have the form of an id and differ") {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto made = make_id<order_id>();
    CHECK(is_id(made.value, "ord_"));
    seen.insert(made.value);
  }
  CHECK_EQ(seen.size(), 1000u);
}

SCENARIO("a derived id depends on its text alone") {
  CHECK_EQ(derive_id<order_id>("demo/key-1").value, derive_id<order_id>("demo/key-1").value);
  CHECK_NE(derive_id<order_id>("demo/key-1").value, derive_id<order_id>("demo/key-2").value);
  CHECK(is_id(derive_id<order_id>("").value, "ord_"));
}

SCENARIO("a derived id of a time depends on text and time alone, and sorts by the time") {
  const std::chrono::system_clock::time_point at{std::chrono::hours{24 * 365 * 56}};
  const auto first = derive_id<notification_id>("a", at);
  CHECK_EQ(first.value, derive_id<notification_id>("a", at).value);
  CHECK_NE(first.value, derive_id<notification_id>("b", at).value);
  CHECK(is_id(first.value, "ntf_"));
  CHECK(first < derive_id<notification_id>("0", at + std::chrono::milliseconds{1}));
  CHECK(first < make_id<notification_id>());
}

SCENARIO("an id of another kind or form is refused") {
  const auto made = make_id<order_id>();
  CHECK(!is_id(made.value, "pay_"));
  CHECK(!is_id(made.value + "0", "ord_"));
  CHECK(!is_id("ord_0000000000000000000u", "ord_"));
  CHECK(!is_id("", "ord_"));
}

SCENARIO("an order's payment carries the order's suffix") {
  CHECK_EQ(sibling_id<payment_id>(order_id{"ord_01jd0000000000000000"}).value, "pay_01jd0000000000000000");
}
