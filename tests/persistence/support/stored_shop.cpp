#include "tests/persistence/support/stored_shop.hpp"

#include "domain/json/codec.hpp"
#include "persistence/database/connection.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace waybill::test {

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

template <class State>
using event_of = std::conditional_t<
  std::is_same_v<State, order::state>, order::event,
  std::conditional_t<std::is_same_v<State, product::state>, product::event,
                     std::conditional_t<std::is_same_v<State, payment::state>, payment::event, delivery::event>>>;

bool is_busy(const order::state& s) {
  return order::has_work(s);
}
bool is_busy(const product::state& s) {
  return s.reserved > 0;
}
bool is_busy(const payment::state& s) {
  return !payment::is_at_rest(s);
}
bool is_busy(const delivery::state& s) {
  return !delivery::is_final(s.status);
}

void add_rows(const std::string& id, const order::state& s, append& to) {
  to.rows.emplace_back(order_row{id, s.customer.value, std::string{name_of(s.status)}, s.created_at});
}
void add_rows(const std::string& id, const product::state& s, append& to) {
  to.rows.emplace_back(product_row{id, s.sku, s.name, s.withdrawn});
  for (const auto& [order, held] : s.reservations)
    to.rows.emplace_back(reservation_row{id, order.value, held});
}
template <class State>
void add_rows(const std::string&, const State&, append&) {}

void run(const store_config& where, const std::string& sql) {
  waybill::connection database{where, access::write};
  database.session() << sql;
}

} // namespace

