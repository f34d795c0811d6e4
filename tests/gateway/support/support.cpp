#include "tests/gateway/support/support.hpp"

#include "domain/codec.hpp"
#include "domain/product.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>

namespace waybill::test {

namespace {

using world_ptr = std::shared_ptr<world>;

caf::error refused(ec code) {
  return caf::make_error(code, std::string{"the script says so"});
}

/// What the script wants of this request to an order; none to go on.
ec next_failure(world& w) {
  ++w.asked_orders;
  if (w.failures_left > 0 && --w.failures_left == 0)
    return std::exchange(w.order_failure, ec::none);
  return w.order_failure;
}

caf::result<order_placed> place(world& w, place_order& wanted) {
  std::lock_guard guard{w.mutex};
  if (const auto failed = next_failure(w); failed != ec::none)
    return refused(failed);
  if (const auto found = w.orders.find(wanted.id.value); found != w.orders.end()) {
    if (found->second.fingerprint != wanted.fingerprint)
      return refused(ec::idempotency_key_reused);
    return order_placed{found->second, true};
  }
  order::state made;
  made.id = wanted.id;
  made.customer = wanted.customer;
  made.status = order::status::placed;
  made.lines = wanted.lines;
  made.payment = wanted.payment;
  made.delivery = wanted.delivery;
  made.note = wanted.note;
  made.fingerprint = wanted.fingerprint;
  made.created_at = made.updated_at = now();
  made.version = 1;
  for (const auto& line : made.lines)
    made.total = *add(made.total, *multiply(line.unit_price, line.quantity));
  w.orders.emplace(made.id.value, made);
  return order_placed{made, false};
}

caf::result<order::state> find_order(world& w, const order_id& id, const viewer& whom) {
  std::lock_guard guard{w.mutex};
  if (const auto failed = next_failure(w); failed != ec::none)
    return refused(failed);
  const auto found = w.orders.find(id.value);
  if (found == w.orders.end() || !whom.may_see(found->second.customer))
    return refused(ec::not_found);
  return found->second;
}

/// The order once it is settled: here at once.
caf::result<order::state> settle(world& w, const order_id& id) {
  std::lock_guard guard{w.mutex};
  auto& found = w.orders.at(id.value);
  found.status = order::status::confirmed;
  found.payment_status = order::payment_status::authorized;
  found.version = 4;
  return found;
}

caf::result<order::state> cancel(world& w, cancel_order& wanted) {
  std::lock_guard guard{w.mutex};
  w.cancels.push_back(wanted);
  const auto found = w.orders.find(wanted.id.value);
  if (found == w.orders.end() || !wanted.on_behalf.may_see(found->second.customer))
    return refused(ec::not_found);
  auto& order = found->second;
  if (wanted.expected_version != 0 && wanted.expected_version != order.version)
    return refused(ec::version_mismatch);
  if (order.status == order::status::completed)
    return refused(ec::illegal_transition);
  if (order.status != order::status::needs_attention)
    order.status = order.status == order::status::placed ? order::status::cancelling : order::status::cancelled;
  ++order.version;
  return order;
}

caf::result<order::state> leave_attention(world& w, const order_id& id, std::uint64_t expected, order::status next) {
  const auto found = w.orders.find(id.value);
  if (found == w.orders.end())
    return refused(ec::not_found);
  auto& order = found->second;
  if (expected != 0 && expected != order.version)
    return refused(ec::version_mismatch);
  if (order.status != order::status::needs_attention)
    return refused(ec::illegal_transition);
  order.status = next;
  ++order.version;
  return order;
}

caf::result<order::state> retry(world& w, const retry_order& wanted) {
  std::lock_guard guard{w.mutex};
  w.retries.push_back(wanted);
  return leave_attention(w, wanted.id, wanted.expected_version, order::status::fulfilling);
}

caf::result<order::state> resolve(world& w, const resolve_order& wanted) {
  std::lock_guard guard{w.mutex};
  w.resolutions.push_back(wanted);
  return leave_attention(w, wanted.id, wanted.expected_version, wanted.outcome);
}

/// Does what the domain says, one command after the other.
result<order::state> obey(world& w, const order_id& id, bool is_there, std::uint64_t expected,
                          const std::vector<order::command>& commands) {
  const auto found = w.orders.find(id.value);
  if (found == w.orders.end() || !is_there)
    return failure{ec::not_found, "the script says so"};
  auto& order = found->second;
  if (expected != 0 && expected != order.version)
    return failure{ec::version_mismatch, "the script says so"};
  for (const auto& command : commands) {
    const auto events = order::decide(order, command, now(), {});
    if (!events)
      return events.error();
    for (const auto& event : *events)
      order::apply(order, event, now());
  }
  return order;
}

caf::result<order::state> answer_of(const result<order::state>& what) {
  if (what)
    return *what;
  return caf::make_error(what.error().code, what.error().detail);
}

bool is_there(world& w, const order_id& id, const viewer& whom) {
  const auto found = w.orders.find(id.value);
  return found != w.orders.end() && whom.may_see(found->second.customer);
}

caf::result<refund_accepted> refund(world& w, const refund_order& x) {
  std::lock_guard guard{w.mutex};
  w.refunds.push_back(x);
  const auto before = w.orders.contains(x.id.value) ? w.orders.at(x.id.value).version : 0;
  const auto done = obey(w, x.id, x.on_behalf.everything, x.expected_version,
                         {order::request_refund{x.refund, x.amount, x.reason, {x.origin.by_kind, x.origin.by_id}}});
  if (!done)
    return caf::make_error(done.error().code, done.error().detail);
  return refund_accepted{*done, done->version == before};
}

caf::result<order::state> hold(world& w, const order_id& id, const viewer& whom, std::uint64_t expected,
                               order::command command) {
  std::lock_guard guard{w.mutex};
  return answer_of(obey(w, id, whom.everything, expected, {std::move(command)}));
}

/// Other lines are there at once.
caf::result<order::state> change(world& w, const change_order& x) {
  std::lock_guard guard{w.mutex};
  w.changes.push_back(x);
  const bool seen = is_there(w, x.id, x.on_behalf);
  if (!x.lines)
    return answer_of(obey(w, x.id, seen, x.expected_version, {order::change{x.delivery, x.note}}));
  if (w.change_failure != ec::none)
    return refused(w.change_failure);
  return answer_of(obey(w, x.id, seen, x.expected_version,
                        {order::revise{x.intent, *x.lines, x.delivery, x.note}, order::record_revised{1},
                         order::record_revision_closed{1}}));
}

template <class State>
caf::result<State> find_part(world& w, const std::map<std::string, State>& parts, const std::string& id) {
  std::lock_guard guard{w.mutex};
  const auto found = parts.find(id);
  if (found == parts.end())
    return refused(ec::not_found);
  return found->second;
}

payment_actor::behavior_type payments(world_ptr w) {
  return {[](resume_entity&) {},
          [](wake_up&) {},
          [](retire_entity&) {},
          [](describe_entity&) { return entity_description{}; },
          [](authorize_payment&) { return payment::state{}; },
          [](capture_payment&) { return payment::state{}; },
          [](void_payment&) { return payment::state{}; },
          [](report_payment_outcome&) { return payment::state{}; },
          [w](get_payment& x) { return find_part(*w, w->payments, x.id.value); },
          [](refund_payment&) { return payment::state{}; }};
}

delivery_actor::behavior_type deliveries(world_ptr w) {
  return {[](resume_entity&) {},
          [](wake_up&) {},
          [](retire_entity&) {},
          [](describe_entity&) { return entity_description{}; },
          [](request_delivery&) { return delivery::state{}; },
          [](cancel_delivery&) { return delivery::state{}; },
          [](courier_says&) { return delivery::state{}; },
          [w](get_delivery& x) { return find_part(*w, w->deliveries, x.id.value); },
          [w](act_on_delivery& x) { return find_part(*w, w->deliveries, x.id.value); },
          [w](view_delivery& x) { return find_part(*w, w->deliveries, x.id.value); }};
}

order_actor::behavior_type orders(order_actor::pointer self, world_ptr w) {
  return {
    [](resume_entity&) {},
    [](wake_up&) {},
    [](retire_entity&) {},
    [](describe_entity&) { return entity_description{}; },
    [w](place_order& x) { return place(*w, x); },
    [w, self](get_order& x) -> caf::result<order::state> {
      if (w->silent_orders)
        return self->make_response_promise<order::state>();
      return find_order(*w, x.id, x.on_behalf);
    },
    [w](await_order& x) -> caf::result<order::state> {
      if (w->unsettled_orders)
        return find_order(*w, x.id, x.on_behalf);
      return settle(*w, x.id);
    },
    [w](cancel_order& x) { return cancel(*w, x); },
    [](delivery_ended&) {},
    [w](retry_order& x) { return retry(*w, x); },
    [w](resolve_order& x) { return resolve(*w, x); },
    [w](refund_order& x) { return refund(*w, x); },
    [w](hold_order& x) {
      return hold(*w, x.id, x.on_behalf, x.expected_version, order::hold{{x.origin.by_kind, x.origin.by_id}, x.reason});
    },
    [w](release_order& x) {
      return hold(*w, x.id, x.on_behalf, x.expected_version,
                  order::release{{x.origin.by_kind, x.origin.by_id}, x.reason});
    },
    [w](change_order& x) { return change(*w, x); }};
}

template <class Change>
caf::result<product_view> change_entry(world& w, const product_id& id, std::uint64_t expected, Change act) {
  std::lock_guard guard{w.mutex};
  const auto found = w.products.find(id.value);
  if (found == w.products.end())
    return refused(ec::not_found);
  if (expected != 0 && expected != found->second.version)
    return refused(ec::version_mismatch);
  if (!act(found->second))
    return refused(ec::invalid_argument);
  return found->second;
}

caf::result<product_view> create(world& w, const create_product& x) {
  std::lock_guard guard{w.mutex};
  for (const auto& [id, one] : w.products)
    if (one.sku == x.sku)
      return refused(ec::duplicate);
  return w.products[x.id.value] = {x.id, x.sku, x.name, x.price, x.on_hand, 0, false, now(), now(), 1};
}

bool adjust(product_view& one, std::int64_t delta) {
  if (one.on_hand + delta < one.reserved)
    return false;
  one.on_hand += delta;
  ++one.version;
  return true;
}

product_actor::behavior_type products(world_ptr w) {
  return {[](resume_entity&) {},
          [](wake_up&) {},
          [](retire_entity&) {},
          [](describe_entity&) { return entity_description{}; },
          [w](create_product& x) { return create(*w, x); },
          [w](get_product& x) { return change_entry(*w, x.id, 0, [](auto&) { return true; }); },
          [w](change_product& x) {
            return change_entry(*w, x.id, x.expected_version, [&](product_view& one) {
              one.name = x.name.value_or(one.name);
              ++one.version;
              return true;
            });
          },
          [w](withdraw_product& x) {
            return change_entry(*w, x.id, x.expected_version, [](product_view& one) { return one.withdrawn = true; });
          },
          [w](adjust_stock& x) {
            return change_entry(*w, x.id, x.expected_version, [&](product_view& one) { return adjust(one, x.delta); });
          },
          [](reserve_stock&) { return stock_answer{}; },
          [](commit_stock&) { return stock_answer{}; },
          [](release_stock&) { return stock_answer{}; }};
}

std::vector<stored_event> behind(world& w, const log_position& after, const event_filter& filter) {
  std::lock_guard guard{w.mutex};
  std::vector<stored_event> result;
  std::copy_if(w.log.begin(), w.log.end(), std::back_inserter(result),
               [&](const stored_event& one) { return one.position > after && matches(filter, one); });
  return result;
}

log_page page_of(world& w, const read_log& x) {
  log_page page{behind(w, x.after, x.filter), x.after};
  if (page.events.size() > x.limit)
    page.events.resize(x.limit);
  if (!page.events.empty())
    page.next = page.events.back().position;
  return page;
}

log_position end_of(world& w) {
  std::lock_guard guard{w.mutex};
  return w.log.empty() ? log_position{} : w.log.back().position;
}

user_page find_users(world& w, const find_user& wanted) {
  std::lock_guard guard{w.mutex};
  user_page page;
  for (const auto& [id, one] : w.users)
    if (wanted.email.empty() || one.email == wanted.email)
      page.users.push_back({id, one.email, one.name, {}, "customer", false, one.created_at});
  return page;
}

found_service_key find_key(world& w, const find_service_key& wanted) {
  std::lock_guard guard{w.mutex};
  const auto found = w.keys.find(wanted.token_hash);
  return found == w.keys.end() ? found_service_key{} : found_service_key{found->second};
}

reader_actor::behavior_type reader(world_ptr w) {
  return {[](load_entity&) { return stored_entity{}; },
          [](find_reservation&) { return found_reservation{}; },
          [](list_unfinished&) { return unfinished_page{}; },
          [w](read_log& x) { return page_of(*w, x); },
          [w](get_log_end&) { return end_of(*w); },
          [w](list_orders& x) {
            std::lock_guard guard{w->mutex};
            w->order_lists.push_back(x);
            return w->page;
          },
          [w](list_products&) {
            std::lock_guard guard{w->mutex};
            return w->page;
          },
          [](list_notifications& x) {
            notification_page page;
            page.notifications.push_back({{"ntf_00000000000000000001", x.customer, "ord_00000000000000000001",
                                           "order.confirmed", "Confirmed.", now()},
                                          {}});
            return page;
          },
          [w](find_user& x) { return find_users(*w, x); },
          [w](list_users&) { return find_users(*w, {}); },
          [w](find_service_key& x) { return find_key(*w, x); },
          [w](list_service_keys&) {
            std::lock_guard guard{w->mutex};
            service_key_page page;
            for (const auto& [hash, key] : w->keys)
              page.keys.push_back(key);
            return page;
          },
          [w](list_couriers& x) {
            std::lock_guard guard{w->mutex};
            w->courier_lists.push_back(x);
            return w->page;
          },
          [w](list_deliveries& x) {
            std::lock_guard guard{w->mutex};
            w->delivery_lists.push_back(x);
            return w->page;
          },
          [](find_free_couriers&) { return free_couriers{}; },
          [w](list_webhooks& x) {
            std::lock_guard guard{w->mutex};
            w->webhook_lists.push_back(x);
            return w->webhooks;
          },
          [w](list_webhook_deliveries& x) {
            std::lock_guard guard{w->mutex};
            w->webhook_delivery_lists.push_back(x);
            return w->webhook_deliveries;
          },
          [](check_store&) {}};
}

notifier_actor::behavior_type notifier() {
  return {[](log_advanced&) {},
          [](mark_notifications_read& x) -> caf::result<notifications_marked> {
            if (!x.id.empty() && x.id != "ntf_00000000000000000001")
              return refused(ec::not_found);
            return notifications_marked{now()};
          }};
}

/// Answers when something has come or the time is over; log_advanced makes it look again.
struct feed_state {
  struct waiter {
    std::uint64_t number = 0;
    read_feed wanted;
    caf::typed_response_promise<feed_page> promise;
  };
  std::vector<waiter> waiters;
  std::uint64_t last = 0;

