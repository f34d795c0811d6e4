// Old events are removed from the front of the log, and no reader misses any without an error.

#include "domain/base/errors.hpp"
#include "persistence/audit/audit_check.hpp"
#include "tests/persistence/support/trimming.hpp"

#define CAF_SUITE persistence.retention
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

SCENARIO("G6: a read from before the horizon is an error, a read from the horizon on misses no event") {
  on_every_database([](sql_backend& database, const std::string& name) {
    CAF_MESSAGE(name);
    auto journal = database.journal("here");
    write_stream(*journal, "ord_a", 30);
    auto trimmer = open_log_trimmer(database.config, {.range = 100, .batch = 7});
    const auto all = read_all(*database.query());
    CHECK_EQ(trim(*trimmer, {now() + 1h, all[9].position}), 10U);
    CHECK(read_from(database, {}) == ec::cursor_expired);
    CHECK(read_from(database, all[8].position) == ec::cursor_expired);
    // However few of the events there would have been for them.
    CHECK(read_from(database, all[8].position, {{"order.delivered"}, {}, {}, {}}) == ec::cursor_expired);
    CHECK(read_from(database, {}, {{}, "ord_b", {}, {}}) == ec::cursor_expired);
    CHECK(read_from(database, all[9].position) == ec::none);
    CHECK(read_from(database, all[20].position) == ec::none);
    const auto rest = ids_of({all.begin() + 10, all.end()});
    CHECK_EQ(kept(database), rest);
    const auto page = database.query()->run(read_log{{}, {{}, "ord_b", {}, {}}, 5, true}).value();
    CHECK(page.events.empty());
    CHECK(read_from(database, page.next) == ec::none);
  });
}

SCENARIO("a range is removed in bounded batches, and the horizon only ever moves forward") {
  on_every_database([](sql_backend& database, const std::string& name) {
    CAF_MESSAGE(name);
    auto journal = database.journal("here");
    write_stream(*journal, "ord_a", 40);
    auto trimmer = open_log_trimmer(database.config, {.range = 25, .batch = 10});
    auto plan = trimmer->plan(everything_old()).value();
    CAF_REQUIRE(plan.horizon.range.has_value());
    const auto range = *plan.horizon.range;
    std::vector<std::uint64_t> batches;
    auto before = plan.horizon.position;
    for (std::optional<log_range> left = range; left;) {
      const auto done = trimmer->remove(*left).value();
      CHECK(before < done.horizon.position);
      CHECK_EQ(kept(database).size(), 40U - done.horizon.removed);
      before = done.horizon.position;
      batches.push_back(done.events);
      left = done.horizon.range;
    }
    CHECK_EQ(batches, (std::vector<std::uint64_t>{10, 10, 5}));
    CHECK(before == range.end);
    // A finished removal is not repeated.
    CHECK(trimmer->remove(range).error().code == ec::conflict);
  });
}

SCENARIO("no event is removed that is young, unread by a follower, or the newest") {
  on_every_database([](sql_backend& database, const std::string& name) {
    CAF_MESSAGE(name);
    auto journal = database.journal("here");
    auto young = make_append("ord_young", 0);
    auto old = make_append("ord_old", 0);
    old.at = now() - 48h;
    write(*journal, old);
    write(*journal, young);
    old.stream = "ord_behind";
    write(*journal, old);
    write(*journal, make_append("ord_newest", 0));
    auto trimmer = open_log_trimmer(database.config);
    const auto all = read_all(*database.query());
    CHECK_EQ(trim(*trimmer, {now() - 24h, log_position{}}), 0U);
    // After the young event comes another old one: the log would have a gap.
    CHECK_EQ(trim(*trimmer, {now() - 24h, everywhere}), 1U);
    CHECK_EQ(trim(*trimmer, {now() + 1h, all[1].position}), 1U);
    CHECK_EQ(trim(*trimmer, everything_old()), 1U);
    CHECK_EQ(kept(database), std::vector<std::string>{"evt_ord_newest.1"});
    // The next event comes after all earlier ones, also removed ones.
    write(*journal, make_append("ord_next", 0));
    CHECK_EQ(kept(database), (std::vector<std::string>{"evt_ord_newest.1", "evt_ord_next.1"}));
    CHECK(all.back().position < database.query()->run(get_log_end{}).value());
  });
}

