#define CAF_SUITE actors.event_feed
#include "tests/actors/support/audit.hpp"

#include "actors/feed/event_feed.hpp"
#include "domain/base/errors.hpp"

#include <algorithm>
#include <set>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

struct fixture : order_node {
  explicit fixture(options chosen = {})
    : order_node(std::move(chosen)), feed(spawn_event_feed(sys, settings(), services().reader)) {}

  ~fixture() override {
    caf::anon_send_exit(feed, caf::exit_reason::user_shutdown);
    consume_messages();
  }

  static event_feed_settings settings() { return {.tail_size = 20, .page_size = 7}; }

  /// Reads from `after` on until there is nothing new within `wait`.
  std::vector<std::string> follow(log_position after, const event_filter& filter, milliseconds wait) {
    std::vector<std::string> seen;
    for (;;) {
      // A feed's page cannot be sent between nodes, but within one.
      auto page = ask<feed_page>(feed, read_feed{after, filter, 5, wait});
      CAF_REQUIRE(page.has_value());
      if (page->events.empty())
        return seen;
      for (const auto& event : page->events) {
        CHECK(after < event->position);
        after = event->position;
        seen.push_back(event_id(*event));
      }
      CHECK(after <= page->next);
      after = page->next;
    }
  }

  std::vector<std::string> logged(const event_filter& filter = {}) const {
    std::vector<std::string> ids;
    for (const auto& event : database.log())
      if (matches(filter, event))
        ids.push_back(event_id(event));
    return ids;
  }

  void place_some(int count) {
    for (int i = 0; i < count; ++i)
      send<order_placed>(orders, order_for({line_of(product, 1)}));
  }

  product_id product = stock_up(1'000);
  event_feed_actor feed;
};

/// Confirmed orders wait a minute for their dispatch, and can be changed.
struct patient_fixture : fixture {
  patient_fixture() : fixture(with_grace()) {}

