#include "domain/codec.hpp"
#include "persistence/connection.hpp"
#include "persistence/unit_check.hpp"
#include "tests/persistence/backends.hpp"

#include <algorithm>
#include <set>

#define CAF_SUITE persistence.audit
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

template <class State>
struct kind_of;
template <>
struct kind_of<order::state> {
  static constexpr auto value = entity_kind::order;
};
template <>
struct kind_of<product::state> {
  static constexpr auto value = entity_kind::product;
};
template <>
struct kind_of<payment::state> {
  static constexpr auto value = entity_kind::payment;
};
template <>
struct kind_of<delivery::state> {
  static constexpr auto value = entity_kind::delivery;
};

/// A shop on a real database and a provider's ledger beside it, filled through the domain and the journal.
class stored_shop {
public:
  stored_shop(store_config own, store_config ledger) : own_{std::move(own)}, ledger_{std::move(ledger)} {
    migrate(own_).value();
    migrate(ledger_).value();
    journal_ = open_journal_store(own_, "here");
    books_ = open_journal_store(ledger_, "here");
  }

  /// One thing of which ten are on hand.
  void stock_up(std::int64_t on_hand = 10) {
    thing = {};
    tell(thing_id.value, thing, product::create{thing_id, "sku " + thing_id.value, "Thing", price, on_hand});
  }

  /// Plays an order for two of the things to its end: delivered and paid.
  order_id complete() {
    const auto id = reserve();
    pay(id, {payment::operation::authorize, payment::operation::capture});
    tell(id.value, order_, order::record_payment_authorized{order_.total});
    deliver(id);
    tell(id.value, order_, order::record_fulfillment_started{sibling_id<delivery_id>(id)});
    tell(id.value, order_, order::record_delivered{courier_id{"cur_1"}});
    tell(thing_id.value, thing, product::commit{id, 2});
    tell(id.value, order_, order::record_settled{order_.total});
    return id;
  }

  /// One that holds its stock and waits for its payment.
  order_id reserve() {
    const auto id = make_id<order_id>();
    order_ = {};
    paid_ = {};
    order::place what;
    what.order = id;
    what.customer = customer_id{"cus_1"};
    what.lines = {{thing_id, "sku", "Thing", 2, price}};
    what.payment = {"card", "tok_ok"};
    what.fingerprint = "f";
    tell(id.value, order_, what);
    tell(thing_id.value, thing, product::reserve{id, 2, time_ + minutes{1}});
    tell(id.value, order_, order::record_stock_reserved{});
    return id;
  }

  /// One that is cancelled while its payment is authorised.
  order_id cancel() {
    const auto id = reserve();
    pay(id, {payment::operation::authorize, payment::operation::void_authorization});
    tell(id.value, order_, order::record_payment_authorized{order_.total});
    tell(id.value, order_, order::request_cancel{"changed my mind"});
    tell(thing_id.value, thing, product::release{id, time_ + minutes{1}});
    tell(id.value, order_, order::record_compensated{order_.total, {}});
    return id;
  }

  /// One whose lines are others before it is dispatched: two of the things become three.
  order_id complete_revised() {
    const auto id = reserve();
    pay(id, {payment::operation::authorize});
    auto first = paid_;
    tell(id.value, order_, order::hold{{"operator", "usr_1"}, "to be changed"});
    tell(id.value, order_, order::record_payment_authorized{order_.total});
    tell(id.value, order_, order::revise{"intent", {{thing_id, "sku", "Thing", 3, price}}, {}, {}});
    const auto held_as = order::reservation_of(id, 1);
    tell(thing_id.value, thing, product::reserve{held_as, 3, time_ + minutes{1}});
    paid_ = {};
    pay(id, {payment::operation::authorize}, 1);
    auto second = paid_;
    tell(id.value, order_, order::record_revised{1});
    paid_ = first;
    pay(id, {payment::operation::void_authorization});
    tell(thing_id.value, thing, product::release{id, time_ + minutes{1}});
    tell(id.value, order_, order::record_revision_closed{1});
    tell(id.value, order_, order::release{{"operator", "usr_1"}, "changed"});
    deliver(id);
    tell(id.value, order_, order::record_fulfillment_started{sibling_id<delivery_id>(id)});
    tell(id.value, order_, order::record_delivered{courier_id{"cur_1"}});
    paid_ = second;
    pay(id, {payment::operation::capture}, 1);
    tell(thing_id.value, thing, product::commit{held_as, 3});
    tell(id.value, order_, order::record_settled{order_.total});
    return id;
  }

