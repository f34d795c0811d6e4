#include "tests/persistence/support/stored_shop.hpp"

#include <algorithm>
#include <filesystem>

#define CAF_SUITE persistence.audit
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

/// Damages a sound shop; an audit of everything must name the damage.
void check_found(const char* damage, const std::string& invariant,
                 const std::function<std::string(stored_shop&, const order_id&)>& plant) {
  on_both([&](stored_shop& shop) {
    shop.stock_up();
    const auto order = shop.complete();
    shop.cancel();
    shop.reserve();
    CAF_CHECK_EQUAL(lines_of(walk(shop.checker())), "");
    const auto subject = plant(shop, order);
    const auto broken = walk(shop.checker());
    CAF_MESSAGE(damage << ":\n" << lines_of(broken));
    CAF_CHECK(names(broken, invariant, subject));
    // Nothing that is stored may leak.
    CAF_CHECK_EQUAL(lines_of(broken).find("tok_"), std::string::npos);
  });
}

std::string pay_of(const order_id& order) {
  return sibling_id<payment_id>(order).value;
}

} // namespace

SCENARIO("a sound shop has no violation, also while orders are under way") {
  on_both([](stored_shop& shop) {
    shop.stock_up(20);
    for (int i = 0; i < 3; ++i) {
      shop.complete();
      shop.cancel();
      shop.reserve();
      CHECK_EQ(lines_of(walk(shop.checker())), "");
    }
  });
}

SCENARIO("revised and partly refunded orders have no violation") {
  on_both([](stored_shop& shop) {
    shop.stock_up(20);
    shop.complete();
    shop.refund("one", 300);
    shop.refund("two", 200);
    CHECK_EQ(lines_of(walk(shop.checker())), "");
    shop.complete_revised();
    CHECK_EQ(lines_of(walk(shop.checker())), "");
    shop.refund("three", 1950);
    CHECK_EQ(lines_of(walk(shop.checker())), "");
  });
}

SCENARIO("I1, I7: a refund that only the provider or only the payment knows is found") {
  on_both([](stored_shop& shop) {
    shop.stock_up(20);
    const auto order = shop.complete();
    shop.refund("one", 300);
    shop.change_ledger("delete from appends where stream like '%/refund/rfd_one'");
    CHECK(names(walk(shop.checker()), "I7", pay_of(order) + "/refund/rfd_one"));
    shop.change("delete from appends where stream = '" + pay_of(order) + "' and version > 4");
    CHECK(names(walk(shop.checker()), "I1", order.value));
  });
}

SCENARIO("I3: a reservation that a revised order holds twice is found") {
  on_both([](stored_shop& shop) {
    shop.stock_up(20);
    const auto order = shop.complete_revised();
    CHECK_EQ(lines_of(walk(shop.checker())), "");
    shop.change("delete from appends where stream = '" + pay_of(order) + "' and version > 2");
    CHECK(names(walk(shop.checker()), "I3", order.value));
    shop.reopen_reservation(order);
    const auto broken = walk(shop.checker());
    CHECK(std::any_of(broken.begin(), broken.end(), [](const violation& violation) {
      return violation.detail.find("is still reserved for it") != std::string::npos;
    }));
  });
}

SCENARIO("I1: more captured than authorised is found") {
  check_found("a changed event", "I1", [](stored_shop& shop, const order_id& order) {
    shop.change("update appends set data = replace(data, '1300', '1301') where type = 'payment.captured'");
    return pay_of(order);
  });
}

SCENARIO("I1: a completed order whose money was never taken is found") {
  check_found("a lost capture", "I1", [](stored_shop& shop, const order_id& order) {
    shop.change("delete from appends where stream = '" + pay_of(order) + "' and version > 2");
    return order.value;
  });
}

SCENARIO("I2: more stock sold than there was is found") {
  check_found("an event that takes too much", "I2", [](stored_shop& shop, const order_id&) {
    shop.plant_event(shop.thing_id.value, "stock.committed", R"({"order":"ord_x","quantity":50})");
    return shop.thing_id.value;
  });
}

SCENARIO("I2: a reserved amount that differs from the sum of the reservations is found") {
  check_found("a changed row", "I2", [](stored_shop& shop, const order_id&) {
    shop.change("update reservations set quantity = 3 where status = 0");
    return shop.thing_id.value;
  });
}

SCENARIO("I2: a delivered order whose reservation ended is found") {
  check_found("a reservation that expired", "I2", [](stored_shop& shop, const order_id& order) {
    shop.change("update closed_reservations set status = 4 where order_id = '" + order.value + "'");
    return order.value;
  });
  check_found("a reservation that is gone", "I2", [](stored_shop& shop, const order_id& order) {
    shop.change("delete from closed_reservations where order_id = '" + order.value + "'");
    return order.value;
  });
}

