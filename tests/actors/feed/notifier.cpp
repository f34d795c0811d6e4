#include "domain/base/errors.hpp"

#define CAF_SUITE actors.notifier
#include "tests/actors/support/audit.hpp"

#include "actors/feed/notifier.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

struct fixture : order_node {
  ~fixture() override { end_notifiers(); }

  void begin(const std::string& node = "test") {
    begin_on(node);
    place(node, {node, caf::actor_cast<caf::strong_actor_ptr>(notifiers.back())});
  }

  void begin_on(const std::string& node) {
    auto own = services();
    own.node = node;
    notifiers.push_back(spawn_notifier(sys, own, {}));
  }

  /// Tells the last notifier, which is on `node`, whose notifications are kept where.
  void place(const std::string& node, const region_peer& owner) {
    caf::anon_send(notifiers.back(), placement{1, node, {owner}});
  }

  void end_notifiers() {
    for (const auto& notifier : std::exchange(notifiers, {}))
      caf::anon_send_exit(notifier, caf::exit_reason::kill);
    consume_messages();
  }

  std::vector<stored_notification> notifications(bool unread_only = false) const {
    return database.open_query()->run(list_notifications{customer.value, unread_only, {}, 1'000})->notifications;
  }

  void place_some(int count) {
    for (int i = 0; i < count; ++i)
      send<order_placed>(orders, order_for({line_of(product, 1)}, i % 3 == 0 ? "tok_declined" : "tok_ok"));
  }

  push_notification message(const std::string& text, const std::string& intent = "1") const {
    push_notification command;
    command.intent = intent;
    command.customer = customer;
    command.text = text;
    command.origin.by_kind = "operator";
    return command;
  }

  result<notification_pushed> push(const push_notification& command) {
    return ask<notification_pushed>(notifiers.back(), command);
  }

  std::size_t count_of_messages() const {
    const auto all = notifications();
    return static_cast<std::size_t>(
      std::ranges::count(all, pushed_kind, [](const auto& notification) { return notification.row.kind; }));
  }

  /// Checks that there is one notification for each event that customers are told of, besides so many messages.
  void check_each_once(std::size_t messages = 0) {
    std::multiset<std::pair<std::string, std::string>> wanted;
    for (const auto& event : database.log())
      for (const auto* type : {"order.confirmed", "order.rejected", "order.delivered"})
        if (event.type == type)
          wanted.emplace(event.order, event.type);
    std::multiset<std::pair<std::string, std::string>> sent;
    for (const auto& notification : notifications())
      if (notification.row.kind != pushed_kind)
        sent.emplace(notification.row.order, notification.row.kind);
    CHECK(!wanted.empty());
    CHECK(sent == wanted);
    CHECK_EQ(count_of_messages(), messages);
    CHECK_EQ(count_of("notification.sent"), wanted.size() + messages);
    check_told_live(wanted);
  }

  /// Checks that who follows only what concerns the customer sees each of them, and with it the order.
  void check_told_live(const std::multiset<std::pair<std::string, std::string>>& wanted) const {
    const event_filter own{{"notification.sent"}, {}, {}, customer.value};
    const auto page = database.open_query()->run(read_log{{}, own, 1'000}).value();
    std::multiset<std::pair<std::string, std::string>> seen;
    for (const auto& event : page.events)
      if (const auto told = decode<notification_sent>(event.data); told->about != pushed_kind)
        seen.emplace(event.order, told->about);
    CHECK(seen == wanted);
  }

  product_id product = stock_up(1'000);
  std::vector<notifier_region_actor> notifiers;
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a customer gets one notification for each turn of an order") {
  begin();
  place_some(9);
  pass(5s);
  check_each_once();
}

SCENARIO("the notification of a cancelled order says whether it was not paid in time") {
  begin();
  auto unpaid = order_for({line_of(product, 1)});
  unpaid.payment = {std::string{order::deferred_method}, {}};
  auto cancelled = unpaid;
  cancelled.id = make_id<order_id>();
  CAF_REQUIRE(ask<order_placed>(orders, unpaid).has_value());
  CAF_REQUIRE(ask<order_placed>(orders, cancelled).has_value());
  send<order::state>(orders, cancel_order{cancelled.id, "not_paid_in_time, said the customer", 0, {}, of_everything()});
  pass(2h);
  std::map<std::string, std::string> texts;
  for (const auto& notification : notifications())
    texts[notification.row.order] = notification.row.text;
  CHECK_EQ(texts[unpaid.id.value], "Your order was cancelled: it was not paid in time.");
  CHECK_EQ(texts[cancelled.id.value], "Your order was cancelled.");
}

SCENARIO("G6: notifications are neither lost nor doubled over restarts of the notifier") {
  begin();
  place_some(30);
  for (int i = 0; i < 60; ++i) {
    for (int step = 0; step < 23; ++step)
      if (!consume_message())
        trigger_timeout();
    end_notifiers();
    begin();
  }
  pass(5s);
  check_each_once();
}

SCENARIO("G6: notifications are neither lost nor doubled when the database goes away while they are written") {
  place_some(9);
  pass(60s); // until no order moves any more
  // The first attempt to write is not carried out, or it is and its answer gets lost; then nothing can be written until
  // the journal has given up.
  for (const bool carried_out : {false, true}) {
    int attempts = 0;
    database.before_commit([&](std::span<const append> batch) {
      if (batch.front().kind != entity_kind::notifier)
        return;
      if (++attempts == 1 && carried_out)
        database.lose_next_answer();
      else
        database.set_available(false);
    });
    begin();
    pass(60s);
    CHECK(attempts > 1);
    database.before_commit(nullptr);
    database.set_available(true);
    pass(10s);
    check_each_once();
    end_notifiers();
    place_some(9);
    pass(60s);
  }
}

SCENARIO("G11: after a restore the notifier continues from its position in the restored database") {
  const auto confirm = [this](int count) {
    const auto journal = database.open_journal();
    for (int i = 0; i < count; ++i) {
      append request;
      request.stream = request.order = make_id<order_id>().value;
      request.customer = customer.value;
      request.at = time();
      request.events.push_back({"order.confirmed", 1, "{}"});
      CAF_REQUIRE(journal->commit({&request, 1}).value().front().has_value());
    }
  };
  begin();
  confirm(5);
  pass(70s);
  const auto backup = database.save();
  confirm(20);
  pass(5s);
  CHECK_EQ(notifications().size(), 25u);
  database.restore(*backup);
  CHECK_EQ(notifications().size(), 5u);
  // Not as many as were lost: the new log ends before the place to which the old one was read.
  confirm(3);
  pass(5s);
  CHECK_EQ(notifications().size(), 8u);
  CHECK_EQ(count_of("notification.sent"), 8u);
}

SCENARIO("G2: two notifiers that both believe to be the only one make each notification once") {
  shuffled = true;
  begin("one");
  begin("two");
  place_some(30);
  pass(20s);
  check_each_once();
}

SCENARIO("a customer marks one notification as read, then all") {
  begin();
  place_some(6);
  pass(5s);
  const auto all = notifications();
  CAF_REQUIRE(all.size() > 2);
  CAF_REQUIRE(
    ask<notifications_marked>(notifiers.front(), mark_notifications_read{customer, all[0].row.id, {}}).has_value());
  CHECK_EQ(notifications(true).size(), all.size() - 1);
  // Once more: it stays as it was.
  pass(1h);
  const auto again = ask<notifications_marked>(notifiers.front(), mark_notifications_read{customer, all[0].row.id, {}});
  CAF_REQUIRE(again.has_value());
  CHECK(again->read_at == notifications().front().read_at);
  CAF_REQUIRE(ask<notifications_marked>(notifiers.front(), mark_notifications_read{customer, {}, {}}).has_value());
  CHECK(notifications(true).empty());
}

SCENARIO("B6: another customer's notification is not found, as one that does not exist") {
  begin();
  place_some(3);
  pass(5s);
  const auto all = notifications();
  CAF_REQUIRE(!all.empty());
  const customer_id eve{"cus_0000000000000000000e"};
  const auto mark = [&](const customer_id& customer, const std::string& id) {
    const auto marked = ask<notifications_marked>(notifiers.front(), mark_notifications_read{customer, id, {}});
    return marked ? ec::none : marked.error().code;
  };
  CHECK(mark(eve, all[0].row.id) == ec::not_found);
  CHECK(mark(customer, "ntf_00000000000000000000") == ec::not_found);
  CHECK_EQ(notifications(true).size(), all.size());
  CHECK(mark(customer, all[0].row.id) == ec::none);
}

SCENARIO("a message of an operator is there when it is answered, and its customer is told of it live") {
  begin();
  const auto pushed = push(message("We are closed on Monday."));
  CAF_REQUIRE(pushed.has_value());
  CHECK(!pushed->replayed);
  const auto all = notifications(true);
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CHECK_EQ(all[0].row.id, pushed->notification.id);
  CHECK_EQ(all[0].row.text, "We are closed on Monday.");
  CHECK_EQ(all[0].row.kind, "message");
  CHECK_EQ(all[0].row.order, "");
  const event_filter own{{"notification.sent"}, {}, {}, customer.value};
  const auto events = database.open_query()->run(read_log{{}, own, 10}).value().events;
  CAF_REQUIRE_EQUAL(events.size(), 1u);
  CHECK_EQ(events[0].origin.by_kind, "operator");
  const auto told = decode<notification_sent>(events[0].data);
  CHECK_EQ(told->notification, all[0].row.id);
  CHECK_EQ(told->about, "message");
  CHECK(!told->order);
}

SCENARIO("G3: a push that comes again is one notification, and gets the first answer") {
  begin();
  const auto first = push(message("Hello."));
  CAF_REQUIRE(first.has_value());
  pass(1h);
  end_notifiers();
  begin();
  const auto again = push(message("Hello."));
  CAF_REQUIRE(again.has_value());
  CHECK(again->replayed);
  CHECK_EQ(again->notification.id, first->notification.id);
  CHECK(again->notification.created_at == first->notification.created_at);
  auto others = message("Hello.");
  others.customer = customer_id{"cus_0000000000000000000e"};
  for (const auto& other : {message("Good bye."), others}) {
    const auto refused = push(other);
    CAF_REQUIRE(!refused.has_value());
    CHECK(refused.error().code == ec::idempotency_key_reused);
  }
  CHECK_EQ(notifications().size(), 1u);
  CHECK_EQ(count_of("notification.sent"), 1u);
  CHECK(push(message("Hello.", "2")).has_value());
  CHECK_EQ(notifications().size(), 2u);
}

SCENARIO("G3: a push whose answer was lost is one notification when it is repeated") {
  begin();
  for (const bool carried_out : {false, true}) {
    int attempts = 0;
    database.before_commit([&](std::span<const append> batch) {
      if (!batch.front().stream.starts_with("push_"))
        return;
      if (++attempts == 1 && carried_out)
        database.lose_next_answer();
      else
        database.set_available(false);
    });
    const auto command = message("Hello.", carried_out ? "1" : "2");
    CHECK(!push(command).has_value());
    CHECK(attempts > 0);
    database.before_commit(nullptr);
    database.set_available(true);
    const auto again = push(command);
    CAF_REQUIRE(again.has_value());
    CHECK_EQ(again->replayed, carried_out);
  }
  CHECK_EQ(notifications().size(), 2u);
  CHECK_EQ(count_of("notification.sent"), 2u);
}

SCENARIO("G2: two notifiers that both believe to be the only one store a push once") {
  shuffled = true;
  begin("one");
  begin("two");
  const auto first = send<notification_pushed>(notifiers[0], message("Hello."));
  const auto second = send<notification_pushed>(notifiers[1], message("Hello."));
  run_to("both are answered", [&] { return first->has_value() && second->has_value(); });
  CAF_REQUIRE((*first)->has_value() && (*second)->has_value());
  CHECK_EQ((**first)->notification.id, (**second)->notification.id);
  CHECK((**first)->replayed != (**second)->replayed);
  CHECK_EQ(notifications().size(), 1u);
}

SCENARIO("B6: a push about another customer's order is refused, as one about none that exists") {
  begin();
  const auto own = order_for({line_of(product, 1)});
  auto theirs = order_for({line_of(product, 1)});
  theirs.customer = customer_id{"cus_0000000000000000000e"};
  CAF_REQUIRE(ask<order_placed>(orders, own).has_value());
  CAF_REQUIRE(ask<order_placed>(orders, theirs).has_value());
  auto command = message("The courier comes tomorrow.");
  for (const auto& id : {theirs.id, make_id<order_id>()}) {
    command.order = id;
    const auto refused = push(command);
    CAF_REQUIRE(!refused.has_value());
    CHECK(refused.error().code == ec::invalid_argument);
  }
  CHECK_EQ(count_of_messages(), 0u);
  command.order = own.id;
  const auto pushed = push(command);
  CAF_REQUIRE(pushed.has_value());
  CHECK_EQ(pushed->notification.order, own.id.value);
  CHECK_EQ(count_of_messages(), 1u);
}

SCENARIO("messages are stored while the notifier follows the log, and neither loses anything") {
  begin();
  place_some(9);
  constexpr std::size_t messages = 20;
  for (std::size_t i = 0; i < messages; ++i) {
    for (int step = 0; step < 23; ++step)
      if (!consume_message())
        trigger_timeout();
    CHECK(push(message("Message " + std::to_string(i), std::to_string(i))).has_value());
  }
  pass(5s);
  check_each_once(messages);
}

SCENARIO("a push reaches the notifier from a node that does not hold it") {
  begin("one");
  const region_peer owner{"one", caf::actor_cast<caf::strong_actor_ptr>(notifiers.back())};
  begin_on("two");
  place("two", owner);
  CHECK(push(message("Hello.")).has_value());
  CHECK_EQ(notifications().size(), 1u);
}

END_FIXTURE_SCOPE()
