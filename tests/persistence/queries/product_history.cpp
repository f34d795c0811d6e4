#include "domain/base/enum_name.hpp"
#include "domain/order/state.hpp"
#include "persistence/audit/product_unit.hpp"
#include "persistence/queries/entity_queries.hpp"
#include "tests/persistence/backends.hpp"
#include "tests/persistence/support/rows_read.hpp"

#include <algorithm>
#include <set>

#define CAF_SUITE persistence.product_history
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

// Old sales of a product cost nothing when it is loaded, looked up or audited.

namespace {

using product::reservation_status;

constexpr long long past_lines = 300'000;

reservation_row row(const std::string& product, const std::string& order, reservation_status status,
                    timestamp reserve_by, timestamp closed_at = now()) {
  return {product, order, {status, 2, 0, closed_at, reserve_by}};
}

append rows_of(std::vector<row_change> rows) {
  append request;
  request.rows = std::move(rows);
  return request;
}

void on_both_databases(const std::function<void(sql_backend&, const std::string& name)>& claim) {
  sqlite_backend sqlite;
  claim(sqlite, "sqlite");
  postgresql_backend postgresql;
  claim(postgresql, "postgresql");
}

/// Closed rows and events of a product that was sold very often; the stored state is that of the newest event.
void write_history(const store_config& config, const std::string& product) {
  connection database{config, access::write};
  const bool sqlite = database.kind() == dialect::sqlite;
  const auto numbers = sqlite ? "with recursive g(i) as (select 1 union all select i + 1 from g where i < "
                                  + std::to_string(past_lines) + ") "
                              : std::string{};
  const auto source = sqlite ? std::string{"g"} : "generate_series(1, " + std::to_string(past_lines) + ") as g(i)";
  const auto day = std::to_string(to_number(now() - std::chrono::hours{24}));
  database.begin();
  database.session() << numbers
                          + "insert into closed_reservations (product_id, order_id, status, quantity, available, "
                            "expires_at, reserve_by) select '"
                          + product + "', 'ord_' || i, 2, 1, 0, " + day + " + 7200000000 + i, " + day + " + i from "
                          + source;
  database.session() << numbers
                          + "insert into appends (stream, version, type, schema, at, order_id, customer_id, meta, "
                            "data) select '"
                          + product + "', i, 'stock.low', 1, " + day + ", '', '', '{}', '{\"available\":1}' from "
                          + source;
  database.session() << "insert into entities (id, kind, shard, version, schema, state, unfinished) values ('" + product
                          + "', 2, 0, " + std::to_string(past_lines) + ", 1, '{\"id\":\"" + product
                          + "\",\"on_hand\":9,\"version\":" + std::to_string(past_lines) + "}', "
                          + (sqlite ? "0" : "false") + ")";
  database.commit();
  if (!sqlite)
    database.session() << "analyze";
}

} // namespace