SCENARIO("I2: two live reservations of one unit are found, by a check of the product and of the order") {
  on_both([](stored_shop& shop) {
    shop.stock_up(2);
    auto checker = shop.checker();
    const auto first = shop.begin_delivery();
    CHECK_EQ(lines_of(walk(shop.checker())), "");
    CHECK_EQ(lines_of(checker.check({shop.thing_id.value, false}).value().found), "");
    // As an older program did: the reservation of an order whose courier is under way ended by time.
    shop.expire(first);
    CHECK(names(checker.check({shop.thing_id.value, false}).value().found, "I2", shop.thing_id.value));
    CHECK(names(shop.checker().check({first.value, false}).value().found, "I2", first.value));
    const auto second = shop.reserve();
    const auto broken = walk(shop.checker());
    MESSAGE(lines_of(broken));
    CHECK(names(broken, "I2", first.value));
    CHECK(names(broken, "I2", shop.thing_id.value));
    CHECK(!names(broken, "I2", second.value));
  });
}

SCENARIO("I2: an order that holds less than its lines say is found") {
  on_both([](stored_shop& shop) {
    shop.stock_up(20);
    const auto order = shop.reserve();
    shop.change("update reservations set quantity = 1 where order_id = '" + order.value + "'");
    CHECK(names(shop.checker().check({order.value, false}).value().found, "I2", order.value));
  });
}

SCENARIO("I3: a reservation of a final order is found") {
  check_found("a planted row", "I3", [](stored_shop& shop, const order_id& order) {
    shop.reopen_reservation(order);
    return order.value;
  });
}

SCENARIO("I3: a reservation for an order that does not exist is found") {
  check_found("a planted row", "I3", [](stored_shop& shop, const order_id&) {
    shop.change("insert into reservations (product_id, order_id, status, quantity, available, expires_at, reserve_by) "
                "values ('"
                + shop.thing_id.value + "', 'ord_x', 0, 0, 0, 0, 0)");
    return shop.thing_id.value;
  });
}

SCENARIO("I3: a final order that keeps a timer or counts as unfinished is found") {
  check_found("a timer", "I3", [](stored_shop& shop, const order_id& order) {
    shop.change("update entities set due_at = 1 where id = '" + order.value + "'");
    return order.value;
  });
  check_found("a mark of work", "I3", [](stored_shop& shop, const order_id& order) {
    shop.change("update entities set unfinished = (1 = 1) where id = '" + order.value + "'");
    return order.value;
  });
}

SCENARIO("I3: a final order whose payment is still open is found") {
  check_found("an authorisation that was never given back", "I3", [](stored_shop& shop, const order_id&) {
    const auto late = shop.cancel();
    const auto pay = pay_of(late);
    shop.change("delete from appends where stream = '" + pay + "' and version > 2");
    shop.change("delete from entities where id = '" + pay + "'");
    return late.value;
  });
}

SCENARIO("I4: a missing event, and a state that is ahead of its stream, are found") {
  check_found("a gap", "I4", [](stored_shop& shop, const order_id& order) {
    shop.change("delete from appends where stream = '" + order.value + "' and version = 3");
    return order.value;
  });
  check_found("a lost end", "I4", [](stored_shop& shop, const order_id& order) {
    shop.change("delete from appends where stream = '" + order.value + "' and version = 7");
    return order.value;
  });
  check_found("a gap in a product's stream", "I4", [](stored_shop& shop, const order_id&) {
    shop.change("delete from appends where stream = '" + shop.thing_id.value + "' and version = 2");
    return shop.thing_id.value;
  });
  check_found("a gap in another stream", "I4", [](stored_shop& shop, const order_id&) {
    for (int i = 0; i < 3; ++i)
      shop.plant_event("cluster", "cluster.node_joined", "{}");
    shop.change("delete from appends where stream = 'cluster' and version = 2");
    return std::string{"cluster"};
  });
}

SCENARIO("I5: a stored state that differs from its events is found, and its wrong members are named") {
  check_found("a changed order", "I5", [](stored_shop& shop, const order_id& order) {
    shop.change("update entities set state = replace(state, '\"note\":\"\"', '\"note\":\"x\"') where id = '"
                + order.value + "'");
    const auto broken = shop.checker().check({order.value, true}).value().found;
    CHECK_EQ(broken.size(), 1u);
    CHECK(broken.at(0).detail.ends_with("they differ in note"));
    return order.value;
  });
  check_found("a changed product", "I5", [](stored_shop& shop, const order_id&) {
    shop.change("update entities set state = replace(state, '\"on_hand\":8', '\"on_hand\":9')");
    return shop.thing_id.value;
  });
  check_found("a lost state", "I5", [](stored_shop& shop, const order_id& order) {
    shop.change("delete from entities where id = '" + order.value + "'");
    return order.value;
  });
}

SCENARIO("I5: lists that contradict the stored state are found") {
  check_found("a changed row of an order", "I5", [](stored_shop& shop, const order_id& order) {
    shop.change("update orders set status = 'placed' where id = '" + order.value + "'");
    return order.value;
  });
  check_found("a lost row of a product", "I5", [](stored_shop& shop, const order_id&) {
    shop.change("delete from products");
    return shop.thing_id.value;
  });
  check_found("a lost reservation", "I5", [](stored_shop& shop, const order_id& order) {
    shop.change("delete from closed_reservations where order_id = '" + order.value + "'");
    return shop.thing_id.value;
  });
}