SCENARIO("events that an entity still needs stay until its state is stored, and the plan names the entity") {
  on_every_database([](sql_backend& database, const std::string& name) {
    CAF_MESSAGE(name);
    auto journal = database.journal("here");
    write(*journal, make_append("ord_a", 0));
    auto without_state = make_append("ord_a", 1, 1, "");
    without_state.version_was_seen = true;
    write(*journal, without_state);
    write(*journal, make_append("ord_b", 0));
    write(*journal, make_append("ord_c", 0));
    auto trimmer = open_log_trimmer(database.config);
    CHECK_EQ(trim(*trimmer, everything_old()), 1U);
    CHECK_EQ(trimmer->plan(everything_old()).value().held_by, "ord_a");
    auto loaded = database.query()->run(load_entity{entity_kind::order, "ord_a"}).value();
    CHECK_EQ(loaded.version, 2U);
    CHECK_EQ(loaded.later.size(), 1U);
    write(*journal, make_append("ord_a", 2));
    CHECK_EQ(trim(*trimmer, everything_old()), 3U);
    loaded = database.query()->run(load_entity{entity_kind::order, "ord_a"}).value();
    CHECK_EQ(loaded.version, 3U);
    CHECK(loaded.later.empty());
  });
}

SCENARIO("G2: a writer that has missed removed events is refused, with a state and without") {
  on_every_database([](sql_backend& database, const std::string& name) {
    CAF_MESSAGE(name);
    auto journal = database.journal("here");
    write_stream(*journal, "ord_a", 5);
    write(*journal, make_append("ord_b", 0));
    auto trimmer = open_log_trimmer(database.config);
    CHECK_EQ(trim(*trimmer, everything_old()), 5U);
    auto other = database.journal("there");
    for (const std::string state : {"", R"({"state":2})"})
      for (std::uint64_t known = 0; known < 5; ++known) {
        auto late = make_append("ord_a", known, 1, state);
        late.version_was_seen = true;
        CHECK(outcome_of(*other, late) == ec::conflict);
      }
    // A writer that knows the newest version continues, whether or not its event is kept.
    auto next = make_append("ord_a", 5, 1, "");
    next.version_was_seen = true;
    CHECK(outcome_of(*other, next) == ec::none);
    next.expected_version = 6;
    CHECK(outcome_of(*other, next) == ec::none);
    CHECK_EQ(database.query()->run(load_entity{entity_kind::order, "ord_a"}).value().version, 7U);
  });
}

SCENARIO("I4: the auditor accepts a stream whose beginning was removed, but none with a gap") {
  on_every_database([](sql_backend& database, const std::string& name) {
    CAF_MESSAGE(name);
    auto journal = database.journal("here");
    write_stream(*journal, "usr_a", 6);
    write_stream(*journal, "usr_b", 2);
    auto trimmer = open_log_trimmer(database.config);
    const auto all = read_all(*database.query());
    audit_check checker{database.config, std::nullopt};
    const auto look = [&](const std::string& id, bool thorough) { return checker.check({id, thorough}).value().found; };
    CHECK(look("usr_a", false).empty());
    CHECK_EQ(trim(*trimmer, {now() + 1h, all[2].position}), 3U);
    CHECK(look("usr_a", true).empty());
    CHECK_EQ(checker.cut_streams(), 1U);
    CHECK_EQ(trim(*trimmer, {now() + 1h, all[6].position}), 4U);
    for (const bool thorough : {false, true}) {
      CHECK(look("usr_a", thorough).empty());
      CHECK(look("usr_b", thorough).empty());
    }
    write_stream(*journal, "usr_a", 3, 6);
    CHECK(look("usr_a", false).empty());
    connection stranger{database.config, access::write};
    stranger.session() << "delete from appends where stream = 'usr_a' and version = 8";
    const auto broken = look("usr_a", true);
    CAF_REQUIRE_EQUAL(broken.size(), 1U);
    CHECK_EQ(broken.front().invariant, "I4");
  });
}
