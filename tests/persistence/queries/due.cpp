#include "messages/cluster/placement.hpp"
#include "persistence/queries/entity_queries.hpp"
#include "tests/persistence/backends.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

#define CAF_SUITE persistence.due
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

timestamp at_second(int second) {
  return timestamp{std::chrono::seconds{1'700'000'000 + second}};
}

/// An entity in the middle of a step.
append busy(const std::string& id) {
  auto request = make_append(id, 0);
  request.snapshot->unfinished = true;
  return request;
}

/// The entity `id`, which is at version 1, waits.
append waiting(const std::string& id, std::optional<timestamp> due, bool in_line = false, std::uint64_t version = 1) {
  append request;
  request.rows.emplace_back(entity_wait{id, version, {1, R"({"state":1})", due.has_value(), due, in_line}});
  return request;
}

std::vector<std::string> ids_of(const std::vector<due_entity>& entities) {
  std::vector<std::string> ids;
  for (const auto& entity : entities)
    ids.push_back(entity.id);
  return ids;
}

std::vector<std::string> due_at(query_store& query, int second) {
  list_due question;
  question.until = at_second(second);
  return ids_of(query.run(question).value().entities);
}

stored_entity load(query_store& query, const std::string& id) {
  return query.run(load_entity{entity_kind::order, id}).value();
}

} // namespace

SCENARIO("G5, G7: entities in the middle of a step are due first, then waiting ones by time, finished ones never") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    for (const auto* id : {"ord_1", "ord_2", "ord_3", "ord_4"})
      write(*journal, busy(id));
    write(*journal, make_append("ord_done", 0));
    auto other_kind = busy("pay_1");
    other_kind.kind = entity_kind::payment;
    write(*journal, other_kind);
    write(*journal, waiting("ord_1", at_second(30)));
    write(*journal, waiting("ord_2", at_second(10)));
    CHECK_EQ(due_at(*query, 5), (std::vector<std::string>{"ord_3", "ord_4"}));
    CHECK_EQ(due_at(*query, 10), (std::vector<std::string>{"ord_3", "ord_4", "ord_2"}));
    CHECK_EQ(due_at(*query, 60), (std::vector<std::string>{"ord_3", "ord_4", "ord_2", "ord_1"}));
    CHECK(load(*query, "ord_1").due == at_second(30));
    CHECK(load(*query, "ord_3").due == std::nullopt);
    CHECK(load(*query, "ord_3").unfinished);
    write(*journal, waiting("ord_3", std::nullopt));
    CHECK(!load(*query, "ord_3").unfinished);
    CHECK_EQ(due_at(*query, 5), (std::vector<std::string>{"ord_4"}));
  });
}

SCENARIO("due entities come in pages of the wanted shards only") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    std::vector<append> batch;
    for (int i = 0; i < 20; ++i)
      batch.push_back(busy("ord_" + std::to_string(10 + i)));
    REQUIRE(journal->commit(batch).has_value());
    for (int i = 0; i < 20; i += 2)
      write(*journal, waiting("ord_" + std::to_string(10 + i), at_second(i)));
    list_due question;
    question.limit = 6;
    std::vector<std::string> seen;
    for (int pages = 0;; ++pages) {
      REQUIRE(pages < 5);
      const auto page = query->run(question).value();
      for (const auto& id : ids_of(page.entities))
        seen.push_back(id);
      if (!page.next)
        break;
      question.after = page.next;
    }
    CHECK_EQ(seen.size(), 20u);
    CHECK_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 20u);
    question = {};
    question.shards = {shard_of("ord_13"), shard_of("ord_16")};
    const auto of_shards = ids_of(query->run(question).value().entities);
    std::vector<std::string> expected;
    for (const auto& id : seen)
      if (shard_of(id) == question.shards[0] || shard_of(id) == question.shards[1])
        expected.push_back(id);
    CHECK_EQ(of_shards, expected);
  });
}

SCENARIO("G2: the due time of an entity counts only while there is no newer event") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    write(*journal, busy("ord_1"));
    // Events without a state: the row is older than the stream.
    auto later = make_append("ord_1", 1, 1, {});
    later.version_was_seen = true;
    write(*journal, later);
    write(*journal, waiting("ord_1", at_second(10), false, 1));
    CHECK(load(*query, "ord_1").due == std::nullopt);
    write(*journal, waiting("ord_1", at_second(10), false, 2));
    CHECK(load(*query, "ord_1").due == at_second(10));
    CHECK(load(*query, "ord_1").later.empty());
    // In one batch with a change, in any order.
    auto change = busy("ord_1");
    change.expected_version = 2;
    REQUIRE(journal->commit(std::vector{change, waiting("ord_1", at_second(20), false, 2)}).has_value());
    CHECK(load(*query, "ord_1").due == std::nullopt);
    CHECK_EQ(load(*query, "ord_1").version, 3u);
    change.expected_version = 3;
    REQUIRE(journal->commit(std::vector{waiting("ord_1", at_second(20), false, 3), change}).has_value());
    CHECK(load(*query, "ord_1").due == std::nullopt);
    write(*journal, waiting("ord_none", at_second(20)));
    CHECK_EQ(load(*query, "ord_none").version, 0u);
  });
}