  void give_up(std::uint64_t number) {
    const auto found = std::ranges::find(waiters, number, &waiter::number);
    if (found == waiters.end())
      return;
    found->promise.deliver(feed_page{{}, found->wanted.after});
    waiters.erase(found);
  }
};

bool deliver(world& w, feed_state::waiter& one) {
  auto events = behind(w, one.wanted.after, one.wanted.filter);
  if (events.empty())
    return false;
  feed_page page;
  for (auto& event : events)
    if (page.events.size() < one.wanted.limit)
      page.events.push_back(std::make_shared<stored_event>(std::move(event)));
  page.next = page.events.back()->position;
  one.promise.deliver(page);
  return true;
}

event_feed_actor::behavior_type feed(event_feed_actor::stateful_pointer<feed_state> self, world_ptr w) {
  return {
    [self, w](read_feed& x) -> caf::result<feed_page> {
      feed_state::waiter one{++self->state.last, x, self->make_response_promise<feed_page>()};
      auto promise = one.promise;
      if (deliver(*w, one))
        return promise;
      self->run_delayed(x.wait, [self, number = one.number] { self->state.give_up(number); });
      self->state.waiters.push_back(std::move(one));
      return promise;
    },
    [self, w](log_advanced&) { std::erase_if(self->state.waiters, [&](auto& one) { return deliver(*w, one); }); }};
}

} // namespace

fixture::fixture(std::function<void(gateway_config&)> change, std::function<void(gateway_services&)> change_services)
  : sys(config), state(std::make_shared<world>()) {
  services.orders = sys.spawn(orders, state);
  services.products = sys.spawn(products, state);
  services.payments = sys.spawn(payments, state);
  services.deliveries = sys.spawn(deliveries, state);
  services.reader = sys.spawn(reader, state);
  services.notifier = sys.spawn(notifier);
  services.feed = sys.spawn(feed, state);
  services.node = "test-node";
  actors_ = {caf::actor_cast<caf::actor>(services.orders),    caf::actor_cast<caf::actor>(services.products),
             caf::actor_cast<caf::actor>(services.reader),    caf::actor_cast<caf::actor>(services.notifier),
             caf::actor_cast<caf::actor>(services.feed),      caf::actor_cast<caf::actor>(services.payments),
             caf::actor_cast<caf::actor>(services.deliveries)};
  gateway_config options;
  options.port = 0;
  options.drain_delay = {};
  if (change)
    change(options);
  if (change_services)
    change_services(services);
  front = std::make_unique<gateway>(sys, options, services);
  if (auto started = front->start(); !started)
    throw std::runtime_error{started.error().detail};
}

fixture::~fixture() {
  front.reset();
  for (auto& one : actors_)
    caf::anon_send_exit(one, caf::exit_reason::kill);
}

product_id fixture::add_product(std::string currency, std::int64_t amount) {
  const auto id = make_id<product_id>();
  std::lock_guard guard{state->mutex};
  state->products[id.value] = {
    id, "sku-" + id.value, "A thing", {amount, std::move(currency)}, 10, 0, false, now(), now(), 3};
  return id;
}

void fixture::log_event(std::string type, std::string order) {
  {
    std::lock_guard guard{state->mutex};
    stored_event one;
    one.position = position(state->log.size() + 1);
    one.stream = order.empty() ? "ord_1" : order;
    one.version = state->log.size() + 1;
    one.type = std::move(type);
    one.at = now();
    one.order = std::move(order);
    one.node = "test-node";
    one.data = event_data(one.type, one.stream);
    state->log.push_back(std::move(one));
  }
  caf::anon_send(services.feed, log_advanced{});
}

answer fixture::send(std::string_view method, std::string_view target, std::string_view body,
                     const header_list& headers) {
  return connection{port()}.send(method, target, body, headers);
}

std::string order_body(const product_id& product, int quantity, std::string_view token) {
  return R"({"lines":[{"product_id":")" + product.value + R"(","quantity":)" + std::to_string(quantity)
         + R"(}],"payment":{"method":"card","token":")" + std::string{token}
         + R"("},"delivery":{"name":"Ada","address":"1 Main Street"}})";
}

order::state placed_order(const std::string& id, const std::string& customer) {
  order::state made;
  made.id = order_id{id};
  made.customer = customer_id{customer};
  made.status = order::status::placed;
  made.lines = {{product_id{"prd_00000000000000000001"}, "tea-1", "Tea", 2, {250, "EUR"}}};
  made.total = {500, "EUR"};
  made.payment = {"card", "tok_ok"};
  made.delivery = {"Ada", "1 Main Street"};
  made.created_at = made.updated_at = now();
  made.version = 1;
  return made;
}

std::string event_data(std::string_view type, const std::string& order, const std::string& note) {
  if (type == order::placed::type) {
    const auto of = placed_order(order);
    return encode(
      order::placed{of.id, of.customer, of.lines, of.total, of.payment, of.delivery, note, {}, of.created_at});
  }
  if (type == order::confirmed::type)
    return encode(order::confirmed{now()});
  return type == product::stock_low::type ? encode(product::stock_low{1}) : encode(order::completed{});
}

log_position position(std::uint64_t n) {
  return {0, n};
}

} // namespace waybill::test
