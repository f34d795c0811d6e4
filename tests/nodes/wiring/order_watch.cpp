#include "nodes/wiring/order_watch.hpp"

#include "domain/json/codec.hpp"
#include "persistence/readers/reader_actor.hpp"
#include "tests/domain/story.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/memory_store.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/metric_registry.hpp>

#define CAF_SUITE nodes.order_watch
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

struct fixture {
  fixture()
    : reader(spawn_reader(sys, [this] { return database.open_query(); }, {})),
      watch(spawn_order_watch(sys, reader, {.interval = 10ms})) {}

  ~fixture() {
    caf::anon_send_exit(watch, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(reader, caf::exit_reason::user_shutdown);
  }

  /// Stores an order of that age, in the state to which the commands lead.
  void store(const std::string& id, milliseconds age, const std::vector<order::command>& commands) {
    testing::order_story story;
    story.now = now() - age;
    auto placed = testing::a_place_command();
    placed.order = order_id{id};
    story.tell(placed);
    for (const auto& command : commands)
      story.tell(command);
    append request;
    request.stream = request.order = id;
    request.at = story.now;
    for (const auto& [at, event] : story.log) {
      auto encoded = encode_event(event);
      request.events.push_back({std::string{encoded.type}, encoded.schema, std::move(encoded.data)});
    }
    request.snapshot = entity_snapshot{1, encode(story.state), order::has_work(story.state), std::nullopt};
    request.rows.emplace_back(
      order_row{id, story.state.customer.value, std::string{name_of(story.state.status)}, story.state.created_at});
    const auto written = database.open_journal()->commit(std::span{&request, 1});
    CAF_REQUIRE(written.has_value() && written->front().has_value());
  }

  double oldest(const std::string& reason) {
    return sys.metrics()
      .gauge_family<double>("waybill", "orders-oldest-waiting", {"waits_for"}, "", "seconds")
      ->get_or_add({{"waits_for", reason}})
      ->value();
  }

  std::int64_t count(const std::string& status) {
    return sys.metrics().gauge_family("waybill", "orders", {"status"}, "")->get_or_add({{"status", status}})->value();
  }

  std::int64_t attention() { return sys.metrics().gauge_singleton("waybill", "orders-needing-attention", "")->value(); }

  memory_database database;
  caf::actor_system_config config;
  caf::actor_system sys{config};
  reader_actor reader;
  order_watch_actor watch;
};

const order::command reserved = order::record_stock_reserved{};
const order::command authorized = order::record_payment_authorized{testing::euros(1300)};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("the age of the oldest waiting order is reported, and orders that need attention are counted") {
  store("ord_00000000000000000001", 600s, {reserved});
  store("ord_00000000000000000002", 60s, {reserved});
  store("ord_00000000000000000003", 30s, {});
  store("ord_00000000000000000004", 900s,
        {reserved, authorized, order::record_fulfillment_started{delivery_id{"dlv_1"}},
         order::record_delivered{courier_id{"cur_1"}}, order::give_up_step{"capture_payment: it took too long"}});
  CHECK(eventually([this] { return attention() == 1 && oldest("operator") >= 900 && oldest("payment") >= 600; }));
  CHECK(oldest("payment") < 900);
  CHECK(eventually([this] { return oldest("stock") >= 30; }));
  CHECK_EQ(oldest("courier"), 0.0);
}

SCENARIO("open orders are counted by status, confirmed ones together with placed ones") {
  store("ord_00000000000000000001", 60s, {});
  store("ord_00000000000000000002", 60s, {reserved, authorized});
  store("ord_00000000000000000003", 60s,
        {reserved, authorized, order::record_fulfillment_started{delivery_id{"dlv_1"}}});
  CHECK(eventually([this] { return count("placed_or_confirmed") == 2 && count("fulfilling") == 1; }));
  CHECK_EQ(count("cancelling"), 0);
}

SCENARIO("a database that comes back is queried again") {
  store("ord_00000000000000000001", 600s, {reserved});
  CHECK(eventually([this] { return oldest("payment") >= 600; }));
  database.set_available(false);
  database.set_available(true);
  store("ord_00000000000000000002", 1200s, {reserved});
  CHECK(eventually([this] { return oldest("payment") >= 1200; }));
}

END_FIXTURE_SCOPE()
