#pragma once

#include "actors/delivery/courier_dispatcher.hpp"
#include "actors/delivery/simulated_couriers.hpp"
#include "actors/entity/entity.hpp"
#include "actors/entity/regions.hpp"
#include "actors/order/order_cache.hpp"
#include "actors/payment/simulated_provider.hpp"
#include "messages/actors.hpp"
#include "persistence/journal/journal_actor.hpp"
#include "persistence/queries/reader_actor.hpp"
#include "tests/actors/support/detour.hpp"
#include "tests/support/memory_store.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <caf/test/bdd_dsl.hpp>

namespace waybill::test {

/// All actors of one node on the deterministic scheduler, over a database in memory. The time of day is the
/// scheduler's.
class shop : public ::test_coordinator_fixture<> {
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
  };

  shop() : shop(options{}) {}

  explicit shop(options chosen) : chosen_(std::move(chosen)) {
    seed_jitter(1);
    database.set_clock([this] { return time(); });
    open();
  }

  ~shop() override { close(); }

  /// Starts the node on what the database holds.
  void open() {
    services_.node = "test";
    services_.clock = [this] { return time(); };
    auto journal = sys.spawn<journal_impl::stateful_impl<journal_state>>(database.open_journal(), journal_settings{},
                                                                         std::shared_ptr<log_listeners>{});
    services_.journals = {journal};
    services_.reader = spawn_test_reader(database);
    ledger_journal_ = sys.spawn<journal_impl::stateful_impl<journal_state>>(ledger.open_journal(), journal_settings{},
                                                                            std::shared_ptr<log_listeners>{});
    ledger_reader_ = spawn_test_reader(ledger);
    provider = spawn_simulated_provider(sys, chosen_.provider, ledger_journal_, ledger_reader_);
    pool = chosen_.deliveries.real_couriers ? spawn_courier_dispatcher(sys, services_, chosen_.dispatch)
                                            : spawn_courier_pool(sys, chosen_.couriers);
    orders = spawn_order_region(sys, services_, chosen_.orders, board);
    products = spawn_product_region(sys, services_, chosen_.products);
    payments = spawn_payment_region(sys, services_, chosen_.payments, provider);
    deliveries = spawn_delivery_region(sys, services_, chosen_.deliveries, pool);
    couriers = spawn_courier_region(sys, services_, chosen_.courier_entities, pool);
    connect(direct());
    place(orders);
    place(products);
    place(payments);
    place(deliveries);
    place(couriers);
  }

  /// The way without detours.
  region_handles direct() const {
    return {caf::actor_cast<caf::strong_actor_ptr>(orders), caf::actor_cast<caf::strong_actor_ptr>(products),
            caf::actor_cast<caf::strong_actor_ptr>(payments), caf::actor_cast<caf::strong_actor_ptr>(deliveries),
            caf::actor_cast<caf::strong_actor_ptr>(couriers)};
  }

  /// Tells the regions how to reach each other; tests may put something in between.
  void connect(const region_handles& near) {
    caf::anon_send(orders, near);
    caf::anon_send(products, near);
    caf::anon_send(payments, near);
    caf::anon_send(deliveries, near);
    caf::anon_send(couriers, near);
    caf::anon_send(pool, near);
  }

  /// Ends all actors at once, as a crash would; the databases stay.
  void close() {
    // The journals first: from now on nothing becomes durable.
    for (const auto& who : {caf::actor_cast<caf::actor>(services_.journals.front()),
                            caf::actor_cast<caf::actor>(ledger_journal_), caf::actor_cast<caf::actor>(services_.reader),
                            caf::actor_cast<caf::actor>(ledger_reader_), caf::actor_cast<caf::actor>(provider)})
      caf::anon_send_exit(who, caf::exit_reason::kill);
    // These take their entities and couriers along.
    for (const auto& who : {caf::actor_cast<caf::actor>(orders), caf::actor_cast<caf::actor>(products),
                            caf::actor_cast<caf::actor>(payments), caf::actor_cast<caf::actor>(deliveries),
                            caf::actor_cast<caf::actor>(couriers), caf::actor_cast<caf::actor>(pool)})
      caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
    for (const auto& who : std::exchange(detours, {}))
      caf::anon_send_exit(who, caf::exit_reason::kill);
    consume_messages();
  }

