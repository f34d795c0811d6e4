// What a writer knows of its own streams spares it a question; it must never let it pass over what others have written.
#include "persistence/journal/batch/known_versions.hpp"

#include "domain/base/errors.hpp"
#include "tests/persistence/support/trimming.hpp"

#define CAF_SUITE persistence.known_versions
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

/// Without a state, which would be a proof of its own; its writer has seen the version, so nothing is looked up first.
append bare(const std::string& stream, std::uint64_t expected, std::size_t events = 1) {
  auto made = make_append(stream, expected, events, {});
  made.version_was_seen = true;
  return made;
}

} // namespace

SCENARIO("only the version that was noted last is proved, and nothing before it is known what was removed") {
  known_versions known{10};
  known.note("ord_a", 3);
  CHECK(!known.proves("ord_a", 3));
  known.set_removed(0);
  CHECK(!known.proves("ord_a", 3));
  known.note("ord_a", 3);
  known.note("ord_a", 5);
  CHECK(known.proves("ord_a", 5));
  CHECK(!known.proves("ord_a", 3));
  CHECK(!known.proves("ord_b", 5));
  known.forget();
  CHECK(!known.proves("ord_a", 5));
  CHECK(!known.removed());
}

SCENARIO("that a stream is new is proved while nothing was ever removed from the log") {
  known_versions known{10};
  CHECK(!known.proves("ord_a", 0));
  known.set_removed(0);
  CHECK(known.proves("ord_a", 0));
  known.forget();
  known.set_removed(1);
  CHECK(!known.proves("ord_a", 0));
}

SCENARIO("the streams that were written last are known, and never more than twice as many as wanted") {
  known_versions known{100};
  known.set_removed(7);
  const auto name = [](int number) { return "ord_" + std::to_string(number); };
  for (int i = 0; i < 1'000; ++i) {
    known.note(name(i), 1);
    known.note("ord_hot", static_cast<std::uint64_t>(i));
    CHECK(known.proves("ord_hot", static_cast<std::uint64_t>(i)));
    for (int back = 0; back < std::min(i, 98); ++back)
      CHECK(known.proves(name(i - back), 1));
    CHECK(!known.proves(name(i - 200), 1));
  }
}

SCENARIO("G2: a writer that knows its last row is refused when another one has gone on from it") {
  on_every_database([](sql_backend& database, const std::string& name) {
    CAF_MESSAGE(name);
    auto mine = database.journal("here");
    auto other = database.journal("there");
    for (const std::size_t events : {1U, 2U, 64U, 70U}) {
      const auto stream = "ord_" + std::to_string(events);
      CHECK_EQ(write(*mine, bare(stream, 0)), 1U);
      CHECK_EQ(write(*mine, bare(stream, 1, 2)), 3U);
      CHECK_EQ(write(*other, bare(stream, 3, events)), 3U + events);
      CHECK(outcome_of(*mine, bare(stream, 3)) == ec::conflict);
      CHECK(outcome_of(*mine, bare(stream, 3, 3)) == ec::conflict);
      // What it has learned now it may use.
      CHECK_EQ(write(*mine, bare(stream, 3 + events)), 4U + events);
      CHECK_EQ(write(*mine, bare(stream, 4 + events)), 5U + events);
    }
  });
}

SCENARIO("G2: it is refused as well when the other one's events were removed from the log meanwhile") {
  on_every_database([](sql_backend& database, const std::string& name) {
    CAF_MESSAGE(name);
    auto mine = database.journal("here");
    auto other = database.journal("there");
    CHECK_EQ(write(*mine, make_append("ord_a", 0)), 1U);
    CHECK_EQ(write(*mine, bare("ord_a", 1)), 2U);
    CHECK_EQ(write(*other, make_append("ord_a", 2)), 3U);
    // The newest event of the log always stays.
    write(*other, bare("ord_z", 0));
    auto trimmer = open_log_trimmer(database.config, {});
    CHECK_EQ(trim(*trimmer, everything_old()), 3U);
    CHECK(outcome_of(*mine, bare("ord_a", 2)) == ec::conflict);
    CHECK_EQ(write(*mine, bare("ord_a", 3)), 4U);
    CHECK_EQ(write(*mine, bare("ord_a", 4)), 5U);
  });
}

SCENARIO("a writer goes on with its own streams after a removal that touched nothing of theirs") {
  on_every_database([](sql_backend& database, const std::string& name) {
    CAF_MESSAGE(name);
    auto mine = database.journal("here");
    for (int round = 0; round < 3; ++round) {
      const auto version = static_cast<std::uint64_t>(4 * round);
      CHECK_EQ(write(*mine, make_append("ord_a", version, 2)), version + 2);
      CHECK_EQ(write(*mine, make_append("ord_a", version + 2, 2)), version + 4);
      write(*mine, make_append("ord_" + std::to_string(round), 0));
      auto trimmer = open_log_trimmer(database.config, {});
      CHECK(trim(*trimmer, everything_old()) > 0);
    }
  });
}