  static options with_grace() {
    options chosen;
    chosen.orders.limits.grace = 60s;
    return chosen;
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("G6: a subscriber from the beginning of a growing log sees each event once, in order, without a gap") {
  place_some(20);
  const auto seen = follow({}, {}, 1s);
  CHECK_EQ(seen, logged());
  CHECK(seen.size() > 100);
}

SCENARIO("G6: a current subscriber is served from the tail, one far behind from the log, both without a gap") {
  auto live = send<feed_page>(feed, read_feed{{0, database.log().size()}, {}, 100, 1h});
  place_some(1);
  run_to("a live event", [&] { return live->has_value(); });
  CHECK_EQ((*live)->value().events.front()->type, "order.placed");
  place_some(30);
  pass(60s); // until no order moves any more
  const auto all = logged();
  for (const std::size_t from : {std::size_t{1}, all.size() / 2, all.size() - 25, all.size() - 20, all.size() - 3})
    CHECK_EQ(follow({0, from}, {}, 200ms),
             (std::vector<std::string>(all.begin() + static_cast<long>(from), all.end())));
}

SCENARIO("G6: a feed that starts behind a long log shows all of it") {
  place_some(10);
  pass(60s); // until no order moves any more
  const auto before = database.log().size();
  CHECK(before > 50);
  // The tail begins at the present end of the log: earlier events are always read from the log.
  auto live = send<feed_page>(feed, read_feed{{0, before}, {}, 100, 1h});
  place_some(1);
  run_to("a live event", [&] { return live->has_value(); });
  pass(60s);
  CHECK_EQ(follow({}, {}, 200ms), logged());
}

SCENARIO("G6: a filter passes every matching event") {
  place_some(10);
  const event_filter filter{{"order.*"}, {}, {}, customer.value};
  const auto seen = follow({}, filter, 1s);
  CHECK_EQ(seen, logged(filter));
  CHECK(seen.size() > 50);
  const event_filter none{{"user.*"}, {}, {}, {}};
  CHECK(follow({}, none, 100ms).empty());
}

SCENARIO("G6: each of many subscribers with their own filter gets all matching events and no others") {
  struct follower {
    event_filter filter;
    log_position after;
    pending<feed_page> live;
    std::vector<std::string> seen;
  };
  std::vector<follower> followers;
  std::vector<place_order> wishes;
  for (int i = 0; i < 12; ++i) {
    auto& wish = wishes.emplace_back(order_for({line_of(product, 1)}));
    wish.customer = make_id<customer_id>();
    followers.push_back({{{}, {}, {}, wish.customer.value}, {}, {}, {}});
    followers.push_back({{{"order.*", "delivery.completed"}, {}, {}, wish.customer.value}, {}, {}, {}});
    followers.push_back({{{}, {}, wish.id.value, {}}, {}, {}, {}});
    followers.push_back({{{"payment.*"}, {}, wish.id.value, wish.customer.value}, {}, {}, {}});
    followers.push_back({{{}, sibling_id<delivery_id>(wish.id).value, {}, {}}, {}, {}, {}});
    followers.push_back({{{}, wish.id.value, {}, make_id<customer_id>().value}, {}, {}, {}});
  }
  followers.push_back({{{"stock.*"}, product.value, {}, {}}, {}, {}, {}});
  followers.push_back({{{"order.completed"}, {}, {}, {}}, {}, {}, {}});
  followers.push_back({{{"order.completed"}, {}, {}, {}}, {}, {}, {}});
  // Couriers who have had deliveries, and will have more.
  place_some(12);
  pass(60s);
  std::set<std::string> busy;
  for (const auto& event : database.log())
    if (const auto at = event.data.find(R"("courier":"cur_)"); at != std::string::npos)
      busy.insert(event.data.substr(at + 11, event.data.find('"', at + 11) - at - 11));
  CHECK(busy.size() > 1);
  for (const auto& courier : busy)
    followers.push_back({{{}, {}, {}, make_id<customer_id>().value, courier}, {}, {}, {}});
  // A courier with nothing to do must not get what others with the same types get.
  followers.push_back({{{"order.completed"}, {}, {}, {}, make_id<courier_id>().value}, {}, {}, {}});
  followers.push_back({{{}, {}, {}, wishes.front().customer.value, make_id<courier_id>().value}, {}, {}, {}});
  const auto take = [&](follower& follower) {
    if (follower.live && !follower.live->has_value())
      return;
    if (follower.live) {
      CAF_REQUIRE((*follower.live)->has_value());
      for (const auto& event : (*follower.live)->value().events)
        follower.seen.push_back(event_id(*event));
      follower.after = (*follower.live)->value().next;
    }
    follower.live = send<feed_page>(feed, read_feed{follower.after, follower.filter, 3, 20s});
  };
  for (int round = 0; round < 600; ++round) {
    if (round < 12)
      send<order_placed>(orders, wishes[static_cast<std::size_t>(round)]);
    std::ranges::for_each(followers, take);
    pass(100ms);
  }
  for (const auto& follower : followers)
    CHECK_EQ(follower.seen, logged(follower.filter));
}

SCENARIO("a subscriber that waits for events in vain gets an empty page at its time-out") {
  const auto end = log_position{0, database.log().size()};
  const auto begin = time();
  const auto page = ask<feed_page>(feed, read_feed{end, {}, 5, 2s});
  CAF_REQUIRE(page.has_value());
  CHECK(page->events.empty());
  CHECK(page->next == end);
  CHECK(time() - begin >= 2s && time() - begin < 3s);
}

SCENARIO("G6: a read that does not wait gets new events, even when no subscriber keeps the tail up to date") {
  CHECK_EQ(follow({}, {}, 0ms), logged());
  place_some(3);
  pass(1s);
  CHECK_EQ(follow({}, {}, 0ms), logged());
}

SCENARIO("G6: a subscriber behind a removed event gets an error, and can begin with the oldest kept event") {
  place_some(10);
  pass(60s);
  const auto all = logged();
  database.remove_events(20);
  for (const auto wait : {0ms, 1'000ms}) {
    const auto page = ask<feed_page>(feed, read_feed{{0, 19}, {}, 5, wait});
    CAF_REQUIRE(!page.has_value());
    CHECK(page.error().code == ec::cursor_expired);
  }
  const auto page = ask<feed_page>(feed, read_feed{{}, {}, 1, 1s, true});
  CAF_REQUIRE(page.has_value());
  CHECK_EQ(event_id(*page->events.front()), all[20]);
  CHECK_EQ(follow({0, 20}, {}, 200ms), (std::vector<std::string>(all.begin() + 20, all.end())));
}

SCENARIO("G6: a tail whose next events were removed begins anew, and no subscriber gets a needless error") {
  const auto tail = ask<feed_page>(feed, read_feed{{0, database.log().size()}, {}, 5, 1s});
  CAF_REQUIRE(tail.has_value());
  place_some(10);
  pass(60s);
  const auto end = database.log().size();
  database.remove_events(end - 3);
  auto live = send<feed_page>(feed, read_feed{{0, end}, {}, 5, 1h});
  auto late = send<feed_page>(feed, read_feed{tail->next, {}, 5, 1h});
  auto exact = send<feed_page>(feed, read_feed{{0, end - 3}, {}, 5, 1h});
  pass(1s);
  CAF_REQUIRE(late->has_value() && !(*late)->has_value());
  CHECK((*late)->error().code == ec::cursor_expired);
  CAF_REQUIRE(exact->has_value() && (*exact)->has_value());
  CHECK_EQ((*exact)->value().events.size(), 3u);
  CHECK(!live->has_value());
  place_some(1);
  run_to("a live event", [&] { return live->has_value(); });
  CHECK_EQ((*live)->value().events.front()->type, "order.placed");
}

SCENARIO("G11: a subscriber at the end of a replaced log gets an error, and one that begins anew sees the new log") {
  place_some(2);
  pass(5s);
  const auto backup = database.save();
  place_some(2);
  pass(5s);
  const auto end = database.open_query()->run(get_log_end{}).value();
  auto live = send<feed_page>(feed, read_feed{end, {}, 5, 60s});
  pass(1s);
  database.restore(*backup);
  pass(1s);
  CAF_REQUIRE(live && *live);
  CAF_REQUIRE((*live)->has_error());
  CHECK_EQ((*live)->error().code, ec::cursor_expired);
  const auto late = ask<feed_page>(feed, read_feed{end, {}, 5, 0ms});
  CHECK(late.has_error() && late.error().code == ec::cursor_expired);
  CHECK_EQ(follow({}, {}, 0ms), logged());
}

END_FIXTURE_SCOPE()

BEGIN_FIXTURE_SCOPE(patient_fixture)

SCENARIO("a subscriber of an order gets the events of its second payment, which a revision made") {
  const auto wish = order_for({line_of(product, 1)});
  send<order_placed>(orders, wish);
  pass(1s);
  const event_filter filter{{"payment.*"}, {}, wish.id.value, wish.customer.value};
  const log_position end{0, database.log().size()};
  auto live = send<feed_page>(feed, read_feed{end, filter, 5, 20s});
  const provenance by{"req", "", "", "operator", "usr_1"};
  const auto revised =
    ask<order::state>(orders, change_order{wish.id, "more", {}, {}, {{line_of(product, 3)}}, 0, by, of_everything()});
  CAF_REQUIRE(revised.has_value());
  pass(1s);
  CAF_REQUIRE(live && *live && (*live)->has_value());
  const auto& events = (*live)->value().events;
  CAF_REQUIRE(!events.empty());
  CHECK_EQ(events.front()->stream, order::payment_of(wish.id, 1).value);
  // The same from the log, with the first payment in front of it.
  const auto seen = follow({}, filter, 0ms);
  CHECK_EQ(seen, logged(filter));
  CHECK(std::ranges::find(seen, event_id(*events.front())) != seen.end());
}

END_FIXTURE_SCOPE()