SCENARIO("I6: an effect that happened twice is found, here and at the provider") {
  check_found("a second reservation", "I6", [](stored_shop& shop, const order_id& order) {
    shop.plant_event(shop.thing_id.value, "stock.reserved",
                     R"({"order":")" + order.value
                       + R"(","quantity":1,"expires_at":"2026-11-21T06:00:00Z","reserve_by":"2026-11-21T06:00:00Z"})");
    return shop.thing_id.value;
  });
  check_found("a key that was intended again after its effect", "I6", [](stored_shop& shop, const order_id& order) {
    shop.plant_event(pay_of(order), "payment.intent_recorded",
                     R"({"payment":")" + pay_of(order) + R"(","operation":"capture","key":")" + pay_of(order)
                       + R"(/capture","amount":{"amount":1300,"currency":"EUR"}})");
    return pay_of(order);
  });
  check_found("an entry that was written twice", "I6", [](stored_shop& shop, const order_id& order) {
    shop.change_ledger("update appends set version = 2 where stream = '" + pay_of(order) + "/capture'");
    return pay_of(order) + "/capture";
  });
}

SCENARIO("I7: a difference between the provider's ledger and ours is found in both directions") {
  check_found("an entry that is missing there", "I7", [](stored_shop& shop, const order_id& order) {
    shop.change_ledger("delete from appends where stream = '" + pay_of(order) + "/capture'");
    return pay_of(order) + "/capture";
  });
  check_found("another outcome there", "I7", [](stored_shop& shop, const order_id& order) {
    shop.change_ledger("update appends set data = replace(data, 'approved', 'declined') "
                       "where stream = '"
                       + pay_of(order) + "/authorize'");
    return pay_of(order) + "/authorize";
  });
  check_found("another amount there", "I7", [](stored_shop& shop, const order_id& order) {
    shop.change_ledger("update appends set data = replace(data, '1300', '1400') where stream = '" + pay_of(order)
                       + "/capture'");
    return pay_of(order) + "/capture";
  });
  check_found("a charge that nobody asked for", "I7", [](stored_shop& shop, const order_id&) {
    shop.enter("pay_unheard_of/authorize", payment::operation::authorize, "pay_unheard_of", {1300, "EUR"});
    return std::string{"pay_unheard_of/authorize"};
  });
}

SCENARIO("a check of one unit reads only its own rows, in a database of any size") {
  on_both([](stored_shop& shop) {
    shop.stock_up(1'000);
    const auto first = shop.complete();
    auto checker = shop.checker({.page = 10, .long_stream = 5'000, .most_followed = 10});
    const auto order_cost = checker.check({first.value, false}).value().rows;
    checker.check({shop.thing_id.value, false}).value();
    for (int i = 0; i < 20; ++i)
      shop.complete();
    CHECK_EQ(checker.check({first.value, false}).value().rows, order_cost);
    // A product is followed: checked events are not read again, new ones are.
    const auto moved = checker.check({shop.thing_id.value, false}).value();
    CHECK_EQ(moved.events, 40u);
    const auto rests = checker.check({shop.thing_id.value, false}).value();
    CHECK_EQ(rests.events, 0u);
    CHECK(rests.rows < 5u);
  });
}

SCENARIO("a stream that is too long is checked from its stored state on") {
  on_both([](stored_shop& shop) {
    shop.stock_up(1'000);
    for (int i = 0; i < 20; ++i)
      shop.complete();
    auto checker = shop.checker({.page = 7, .long_stream = 10, .most_followed = 10});
    CHECK_EQ(checker.check({shop.thing_id.value, false}).value().events, 0u);
    const auto held = shop.reserve();
    CHECK_EQ(lines_of(checker.check({shop.thing_id.value, false}).value().found), "");
    shop.change("update reservations set quantity = 1 where order_id = '" + held.value + "'");
    shop.plant_event(shop.thing_id.value, "stock.low", R"({"available":1})");
    shop.plant_event(shop.thing_id.value, "stock.committed", R"({"order":"ord_x","quantity":5000})");
    CHECK(names(checker.check({shop.thing_id.value, false}).value().found, "I2", shop.thing_id.value));
    CHECK(names(checker.check({shop.thing_id.value, true}).value().found, "I2", shop.thing_id.value));
  });
}

SCENARIO("without access to the provider's ledger the other invariants are checked") {
  const temp_folder folder;
  stored_shop shop{{"sqlite:" + folder / "shop.db"}, {"sqlite:" + folder / "shop.db.provider"}};
  shop.stock_up();
  const auto order = shop.complete();
  audit_check blind{{"sqlite:" + folder / "shop.db"}, store_config{"sqlite:" + folder / "nothing.db"}};
  CHECK_EQ(lines_of(blind.check({order.value, true}).value().found), "");
  CHECK(!std::filesystem::exists(folder / "nothing.db"));
  shop.change("update orders set status = 'placed'");
  CHECK(names(blind.check({order.value, true}).value().found, "I5", order.value));
}
