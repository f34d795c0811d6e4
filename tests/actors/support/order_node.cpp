#include "tests/actors/support/order_node.hpp"

namespace waybill::test {

order_node::order_node() : order_node(options{}) {}

order_node::order_node(options chosen) : chosen_(std::move(chosen)) {
  seed_jitter(1);
  open();
}

order_node::~order_node() {
  close();
}

void order_node::open() {
  services_ = spawn_services();
  services_.time = shared_time;
  if (chosen_.waits_for_commits)
    services_.sequence = nullptr;
  ledger_journal_ = spawn_journal(ledger);
  ledger_reader_ = spawn_reader(ledger);
  provider = spawn_simulated_provider(sys, chosen_.provider, ledger_journal_, ledger_reader_,
                                      [this] { return ledger.generation(); });
  if (chosen_.deliveries.pool != courier_pool_kind::real)
    simulated_couriers = spawn_courier_pool(sys, chosen_.couriers);
  pool = chosen_.deliveries.pool == courier_pool_kind::simulated
           ? simulated_couriers
           : spawn_courier_dispatcher(sys, services_, chosen_.dispatch, simulated_couriers);
  auto asked = provider;
  if (on_way_to_provider) {
    detours.push_back(spawn_detour(sys, caf::actor_cast<caf::strong_actor_ptr>(provider), on_way_to_provider));
    asked = caf::actor_cast<payment_provider_actor>(detours.back());
  }
  orders = spawn_order_region(sys, services_, chosen_.orders, cache);
  products = spawn_product_region(sys, services_, chosen_.products);
  payments = spawn_payment_region(sys, services_, chosen_.payments, asked);
  deliveries = spawn_delivery_region(sys, services_, chosen_.deliveries, pool);
  couriers = spawn_courier_region(sys, services_, chosen_.courier_entities, pool);
  connect(direct());
  place_all(orders);
  place_all(products);
  place_all(payments);
  place_all(deliveries);
  place_all(couriers);
}

region_handles order_node::direct() const {
  return {caf::actor_cast<caf::strong_actor_ptr>(orders), caf::actor_cast<caf::strong_actor_ptr>(products),
          caf::actor_cast<caf::strong_actor_ptr>(payments), caf::actor_cast<caf::strong_actor_ptr>(deliveries),
          caf::actor_cast<caf::strong_actor_ptr>(couriers)};
}

void order_node::connect(const region_handles& regions) {
  caf::anon_send(orders, regions);
  caf::anon_send(products, regions);
  caf::anon_send(payments, regions);
  caf::anon_send(deliveries, regions);
  caf::anon_send(couriers, regions);
  caf::anon_send(pool, regions);
}

void order_node::close() {
  // The journals first: from now on nothing becomes durable.
  for (const auto& actor :
       {caf::actor_cast<caf::actor>(services_.journals.front()), caf::actor_cast<caf::actor>(ledger_journal_),
        caf::actor_cast<caf::actor>(services_.reader), caf::actor_cast<caf::actor>(ledger_reader_),
        caf::actor_cast<caf::actor>(provider)})
    caf::anon_send_exit(actor, caf::exit_reason::kill);
  // These take their entities and couriers along.
  for (const auto& actor : {caf::actor_cast<caf::actor>(orders), caf::actor_cast<caf::actor>(products),
                            caf::actor_cast<caf::actor>(payments), caf::actor_cast<caf::actor>(deliveries),
                            caf::actor_cast<caf::actor>(couriers), caf::actor_cast<caf::actor>(pool)})
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(std::exchange(simulated_couriers, {}), caf::exit_reason::user_shutdown);
  for (const auto& actor : std::exchange(detours, {}))
    caf::anon_send_exit(actor, caf::exit_reason::kill);
  consume_messages();
}

bool order_node::consume_message() {
  if (shuffled && sched.jobs.size() > 1)
    std::swap(sched.jobs.front(), sched.jobs[random() % sched.jobs.size()]);
  return ::test_coordinator_fixture<>::consume_message();
}

product_id order_node::stock_up(std::int64_t on_hand, const std::string& sku) {
  auto id = make_id<product_id>();
  auto made = ask<product_view>(products, create_product{{id, sku, "thing", {1000, "EUR"}, on_hand}, {}});
  CAF_REQUIRE(made.has_value());
  return id;
}

order::line order_node::line_of(const product_id& product, std::int64_t quantity) {
  return {product, "sku", "thing", quantity, {1000, "EUR"}};
}

place_order order_node::order_for(std::vector<order::line> lines, const std::string& token,
                                  const std::string& address) {
  return {make_id<order_id>(), customer, std::move(lines), {"card", token}, {"Ada", address}, {}, "f", {}};
}

order::state order_node::order_of(const order_id& id) {
  auto order = ask<order::state>(orders, get_order{id, of_everything()});
  CAF_REQUIRE(order.has_value());
  return *order;
}

order::state order_node::rest_of(const order_id& id) {
  auto order = ask<order::state>(orders, await_order{id, true, time() + std::chrono::hours{24}, of_everything()});
  CAF_REQUIRE(order.has_value());
  return *order;
}

payment::state order_node::payment_of(const order_id& id) {
  auto answer = ask<payment::state>(payments, get_payment{sibling_id<payment_id>(id)});
  CAF_REQUIRE(answer.has_value());
  return *answer;
}

delivery::state order_node::delivery_of(const order_id& id) {
  auto answer = ask<delivery::state>(deliveries, get_delivery{sibling_id<delivery_id>(id)});
  CAF_REQUIRE(answer.has_value());
  return *answer;
}

void order_node::run_to_status(const place_order& command, order::status expected) {
  CAF_REQUIRE(ask<order_placed>(orders, command).has_value());
  run_to("a status of the order", [&] { return listed(command.id).status == expected; });
}

order::state order_node::listed(const order_id& id) const {
  list_orders query;
  query.ids = {id.value};
  const auto page = database.open_query()->run(query).value();
  return page.states.empty() ? order::state{} : decode<order::state>(page.states.front()).value();
}

product_view order_node::product_of(const product_id& id) {
  auto answer = ask<product_view>(products, get_product{id});
  CAF_REQUIRE(answer.has_value());
  return *answer;
}

std::vector<std::string> order_node::types_of(const std::string& stream) const {
  std::vector<std::string> types;
  for (const auto& event : database.log())
    if (event.stream == stream)
      types.push_back(event.type);
  return types;
}

std::size_t order_node::count_in(const memory_database& where, const std::string& type) {
  const auto log = where.log();
  return static_cast<std::size_t>(
    std::count_if(log.begin(), log.end(), [&](const stored_event& event) { return event.type == type; }));
}

} // namespace waybill::test
