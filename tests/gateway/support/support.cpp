#include "tests/gateway/support/support.hpp"

#include "domain/json/codec.hpp"
#include "domain/order/order.hpp"
#include "domain/product.hpp"
#include "tests/gateway/support/scripted.hpp"

#include <caf/send.hpp>

namespace waybill::test {

fixture::fixture(std::function<void(gateway_config&)> change, std::function<void(gateway_services&)> change_services)
  : sys(config), state(std::make_shared<world>()) {
  services.orders = scripted::spawn_orders(sys, state);
  services.retrying_orders = scripted::spawn_retrying(sys, state);
  services.bulk_actions = scripted::spawn_bulk_actions(sys, state);
  services.products = scripted::spawn_products(sys, state);
  services.payments = scripted::spawn_payments(sys, state);
  services.deliveries = scripted::spawn_deliveries(sys, state);
  services.users = scripted::spawn_users(sys, state);
  services.reader = scripted::spawn_reader(sys, state);
  services.notifier = scripted::spawn_notifier(sys, state);
  services.feed = scripted::spawn_feed(sys, state);
  services.node_api = scripted::spawn_node_api(sys, state);
  services.node = "test-node";
  actors_ = {caf::actor_cast<caf::actor>(services.orders),       caf::actor_cast<caf::actor>(services.node_api),
             caf::actor_cast<caf::actor>(services.products),     caf::actor_cast<caf::actor>(services.retrying_orders),
             caf::actor_cast<caf::actor>(services.bulk_actions), caf::actor_cast<caf::actor>(services.reader),
             caf::actor_cast<caf::actor>(services.notifier),     caf::actor_cast<caf::actor>(services.feed),
             caf::actor_cast<caf::actor>(services.payments),     caf::actor_cast<caf::actor>(services.deliveries),
             caf::actor_cast<caf::actor>(services.users)};
  gateway_config options;
  options.port = 0;
  options.drain_delay = {};
  if (change)
    change(options);
  if (change_services)
    change_services(services);
  server = std::make_unique<gateway>(sys, options, services);
  if (auto started = server->start(); !started)
    throw std::runtime_error{started.error().detail};
}

fixture::~fixture() {
  server.reset();
  for (auto& actor : actors_)
    caf::anon_send_exit(actor, caf::exit_reason::kill);
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
    stored_event event;
    event.position = position(state->log.size() + 1);
    event.stream = order.empty() ? "ord_1" : order;
    event.version = state->log.size() + 1;
    event.type = std::move(type);
    event.at = now();
    event.order = std::move(order);
    event.node = "test-node";
    event.data = event_data(event.type, event.stream);
    state->log.push_back(std::move(event));
  }
  caf::anon_send(services.feed, log_advanced{});
}

void fixture::remove_events(std::uint64_t count) {
  {
    std::lock_guard guard{state->mutex};
    state->removed = count;
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
