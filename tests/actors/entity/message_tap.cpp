#define CAF_SUITE actors.message_tap
#include "actors/entity/tap/message_tracer.hpp"
#include "domain/base/errors.hpp"
#include "tests/actors/support/order_node.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

/// One who traces an order on the node.
struct watcher {
  order_id order;
  std::uint64_t asker = 1;
  std::vector<seen_messages> seen = {};
  std::vector<traced_message> messages = {};
  std::uint64_t dropped = 0;
};

struct fixture : order_node {
  fixture() : tracer(spawn_message_tracer(sys, "test", services().tap)) {}

  ~fixture() override {
    caf::anon_send_exit(tracer, caf::exit_reason::user_shutdown);
    consume_messages();
  }

  result<message_trace> fetch(const watcher& by, bool ends = false) {
    return ask<message_trace>(
      tracer,
      trace_messages{.order = by.order.value, .asker = by.asker, .seen = by.seen, .everywhere = false, .ends = ends});
  }

  /// What was noted since the last time.
  void look(watcher& by) {
    auto answer = fetch(by);
    CAF_REQUIRE(answer.has_value());
    const auto& noted = answer->nodes.at(0);
    const std::uint64_t before = by.seen.empty() ? 0 : by.seen.front().count;
    by.dropped += noted.before - before;
    by.seen = {{noted.node, noted.since, noted.before + noted.messages.size()}};
    by.messages.insert(by.messages.end(), noted.messages.begin(), noted.messages.end());
  }

  /// Places the order and looks on until it is in the status and nothing is under way.
  void follow(watcher& by, const place_order& command, order::status until) {
    look(by);
    CAF_REQUIRE(ask<order_placed>(orders, command).has_value());
    run_to("the end of the order", [&] {
      look(by);
      return listed(command.id).status == until;
    });
    consume_messages();
    look(by);
  }

  message_tracer_actor tracer;
  bool let_through = false;
};

std::string text_of(const traced_message& x) {
  return std::string{name_of(x.kind)} + ' ' + x.name;
}

/// The first of `expected` that does not come behind those before it; empty: all come in their order.
std::string missing_in(const std::vector<traced_message>& messages, const std::vector<std::string>& expected) {
  auto at = messages.begin();
  for (const auto& next : expected) {
    at = std::find_if(at, messages.end(), [&](const traced_message& x) { return text_of(x) == next; });
    if (at == messages.end())
      return next;
    ++at;
  }
  return {};
}

/// The first one of that kind and name; one without a name if there is none.
traced_message first(const std::vector<traced_message>& messages, const std::string& text) {
  const auto found = std::ranges::find(messages, text, text_of);
  return found == messages.end() ? traced_message{} : *found;
}

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("the story of a traced order has its messages and their answers in their order, and nothing that is in them") {
  const auto product = stock_up(10);
  const auto command = order_for({line_of(product, 2)}, "tok_ok", "Secret Street 7");
  watcher by{command.id};
  follow(by, command, order::status::completed);
  CHECK_EQ(missing_in(by.messages, {"message place_order", "message reserve_stock", "answer reserve_stock",
                                    "message authorize_payment", "message provider_request", "answer provider_request",
                                    "answer authorize_payment", "message request_delivery", "answer request_delivery",
                                    "message delivery_ended", "message capture_payment", "answer capture_payment"}),
           "");
  CHECK_EQ(missing_in(by.messages, {"message request_delivery", "message find_courier", "answer find_courier",
                                    "message offer_delivery", "message courier_says", "message delivery_ended",
                                    "message commit_stock", "answer commit_stock"}),
           "");
  const auto payment = sibling_id<payment_id>(command.id).value;
  const auto delivery = sibling_id<delivery_id>(command.id).value;
  const auto placed = first(by.messages, "message place_order");
  CHECK_EQ(placed.to_kind, "order");
  CHECK_EQ(placed.to, command.id.value);
  CHECK(placed.from_process.empty());
  const auto reserved = first(by.messages, "message reserve_stock");
  CHECK_EQ(reserved.from, command.id.value);
  CHECK_EQ(reserved.to_kind, "product");
  CHECK_EQ(reserved.to, product.value);
  const auto stock = first(by.messages, "answer reserve_stock");
  CHECK_EQ(stock.from, product.value);
  CHECK_EQ(stock.to, command.id.value);
  CHECK_EQ(stock.outcome, "ok");
  CHECK_EQ(stock.detail, "reserved");
  const auto asked = first(by.messages, "message provider_request");
  CHECK_EQ(asked.from, payment);
  CHECK_EQ(asked.to, "provider");
  CHECK_EQ(asked.detail, "authorize");
  CHECK_EQ(first(by.messages, "answer provider_request").outcome, "approved");
  CHECK_EQ(first(by.messages, "answer authorize_payment").detail, "authorized");
  CHECK_EQ(first(by.messages, "message courier_says").from, "courier");
  CHECK_EQ(first(by.messages, "message delivery_ended").from, delivery);
  CHECK_EQ(by.dropped, 0u);
  for (const auto& message : by.messages)
    for (const auto& text : {message.from, message.to, message.outcome, message.detail})
      CHECK(text.find("tok_ok") == std::string::npos && text.find("Secret") == std::string::npos);
  CHECK(std::ranges::is_sorted(by.messages, {}, &traced_message::at));
}

