// When the removal of old events works, by the clock of the test, on a real database.

#include "persistence/retention/retention_actor.hpp"
#include "tests/persistence/backends.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#define CAF_SUITE persistence.retention_actor
#include <caf/test/dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

constexpr log_position everywhere{~0ULL, ~0ULL};

placement placed_on(const std::string& node, std::uint64_t epoch = 1) {
  return {epoch, "here", {{node, nullptr}}};
}

struct fixture : test_coordinator_fixture<> {
  fixture() { settings.keep = 24h; }

  ~fixture() {
    anon_send_exit(actor, caf::exit_reason::user_shutdown);
    consume_messages();
  }

  void start(const placement& where = placed_on("here")) {
    retention_parts parts;
    parts.trimmer = open_log_trimmer(database.config, settings.limits);
    parts.reader = database.query();
    parts.followers.push_back(
      {"a follower", [this](query_store&) -> result<std::optional<log_position>> { return read_to; }});
    if (archived)
      parts.archive = std::make_unique<event_archive>(archive_folder(), "here", event_id);
    parts.clock = [this] { return began + passed; };
    actor = sys.spawn<retention_actor::stateful_impl<retention_state>>(std::move(parts), settings);
    place(where);
  }

  void place(const placement& where) {
    caf::anon_send(actor, where);
    consume_messages();
    pass(0ms);
  }

  /// In small steps, so that each timer finds the time that it was set for.
  void pass(milliseconds time) {
    for (milliseconds step{0}; step <= time; step += 1s) {
      if (step.count() > 0) {
        passed += 1s;
        sched.advance_time(1s);
      } else {
        sched.advance_time(0s);
      }
      consume_messages();
    }
  }

  void log_events(std::uint64_t count) {
    auto journal = database.journal("here");
    for (std::uint64_t i = 0; i < count; ++i) {
      auto entry = make_append("ord_a", logged++);
      entry.at = began + passed;
      write(*journal, entry);
    }
  }

  std::size_t kept() { return database.query()->run(read_log{{}, {}, 1'000, true}).value().events.size(); }

  std::string archive_folder() const { return folder / "archive"; }

  sqlite_backend database;
  temp_folder folder;
  retention_settings settings;
  timestamp began = now();
  std::chrono::milliseconds passed{0};
  std::uint64_t logged = 0;
  std::optional<log_position> read_to = everywhere;
  bool archived = false;
  retention_actor actor;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(retention_actor_tests, fixture)

CAF_TEST(events are removed once they are older than the retention and not before) {
  log_events(10);
  start();
  pass(23h);
  CAF_CHECK_EQUAL(kept(), 10u);
  // The actor looks once an hour.
  pass(2h);
  CAF_CHECK_EQUAL(kept(), 1u);
  log_events(5);
  pass(23h);
  CAF_CHECK_EQUAL(kept(), 5u);
}

CAF_TEST(the retention works on its own node only and stops when another node has it) {
  log_events(10);
  passed = 48h;
  start(placed_on("there"));
  pass(2h);
  CAF_CHECK_EQUAL(kept(), 10u);
  place(placed_on("here", 2));
  pass(1h);
  CAF_CHECK_EQUAL(kept(), 1u);
  place(placed_on("there", 3));
  log_events(5);
  pass(50h);
  CAF_CHECK_EQUAL(kept(), 6u);
  // Older news changes nothing.
  place(placed_on("here", 2));
  pass(2h);
  CAF_CHECK_EQUAL(kept(), 6u);
}

CAF_TEST(nothing is removed while the position of a follower is unknown) {
  log_events(10);
  passed = 48h;
  read_to.reset();
  start();
  pass(3h);
  CAF_CHECK_EQUAL(kept(), 10u);
  read_to = log_position{0, 4};
  pass(1h);
  CAF_CHECK_EQUAL(kept(), 6u);
}

CAF_TEST(nothing is removed while the archive cannot be written and everything is once it can) {
  log_events(10);
  passed = 48h;
  archived = true;
  std::ofstream{archive_folder()} << "a file where the folder should be";
  start();
  pass(10s);
  CAF_CHECK_EQUAL(kept(), 10u);
  auto& metrics = sys.metrics();
  const auto failing = [&] { return metrics.gauge_singleton("waybill.retention", "failing", "")->value(); };
  CAF_CHECK_EQUAL(failing(), 1);
  // Not with each tick: after 1, 2 and 4 seconds.
  CAF_CHECK_EQUAL(metrics.counter_singleton("waybill.retention", "failures", "", "1", true)->value(), 4);
  std::filesystem::remove(archive_folder());
  pass(61s);
  CAF_CHECK_EQUAL(kept(), 1u);
  CAF_CHECK_EQUAL(failing(), 0);
  CAF_CHECK_EQUAL(std::distance(std::filesystem::directory_iterator{archive_folder()}, {}), 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
