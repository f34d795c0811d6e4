#define CAF_SUITE actors.bulk_action
#include "actors/bulk/bulk_action_region.hpp"
#include "domain/base/errors.hpp"
#include "tests/actors/support/order_node.hpp"

#include <algorithm>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

const provenance operator_one{"req_1", {}, "00-trace", "operator", "usr_1"};
const provenance operator_two{"req_2", {}, {}, "operator", "usr_2"};

/// Orders have ten minutes before they are dispatched: that long they can be held and changed.
order_node::options with_grace() {
  order_node::options chosen;
  chosen.orders.limits.grace = 10min;
  chosen.orders.limits.dispatch = 20min;
  return chosen;
}

struct fixture : order_node {
  fixture() : order_node(with_grace()) {}

  ~fixture() override { end_bulk(); }

  /// `orders_seen_as`: the way to the orders, maybe with a detour.
  void start_bulk(const caf::strong_actor_ptr& orders_seen_as = nullptr) {
    auto services = spawn_services();
    journals_.push_back(services.journals.front());
    readers_.push_back(services.reader);
    bulk_action_settings settings;
    settings.at_once = 2;
    settings.limits = with_grace().orders.limits;
    bulk = spawn_bulk_action_region(sys, services, settings);
    auto handles = direct();
    if (orders_seen_as)
      handles.orders = orders_seen_as;
    caf::anon_send(bulk, handles);
    place_all(bulk);
  }

  /// As a crash would.
  void end_bulk() {
    for (const auto& journal : std::exchange(journals_, {}))
      caf::anon_send_exit(journal, caf::exit_reason::kill);
    for (const auto& reader : std::exchange(readers_, {}))
      caf::anon_send_exit(reader, caf::exit_reason::kill);
    if (bulk)
      caf::anon_send_exit(bulk, caf::exit_reason::user_shutdown);
    bulk = nullptr;
    consume_messages();
  }

  /// Orders that wait in their grace.
  std::vector<order_id> place_many(int count) {
    const auto product = stock_up(100);
    std::vector<order_id> ids;
    for (int i = 0; i < count; ++i) {
      const auto command = order_for({line_of(product, 1)});
      run_to_status(command, order::status::confirmed);
      ids.push_back(command.id);
    }
    return ids;
  }

  start_bulk_action action_on(std::vector<order_id> ids, bulk::action action) {
    start_bulk_action command;
    command.id = make_id<bulk_action_id>();
    command.action = action;
    command.reason = "all of them";
    command.orders = std::move(ids);
    command.fingerprint = "f";
    command.origin = operator_one;
    return command;
  }

  bulk::state state_of(const bulk_action_id& id) {
    auto state = ask<bulk::state>(bulk, get_bulk_action{id});
    CAF_REQUIRE(state.has_value());
    return *state;
  }

  bulk::state start(const start_bulk_action& command) {
    auto started = ask<bulk_action_started>(bulk, command);
    CAF_REQUIRE(started.has_value());
    return started->bulk_action;
  }

  bulk::state end_of(const bulk_action_id& id) {
    run_to("the end of the bulk action", [&] {
      const auto types = types_of(id.value);
      return !types.empty() && types.back() == bulk::ended::type;
    });
    return state_of(id);
  }

  std::vector<stored_event> events_of(const std::string& stream, const std::string& type) const {
    std::vector<stored_event> events;
    for (const auto& event : database.log())
      if (event.stream == stream && event.type == type)
        events.push_back(event);
    return events;
  }

  caf::strong_actor_ptr detour_to_orders(std::function<fate(const caf::message&)> choose) {
    detours.push_back(spawn_detour(sys, direct().orders, std::move(choose)));
    return caf::actor_cast<caf::strong_actor_ptr>(detours.back());
  }

  static std::string words_of(const bulk::state& action) {
    std::string text;
    for (const auto& item : action.items)
      text += (text.empty() ? "" : " ") + (item.code.empty() ? std::string{name_of(item.status)} : item.code);
    return text;
  }