SCENARIO("a trace has no messages of other orders, not even those to the same product") {
  const auto product = stock_up(10);
  const auto command = order_for({line_of(product, 1)});
  const auto other = order_for({line_of(product, 1)});
  watcher by{command.id};
  look(by);
  auto placed = send<order_placed>(orders, other);
  follow(by, command, order::status::completed);
  CHECK(rest_of(other.id).status == order::status::completed);
  look(by);
  const auto suffix = other.id.value.substr(order_id::prefix().size());
  for (const auto& message : by.messages)
    CHECK(message.from.find(suffix) == std::string::npos && message.to.find(suffix) == std::string::npos);
  CHECK_EQ(std::ranges::count(by.messages, "message reserve_stock", text_of), 1);
}

SCENARIO("an answer that is an error is told with its code and words") {
  const auto product = stock_up(10);
  CAF_REQUIRE(ask<product_view>(products, withdraw_product{product, 0, {}}).has_value());
  const auto command = order_for({line_of(product, 1)});
  watcher by{command.id};
  follow(by, command, order::status::cancelled);
  const auto refused = first(by.messages, "answer reserve_stock");
  CHECK_EQ(refused.from, product.value);
  CHECK_EQ(refused.outcome, "product_withdrawn");
  CHECK_EQ(refused.detail, "the product is withdrawn");
}

SCENARIO("a payment that is declined says so, and one without an answer is asked for by a timer") {
  const auto product = stock_up(10);
  const auto declined = order_for({line_of(product, 1)}, "tok_declined");
  watcher by{declined.id};
  follow(by, declined, order::status::rejected);
  CHECK_EQ(first(by.messages, "answer provider_request").outcome, "declined");
  CHECK_EQ(missing_in(by.messages, {"answer authorize_payment", "message release_stock", "answer release_stock"}), "");
  const auto silent = order_for({line_of(product, 1)}, "tok_timeout_charged");
  watcher of_silent{silent.id};
  follow(of_silent, silent, order::status::completed);
  CHECK_EQ(missing_in(of_silent.messages, {"message provider_request", "message wake_up", "message provider_lookup",
                                           "answer provider_lookup"}),
           "");
  const auto woken = first(of_silent.messages, "message wake_up");
  CHECK_EQ(woken.from, "timer");
}

SCENARIO("a step that is taken again says why") {
  const auto product = stock_up(10);
  detours.push_back(spawn_detour(sys, direct().products, [this](const caf::message&) { return fate{let_through}; }));
  auto handles = direct();
  handles.products = caf::actor_cast<caf::strong_actor_ptr>(detours.back());
  connect(handles);
  const auto command = order_for({line_of(product, 1)});
  watcher by{command.id};
  look(by);
  CAF_REQUIRE(ask<order_placed>(orders, command).has_value());
  run_to("a second attempt", [&] {
    look(by);
    return first(by.messages, "retry reserve_stock").kind == traced_kind::retry;
  });
  const auto again = first(by.messages, "retry reserve_stock");
  CHECK_EQ(again.outcome, "no_answer");
  CHECK_EQ(again.to, command.id.value);
  let_through = true;
  CHECK(rest_of(command.id).status == order::status::completed);
}