template <class State, class Command>
void stored_shop::tell(const std::string& id, State& state, const Command& command) {
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

stored_shop::stored_shop(store_config own, store_config ledger) : own_{std::move(own)}, ledger_{std::move(ledger)} {
  migrate(own_).value();
  migrate(ledger_).value();
  journal_ = open_journal_store(own_, "here");
  books_ = open_journal_store(ledger_, "here");
}

void stored_shop::stock_up(std::int64_t on_hand) {
  product_ = {};
  tell(thing_id.value, product_, product::create{thing_id, "sku " + thing_id.value, "Thing", price, on_hand});
}

order_id stored_shop::complete() {
  const auto id = reserve();
  pay(id, {payment::operation::authorize, payment::operation::capture});
  tell(id.value, order_, order::record_payment_authorized{order_.total});
  deliver(id);
  tell(id.value, order_, order::record_fulfillment_started{sibling_id<delivery_id>(id)});
  tell(id.value, order_, order::record_delivered{courier_id{"cur_1"}});
  tell(thing_id.value, product_, product::commit{id, 2});
  tell(id.value, order_, order::record_settled{order_.total});
  return id;
}

order_id stored_shop::reserve() {
  const auto id = make_id<order_id>();
  order_ = {};
  paid_ = {};
  order::place command;
  command.order = id;
  command.customer = customer_id{"cus_1"};
  command.lines = {{thing_id, "sku", "Thing", 2, price}};
  command.payment = {"card", "tok_ok"};
  command.fingerprint = "f";
  tell(id.value, order_, command);
  tell(thing_id.value, product_, product::reserve{id, 2, time_ + minutes{1}});
  tell(id.value, order_, order::record_stock_reserved{});
  return id;
}

order_id stored_shop::begin_delivery() {
  const auto id = reserve();
  pay(id, {payment::operation::authorize});
  tell(id.value, order_, order::record_payment_authorized{order_.total});
  tell(id.value, order_, order::record_fulfillment_started{sibling_id<delivery_id>(id)});
  return id;
}

void stored_shop::expire(const order_id& order) {
  time_ += product::settings{}.reservation_ttl;
  tell(thing_id.value, product_, product::expire{{order}});
}

void stored_shop::reopen_reservation(const order_id& order) const {
  change("insert into reservations select * from closed_reservations where order_id = '" + order.value + "'");
  change("update reservations set status = 0 where order_id = '" + order.value + "'");
}

order_id stored_shop::cancel() {
  const auto id = reserve();
  pay(id, {payment::operation::authorize, payment::operation::void_authorization});
  tell(id.value, order_, order::record_payment_authorized{order_.total});
  tell(id.value, order_, order::request_cancel{"changed my mind"});
  tell(thing_id.value, product_, product::release{id, time_ + minutes{1}});
  tell(id.value, order_, order::record_compensated{order_.total, {}});
  return id;
}

order_id stored_shop::complete_revised() {
  const auto id = reserve();
  pay(id, {payment::operation::authorize});
  auto first = paid_;
  tell(id.value, order_, order::hold{{"operator", "usr_1"}, "to be changed"});
  tell(id.value, order_, order::record_payment_authorized{order_.total});
  tell(id.value, order_, order::revise{"intent", {{thing_id, "sku", "Thing", 3, price}}, {}, {}});
  const auto held_as = order::reservation_of(id, 1);
  tell(thing_id.value, product_, product::reserve{held_as, 3, time_ + minutes{1}});
  paid_ = {};
  pay(id, {payment::operation::authorize}, 1);
  auto second = paid_;
  tell(id.value, order_, order::record_revised{1});
  paid_ = first;
  pay(id, {payment::operation::void_authorization});
  tell(thing_id.value, product_, product::release{id, time_ + minutes{1}});
  tell(id.value, order_, order::record_revision_closed{1});
  tell(id.value, order_, order::release{{"operator", "usr_1"}, "changed"});
  deliver(id);
  tell(id.value, order_, order::record_fulfillment_started{sibling_id<delivery_id>(id)});
  tell(id.value, order_, order::record_delivered{courier_id{"cur_1"}});
  paid_ = second;
  pay(id, {payment::operation::capture}, 1);
  tell(thing_id.value, product_, product::commit{held_as, 3});
  tell(id.value, order_, order::record_settled{order_.total});
  return id;
}

void stored_shop::refund(const std::string& name, std::int64_t cents) {
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

void stored_shop::pay(const order_id& order, const std::vector<payment::operation>& operations, std::uint32_t number) {
  const auto id = order::payment_of(order, number);
  const auto total =
    number == 0 || !order_.revisions || !order_.revisions->wanted ? order_.total : order_.revisions->wanted->total;
  auto& payment = paid_;
  for (const auto operation : operations) {
    if (operation == payment::operation::authorize)
      tell(id.value, payment, payment::authorize{id, order, customer_id{"cus_1"}, total, "card", "tok_ok"});
    else if (operation == payment::operation::capture)
      tell(id.value, payment, payment::capture{});
    else
      tell(id.value, payment, payment::void_authorization{id});
    enter(payment.under_way->key, operation, id.value, payment.under_way->amount);
    tell(id.value, payment, payment::record_approved{"ref"});
  }
}

void stored_shop::enter(const std::string& key, payment::operation operation, const std::string& payment,
                        const money& amount) {
  append entry;
  entry.kind = entity_kind::ledger_entry;
  entry.stream = key;
  entry.at = time_;
  auto data = R"({"operation":")" + std::string{name_of(operation)} + R"(","payment":")" + payment + R"(","amount":)"
              + encode(amount) + R"(,"outcome":"approved","reference":"r","reason":""})";
  entry.events.push_back({"ledger." + std::string{name_of(operation)}, 1, data});
  write(*books_, entry);
}

void stored_shop::deliver(const order_id& order) {
  const auto id = sibling_id<delivery_id>(order);
  delivery::state delivery;
  tell(id.value, delivery, delivery::request{id, order, customer_id{"cus_1"}, "Ada", "1 Main Street"});
  tell(id.value, delivery, delivery::offer{courier_id{"cur_1"}});
  tell(id.value, delivery, delivery::accept{1});
  tell(id.value, delivery, delivery::start{1});
  tell(id.value, delivery, delivery::complete{1});
}

void stored_shop::plant_event(const std::string& stream, const std::string& type, const std::string& data) {
  append planted;
  planted.stream = stream;
  planted.expected_version = open_query_store(own_)->run(load_entity{entity_kind::order, stream}).value().version;
  planted.at = time_;
  planted.events.push_back({type, 1, data});
  write(*journal_, planted);
}

void stored_shop::change(const std::string& sql) const {
  run(own_, sql);
}

void stored_shop::change_ledger(const std::string& sql) const {
  run(ledger_, sql);
}

void on_both(const std::function<void(stored_shop&)>& claim) {
  const temp_folder folder;
  // These tests do not check a loss of power.
  store_config own{.url = "sqlite:" + folder / "shop.db", .unsafe_no_sync = true};
  auto ledger = own;
  ledger.url += ".provider";
  stored_shop small{own, ledger};
  claim(small);
  const auto url = test_postgres::shared().create_database() + "?options=-csynchronous_commit%3Doff";
  stored_shop large{{url}, {url, "simulated_provider"}};
  claim(large);
}

violations walk(audit_check checker, std::uint32_t page) {
  violations broken;
  std::set<std::string> seen;
  for (list_audit_units next{{}, page};;) {
    const auto units = checker.list(next).value().units;
    if (units.empty())
      return broken;
    for (const auto& unit : units) {
      if (!seen.insert(unit).second)
        throw std::logic_error{"the walk comes by " + unit + " twice"};
      const auto report = checker.check({unit, true}).value();
      broken.insert(broken.end(), report.found.begin(), report.found.end());
    }
    next.after = units.back();
  }
}

std::string lines_of(const violations& broken) {
  std::string text;
  for (const auto& violation : broken)
    text += violation.invariant + " " + violation.subject + ": " + violation.detail + "\n";
  return text;
}

bool names(const violations& broken, const std::string& invariant, const std::string& subject) {
  return std::any_of(broken.begin(), broken.end(), [&](const violation& violation) {
    return violation.invariant == invariant && violation.subject == subject;
  });
}

} // namespace waybill::test
