#include "persistence/database/migrations.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "tests/persistence/backends.hpp"

#include <atomic>
#include <map>
#include <thread>

#define CAF_SUITE persistence.migrations
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

using recorded_names = std::map<int, std::string>;

/// The migrations as they were numbered before both databases shared the numbers.
const recorded_names old_in_sqlite{
  {1, "0001_journal"}, {2, "0002_accounts"}, {4, "0004_couriers"}, {5, "0005_webhooks"}, {6, "0006_event_horizon"}};
const recorded_names old_in_postgresql{{1, "0001_journal"},      {2, "0002_cluster_nodes"}, {3, "0003_cluster_states"},
                                       {4, "0004_accounts"},     {6, "0006_couriers"},      {7, "0007_webhooks"},
                                       {8, "0008_event_horizon"}};

recorded_names with_new_ones(recorded_names known) {
  known.emplace(9, "0009_closed_reservations");
  known.emplace(10, "0010_log_generation");
  known.emplace(11, "0011_lists_without_history");
  known.emplace(12, "0012_waiting_entities");
  known.emplace(13, "0013_product_search");
  known.emplace(14, "0014_role_absences");
  known.emplace(15, "0015_rows_of_appends");
  known.emplace(17, "0017_sinks");
  return known;
}

const auto now_in_sqlite = with_new_ones(
  {{1, "0001_journal"}, {4, "0004_accounts"}, {6, "0006_couriers"}, {7, "0007_webhooks"}, {8, "0008_event_horizon"}});
const auto now_in_postgresql = with_new_ones(old_in_postgresql);

std::string title_of(const std::string& name) {
  return name.substr(name.find('_') + 1);
}

/// Makes a database as a program made it that numbered its first `count` migrations so.
void make_old_database(const store_config& config, const recorded_names& old, std::size_t count) {
  connection database{config, access::migrate};
  const auto& known = database.kind() == dialect::sqlite ? sqlite_migrations() : postgresql_migrations();
  std::vector<migration> all;
  for (const auto& [number, name] : old) {
    if (all.size() == count)
      break;
    for (const auto& migration : known)
      if (title_of(migration.name) == title_of(name))
        all.push_back({number, name, migration.sql});
  }
  REQUIRE_EQ(all.size(), count);
  database.begin();
  REQUIRE(apply_migrations(database, all).has_value());
  database.commit();
}

recorded_names read_recorded(const store_config& config) {
  connection database{config, access::read};
  recorded_names recorded;
  int number = 0;
  std::string name;
  soci::statement rows =
    (database.session().prepare << "select number, name from schema_migrations", soci::into(number), soci::into(name));
  for (rows.execute(); rows.fetch();)
    recorded.emplace(number, name);
  return recorded;
}

/// The program starts on a database that has the first `count` migrations by their old numbers.
void check_start(const store_config& config, const recorded_names& old, std::size_t count, const recorded_names& now) {
  make_old_database(config, old, count);
  {
    connection database{config, access::write};
    database.session() << "insert into orders (id, customer_id, status, created_at) values ('ord_old', '', '', 0)";
  }
  for (const bool again : {false, true}) {
    MESSAGE((again ? "again after " : "after ") << count << " migrations");
    CHECK(migrate(config).has_value());
    CHECK_EQ(read_recorded(config), now);
  }
  auto journal = open_journal_store(config, "here");
  CHECK_EQ(write(*journal, make_append("ord_a", 0)), 1u);
  auto query = open_query_store(config);
  CHECK(query->run(list_webhooks{}).has_value());
  CHECK(query->run(list_couriers{}).has_value());
  int orders = 0;
  connection database{config, access::read};
  database.session() << "select count(*) from orders where id = 'ord_old'", soci::into(orders);
  CHECK_EQ(orders, 1);
}

/// The result of `all` on a database.
result<void> apply(const store_config& config, const std::vector<migration>& all) {
  connection database{config, access::migrate};
  database.begin();
  auto outcome = apply_migrations(database, all);
  if (outcome)
    database.commit();
  else
    database.rollback();
  return outcome;
}

} // namespace