  bulk_action_region_actor bulk;

private:
  std::vector<journal_actor> journals_;
  std::vector<reader_actor> readers_;
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("each order is changed as by a single action, in the name of the operator who started the bulk action") {
  start_bulk();
  const auto ids = place_many(5);
  const auto command = action_on(ids, bulk::action::hold);
  CHECK(start(command).status == bulk::status::running);
  const auto ended = end_of(command.id);
  CHECK(ended.status == bulk::status::finished);
  CHECK_EQ(words_of(ended), "done done done done done");
  for (const auto& id : ids) {
    const auto held = events_of(id.value, "order.held");
    REQUIRE_EQ(held.size(), 1u);
    CHECK_EQ(held[0].origin.by_kind, "operator");
    CHECK_EQ(held[0].origin.by_id, "usr_1");
    CHECK_EQ(held[0].origin.correlation_id, "req_1");
    CHECK_EQ(held[0].origin.traceparent, "00-trace");
    CHECK_EQ(held[0].origin.causation_id, command.id.value + "/" + id.value);
  }
  // The intent comes before the command, in rounds of two.
  CHECK_EQ(events_of(command.id.value, "bulk_action.orders_begun").size(), 3u);
  const auto releases = action_on(ids, bulk::action::release);
  start(releases);
  CHECK_EQ(words_of(end_of(releases.id)), "done done done done done");
  for (const auto& id : ids)
    CHECK(!order_of(id).hold);
  const auto cancels = action_on(ids, bulk::action::cancel);
  start(cancels);
  CHECK_EQ(words_of(end_of(cancels.id)), "done done done done done");
  for (const auto& id : ids)
    CHECK_EQ(rest_of(id).status, order::status::cancelled);
}

SCENARIO("an order that refuses gives its reason, and the others continue") {
  start_bulk();
  auto ids = place_many(2);
  ids.insert(ids.begin() + 1, make_id<order_id>());
  const auto over = order_for({line_of(stock_up(0, "gone"), 1)});
  run_to_status(over, order::status::rejected);
  ids.push_back(over.id);
  const auto command = action_on(ids, bulk::action::hold);
  start(command);
  const auto ended = end_of(command.id);
  CHECK_EQ(words_of(ended), "done not_found done illegal_transition");
  CHECK(!ended.items[3].detail.empty());
}

SCENARIO("a dry run changes nothing and predicts what the real run does") {
  start_bulk();
  auto ids = place_many(3);
  ids.push_back(make_id<order_id>());
  const auto over = order_for({line_of(stock_up(0, "gone"), 1)});
  run_to_status(over, order::status::rejected);
  ids.push_back(over.id);
  for (const auto action : {bulk::action::hold, bulk::action::retry, bulk::action::resolve, bulk::action::cancel}) {
    auto preview = action_on(ids, action);
    preview.dry_run = true;
    const auto events = database.log().size();
    start(preview);
    const auto expected = words_of(end_of(preview.id));
    const auto log = database.log();
    for (auto i = events; i < log.size(); ++i)
      CHECK_EQ(log[i].stream, preview.id.value);
    CHECK(events_of(preview.id.value, "bulk_action.orders_begun").empty());
    const auto real = action_on(ids, action);
    start(real);
    CHECK_EQ(words_of(end_of(real.id)), expected);
  }
}

SCENARIO("a dry run knows that a courier is under way") {
  start_bulk();
  const auto under_way = order_for({line_of(stock_up(10), 1)}, "tok_ok", "Main Street 1 [couriers: hold, complete]");
  run_to_status(under_way, order::status::confirmed);
  pass(10min);
  run_to("the courier", [&] {
    const auto types = types_of(sibling_id<delivery_id>(under_way.id).value);
    return std::find(types.begin(), types.end(), "delivery.started") != types.end();
  });
  auto preview = action_on({under_way.id}, bulk::action::cancel);
  preview.dry_run = true;
  start(preview);
  CHECK_EQ(words_of(end_of(preview.id)), "illegal_transition");
}

SCENARIO("a bounded number of orders is processed at once") {
  const auto ids = place_many(7);
  start_bulk();
  const auto command = action_on(ids, bulk::action::hold);
  start(command);
  CHECK_EQ(words_of(end_of(command.id)), "done done done done done done done");
  bulk::state replayed;
  std::size_t most = 0;
  for (const auto& event : database.log()) {
    if (event.stream != command.id.value)
      continue;
    bulk::apply(replayed, decode_event<bulk::event>(event.type, event.schema, event.data).value(), event.at);
    most = std::max(most, bulk::count_of(replayed, bulk::item_status::begun));
  }
  CHECK_EQ(most, 2u);
}

SCENARIO("after a crash between a command and its record, no order gets the command twice") {
  const auto ids = place_many(4);
  // The answers are lost: all that is known is that the commands were to be sent.
  start_bulk(
    detour_to_orders([](const caf::message& message) { return fate{.mute = message.match_elements<hold_order>()}; }));
  const auto command = action_on(ids, bulk::action::hold);
  start(command);
  run_to("the first holds", [&] { return count_of("order.held") == 2; });
  CHECK(events_of(command.id.value, "bulk_action.orders_ended").empty());
  end_bulk();
  // Meanwhile an operator releases one of them.
  CAF_REQUIRE(ask<order::state>(orders, release_order{ids[0], "fine", 0, operator_two, of_everything()}).has_value());
  start_bulk();
  const auto ended = end_of(command.id);
  CHECK_EQ(words_of(ended), "done done done done");
  for (const auto& id : ids)
    CHECK_EQ(events_of(id.value, "order.held").size(), 1u);
  CHECK(!order_of(ids[0]).hold);
  CHECK(order_of(ids[1]).hold.has_value());
}

SCENARIO("an order that somebody else has changed meanwhile is decided again on its new state") {
  const auto ids = place_many(2);
  int held_back = 0;
  start_bulk(detour_to_orders([&](const caf::message& message) {
    const bool first = message.match_elements<hold_order>() && held_back < 2;
    held_back += first ? 1 : 0;
    return fate{.delay = first ? caf::timespan{1s} : caf::timespan{0}};
  }));
  const auto command = action_on(ids, bulk::action::hold);
  start(command);
  run_to("the commands are on their way", [&] { return held_back == 2; });
  const change_order change{ids[0], "c", {}, "ring twice", {}, 0, operator_two, of_everything()};
  CAF_REQUIRE(ask<order::state>(orders, change).has_value());
  CHECK_EQ(words_of(end_of(command.id)), "done done");
  for (const auto& id : ids)
    CHECK_EQ(events_of(id.value, "order.held").size(), 1u);
  CHECK_EQ(order_of(ids[0]).note, "ring twice");
}

SCENARIO("a stopped bulk action leaves the orders alone that it has not begun") {
  const auto ids = place_many(6);
  start_bulk(detour_to_orders([](const caf::message& message) {
    return fate{.delay = message.match_elements<hold_order>() ? caf::timespan{1s} : caf::timespan{0}};
  }));
  const auto command = action_on(ids, bulk::action::hold);
  start(command);
  run_to("the first are begun", [&] { return !events_of(command.id.value, "bulk_action.orders_begun").empty(); });
  const auto stopping = ask<bulk::state>(bulk, stop_bulk_action{command.id, operator_two});
  CAF_REQUIRE(stopping.has_value());
  CHECK(stopping->status == bulk::status::stopping);
  const auto ended = end_of(command.id);
  CHECK(ended.status == bulk::status::stopped);
  CHECK_EQ(words_of(ended), "done done pending pending pending pending");
  CHECK_EQ(count_of("order.held"), 2u);
  CHECK_EQ(events_of(command.id.value, "bulk_action.stop_requested").front().origin.by_id, "usr_2");
}

SCENARIO("orders that do not answer are asked again, and finally given up one by one") {
  const auto ids = place_many(3);
  bool reachable = false;
  start_bulk(detour_to_orders([&](const caf::message&) { return fate{reachable}; }));
  const auto command = action_on(ids, bulk::action::hold);
  start(command);
  pass(15s);
  CHECK(bulk::is_under_way(state_of(command.id)));
  reachable = true;
  CHECK_EQ(words_of(end_of(command.id)), "done done done");
  reachable = false;
  const auto never = action_on(ids, bulk::action::release);
  start(never);
  CHECK_EQ(words_of(end_of(never.id)), "timed_out timed_out timed_out");
  CHECK_EQ(count_of("order.released"), 0u);
}

SCENARIO("a repeated start gets the first answer, and an unknown bulk action is not found") {
  start_bulk();
  const auto command = action_on(place_many(1), bulk::action::hold);
  start(command);
  const auto again = ask<bulk_action_started>(bulk, command);
  CAF_REQUIRE(again.has_value());
  CHECK(again->replayed);
  auto other = command;
  other.fingerprint = "g";
  CHECK_EQ(ask<bulk_action_started>(bulk, other).error().code, ec::idempotency_key_reused);
  CHECK_EQ(ask<bulk::state>(bulk, get_bulk_action{make_id<bulk_action_id>()}).error().code, ec::not_found);
  CHECK_EQ(ask<bulk::state>(bulk, stop_bulk_action{make_id<bulk_action_id>(), operator_one}).error().code,
           ec::not_found);
  end_of(command.id);
  CHECK_EQ(count_of("order.held"), 1u);
}

END_FIXTURE_SCOPE()
