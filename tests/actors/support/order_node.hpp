#pragma once

#include "actors/delivery/courier_dispatcher.hpp"
#include "actors/delivery/courier_region.hpp"
#include "actors/delivery/delivery_region.hpp"
#include "actors/delivery/simulated_couriers.hpp"
#include "actors/order/order_cache.hpp"
#include "actors/order/order_region.hpp"
#include "actors/payment/payment_region.hpp"
#include "actors/payment/simulated_provider.hpp"
#include "actors/stock/product_region.hpp"
#include "actors/support/backoff.hpp"
#include "domain/json/codec.hpp"
#include "tests/actors/support/actor_fixture.hpp"
#include "tests/actors/support/detour.hpp"

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <caf/test/bdd_dsl.hpp>

namespace waybill::test {

/// All actors of one node that an order needs.
class order_node : public actor_fixture {
public:
  struct options {
    courier_settings couriers{.pool_size = 4, .decline_percent = 0, .abort_percent = 0, .vanish_percent = 0};
    order_settings orders;
    payment_settings payments;
    delivery_settings deliveries;
    dispatch_settings dispatch;
    courier_entity_settings courier_entities;
    product_settings products;
    simulated_provider_settings provider;
    /// Entities wait for each commit, as on a node with several journals.
    bool waits_for_commits = false;
  };

  order_node() : order_node(options{}) {}

  explicit order_node(options chosen) : chosen_(std::move(chosen)) {
    seed_jitter(1);
    open();
  }

  ~order_node() override { close(); }

