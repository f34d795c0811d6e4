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

  order_node();

  explicit order_node(options chosen);

  ~order_node() override;

  /// Starts the node on the contents of the database.
  void open();

  /// The way without detours.
  region_handles direct() const;

  /// Tells the regions how to reach each other; tests may put a detour in between.
  void connect(const region_handles& regions);

  /// Ends all actors at once, as a crash would; the databases stay.
  void close();

  /// Kills the node and starts it again with its durable data.
  void restart() {
    close();
    open();
  }

  /// With a seed set, the actors that are ready run in random order.
  bool consume_message() override;

  // -- orders ---------------------------------------------------------------------------------------------------------

  product_id stock_up(std::int64_t on_hand, const std::string& sku = "sku");

  static order::line line_of(const product_id& product, std::int64_t quantity);

  place_order order_for(std::vector<order::line> lines, const std::string& token = "tok_ok",
                        const std::string& address = "Main Street 1");

  order::state order_of(const order_id& id);

  /// Runs until the order rests and returns it.
  order::state rest_of(const order_id& id);

  payment::state payment_of(const order_id& id);

  delivery::state delivery_of(const order_id& id);

  /// Places the order and runs until it has reached `expected`.
  void run_to_status(const place_order& command, order::status expected);

  /// The order as lists show it, from durable data.
  order::state listed(const order_id& id) const;

  /// The durable state of an entity.
  template <class State>
  State stored(const std::string& id) const {
    const auto entity = database.open_query()->run(load_entity{entity_kind::order, id});
    return entity && !entity->state.empty() ? decode<State>(entity->state).value() : State{};
  }

  product_view product_of(const product_id& id);

  std::vector<std::string> types_of(const std::string& stream) const;

  std::size_t count_of(const std::string& type) const { return count_in(database, type); }

  static std::size_t count_in(const memory_database& where, const std::string& type);

  /// The treatment of each request to the provider; set it before `open` or `restart`. Null: it arrives.
  std::function<fate(const caf::message&)> on_way_to_provider;
  /// The absences that the node knows; set it before `open` or `restart`. Null: none.
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
  /// What `pool` turns to, or is; null where all couriers are real.
  courier_pool_actor simulated_couriers;
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