SCENARIO("entities in the queue are listed by time, and leave it with their next event") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    for (const auto* id : {"ord_1", "ord_2", "ord_3"})
      write(*journal, busy(id));
    write(*journal, waiting("ord_1", at_second(30), true));
    write(*journal, waiting("ord_2", at_second(20), true));
    write(*journal, waiting("ord_3", at_second(10)));
    list_due question;
    question.in_line = true;
    CHECK_EQ(ids_of(query->run(question).value().entities), (std::vector<std::string>{"ord_2", "ord_1"}));
    CHECK(load(*query, "ord_2").in_line);
    auto change = busy("ord_2");
    change.expected_version = 1;
    write(*journal, change);
    CHECK_EQ(ids_of(query->run(question).value().entities), (std::vector<std::string>{"ord_1"}));
    CHECK(!load(*query, "ord_2").in_line);
  });
}

// -- what it costs ----------------------------------------------------------------------------------------------------

namespace {

constexpr int long_history = 100'000;
constexpr int many_waiting = 30'000;

/// Fills the database with finished, waiting and due orders, past what a plan that grows with them could hide.
void fill(connection& database) {
  const bool sqlite = database.kind() == dialect::sqlite;
  const auto add = [&](const std::string& prefix, int count, const std::string& unfinished, const std::string& due,
                       const std::string& in_line) {
    const auto numbers = sqlite ? "with recursive n(i) as (select 1 union all select i + 1 from n where i < "
                                    + std::to_string(count) + ") "
                                : std::string{};
    const auto from = sqlite ? std::string{"n"} : "generate_series(1, " + std::to_string(count) + ") n(i)";
    database.session() << numbers
                            + "insert into entities (id, kind, shard, version, schema, state, unfinished, due_at, "
                              "in_line) "
                            + "select '" + prefix + "' || i, 1, i % 1024, 1, 1, '{}', " + unfinished + ", " + due + ", "
                            + in_line + " from " + from;
  };
  const std::string yes = sqlite ? "1" : "true";
  const std::string no = sqlite ? "0" : "false";
  add("ord_past_", long_history, no, "null", no);
  add("ord_waits_", many_waiting, yes, "2000000000000000 + i", yes);
  add("ord_due_", 20, yes, "0", no);
  database.session() << "analyze";
}

/// The query as text, with the values that it has in `query`.
std::string text_of(const list_due& query) {
  auto sql = sql_of(query);
  const auto set = [&](const std::string& name, const std::string& value) {
    sql.replace(sql.find(name), name.size(), value);
  };
  set(":kind", "1");
  set(":until", std::to_string(to_number(query.until)));
  set(":after_id", "''");
  set(":after", "0");
  return sql;
}

std::string plan_of(connection& database, const std::string& explain, const std::string& sql) {
  std::string plan;
  soci::rowset<soci::row> rows = (database.session().prepare << explain + " " + sql);
  for (const auto& row : rows)
    plan += row.get<std::string>(row.size() - 1) + "\n";
  return plan;
}

/// Of the text form of PostgreSQL's plan.
long blocks_of(const std::string& plan) {
  const std::string mark = "shared hit=";
  const auto place = plan.find(mark);
  return place == std::string::npos ? 0 : std::stol(plan.substr(place + mark.size()));
}

list_due due_now() {
  list_due query;
  query.until = now();
  return query;
}

} // namespace

SCENARIO("the query for due entities reads due rows only, not waiting ones or the history: PostgreSQL") {
  postgresql_backend backend;
  connection database{backend.config, access::write};
  fill(database);
  for (const bool in_line : {false, true}) {
    auto query = due_now();
    query.in_line = in_line;
    const auto plan = plan_of(database, "explain (analyze, buffers, costs off, timing off)", text_of(query));
    MESSAGE(plan);
    CHECK(plan.find(in_line ? "entities_in_line" : "entities_due") != std::string::npos);
    CHECK(plan.find("Seq Scan") == std::string::npos);
    CHECK(plan.find("Sort") == std::string::npos);
    CHECK(plan.find("Rows Removed") == std::string::npos);
    CHECK(blocks_of(plan) < 60);
  }
  CHECK_EQ(backend.query()->run(due_now()).value().entities.size(), 20u);
}

SCENARIO("the query for due entities reads due rows only, not waiting ones or the history: SQLite") {
  sqlite_backend backend;
  connection database{backend.config, access::write};
  fill(database);
  for (const bool in_line : {false, true}) {
    auto query = due_now();
    query.in_line = in_line;
    const auto plan = plan_of(database, "explain query plan", text_of(query));
    MESSAGE(plan);
    CHECK(plan.find(in_line ? "INDEX entities_in_line (kind=? AND" : "INDEX entities_due (kind=? AND")
          != std::string::npos);
    CHECK(plan.find("SCAN") == std::string::npos);
    CHECK(plan.find("TEMP B-TREE") == std::string::npos);
  }
  CHECK_EQ(backend.query()->run(due_now()).value().entities.size(), 20u);
}