  /// Gives a part of the money of the last completed order back.
  void refund(const std::string& name, std::int64_t cents) {
    const refund_id id{"rfd_" + name};
    const money amount{cents, "EUR"};
    const auto number = order_.revisions ? order_.revisions->payment : 0;
    const auto pay = order::payment_of(order_.id, number).value;
    tell(order_.id.value, order_, order::request_refund{id, amount, "broken", {"operator", "usr_1"}});
    tell(pay, paid_, payment::give_back{id, amount});
    enter(paid_.under_way->key, payment::operation::refund, pay, amount);
    tell(pay, paid_, payment::record_approved{"ref"});
    tell(order_.id.value, order_, order::record_refunded{id});
  }

  /// Does the operations one after the other, at the provider and here, under the number of a revision.
  void pay(const order_id& order, const std::vector<payment::operation>& operations, std::uint32_t number = 0) {
    const auto id = order::payment_of(order, number);
    const auto total =
      number == 0 || !order_.revisions || !order_.revisions->wanted ? order_.total : order_.revisions->wanted->total;
    auto& payment = paid_;
    for (const auto what : operations) {
      if (what == payment::operation::authorize)
        tell(id.value, payment, payment::authorize{id, order, customer_id{"cus_1"}, total, "card", "tok_ok"});
      else if (what == payment::operation::capture)
        tell(id.value, payment, payment::capture{});
      else
        tell(id.value, payment, payment::void_authorization{id});
      enter(payment.under_way->key, what, id.value, payment.under_way->amount);
      tell(id.value, payment, payment::record_approved{"ref"});
    }
  }

  void enter(const std::string& key, payment::operation what, const std::string& payment, const money& amount) {
    append entry;
    entry.kind = entity_kind::ledger_entry;
    entry.stream = key;
    entry.at = time_;
    auto data = R"({"operation":")" + std::string{name_of(what)} + R"(","payment":")" + payment + R"(","amount":)"
                + encode(amount) + R"(,"outcome":"approved","reference":"r","reason":""})";
    entry.events.push_back({"ledger." + std::string{name_of(what)}, 1, data});
    entry.snapshot = entity_snapshot{1, data, false, std::nullopt};
    write(*books_, entry);
  }

  void deliver(const order_id& order) {
    const auto id = sibling_id<delivery_id>(order);
    delivery::state delivery;
    tell(id.value, delivery, delivery::request{id, order, customer_id{"cus_1"}, "Ada", "1 Main Street"});
    tell(id.value, delivery, delivery::offer{courier_id{"cur_1"}});
    tell(id.value, delivery, delivery::accept{1});
    tell(id.value, delivery, delivery::start{1});
    tell(id.value, delivery, delivery::complete{1});
  }

  unit_checker checker(audit_limits limits = {}) const { return {own_, ledger_, limits}; }

  void change(const std::string& sql) const { run(own_, sql); }
  void change_ledger(const std::string& sql) const { run(ledger_, sql); }

  /// Adds an event behind the last one of a stream, as if by another program.
  void plant_event(const std::string& stream, const std::string& type, const std::string& data) {
    append planted;
    planted.stream = stream;
    planted.expected_version = open_query_store(own_)->run(load_entity{entity_kind::order, stream}).value().version;
    planted.at = time_;
    planted.events.push_back({type, 1, data});
    write(*journal_, planted);
  }

  const product_id thing_id = make_id<product_id>();
  const money price{650, "EUR"};
  product::state thing;

private:
  static void run(const store_config& where, const std::string& sql) {
    waybill::connection database{where, access::write};
    database.session() << sql;
  }