  /// Starts the node on what the database holds.
  void open() {
    services_ = spawn_services();
    services_.time = shared_time;
    if (chosen_.waits_for_commits)
      services_.sequence = nullptr;
    ledger_journal_ = spawn_journal(ledger);
    ledger_reader_ = spawn_reader(ledger);
    provider = spawn_simulated_provider(sys, chosen_.provider, ledger_journal_, ledger_reader_);
    pool = chosen_.deliveries.real_couriers ? spawn_courier_dispatcher(sys, services_, chosen_.dispatch)
                                            : spawn_courier_pool(sys, chosen_.couriers);
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

  /// The way without detours.
  region_handles direct() const {
    return {caf::actor_cast<caf::strong_actor_ptr>(orders), caf::actor_cast<caf::strong_actor_ptr>(products),
            caf::actor_cast<caf::strong_actor_ptr>(payments), caf::actor_cast<caf::strong_actor_ptr>(deliveries),
            caf::actor_cast<caf::strong_actor_ptr>(couriers)};
  }

  /// Tells the regions how to reach each other; tests may put a detour in between.
  void connect(const region_handles& regions) {
    caf::anon_send(orders, regions);
    caf::anon_send(products, regions);
    caf::anon_send(payments, regions);
    caf::anon_send(deliveries, regions);
    caf::anon_send(couriers, regions);
    caf::anon_send(pool, regions);
  }

  /// Ends all actors at once, as a crash would; the databases stay.
  void close() {
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
    for (const auto& actor : std::exchange(detours, {}))
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    consume_messages();
  }

  /// Kills the node and starts it again on what was durable.
  void restart() {
    close();
    open();
  }

  /// With a seed set, the actors that are ready run in random order.
  bool consume_message() override {
    if (shuffled && sched.jobs.size() > 1)
      std::swap(sched.jobs.front(), sched.jobs[random() % sched.jobs.size()]);
    return ::test_coordinator_fixture<>::consume_message();
  }

  // -- orders ---------------------------------------------------------------------------------------------------------

  product_id stock_up(std::int64_t on_hand, const std::string& sku = "sku") {
    auto id = make_id<product_id>();
    auto made = ask<product_view>(products, create_product{id, sku, "thing", {1000, "EUR"}, on_hand, {}});
    CAF_REQUIRE(made.has_value());
    return id;
  }

  static order::line line_of(const product_id& product, std::int64_t quantity) {
    return {product, "sku", "thing", quantity, {1000, "EUR"}};
  }

  place_order order_for(std::vector<order::line> lines, const std::string& token = "tok_ok",
                        const std::string& address = "Main Street 1") {
    return {make_id<order_id>(), customer, std::move(lines), {"card", token}, {"Ada", address}, {}, "f", {}};
  }

  order::state order_of(const order_id& id) {
    auto order = ask<order::state>(orders, get_order{id, of_everything()});
    CAF_REQUIRE(order.has_value());
    return *order;
  }

  /// Runs until the order rests and returns it.
  order::state rest_of(const order_id& id) {
    auto order = ask<order::state>(orders, await_order{id, true, time() + std::chrono::hours{24}, of_everything()});
    CAF_REQUIRE(order.has_value());
    return *order;
  }

  payment::state payment_of(const order_id& id) {
    auto found = ask<payment::state>(payments, get_payment{sibling_id<payment_id>(id)});
    CAF_REQUIRE(found.has_value());
    return *found;
  }

  delivery::state delivery_of(const order_id& id) {
    auto found = ask<delivery::state>(deliveries, get_delivery{sibling_id<delivery_id>(id)});
    CAF_REQUIRE(found.has_value());
    return *found;
  }

  /// Places the order and runs until it has reached `expected`.
  void run_to_status(const place_order& command, order::status expected) {
    CAF_REQUIRE(ask<order_placed>(orders, command).has_value());
    run_to("a status of the order", [&] { return listed(command.id).status == expected; });
  }

  /// As lists show it: what is durable.
  order::state listed(const order_id& id) const {
    list_orders query;
    query.ids = {id.value};
    const auto page = database.open_query()->run(query).value();
    return page.states.empty() ? order::state{} : decode<order::state>(page.states.front()).value();
  }

  /// What the database knows of an entity.
  template <class State>
  State stored(const std::string& id) const {
    const auto found = database.open_query()->run(load_entity{entity_kind::order, id});
    return found && !found->state.empty() ? decode<State>(found->state).value() : State{};
  }

  product_view product_of(const product_id& id) {
    auto found = ask<product_view>(products, get_product{id});
    CAF_REQUIRE(found.has_value());
    return *found;
  }

  std::vector<std::string> types_of(const std::string& stream) const {
    std::vector<std::string> types;
    for (const auto& event : database.log())
      if (event.stream == stream)
        types.push_back(event.type);
    return types;
  }

  std::size_t count_of(const std::string& type) const { return count_in(database, type); }

  static std::size_t count_in(const memory_database& where, const std::string& type) {
    const auto log = where.log();
    return static_cast<std::size_t>(
      std::count_if(log.begin(), log.end(), [&](const stored_event& event) { return event.type == type; }));
  }

  /// What becomes of each question to the provider; set it before `open` or `restart`. Null: it arrives.
  std::function<fate(const caf::message&)> on_way_to_provider;
  /// What the node knows of absences; set it before `open` or `restart`. Null: nothing.
  std::shared_ptr<cluster_time> shared_time;
  memory_database ledger;
  /// Of the orders that were read.
  const std::shared_ptr<order_cache> cache = std::make_shared<order_cache>(nullptr);
  order_region_actor orders;
  product_region_actor products;
  payment_region_actor payments;
  delivery_region_actor deliveries;
  courier_region_actor couriers;
  payment_provider_actor provider;
  courier_pool_actor pool;
  /// Ended with the node.
  std::vector<caf::actor> detours;
  bool shuffled = false;
  std::minstd_rand random{1};
  customer_id customer = derive_id<customer_id>("ada");

  const entity_services& services() const { return services_; }
  const options& chosen() const { return chosen_; }

private:
  options chosen_;
  entity_services services_;
  journal_actor ledger_journal_;
  reader_actor ledger_reader_;
};

} // namespace waybill::test