SCENARIO("a database that records its migrations by the old numbers is accepted, and keeps its contents") {
  for (std::size_t count = 1; count <= old_in_sqlite.size(); ++count) {
    const temp_folder folder;
    check_start({"sqlite:" + folder / "old.db"}, old_in_sqlite, count, now_in_sqlite);
  }
  for (std::size_t count = 1; count <= old_in_postgresql.size(); ++count)
    check_start({test_postgres::shared().create_database()}, old_in_postgresql, count, now_in_postgresql);
}

SCENARIO("G8: the live and closed reservations of an old database are readable") {
  const temp_folder folder;
  const auto later = std::to_string(to_number(now() + std::chrono::minutes{1}));
  for (const auto& [config, old] :
       {std::pair{store_config{"sqlite:" + folder / "old.db"}, old_in_sqlite},
        std::pair{store_config{test_postgres::shared().create_database()}, old_in_postgresql}}) {
    make_old_database(config, old, old.size());
    {
      connection database{config, access::write};
      database.session()
        << "insert into reservations (product_id, order_id, status, quantity, available, expires_at, "
           "reserve_by) values ('prd_a', 'ord_live', 0, 4, 0, 900, 100), "
           "('prd_a', 'ord_committed', 2, 3, 0, 7200000000, 100), ('prd_b', 'ord_live', 0, 1, 0, 900, 100), "
           "('prd_a', 'ord_late', 1, 2, 1, 1000, "
             + later + ")";
    }
    REQUIRE(migrate(config).has_value());
    auto query = open_query_store(config);
    const auto loaded = query->run(load_entity{entity_kind::product, "prd_a"}).value().reservations;
    REQUIRE_EQ(loaded.size(), 2u);
    CHECK_EQ(loaded[0].order, "ord_late");
    CHECK_EQ(loaded[0].reservation.status, product::reservation_status::rejected);
    CHECK_EQ(loaded[1].order, "ord_live");
    CHECK_EQ(loaded[1].reservation.status, product::reservation_status::live);
    CHECK_EQ(loaded[1].reservation.quantity, 4);
    const auto past = query->run(find_reservation{"prd_a", "ord_committed"}).value().reservation;
    REQUIRE(past.has_value());
    CHECK_EQ(past->status, product::reservation_status::committed);
    CHECK_EQ(past->quantity, 3);
    CHECK_EQ(query->run(load_entity{entity_kind::product, "prd_b"}).value().reservations.size(), 1u);
  }
}

SCENARIO("D2: the products of an old database are searchable as new ones, even if their folded SKUs are equal") {
  const temp_folder folder;
  for (const auto& [config, old] :
       {std::pair{store_config{"sqlite:" + folder / "old.db"}, old_in_sqlite},
        std::pair{store_config{test_postgres::shared().create_database()}, old_in_postgresql}}) {
    make_old_database(config, old, old.size());
    {
      connection database{config, access::write};
      database.session()
        << "insert into products (id, sku, name, withdrawn) values ('prd_a', 'TEA', 'Gr\u00dcn', false), "
           "('prd_b', 'tea', 'Schwarz', false)";
      database.session() << "insert into entities (id, kind, shard, version, schema, state, unfinished) values "
                            "('prd_a', 2, 1, 1, 1, 'a', false), ('prd_b', 2, 1, 1, 1, 'b', false)";
    }
    REQUIRE(migrate(config).has_value());
    auto query = open_query_store(config);
    CHECK_EQ(query->run(list_products{"gr\u00fcn TEA", "", 50}).value().states, std::vector<std::string>{"a"});
    CHECK_EQ(query->run(list_products{"Tea", "", 50}).value().states.size(), 2u);
    // Both can be changed, and no other product gets their SKU.
    auto journal = open_journal_store(config, "here");
    const auto change = [&](const std::string& id, std::uint64_t version, const std::string& sku,
                            const std::string& name) {
      auto made = make_append(id, version, 1, id);
      made.kind = entity_kind::product;
      made.version_was_seen = true;
      made.rows.push_back(product_row{id, sku, name, false});
      const std::vector<append> batch{made};
      return journal->commit(batch).value().front().has_value();
    };
    CHECK(change("prd_b", 1, "tea", "Black"));
    CHECK(change("prd_a", 1, "TEA", "Green"));
    CHECK(!change("prd_c", 0, "Tea", "Another"));
    CHECK(change("prd_b", 2, "coffee", "Black"));
    CHECK(!change("prd_a", 2, "COFFEE", "Green"));
  }
}

