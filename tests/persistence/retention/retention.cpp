// Old events are removed from the front of the log, and nobody misses any without being told.

#include "domain/base/errors.hpp"
#include "persistence/audit/audit_check.hpp"
#include "persistence/retention/event_archive.hpp"
#include "persistence/retention/log_trimmer.hpp"
#include "tests/persistence/backends.hpp"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <thread>

#define CAF_SUITE persistence.retention
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

constexpr log_position everywhere{~0ULL, ~0ULL};

trim_bounds everything_old() {
  return {now() + 1h, everywhere};
}

void on_every_database(const std::function<void(sql_backend&, const std::string& name)>& claim) {
  sqlite_backend sqlite;
  claim(sqlite, "sqlite");
  postgresql_backend postgresql;
  claim(postgresql, "postgresql");
}

/// `count` events of as many appends to one stream, each with its state.
void write_stream(journal_store& journal, const std::string& stream, std::uint64_t count, std::uint64_t from = 0) {
  for (auto version = from; version < from + count; ++version)
    write(journal, make_append(stream, version));
}

/// Removes what can be removed; how many events that were.
std::uint64_t trim(log_trimmer& trimmer, const trim_bounds& bounds) {
  std::uint64_t removed = 0;
  for (;;) {
    const auto plan = trimmer.plan(bounds).value();
    if (!plan.horizon.range)
      return removed;
    for (auto range = plan.horizon.range; range;) {
      const auto done = trimmer.remove(*range).value();
      removed += done.events;
      range = done.horizon.range;
    }
  }
}

std::vector<std::string> ids_of(const std::vector<stored_event>& events) {
  std::vector<std::string> ids;
  for (const auto& event : events)
    ids.push_back(event_id(event));
  return ids;
}

std::vector<std::string> kept(sql_backend& database) {
  auto query = database.query();
  read_log next{{}, {}, 100, true};
  std::vector<std::string> ids;
  for (;;) {
    const auto page = query->run(next).value();
    if (page.events.empty())
      return ids;
    for (const auto& id : ids_of(page.events))
      ids.push_back(id);
    next.after = page.next;
  }
}

ec read_from(sql_backend& database, log_position after, const event_filter& filter = {}) {
  const auto page = database.query()->run(read_log{after, filter, 100});
  return page ? ec::none : page.error().code;
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file{path};
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    lines.push_back(line);
  return lines;
}

event_archive archive_in(const temporary_folder& folder) {
  return {folder.path() + "/made", "here", [](const stored_event& event) { return event_id(event); }};
}

std::string archive_range(const event_archive& archive, log_trimmer& trimmer, const log_range& range) {
  return archive.write(range, [&](log_position after) { return trimmer.read(range, after); }).value();
}

} // namespace

SCENARIO("G6: who reads from below the horizon is told, who reads from the horizon on misses nothing") {
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
    // What was done is not done again.
    CHECK(trimmer->remove(range).error().code == ec::conflict);
  });
}

SCENARIO("nothing goes that is young, that a follower has not read, or that is the newest event") {
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
    // Behind the young event lies another old one: the log would have a hole.
    CHECK_EQ(trim(*trimmer, {now() - 24h, everywhere}), 1U);
    CHECK_EQ(trim(*trimmer, {now() + 1h, all[1].position}), 1U);
    CHECK_EQ(trim(*trimmer, everything_old()), 1U);
    CHECK_EQ(kept(database), std::vector<std::string>{"evt_ord_newest.1"});
    // The next one comes behind all that ever were.
    write(*journal, make_append("ord_next", 0));
    CHECK_EQ(kept(database), (std::vector<std::string>{"evt_ord_newest.1", "evt_ord_next.1"}));
    CHECK(all.back().position < database.query()->run(get_log_end{}).value());
  });
}