  /// Kills the node and starts it again on what was durable.
  void restart() {
    close();
    open();
  }

  timestamp time() const {
    return epoch_
           + std::chrono::duration_cast<std::chrono::microseconds>(sched.clock().current_time.time_since_epoch());
  }

  /// With a seed set, the actors that are ready run in random order.
  bool consume_message() override {
    if (shuffled && sched.jobs.size() > 1)
      std::swap(sched.jobs.front(), sched.jobs[random() % sched.jobs.size()]);
    return ::test_coordinator_fixture<>::consume_message();
  }

  /// Lets the time pass, with all that happens in it.
  void pass(caf::timespan duration) {
    auto& clock = sched.clock();
    const auto until = clock.current_time + duration;
    for (;;) {
      if (consume_message())
        continue;
      if (clock.schedule.empty() || clock.schedule.begin()->first > until)
        break;
      trigger_timeout();
    }
    clock.current_time = until;
  }

  /// Runs until `condition` holds, timers included. Fails the test when nothing is left to run.
  template <class Condition>
  void run_to(const char* what, Condition condition) {
    constexpr int most_steps = 1'000'000;
    for (int i = 0; i < most_steps; ++i) {
      if (condition())
        return;
      if (!consume_message() && !trigger_timeout())
        break;
    }
    if (!condition())
      CAF_FAIL("this never happened: " << what);
  }

  template <class Answer>
  using pending = std::shared_ptr<std::optional<result<Answer>>>;

  /// Sends a request and goes on; the answer turns up in what is returned.
  template <class Answer, class Handle, class Request>
  pending<Answer> send(const Handle& whom, Request request) {
    auto answer = std::make_shared<std::optional<result<Answer>>>();
    sys.spawn([answer, whom, request](caf::event_based_actor* asking) {
      asking->request(whom, caf::infinite, request)
        .then([answer](Answer& value) { *answer = std::move(value); },
              [answer](const caf::error& reason) { *answer = to_failure(reason); });
    });
    return answer;
  }

  /// Sends a request and runs until it is answered.
  template <class Answer, class Handle, class Request>
  result<Answer> ask(const Handle& whom, Request request) {
    auto answer = send<Answer>(whom, std::move(request));
    run_to("an answer", [&] { return answer->has_value(); });
    return **answer;
  }

  // -- the shop's business
  // ---------------------------------------------------------------------------------------------

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
    auto found = ask<order::state>(orders, get_order{id, of_everything()});
    CAF_REQUIRE(found.has_value());
    return *found;
  }

  /// Runs until the order rests and returns it.
  order::state rest_of(const order_id& id) {
    auto found = ask<order::state>(orders, await_order{id, true, time() + std::chrono::hours{24}, of_everything()});
    CAF_REQUIRE(found.has_value());
    return *found;
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

  /// Places the order and runs until it has reached `wanted`.
  void run_to_status(const place_order& what, order::status wanted) {
    CAF_REQUIRE(ask<order_placed>(orders, what).has_value());
    run_to("a status of the order", [&] { return stored<order::state>(what.id.value).status == wanted; });
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

  memory_database database;
  memory_database ledger;
  /// Of the orders that were read.
  const std::shared_ptr<order_cache> board = std::make_shared<order_cache>(nullptr);
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
  template <class Region>
  void place(const Region& region) {
    caf::anon_send(region, placement{1, "test", {{"test", caf::actor_cast<caf::strong_actor_ptr>(region)}}});
  }

  reader_actor spawn_test_reader(const memory_database& from) {
    return sys.spawn<reader_actor::stateful_impl<reader_state>>(from.open_query(),
                                                                std::make_shared<std::atomic<std::size_t>>(1U << 30U));
  }

  options chosen_;
  entity_services services_;
  journal_actor ledger_journal_;
  reader_actor ledger_reader_;
  const timestamp epoch_ = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
};

} // namespace waybill::test