  template <class State, class Command>
  void tell(const std::string& id, State& state, const Command& command) {
    time_ += seconds{1};
    result<std::vector<event_of<State>>> events = failure{};
    if constexpr (std::is_same_v<State, order::state>)
      events = order::decide(state, command, time_, {});
    else if constexpr (std::is_same_v<State, product::state>)
      events = product::decide(state, command, time_, {});
    else if constexpr (std::is_same_v<State, payment::state>)
      events = payment::decide(state, command, time_);
    else
      events = delivery::decide(state, command, time_, {});
    append request;
    request.kind = kind_of<State>::value;
    request.stream = id;
    request.expected_version = state.version;
    request.at = time_;
    for (const auto& event : events.value()) {
      apply(state, event, time_);
      auto encoded = encode_event(event);
      request.events.push_back({std::string{encoded.type}, encoded.schema, std::move(encoded.data)});
    }
    request.snapshot = entity_snapshot{1, encode(state), is_busy(state), std::nullopt};
    add_rows(id, state, request);
    write(*journal_, request);
  }

  template <class State>
  using event_of = std::conditional_t<
    std::is_same_v<State, order::state>, order::event,
    std::conditional_t<std::is_same_v<State, product::state>, product::event,
                       std::conditional_t<std::is_same_v<State, payment::state>, payment::event, delivery::event>>>;

  static bool is_busy(const order::state& s) { return order::has_work(s); }
  static bool is_busy(const product::state& s) { return s.reserved > 0; }
  static bool is_busy(const payment::state& s) { return !payment::is_at_rest(s); }
  static bool is_busy(const delivery::state& s) { return !delivery::is_final(s.status); }

  static void add_rows(const std::string& id, const order::state& s, append& to) {
    to.rows.emplace_back(order_row{id, s.customer.value, std::string{name_of(s.status)}, s.created_at});
  }
  static void add_rows(const std::string& id, const product::state& s, append& to) {
    to.rows.emplace_back(product_row{id, s.sku, s.name, s.withdrawn});
    for (const auto& [order, held] : s.reservations)
      to.rows.emplace_back(reservation_row{id, order.value, held});
  }
  template <class State>
  static void add_rows(const std::string&, const State&, append&) {}

  store_config own_;
  store_config ledger_;
  std::unique_ptr<journal_store> journal_;
  std::unique_ptr<journal_store> books_;
  order::state order_;
  payment::state paid_;
  timestamp time_ = now();
};

/// On a fresh SQLite and a fresh PostgreSQL.
void on_both(const std::function<void(stored_shop&)>& claim) {
  const temporary_folder folder;
  // What is checked here is not lost with the power.
  store_config own{.url = "sqlite:" + folder.path() + "/shop.db", .unsafe_no_sync = true};
  auto ledger = own;
  ledger.url += ".provider";
  stored_shop small{own, ledger};
  claim(small);
  const auto url = test_postgres::shared().create_database() + "?options=-csynchronous_commit%3Doff";
  stored_shop large{{url}, {url, "simulated_provider"}};
  claim(large);
}

/// All that a walk over everything finds.
violations walk(unit_checker checker, std::uint32_t page = 3) {
  violations found;
  std::set<std::string> seen;
  for (list_units next{{}, page};;) {
    const auto units = checker.list(next).value().units;
    if (units.empty())
      return found;
    for (const auto& unit : units) {
      CAF_CHECK(seen.insert(unit).second);
      const auto report = checker.check({unit, true}).value();
      found.insert(found.end(), report.found.begin(), report.found.end());
    }
    next.after = units.back();
  }
}

std::string lines_of(const violations& found) {
  std::string text;
  for (const auto& one : found)
    text += one.invariant + " " + one.subject + ": " + one.detail + "\n";
  return text;
}

bool names(const violations& found, const std::string& invariant, const std::string& subject) {
  return std::any_of(found.begin(), found.end(),
                     [&](const violation& one) { return one.invariant == invariant && one.subject == subject; });
}

/// Plants something in a shop in which all is well; a walk over everything must name it.
void check_found(const char* what, const std::string& invariant,
                 const std::function<std::string(stored_shop&, const order_id&)>& plant) {
  on_both([&](stored_shop& shop) {
    shop.stock_up();
    const auto order = shop.complete();
    shop.cancel();
    shop.reserve();
    CAF_CHECK_EQUAL(lines_of(walk(shop.checker())), "");
    const auto subject = plant(shop, order);
    const auto found = walk(shop.checker());
    CAF_MESSAGE(what << ":\n" << lines_of(found));
    CAF_CHECK(names(found, invariant, subject));
    // Nothing that is stored may leak.
    CAF_CHECK_EQUAL(lines_of(found).find("tok_"), std::string::npos);
  });
}

