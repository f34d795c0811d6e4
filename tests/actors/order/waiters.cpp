#include "actors/order/waiters.hpp"

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#define CAF_SUITE actors.waiters
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace std::chrono_literals;

namespace {

/// The answer to a caller, in place of their promise.
struct fake_promise {
  std::string* told;

  void deliver(const order::state& order) const { *told += "version " + std::to_string(order.version) + ";"; }
  void deliver(const failure& reason) const { *told += std::string{to_string(reason.code)} + ";"; }
};

struct fixture {
  using waiters_type = order_waiters<fake_promise>;

  fixture() {
    order.id = order_id{"ord_1"};
    order.status = order::status::placed;
    order.version = 1;
  }

  void wait(wait_condition condition, std::optional<timestamp> deadline = {}) {
    waiters.add({{&told}, condition, deadline});
  }

  void move_to(order::status status) {
    order.status = status;
    ++order.version;
    waiters.answer(order, start);
  }

  const timestamp start = timestamp{} + 1h;
  order::state order;
  std::string told;
  waiters_type waiters;
};

order::revisions& under_revision(order::state& order, std::uint32_t number) {
  auto& revisions = order.revisions.emplace();
  revisions.last = number;
  revisions.wanted.emplace().number = number;
  return revisions;
}

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a client that waits until an order is settled is answered once, when it is settled") {
  wait(until_settled{});
  waiters.answer(order, start);
  CHECK_EQ(told, "");
  move_to(order::status::confirmed);
  CHECK_EQ(told, "version 2;");
  move_to(order::status::fulfilling);
  CHECK_EQ(told, "version 2;");
}

SCENARIO("a client is answered with the state for which it waited, although the order has gone on since then") {
  wait(until_settled{});
  order.status = order::status::confirmed;
  order.version = 2;
  waiters.note(order);
  move_to(order::status::fulfilling);
  CHECK_EQ(told, "version 2;");
}

SCENARIO("a client is not answered with a state that is void") {
  wait(until_settled{});
  const auto placed = order;
  order.status = order::status::confirmed;
  order.version = 2;
  waiters.note(order);
  waiters.forget();
  waiters.answer(placed, start);
  CHECK_EQ(told, "");
  order.version = 3;
  waiters.answer(order, start);
  CHECK_EQ(told, "version 3;");
}

SCENARIO("a client that waits until an order is at rest is not answered before") {
  wait(until_at_rest{});
  move_to(order::status::confirmed);
  CHECK_EQ(told, "");
  move_to(order::status::needs_attention);
  CHECK_EQ(told, "version 3;");
}

SCENARIO("a cancelling client is told the end, or that a courier was quicker and the order continues") {
  move_to(order::status::cancelling);
  wait(until_cancelled{});
  waiters.answer(order, start);
  CHECK_EQ(told, "");
  move_to(order::status::cancelled);
  CHECK_EQ(told, "version 3;");
  for (const auto goes_on : {order::status::fulfilling, order::status::completed}) {
    told.clear();
    move_to(order::status::cancelling);
    wait(until_cancelled{});
    move_to(goes_on);
    CHECK_EQ(told, "illegal_transition;");
  }
}

SCENARIO("a client that waits too long is answered at its deadline with the current state") {
  wait(until_at_rest{}, start + 2s);
  wait(until_at_rest{}, start + 1s);
  CHECK(waiters.due() == start + 1s);
  waiters.answer(order, start + 1s);
  CHECK_EQ(told, "version 1;");
  CHECK(waiters.due() == start + 2s);
  waiters.answer(order, start + 2s);
  CHECK_EQ(told, "version 1;version 1;");
  CHECK(!waiters.due());
}

SCENARIO("a revision that was refused is refused, also when the refusal is durable only later") {
  auto& revisions = under_revision(order, 1);
  wait(until_revised{1});
  revisions.refused.emplace(
    order::refused_revision{.number = 1, .because = order::refusal::out_of_stock, .detail = "none left"});
  revisions.wanted.reset();
  waiters.note(order);
  move_to(order::status::confirmed);
  CHECK_EQ(told, "out_of_stock;");
}

SCENARIO("a client that waits for a revision is answered when it is decided, whatever the order's status") {
  auto& revisions = under_revision(order, 1);
  wait(until_revised{1});
  CHECK(!waiters.due());
  move_to(order::status::confirmed);
  CHECK_EQ(told, "");
  revisions.wanted.reset();
  waiters.answer(order, start);
  CHECK_EQ(told, "version 2;");
}

SCENARIO("a client that waits for a refused revision gets the reason") {
  const std::vector<std::pair<order::refusal, std::string>> reasons{
    {order::refusal::out_of_stock, "out_of_stock;"},
    {order::refusal::payment_declined, "provider_refused;"},
    {order::refusal::too_late, "provider_refused;"},
    {order::refusal::order_ended, "illegal_transition;"}};
  for (const auto& [reason, code] : reasons) {
    told.clear();
    auto& revisions = under_revision(order, 2);
    wait(until_revised{2});
    revisions.wanted.reset();
    revisions.refused = order::refused_revision{2, reason, "sorry"};
    waiters.answer(order, start);
    CHECK_EQ(told, code);
  }
}

SCENARIO("the refusal of a former revision is no answer to a later one") {
  auto& revisions = under_revision(order, 2);
  revisions.refused = order::refused_revision{1, order::refusal::too_late, "sorry"};
  wait(until_revised{2});
  waiters.answer(order, start);
  CHECK_EQ(told, "");
  revisions.wanted.reset();
  waiters.answer(order, start);
  CHECK_EQ(told, "version 1;");
}

SCENARIO("when the order moves, waiting requests go to its new owner, unless they were carried out here") {
  waiters.add({{&told}, until_at_rest{}, start + 1s, await_order{order.id, true, start + 1s, {}}});
  change_order change;
  change.id = order.id;
  waiters.add({{&told}, until_revised{1}, {}, change});
  wait(until_at_rest{}, start + 1s);
  waiters.leave(order, [](const fake_promise& promise, const auto& message) {
    *promise.told += std::is_same_v<std::decay_t<decltype(message)>, await_order> ? "await again;" : "change again;";
  });
  CHECK_EQ(told, "await again;change again;version 1;");
  waiters.answer(order, start + 1h);
  CHECK_EQ(told, "await again;change again;version 1;");
}

END_FIXTURE_SCOPE()