SCENARIO("nothing is noted while nobody traces") {
  const auto product = stock_up(10);
  CHECK(!services().tap->is_on());
  const auto command = order_for({line_of(product, 1)});
  run_to_status(command, order::status::completed);
  CHECK(!services().tap->is_on());
  watcher by{command.id};
  look(by);
  CHECK(services().tap->is_on());
  CHECK_EQ(by.messages.size(), 0u);
  CHECK_EQ(by.dropped, 0u);
}

SCENARIO("a trace whose asker is gone ends, and leaves nothing behind") {
  const auto product = stock_up(10);
  const auto command = order_for({line_of(product, 1)});
  watcher by{command.id};
  look(by);
  pass(6s);
  CHECK(services().tap->is_on());
  look(by);
  pass(6s);
  CHECK(services().tap->is_on());
  pass(6s);
  CHECK(!services().tap->is_on());
  CAF_REQUIRE(ask<order_placed>(orders, command).has_value());
  rest_of(command.id);
  look(by);
  CHECK_EQ(by.messages.size(), 0u);
}

SCENARIO("an asker who has seen enough ends the trace at once") {
  watcher by{make_id<order_id>()};
  watcher second{by.order, 2};
  look(by);
  look(second);
  CAF_REQUIRE(fetch(by, true).has_value());
  CHECK(services().tap->is_on());
  CAF_REQUIRE(fetch(second, true).has_value());
  CHECK(!services().tap->is_on());
  // A second end, or that of a trace that was given up, begins none.
  CAF_REQUIRE(fetch(second, true).has_value());
  CHECK(!services().tap->is_on());
}

SCENARIO("two who trace one order see all of it each, and an answer that was lost is given again") {
  const auto product = stock_up(10);
  const auto command = order_for({line_of(product, 1)});
  watcher first_one{command.id, 1};
  watcher second{command.id, 2};
  look(first_one);
  look(second);
  run_to_status(command, order::status::completed);
  const auto lost = fetch(first_one).value();
  look(first_one);
  CHECK_EQ(lost.nodes.at(0).messages.size(), first_one.messages.size());
  look(second);
  CHECK_EQ(second.messages.size(), first_one.messages.size());
  CHECK(second.messages.size() > 10);
  look(first_one);
  CHECK_EQ(second.messages.size(), first_one.messages.size());
}

SCENARIO("a node traces eight orders at once, and what is none is refused") {
  std::vector<watcher> all(8);
  for (auto& by : all) {
    by.order = make_id<order_id>();
    look(by);
  }
  watcher ninth{make_id<order_id>()};
  CHECK_EQ(fetch(ninth).error().code, ec::overloaded);
  CAF_REQUIRE(fetch(all.front(), true).has_value());
  CHECK(fetch(ninth).has_value());
  CHECK_EQ(fetch(watcher{order_id{"prd_00000000000000000001"}}).error().code, ec::invalid_argument);
}

SCENARIO("a trace keeps a bounded number of messages, and its asker can tell how many were dropped") {
  message_tap tap{{.messages = 3}};
  const auto order = make_id<order_id>();
  trace_messages query{.order = order.value, .asker = 1, .seen = {}};
  const auto begun = time();
  const auto fetch_all = [&] { return tap.fetch(query, "test", begun, {}).value(); };
  CHECK_EQ(fetch_all().before, 0u);
  const auto note = [&](const std::string& name) {
    tap.note(order.value, {}, [&](const std::string&) {
      traced_message made;
      made.name = name;
      return made;
    });
  };
  for (const auto* name : {"1", "2", "3", "4", "5"})
    note(name);
  auto noted = fetch_all();
  CHECK_EQ(noted.before, 2u);
  REQUIRE_EQ(noted.messages.size(), 3u);
  CHECK_EQ(noted.messages.front().name, "3");
  // What was seen is no loss.
  query.seen = {{"test", begun, 5}};
  note("6");
  noted = fetch_all();
  CHECK_EQ(noted.before, 5u);
  REQUIRE_EQ(noted.messages.size(), 1u);
  // What was seen of a trace before this one says nothing.
  query.seen = {{"test", begun - 1s, 100}};
  CHECK_EQ(fetch_all().messages.size(), 1u);
}

END_FIXTURE_SCOPE()