std::string pay_of(const order_id& order) {
  return sibling_id<payment_id>(order).value;
}

} // namespace

SCENARIO("a shop in which all is well has no violation, also while orders are under way") {
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

SCENARIO("orders whose lines were revised and whose money was refunded in parts are well") {
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

SCENARIO("I1, I7: a refund that the provider, or that the payment does not know is found") {
  on_both([](stored_shop& shop) {
    shop.stock_up(20);
    const auto order = shop.complete();
    shop.refund("one", 300);
    shop.change_ledger("delete from entities where id like '%/refund/rfd_one'");
    CHECK(names(walk(shop.checker()), "I7", pay_of(order) + "/refund/rfd_one"));
    shop.change("delete from events where stream = '" + pay_of(order) + "' and version > 4");
    CHECK(names(walk(shop.checker()), "I1", order.value));
  });
}

SCENARIO("I3: what a revised order holds a second time is found") {
  on_both([](stored_shop& shop) {
    shop.stock_up(20);
    const auto order = shop.complete_revised();
    CHECK_EQ(lines_of(walk(shop.checker())), "");
    shop.change("delete from events where stream = '" + pay_of(order) + "' and version > 2");
    CHECK(names(walk(shop.checker()), "I3", order.value));
    shop.change("update reservations set status = 0 where order_id = '" + order.value + "'");
    const auto found = walk(shop.checker());
    CHECK(std::any_of(found.begin(), found.end(), [](const violation& one) {
      return one.detail.find("is still reserved for it") != std::string::npos;
    }));
  });
}

SCENARIO("I1: more captured than authorised is found") {
  check_found("a changed event", "I1", [](stored_shop& shop, const order_id& order) {
    shop.change("update events set data = replace(data, '1300', '1301') where type = 'payment.captured'");
    return pay_of(order);
  });
}

SCENARIO("I1: a completed order whose money was never taken is found") {
  check_found("a lost capture", "I1", [](stored_shop& shop, const order_id& order) {
    shop.change("delete from events where stream = '" + pay_of(order) + "' and version > 2");
    return order.value;
  });
}

SCENARIO("I2: more sold than there is is found") {
  check_found("an event that takes too much", "I2", [](stored_shop& shop, const order_id&) {
    shop.plant_event(shop.thing_id.value, "stock.committed", R"({"order":"ord_x","quantity":50})");
    return shop.thing_id.value;
  });
}

SCENARIO("I2: reservations that hold something else than what is reserved are found") {
  check_found("a changed row", "I2", [](stored_shop& shop, const order_id&) {
    shop.change("update reservations set quantity = 3 where status = 0");
    return shop.thing_id.value;
  });
}

SCENARIO("I3: a reservation of a final order is found") {
  check_found("a planted row", "I3", [](stored_shop& shop, const order_id& order) {
    shop.change("update reservations set status = 0 where order_id = '" + order.value + "'");
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

SCENARIO("I3: a final order that keeps a timer, or asks for work, is found") {
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
    shop.change("delete from events where stream = '" + pay + "' and version > 2");
    shop.change("delete from entities where id = '" + pay + "'");
    return late.value;
  });
}

SCENARIO("I4: a missing event, and a state that is ahead of its stream, are found") {
  check_found("a gap", "I4", [](stored_shop& shop, const order_id& order) {
    shop.change("delete from events where stream = '" + order.value + "' and version = 3");
    return order.value;
  });
  check_found("a lost end", "I4", [](stored_shop& shop, const order_id& order) {
    shop.change("delete from events where stream = '" + order.value + "' and version = 8");
    return order.value;
  });
  check_found("a gap in a product's stream", "I4", [](stored_shop& shop, const order_id&) {
    shop.change("delete from events where stream = '" + shop.thing_id.value + "' and version = 2");
    return shop.thing_id.value;
  });
  check_found("a gap in another stream", "I4", [](stored_shop& shop, const order_id&) {
    for (int i = 0; i < 3; ++i)
      shop.plant_event("cluster", "cluster.node_joined", "{}");
    shop.change("delete from events where stream = 'cluster' and version = 2");
    return std::string{"cluster"};
  });
}

SCENARIO("I5: a stored state that is not what its events lead to is found, and named by its members") {
  check_found("a changed order", "I5", [](stored_shop& shop, const order_id& order) {
    shop.change("update entities set state = replace(state, '\"note\":\"\"', '\"note\":\"x\"') where id = '"
                + order.value + "'");
    const auto found = shop.checker().check({order.value, true}).value().found;
    CHECK_EQ(found.size(), 1u);
    CHECK(found.at(0).detail.ends_with("they differ in note"));
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

SCENARIO("I5: lists that contradict what is stored are found") {
  check_found("a changed row of an order", "I5", [](stored_shop& shop, const order_id& order) {
    shop.change("update orders set status = 'placed' where id = '" + order.value + "'");
    return order.value;
  });
  check_found("a lost row of a product", "I5", [](stored_shop& shop, const order_id&) {
    shop.change("delete from products");
    return shop.thing_id.value;
  });
  check_found("a lost reservation", "I5", [](stored_shop& shop, const order_id& order) {
    shop.change("delete from reservations where order_id = '" + order.value + "'");
    return shop.thing_id.value;
  });
}

SCENARIO("I6: what was done twice is found, here and at the provider") {
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
    shop.change_ledger("update entities set version = 2 where id = '" + pay_of(order) + "/capture'");
    return pay_of(order) + "/capture";
  });
}

SCENARIO("I7: a difference between the provider's ledger and ours is found in both directions") {
  check_found("an entry that is missing there", "I7", [](stored_shop& shop, const order_id& order) {
    shop.change_ledger("delete from entities where id = '" + pay_of(order) + "/capture'");
    return pay_of(order) + "/capture";
  });
  check_found("another outcome there", "I7", [](stored_shop& shop, const order_id& order) {
    shop.change_ledger("update entities set state = replace(state, 'approved', 'declined') where id = '" + pay_of(order)
                       + "/authorize'");
    return pay_of(order) + "/authorize";
  });
  check_found("another amount there", "I7", [](stored_shop& shop, const order_id& order) {
    shop.change_ledger("update entities set state = replace(state, '1300', '1400') where id = '" + pay_of(order)
                       + "/capture'");
    return pay_of(order) + "/capture";
  });
  check_found("a charge that nobody asked for", "I7", [](stored_shop& shop, const order_id&) {
    shop.enter("pay_unheard_of/authorize", payment::operation::authorize, "pay_unheard_of", {1300, "EUR"});
    return std::string{"pay_unheard_of/authorize"};
  });
}

SCENARIO("a look at one unit reads what belongs to it, however much else there is") {
  on_both([](stored_shop& shop) {
    shop.stock_up(1'000);
    const auto first = shop.complete();
    auto checker = shop.checker({.page = 10, .long_stream = 5'000, .most_followed = 10});
    const auto order_cost = checker.check({first.value, false}).value().rows;
    checker.check({shop.thing_id.value, false}).value();
    for (int i = 0; i < 20; ++i)
      shop.complete();
    CHECK_EQ(checker.check({first.value, false}).value().rows, order_cost);
    // A product is followed: what was looked at is not read again, what is new is.
    const auto moved = checker.check({shop.thing_id.value, false}).value();
    CHECK_EQ(moved.events, 40u);
    const auto rests = checker.check({shop.thing_id.value, false}).value();
    CHECK_EQ(rests.events, 0u);
    CHECK(rests.rows < 5u);
  });
}

SCENARIO("a stream that is too long is followed from where it is, and what happens then is checked") {
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

SCENARIO("without the provider's ledger at hand the rest is checked") {
  const temporary_folder folder;
  stored_shop shop{{"sqlite:" + folder.path() + "/shop.db"}, {"sqlite:" + folder.path() + "/shop.db.provider"}};
  shop.stock_up();
  const auto order = shop.complete();
  unit_checker blind{{"sqlite:" + folder.path() + "/shop.db"}, store_config{"sqlite:" + folder.path() + "/nothing.db"}};
  CHECK_EQ(lines_of(blind.check({order.value, true}).value().found), "");
  CHECK(!std::filesystem::exists(folder.path() + "/nothing.db"));
  shop.change("update orders set status = 'placed'");
  CHECK(names(blind.check({order.value, true}).value().found, "I5", order.value));
}
