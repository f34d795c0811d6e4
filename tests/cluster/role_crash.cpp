#include "tests/support/eventually.hpp"
#include "tests/support/role_cluster.hpp"

#define CAF_SUITE cluster.role_crash
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

constexpr std::size_t many = 100;

/// Kills the node of `role` in the middle of 100 orders and starts it again under the same name.
void crash(const std::string& role) {
  role_cluster shop;
  auto wishes = mixed_wishes(many, stock_products(shop.url()));
  {
    rush orders{shop.url(), wishes, std::chrono::seconds{60}};
    CAF_REQUIRE(eventually([&] { return orders.accepted() >= many / 3; }));
    shop.node(role).kill();
    CAF_MESSAGE(orders.accepted() << " orders were accepted before the kill of " << role);
    shop.restart(role);
    orders.wait();
  }
  CAF_CHECK_EQUAL(count_accepted(wishes), wishes.size());
  CAF_CHECK_EQUAL(lines_of(await_rest_untouched(shop.url())), "");
  CAF_CHECK_EQUAL(lines_of(await_final(shop.url(), wishes)), "");
  CAF_CHECK_EQUAL(lines_of(find_wrong_replays(shop.url(), wishes)), "");
  for (const auto& [name, code] : shop.stop())
    CAF_CHECK_EQUAL(code, std::optional<int>{0});
  const auto report = shop.check();
  CAF_CHECK_EQUAL(report.text(), "");
  CAF_CHECK_EQUAL(report.orders.size(), wishes.size());
}

} // namespace

SCENARIO("G1, G3, G7: no order is lost, doubled or stuck when the order node is killed and comes back") {
  crash("order");
}

SCENARIO("G3, G4, G7: nothing is charged twice or stuck when the payment node is killed and comes back") {
  crash("payment");
}
