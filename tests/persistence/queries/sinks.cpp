#include "domain/base/errors.hpp"
#include "tests/persistence/backends.hpp"

#define CAF_SUITE persistence.sinks
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

sink_row sink_of(const std::string& id, const std::string& password, std::uint64_t cursor) {
  sink_row row;
  row.id = id;
  row.password = password;
  row.progress.id = id;
  row.progress.cursor = {7, cursor};
  return row;
}

append with_event(const sink_row& row, std::uint64_t version = 0) {
  auto entry = make_append(row.id, version, 1, R"({"id":")" + row.id + R"("})");
  entry.kind = entity_kind::sink;
  entry.rows.emplace_back(row);
  return entry;
}

append of_row(row_change row) {
  append entry;
  entry.kind = entity_kind::sink;
  entry.rows.push_back(std::move(row));
  return entry;
}

std::string ids_of(const sink_page& page) {
  std::string text;
  for (const auto& each : page.sinks)
    text += each.progress.id + ' ';
  return text + (page.more ? "..." : "");
}

} // namespace

SCENARIO("a sink's row keeps its password, and a change of the sink leaves its progress alone") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    REQUIRE(journal->commit(std::vector{with_event(sink_of("snk_1", "secret", 5))}).value().front().has_value());
    auto progress = sink_of("snk_1", "", 9).progress;
    progress.last_success_at = timestamp{std::chrono::seconds{60}};
    progress.last_error = "no connection";
    REQUIRE(journal->commit(std::vector{of_row(progress)}).value().front().has_value());
    REQUIRE(journal->commit(std::vector{with_event(sink_of("snk_1", "another", 5), 1)}).value().front().has_value());
    const auto stored = query->run(load_entity{entity_kind::sink, "snk_1"}).value();
    REQUIRE(stored.sink.has_value());
    CHECK_EQ(stored.sink->password, "another");
    CHECK(stored.sink->progress.cursor.bare() == (log_position{7, 9}));
    CHECK(stored.sink->progress.last_success_at == progress.last_success_at);
    CHECK(!stored.sink->progress.last_failure_at);
    CHECK_EQ(stored.sink->progress.last_error, "no connection");
    CHECK(!query->run(load_entity{entity_kind::webhook, "snk_1"}).value().sink.has_value());
  });
}

SCENARIO("sinks are listed by id, without those that were removed, whose progress is written nowhere") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    CHECK_EQ(ids_of(query->run(list_sinks{}).value()), "");
    for (const std::string id : {"snk_3", "snk_1", "snk_2"})
      REQUIRE(journal->commit(std::vector{with_event(sink_of(id, "", 1))}).value().front().has_value());
    CHECK_EQ(ids_of(query->run(list_sinks{}).value()), "snk_1 snk_2 snk_3 ");
    CHECK_EQ(ids_of(query->run(list_sinks{{}, 2}).value()), "snk_1 snk_2 ...");
    CHECK_EQ(ids_of(query->run(list_sinks{"snk_2", 2}).value()), "snk_3 ");
    REQUIRE(journal->commit(std::vector{of_row(sink_removed{"snk_2"})}).value().front().has_value());
    REQUIRE(journal->commit(std::vector{of_row(sink_of("snk_2", "", 4).progress)}).value().front().has_value());
    CHECK_EQ(ids_of(query->run(list_sinks{}).value()), "snk_1 snk_3 ");
    CHECK(!query->run(load_entity{entity_kind::sink, "snk_2"}).value().sink.has_value());
  });
}