SCENARIO("both databases number their migrations alike") {
  recorded_names sqlite;
  for (const auto& migration : sqlite_migrations())
    sqlite.emplace(migration.number, migration.name);
  CHECK_EQ(sqlite, now_in_sqlite);
  for (const auto& migration : postgresql_migrations())
    if (sqlite.contains(migration.number))
      CHECK_EQ(sqlite[migration.number], migration.name);
}

SCENARIO("a migration is not applied after one with a higher number, and the error names both") {
  const migration first{1, "0001_first", "create table first (id integer);\n"};
  const migration late{2, "0002_late", "create table late (id integer);\n"};
  const migration last{3, "0003_last", "create table last (id integer);\n"};
  const temp_folder folder;
  for (const auto& url : {"sqlite:" + folder / "a.db", test_postgres::shared().create_database()}) {
    REQUIRE(apply({url}, {first, last}).has_value());
    const auto refused = apply({url}, {first, late, last});
    REQUIRE(refused.has_error());
    CHECK_EQ(refused.error().code, ec::unreadable);
    CHECK(refused.error().detail.find("0002_late") != std::string::npos);
    CHECK(refused.error().detail.find("0003_last") != std::string::npos);
    CHECK_EQ(read_recorded({url}), (recorded_names{{1, "0001_first"}, {3, "0003_last"}}));
    CHECK(apply({url}, {first, last}).has_value());
  }
}

SCENARIO("migrations may run twice, and at the same time in several processes") {
  temp_folder folder;
  for (const auto& url : {"sqlite:" + folder / "a.db", test_postgres::shared().create_database()}) {
    std::atomic<int> failed = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i)
      threads.emplace_back([&] {
        if (!migrate({url}))
          ++failed;
      });
    for (auto& thread : threads)
      thread.join();
    CHECK_EQ(failed.load(), 0);
    CHECK(migrate({url}).has_value());
    auto journal = open_journal_store({url}, "here");
    CHECK_EQ(write(*journal, make_append("ord_a", 0)), 1u);
    CHECK(migrate({url}).has_value());
    CHECK_EQ(read_all(*open_query_store({url})).size(), 1u);
  }
}

SCENARIO("a database of a newer program is left alone") {
  temp_folder folder;
  for (const auto& url : {"sqlite:" + folder / "a.db", test_postgres::shared().create_database()}) {
    REQUIRE(migrate({url}).has_value());
    connection database{{url}, access::write};
    database.session() << "insert into schema_migrations (number, name, applied_at) values (9999, 'later', 0)";
    const auto outcome = migrate({url});
    REQUIRE(!outcome.has_value());
    CHECK_EQ(outcome.error().code, ec::unreadable);
  }
}

SCENARIO("a database that cannot be opened is reported with the reason") {
  set_log_level(log_level::off);
  const auto folder = migrate({"sqlite:/proc/none/waybill.db"});
  const auto server = migrate({"postgresql://nobody@127.0.0.1:1/none"});
  set_log_level(log_level::info);
  REQUIRE(!folder.has_value());
  CHECK_EQ(folder.error().code, ec::unavailable);
  CHECK_EQ(folder.error().detail,
           "cannot open the database file /proc/none/waybill.db: /proc/none cannot be made: No such file or directory");
  REQUIRE(!server.has_value());
  CHECK_EQ(server.error().code, ec::unavailable);
}