SCENARIO("what an entity is loaded from stays until its state is stored, and tells who holds the log") {
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

SCENARIO("G2: a writer who has missed what was removed since is refused, with its state and without") {
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
    // Who knows of the newest version goes on, whether or not its event is there.
    auto next = make_append("ord_a", 5, 1, "");
    next.version_was_seen = true;
    CHECK(outcome_of(*other, next) == ec::none);
    next.expected_version = 6;
    CHECK(outcome_of(*other, next) == ec::none);
    CHECK_EQ(database.query()->run(load_entity{entity_kind::order, "ord_a"}).value().version, 7U);
  });
}

SCENARIO(
  "a crash between archive and removal: the same range is archived again, the same, and each event is there once") {
  on_every_database([](sql_backend& database, const std::string& name) {
    CAF_MESSAGE(name);
    const temporary_folder folder;
    const auto archive = archive_in(folder);
    auto journal = database.journal("here");
    write_stream(*journal, "ord_a", 20);
    const auto all = ids_of(read_all(*database.query()));
    std::string file;
    std::vector<std::string> first_lines;
    {
      auto crashing = open_log_trimmer(database.config, {.range = 12, .batch = 5});
      const auto plan = crashing->plan(everything_old()).value();
      file = archive_range(archive, *crashing, *plan.horizon.range);
      first_lines = lines_of(archive.folder() + "/" + file);
      CHECK_EQ(first_lines.size(), 12U);
    }
    write_stream(*journal, "ord_a", 20, 20);
    // Whoever goes on has other limits, and would choose more.
    auto next = open_log_trimmer(database.config, {.range = 1'000, .batch = 3});
    auto plan = next->plan(everything_old()).value();
    CHECK_EQ(archive_range(archive, *next, *plan.horizon.range), file);
    CHECK_EQ(lines_of(archive.folder() + "/" + file), first_lines);
    // And once more in the middle of the removal: then the file is whole.
    next->remove(*plan.horizon.range).value();
    auto last = open_log_trimmer(database.config, {.range = 1'000, .batch = 1'000});
    plan = last->plan(everything_old()).value();
    CHECK(plan.horizon.position != plan.horizon.range->begin);
    last->remove(*plan.horizon.range).value();
    plan = last->plan(everything_old()).value();
    const auto second = archive_range(archive, *last, *plan.horizon.range);
    last->remove(*plan.horizon.range).value();
    std::vector<std::string> seen = lines_of(archive.folder() + "/" + file);
    for (const auto& lines : {lines_of(archive.folder() + "/" + second), kept(database)})
      seen.insert(seen.end(), lines.begin(), lines.end());
    CHECK_EQ(seen.size(), 40U);
    CHECK(std::equal(all.begin(), all.end(), seen.begin()));
    CHECK_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 40U);
    // No draft is left.
    CHECK_EQ(std::distance(std::filesystem::directory_iterator{archive.folder()}, {}), 2);
  });
}

SCENARIO("an archive that cannot be written says so and leaves no file") {
  const temporary_folder folder;
  std::ofstream{folder.path() + "/file"} << "in the way";
  const event_archive archive{folder.path() + "/file", "here", event_id};
  const auto written = archive.write({{}, {0, 1}}, [](log_position) -> result<log_page> { return log_page{}; });
  CAF_REQUIRE(!written);
  CHECK(written.error().code == ec::unavailable);
  CHECK(written.error().detail.find(folder.path() + "/file") != std::string::npos);
  const event_archive broken{folder.path() + "/made", "here", event_id};
  CHECK(!broken.write({{}, {0, 1}}, [](log_position) -> result<log_page> { return failure{ec::unavailable, "away"}; }));
  CHECK(std::filesystem::is_empty(folder.path() + "/made"));
}

SCENARIO("two who remove at once do no harm") {
  on_every_database([](sql_backend& database, const std::string& name) {
    CAF_MESSAGE(name);
    auto journal = database.journal("here");
    write_stream(*journal, "ord_a", 200);
    std::atomic<std::uint64_t> removed = 0;
    std::atomic<int> conflicts = 0;
    const auto work = [&] {
      auto trimmer = open_log_trimmer(database.config, {.range = 20, .batch = 3});
      for (;;) {
        const auto plan = trimmer->plan(everything_old());
        if (plan && !plan->horizon.range)
          return;
        const auto done = plan ? trimmer->remove(*plan->horizon.range) : plan.error();
        if (done)
          removed += done->events;
        else
          ++conflicts;
        if (!done && done.error().code != ec::conflict)
          return;
      }
    };
    std::thread one{work};
    std::thread two{work};
    one.join();
    two.join();
    CAF_MESSAGE(conflicts.load() << " conflicts");
    CHECK_EQ(removed.load(), 199U);
    CHECK_EQ(kept(database), std::vector<std::string>{"evt_ord_a.200"});
  });
}

namespace {

/// Eight writers of SQLite may wait for each other for longer than one of them has patience.
void write_patiently(journal_store& journal, const append& what) {
  while (!journal.commit({&what, 1}))
    ;
}

/// Reads on from where it is; versions of each stream must come without a gap unless it was told of one.
struct follower {
  std::unique_ptr<query_store> query;
  read_log next{{}, {}, 20};
  std::map<std::string, std::uint64_t> versions = {};
  std::size_t seen = 0;
  int told = 0;
  int gaps = 0;

  void read_on() {
    auto page = query->run(next);
    if (!page && page.error().code == ec::cursor_expired) {
      ++told;
      versions.clear();
      next.from_earliest = true;
      page = query->run(next);
    }
    if (!page)
      return;
    next.from_earliest = false;
    next.after = page->next;
    for (const auto& event : page->events) {
      const auto [at, is_new] = versions.try_emplace(event.stream, event.version);
      if (!is_new && event.version != at->second + 1)
        ++gaps;
      at->second = event.version;
      ++seen;
    }
  }
};

} // namespace

SCENARIO("G6: while eight write, one removes at their heels and two follow, no event is missed without a word") {
  on_every_database([](sql_backend& database, const std::string& name) {
    CAF_MESSAGE(name);
    constexpr std::uint64_t rounds = 60;
    std::atomic<int> writing = 8;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&, i] {
        auto journal = database.journal("node" + std::to_string(i));
        const auto stream = "ord_" + std::to_string(i);
        for (std::uint64_t done = 0; done < rounds; ++done)
          write_patiently(*journal, make_append(stream, done * 3, 3));
        --writing;
      });
    threads.emplace_back([&] {
      auto trimmer = open_log_trimmer(database.config, {.range = 40, .batch = 15});
      for (bool some = false; writing > 0 || !some;) {
        const auto plan = trimmer->plan(everything_old());
        if (plan && plan->horizon.range && trimmer->remove(*plan->horizon.range))
          some = true;
      }
    });
    follower quick{database.query()};
    follower late{database.query()};
    // Remembers its place from long ago.
    follower sleeper{database.query()};
    for (int i = 0; writing > 0; ++i) {
      quick.read_on();
      if (i % 16 == 0)
        late.read_on();
    }
    for (auto& one : threads)
      one.join();
    CAF_MESSAGE(quick.seen << " and " << late.seen << " events seen, told " << quick.told << " and " << late.told);
    CHECK_EQ(quick.gaps, 0);
    CHECK_EQ(late.gaps, 0);
    sleeper.read_on();
    CHECK_EQ(sleeper.told, 1);
    // All is still there in the end: each stream's state, and the log from its oldest event on.
    for (int i = 0; i < 8; ++i)
      CHECK_EQ(database.query()->run(load_entity{entity_kind::order, "ord_" + std::to_string(i)}).value().version,
               rounds * 3);
    for (std::size_t before = ~0ULL; before != quick.seen;) {
      before = quick.seen;
      quick.read_on();
    }
    CHECK_EQ(quick.gaps, 0);
  });
}

SCENARIO("I4: the auditor takes a stream whose beginning was removed, but none with a hole") {
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
    stranger.session() << "delete from events where stream = 'usr_a' and version = 8";
    const auto found = look("usr_a", true);
    CAF_REQUIRE_EQUAL(found.size(), 1U);
    CHECK_EQ(found.front().invariant, "I4");
  });
}