SCENARIO("loading a product reads live reservations only, however many were closed") {
  on_both_databases([](sql_backend& database, const std::string& name) {
    auto journal = database.journal("here");
    write_history(database.config, "prd_a");
    write(*journal, rows_of({row("prd_a", "ord_live", reservation_status::live, now() - std::chrono::hours{20}),
                             row("prd_a", "ord_late", reservation_status::rejected, now() + std::chrono::seconds{2})}));
    connection reading{database.config, access::read};
    entity_loader loader{reading};
    loader.load({entity_kind::product, "prd_a"});
    stored_entity loaded;
    const auto load_cost = rows_read(reading, [&] { loaded = loader.load({entity_kind::product, "prd_a"}); });
    std::set<std::string> orders;
    for (const auto& held : loaded.reservations)
      orders.insert(held.order);
    CHECK(orders == (std::set<std::string>{"ord_live", "ord_late"}));
    CHECK_EQ(loaded.version, static_cast<std::uint64_t>(past_lines));
    MESSAGE(name << ": loading reads " << load_cost);
    CHECK(load_cost < 1'000);
    found_reservation past;
    const auto look_up_cost = rows_read(reading, [&] {
      past = run_query(reading, find_reservation{"prd_a", "ord_4711"});
    });
    REQUIRE(past.reservation.has_value());
    CHECK_EQ(past.reservation->status, reservation_status::committed);
    MESSAGE(name << ": a look-up reads " << look_up_cost);
    CHECK(look_up_cost < 1'000);
    loader.reset();
  });
}

SCENARIO("the auditor's check of a product reads live and new rows only, however many were closed") {
  on_both_databases([](sql_backend& database, const std::string& name) {
    write_history(database.config, "prd_a");
    connection reading{database.config, access::read};
    const audit_limits limits;
    // The first look, and one after the beginning of the log was removed.
    for (const bool cut : {false, true}) {
      if (cut) {
        connection writing{database.config, access::write};
        writing.session() << "delete from appends where stream = 'prd_a' and version < 10";
        writing.session() << "update event_horizon set removed = 9";
      }
      const auto cost = rows_read(reading, [&] {
        followed_streams followed{10};
        check_context context{reading, limits, false};
        product_unit{context, followed, "prd_a"}.check();
        CHECK_EQ(context.report.events, 0u);
      });
      MESSAGE(name << ": a look reads " << cost);
      CHECK(cost < 3'000);
    }
  });
}

SCENARIO("G3: a closed reservation can be found with its outcome, and is not among the live ones") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    const auto early = now() - std::chrono::hours{2};
    for (const auto status :
         {reservation_status::committed, reservation_status::released, reservation_status::expired}) {
      const auto order = "ord_" + std::string{name_of(status)};
      write(*journal, rows_of({row("prd_a", order, reservation_status::live, early)}));
      CHECK_EQ(query->run(load_entity{entity_kind::product, "prd_a"}).value().reservations.size(), 1u);
      write(*journal, rows_of({row("prd_a", order, status, early)}));
      CHECK_EQ(query->run(load_entity{entity_kind::product, "prd_a"}).value().reservations.size(), 0u);
      const auto reservation = query->run(find_reservation{"prd_a", order}).value().reservation;
      REQUIRE(reservation.has_value());
      CHECK_EQ(reservation->status, status);
      CHECK_EQ(reservation->quantity, 2);
      write(*journal, rows_of({reservation_forgotten{"prd_a", order}}));
      CHECK(!query->run(find_reservation{"prd_a", order}).value().reservation.has_value());
    }
    // In one batch, and a live one after a closed one that was never forgotten.
    write(*journal, rows_of({row("prd_a", "ord_x", reservation_status::live, early),
                             row("prd_a", "ord_x", reservation_status::rejected, early)}));
    CHECK_EQ(query->run(find_reservation{"prd_a", "ord_x"}).value().reservation->status, reservation_status::rejected);
    write(*journal, rows_of({row("prd_a", "ord_x", reservation_status::live, now() + std::chrono::seconds{2})}));
    CHECK_EQ(query->run(find_reservation{"prd_a", "ord_x"}).value().reservation->status, reservation_status::live);
    const auto loaded = query->run(load_entity{entity_kind::product, "prd_a"}).value().reservations;
    REQUIRE_EQ(loaded.size(), 1u);
    CHECK_EQ(loaded.front().reservation.status, reservation_status::live);
  });
}

SCENARIO("ended and unknown orders are told from living ones") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    std::vector<std::string> asked{"ord_unheard_of"};
    std::set<std::string> expected{"ord_unheard_of"};
    for (const auto status : {order::status::placed, order::status::confirmed, order::status::fulfilling,
                              order::status::completed, order::status::rejected, order::status::cancelling,
                              order::status::cancelled, order::status::needs_attention}) {
      const std::string word{name_of(status)};
      auto request = make_append("ord_" + word, 0);
      request.rows.emplace_back(order_row{"ord_" + word, "cus_a", word, now()});
      write(*journal, request);
      asked.push_back("ord_" + word);
      if (order::is_final(status))
        expected.insert("ord_" + word);
    }
    const auto ended = query->run(find_ended_orders{asked}).value().orders;
    CHECK(std::set<std::string>(ended.begin(), ended.end()) == expected);
    CHECK(query->run(find_ended_orders{}).value().orders.empty());
    find_ended_orders many;
    for (std::size_t i = 0; i < max_ended_orders; ++i)
      many.orders.push_back("ord_" + std::to_string(i));
    CHECK_EQ(query->run(many).value().orders.size(), max_ended_orders);
  });
}

SCENARIO("G3: the first answer to an adjustment of the stock is kept") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    CHECK(!query->run(find_stock_adjustment{"prd_a", "adj_1"}).value().adjustment.has_value());
    write(*journal, rows_of({stock_adjustment_row{"prd_a", "adj_1", -3, "fell from the shelf", R"({"a":1})"}}));
    write(*journal, rows_of({stock_adjustment_row{"prd_a", "adj_1", 4, "other", "{}"}}));
    const auto adjustment = query->run(find_stock_adjustment{"prd_a", "adj_1"}).value().adjustment;
    REQUIRE(adjustment.has_value());
    CHECK_EQ(adjustment->delta, -3);
    CHECK_EQ(adjustment->reason, "fell from the shelf");
    CHECK_EQ(adjustment->answer, R"({"a":1})");
    CHECK(!query->run(find_stock_adjustment{"prd_b", "adj_1"}).value().adjustment.has_value());
  });
}

SCENARIO("an adjustment with a text that no database can store fails alone") {
  on_both_databases([](sql_backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal("here");
    const std::vector<append> batch{rows_of({stock_adjustment_row{"prd_a", "adj_1", 1, "no \xff text", "{}"}}),
                                    rows_of({stock_adjustment_row{"prd_a", "adj_2", 1, "counted", "{}"}})};
    const auto outcomes = journal->commit(batch).value();
    CHECK_EQ(outcomes[0].error().code, ec::invalid_argument);
    CHECK(outcomes[1].has_value());
  });
}
