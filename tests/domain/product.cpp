#include "domain/product.hpp"

#include "tests/domain/story.hpp"

#define CAF_SUITE domain.product
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::product;
using waybill::testing::euros;
using waybill::testing::product_story;
using waybill::testing::word;

namespace {

const order_id ord{"ord_1"};
const order_id other_ord{"ord_2"};

create a_create_command(std::int64_t on_hand = 10) {
  return {product_id{"prd_1"}, "TEA", "Tea", euros(500), on_hand};
}

product_story product_with(std::int64_t on_hand) {
  product_story story;
  story.tell(a_create_command(on_hand));
  return story;
}

/// Valid for half a minute from now.
timestamp soon(const product_story& story) {
  return story.now + milliseconds{30'000};
}

product_story product_with_reservation(std::int64_t quantity) {
  auto story = product_with(10);
  story.tell(reserve{ord, quantity, soon(story)});
  return story;
}

} // namespace

SCENARIO("a product is created once") {
  auto story = product_with(10);
  CHECK_EQ(story.tell(a_create_command()), "nothing");
  auto other = a_create_command();
  other.sku = "CUP";
  CHECK_EQ(story.tell(other), "duplicate");
}

SCENARIO("a product with impossible values is not created") {
  const auto refused = [](auto change) {
    auto cmd = a_create_command();
    change(cmd);
    return product_story{}.tell(cmd) == "invalid_argument";
  };
  CHECK(refused([](create& cmd) { cmd.sku.clear(); }));
  CHECK(refused([](create& cmd) { cmd.name.clear(); }));
  CHECK(refused([](create& cmd) { cmd.price.amount = -1; }));
  CHECK(refused([](create& cmd) { cmd.price.currency = "euro"; }));
  CHECK(refused([](create& cmd) { cmd.on_hand = -1; }));
  CHECK(!refused([](create& cmd) { cmd.price.amount = 0; }));
}

SCENARIO("a product that was never created refuses every command") {
  CHECK_EQ(product_story{}.tell(adjust{1, ""}), "not_found");
  CHECK_EQ(product_story{}.tell(release{ord, timestamp{}}), "not_found");
}

SCENARIO("a change keeps the members that it does not name") {
  auto story = product_with(10);
  CHECK_EQ(story.tell(change{{}, {}, money{450, "USD"}}), "product.changed");
  CHECK_EQ(story.state.sku, "TEA");
  CHECK((story.state.price == money{450, "USD"}));
  CHECK_EQ(story.tell(change{"TEA", {}, {}}), "nothing");
}

SCENARIO("a new price needs a known currency; a stored unknown one does not block other changes") {
  auto cmd = a_create_command();
  for (const auto* code : {"ZZZ", "XXX", "XTS", "eur"}) {
    cmd.price.currency = code;
    CHECK_EQ(product_story{}.tell(cmd), "invalid_argument");
  }
  auto story = product_with(10);
  CHECK_EQ(story.tell(change{{}, {}, money{450, "ZZZ"}}), "invalid_argument");
  story.state.price.currency = "ZZZ";
  CHECK_EQ(story.tell(change{{}, "Green tea", {}}), "product.changed");
  CHECK_EQ(story.tell(change{{}, {}, money{450, "JPY"}}), "product.changed");
}

SCENARIO("a withdrawn product takes no order but honours those it has") {
  auto story = product_with_reservation(2);
  CHECK_EQ(story.tell(withdraw{}), "product.withdrawn");
  CHECK_EQ(story.tell(withdraw{}), "nothing");
  CHECK_EQ(story.tell(change{"CUP", {}, {}}), "product_withdrawn");
  CHECK_EQ(story.tell(reserve{other_ord, 1, soon(story)}), "product_withdrawn");
  CHECK_EQ(story.tell(commit{ord, 2}), "stock.committed");
}

SCENARIO("a reservation is limited by the available stock, not by the stock on hand") {
  auto story = product_with_reservation(4);
  CHECK_EQ(story.state.on_hand, 10);
  CHECK_EQ(story.state.reserved, 4);
  CHECK_EQ(story.tell(reserve{other_ord, 7, soon(story)}), "stock.rejected");
  CHECK_EQ(story.state.reservations.at(other_ord).available, 6);
  CHECK_EQ(story.tell(adjust{-7, "lost"}), "invalid_argument");
}

SCENARIO("a repeated reservation gets the first answer, even when the stock has changed") {
  auto story = product_with(1);
  CHECK_EQ(story.tell(reserve{ord, 2, soon(story)}), "stock.rejected");
  story.tell(adjust{10, "delivery"});
  CHECK_EQ(story.tell(reserve{ord, 2, soon(story)}), "nothing");
  CHECK_EQ(word(story.state.reservations.at(ord).status), "rejected");
}

SCENARIO("a reservation that comes too late changes nothing") {
  auto story = product_with(10);
  const auto by = soon(story);
  story.wait(milliseconds{30'001});
  CHECK_EQ(story.tell(reserve{ord, 1, by}), "deadline_exceeded");
}

SCENARIO("a release makes a reservation fail that arrives after it") {
  auto story = product_with(10);
  const auto by = soon(story);
  CHECK_EQ(story.tell(release{ord, by}), "stock.released");
  CHECK_EQ(story.tell(release{ord, by}), "nothing");
  CHECK_EQ(story.tell(reserve{ord, 1, by}), "nothing");
  CHECK_EQ(story.state.reserved, 0);
  story.wait(milliseconds{30'000} + story.options.clock_tolerance);
  CHECK_EQ(story.tell(release{other_ord, by}), "nothing");
}

SCENARIO("committed goods are subtracted once") {
  auto story = product_with_reservation(4);
  CHECK_EQ(story.tell(commit{ord, 3}), "invalid_argument");
  CHECK_EQ(story.tell(commit{ord, 4}), "stock.committed");
  CHECK_EQ(story.tell(commit{ord, 4}), "nothing");
  CHECK_EQ(story.tell(release{ord, soon(story)}), "nothing");
  CHECK_EQ(story.state.on_hand, 6);
  CHECK_EQ(story.state.reserved, 0);
}

SCENARIO("a commit after the end of its reservation takes available stock, if there is enough") {
  auto story = product_with_reservation(4);
  story.wait(story.options.reservation_ttl);
  CHECK_EQ(story.tell(expire{{ord}}), "stock.expired");
  CHECK_EQ(story.tell(expire{{ord}}), "nothing");
  story.tell(adjust{-7, "lost"});
  CHECK_EQ(story.tell(commit{ord, 4}), "out_of_stock");
  story.tell(adjust{1, "found"});
  CHECK_EQ(story.tell(commit{ord, 4}), "stock.committed");
  CHECK_EQ(story.state.on_hand, 0);
}

SCENARIO("a reservation does not expire early") {
  auto story = product_with_reservation(4);
  CHECK(next_expiry(story.state) == story.now + story.options.reservation_ttl);
  story.wait(story.options.reservation_ttl - milliseconds{1});
  CHECK(find_overdue(story.state, story.now).empty());
  CHECK_EQ(story.tell(expire{{ord}}), "nothing");
}

SCENARIO("an overdue reservation ends only by a command that names it: its order may be alive") {
  auto story = product_with_reservation(4);
  story.tell(reserve{other_ord, 1, soon(story)});
  story.wait(story.options.reservation_ttl * 100);
  CHECK_EQ(find_overdue(story.state, story.now).size(), 2u);
  prolong(story.state, ord, story.now + milliseconds{1});
  CHECK(find_overdue(story.state, story.now) == std::vector{other_ord});
  CHECK_EQ(story.tell(expire{{ord, other_ord, order_id{"ord_unheard_of"}}}), "stock.expired");
  CHECK_EQ(story.state.reserved, 4);
  CHECK(next_expiry(story.state) == story.now + milliseconds{1});
  story.tell(commit{ord, 4});
  prolong(story.state, ord, timestamp{});
  CHECK(find_overdue(story.state, story.now).empty());
}

SCENARIO("stock is called low once, when it falls below the mark") {
  auto story = product_with(6);
  CHECK_EQ(story.tell(reserve{ord, 1, soon(story)}), "stock.reserved");
  CHECK_EQ(story.tell(reserve{other_ord, 1, soon(story)}), "stock.reserved stock.low");
  CHECK_EQ(story.tell(adjust{-1, "lost"}), "stock.adjusted");
}

SCENARIO("closed reservations are forgotten when nobody can ask for them any more, live ones never") {
  auto story = product_with_reservation(4);
  story.tell(release{other_ord, soon(story)});
  story.wait(milliseconds{30'000} + story.options.clock_tolerance);
  forget_closed(story.state, story.now, story.options);
  CHECK_EQ(story.state.reservations.size(), 2u);
  story.wait(milliseconds{1});
  forget_closed(story.state, story.now, story.options);
  CHECK_EQ(story.state.reservations.size(), 1u);
  story.tell(commit{ord, 4});
  story.wait(story.options.remember_committed);
  forget_closed(story.state, story.now, story.options);
  CHECK_EQ(story.tell(commit{ord, 4}), "nothing");
  story.wait(milliseconds{1});
  forget_closed(story.state, story.now, story.options);
  CHECK(story.state.reservations.empty());
}

SCENARIO("the stock on hand cannot overflow") {
  CHECK_EQ(product_with(10).tell(adjust{std::numeric_limits<std::int64_t>::max(), "a lot"}), "invalid_argument");
}
