// A position knows its log: one that this log does not have is refused, whatever it is asked with.

#include "domain/base/errors.hpp"
#include "persistence/queries/log/event_horizon.hpp"
#include "tests/persistence/backends.hpp"

#include <filesystem>

#define CAF_SUITE persistence.positions
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

ec answer_to(query_store& query, log_position after, event_filter filter = {}, std::uint32_t limit = 10) {
  const auto page = query.run(read_log{after, std::move(filter), limit});
  return page ? ec::none : page.error().code;
}

/// With and without a filter, and as a check alone.
void check_all(query_store& query, log_position after, ec wanted) {
  CHECK_EQ(answer_to(query, after), wanted);
  CHECK_EQ(answer_to(query, after, {{"order.*"}, {}, {}, {}}), wanted);
  CHECK_EQ(answer_to(query, after, {{}, "ord_a", {}, {}}), wanted);
  CHECK_EQ(answer_to(query, after, {}, 0), wanted);
}

log_position beyond(log_position end) {
  return {end.transaction, end.sequence + 1'000, end.generation};
}

} // namespace

SCENARIO("G11: positions of the log are accepted, one beyond its end or of another generation is refused") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    check_all(*query, {}, ec::none);
    check_all(*query, {0, 1}, ec::cursor_expired);
    write(*journal, make_append("ord_a", 0, 3));
    write(*journal, make_append("ord_b", 0, 2));
    for (const auto& event : read_all(*query)) {
      check_all(*query, event.position, ec::none);
      CHECK(parse_log_position(to_string(event.position)) == event.position);
      // As clients have it from before positions knew their log.
      check_all(*query, event.position.bare(), ec::none);
    }
    const auto end = query->run(get_log_end{}).value();
    check_all(*query, end, ec::none);
    check_all(*query, beyond(end), ec::cursor_expired);
    check_all(*query, end.of_generation(end.generation + 1), ec::cursor_expired);
    CHECK(query->run(read_log{{}, {}, 10, true}).value().events.size() == 5);
    // A position that was beyond the end stays invalid when the log has reached it.
    auto unknown = beyond(end);
    unknown.check = end.check + 1;
    for (std::uint64_t version = 3; version < 20; ++version)
      write(*journal, make_append("ord_a", version));
    CHECK_EQ(answer_to(*query, unknown), ec::cursor_expired);
  });
}

SCENARIO("G11: a page begins after the event at its position, also at the end of the log") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    write(*journal, make_append("ord_a", 0, 3));
    const auto events = read_all(*query);
    const auto page = query->run(read_log{events.at(0).position, {}, 1}).value();
    CHECK_EQ(page.events.size(), 1u);
    CHECK_EQ(page.events.at(0).version, 2u);
    CHECK_EQ(to_string(page.next), to_string(page.events.at(0).position));
    const auto last = query->run(read_log{events.at(2).position, {}, 1}).value();
    CHECK(last.events.empty());
    CHECK_EQ(to_string(last.next), to_string(events.at(2).position));
    CHECK_EQ(to_string(query->run(get_log_end{}).value()), to_string(events.at(2).position));
  });
}

SCENARIO("G11: a restored SQLite file is another log: its new events are not taken for the lost ones") {
  namespace fs = std::filesystem;
  const temp_folder folder;
  const store_config config{"sqlite:" + folder / "shop.db"};
  const auto write_all = [&](const std::string& stream, std::uint64_t from, std::uint64_t count) {
    const auto journal = open_journal_store(config, "here");
    for (std::uint64_t i = 0; i < count; ++i)
      write(*journal, make_append(stream, from + i));
  };
  REQUIRE(migrate(config).has_value());
  write_all("ord_a", 0, 3);
  const auto common = open_query_store(config)->run(get_log_end{}).value();
  fs::copy_file(folder / "shop.db", folder / "copy.db");
  write_all("ord_a", 3, 4);
  const auto lost = open_query_store(config)->run(get_log_end{}).value();
  fs::rename(folder / "copy.db", folder / "shop.db");
  MESSAGE("a node that was running does not take the file for its own, one that begins with it does");
  CHECK_EQ(answer_to(*open_query_store(config), lost), ec::unavailable);
  REQUIRE(migrate(config).has_value());
  CHECK_EQ(answer_to(*open_query_store(config), lost), ec::cursor_expired);
  // The same places have other events now.
  write_all("ord_b", 0, 9);
  check_all(*open_query_store(config), lost, ec::cursor_expired);
  check_all(*open_query_store(config), common, ec::none);

  MESSAGE("a restore that says so begins a generation: then no position from before is good");
  REQUIRE(begin_log_generation(config).has_value());
  const auto query = open_query_store(config);
  check_all(*query, common, ec::cursor_expired);
  check_all(*query, common.bare(), ec::cursor_expired);
  const auto now_there = query->run(get_log_end{}).value();
  CHECK_GT(now_there.generation, 0u);
  check_all(*query, now_there, ec::none);
  // Positions that are stored in the database belong to its log.
  CHECK_EQ(query->run(load_entity{entity_kind::notifier, "ntf_notifier"}).value().generation, now_there.generation);
  REQUIRE(begin_log_generation(config).has_value());
  CHECK_GT(open_query_store(config)->run(get_log_end{}).value().generation, now_there.generation);
}
