#include "persistence/journal/journal_actor.hpp"

#include "domain/base/errors.hpp"
#include "persistence/readers/reader_actor.hpp"
#include "tests/support/memory_store.hpp"

#include <caf/scoped_actor.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

#define CAF_SUITE persistence.journal_actor
#include <caf/test/bdd_dsl.hpp>
#include <caf/test/dsl.hpp>

using namespace waybill;

namespace {

append one_event(const std::string& stream, std::uint64_t expected) {
  append result;
  result.stream = stream;
  result.expected_version = expected;
  result.at = now();
  result.events.push_back({"order.placed", 1, "{}"});
  return result;
}

using deterministic = test_coordinator_fixture<>;

struct fixture : deterministic {
  test::memory_database database;
  journal_settings settings;
  std::shared_ptr<log_listeners> listeners = std::make_shared<log_listeners>();
  std::shared_ptr<connection_health> health = std::make_shared<connection_health>();
  journal_actor journal;
  std::vector<appended> done;
  std::vector<caf::error> failed;

  void start() {
    journal = spawn_undetached_journal(sys, database.open_journal("here"), settings,
                                       {.listeners = listeners, .health = health});
    consume_messages();
  }

  ~fixture() {
    listeners->close();
    caf::anon_send_exit(journal, caf::exit_reason::user_shutdown);
    consume_messages();
  }

  auto send(append entry) { return self->request(journal, caf::infinite, std::move(entry)); }

  template <class Handle>
  void collect(Handle& handle) {
    handle.receive([this](const appended& version) { done.push_back(version); },
                   [this](const caf::error& reason) { failed.push_back(reason); });
  }

  /// Lets time pass while the database is unavailable, until the journal gives up; within a limit.
  void wait_for_answer() {
    for (int i = 0; i < 100 && self->mailbox().size() == 0; ++i) {
      advance_time(settings.retry_longest);
      consume_messages();
    }
  }

  /// Sends so many appends, each of a stream of its own, before the journal works on the first, and collects the
  /// answers.
  void append_together(int count) {
    std::vector<decltype(send(append{}))> requests;
    for (int i = 0; i < count; ++i)
      requests.push_back(send(one_event("ord_" + std::to_string(i), 0)));
    consume_messages();
    for (auto& request : requests)
      collect(request);
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("appends that wait together are committed together") {
  start();
  append_together(50);
  CHECK_EQ(done.size(), 50u);
  CHECK_EQ(database.commits(), 1u);
}

SCENARIO("a commit has at most the largest batch") {
  settings.max_batch = 20;
  start();
  append_together(50);
  CHECK_EQ(done.size(), 50u);
  CHECK_EQ(database.commits(), 3u);
}

SCENARIO("G1: an append is answered after its commit, never before") {
  start();
  auto request = send(one_event("ord_a", 0));
  std::size_t mail_before_commit = 0;
  database.before_commit([&](std::span<const append>) { mail_before_commit = self->mailbox().size(); });
  consume_messages();
  CHECK_EQ(mail_before_commit, 0u);
  CHECK_EQ(database.log().size(), 1u);
  collect(request);
  CHECK_EQ(done.size(), 1u);
}

SCENARIO("G1: while the database is unavailable no append is answered, and all are when it is back") {
  start();
  database.set_available(false);
  auto first = send(one_event("ord_a", 0));
  auto second = send(one_event("ord_b", 0));
  consume_messages();
  CHECK_EQ(self->mailbox().size(), 0u);
  CHECK(database.log().empty());
  database.set_available(true);
  advance_time(settings.retry_first);
  consume_messages();
  collect(first);
  collect(second);
  CHECK_EQ(done.size(), 2u);
  CHECK_EQ(database.log().size(), 2u);
}

SCENARIO("a journal that failed all appends detects by itself when the database is writable again, and not earlier") {
  start();
  database.set_available(false);
  auto request = send(one_event("ord_a", 0));
  consume_messages();
  for (int i = 0; i < 30; ++i) {
    CHECK(health->is_failing());
    advance_time(settings.retry_longest);
    consume_messages();
  }
  collect(request);
  CHECK_EQ(failed.size(), 1u);
  database.set_available(true);
  advance_time(settings.retry_longest);
  consume_messages();
  CHECK(!health->is_failing());
  CHECK(database.log().empty());
}

SCENARIO("G2: an append that builds on a refused one is refused, even in a later commit") {
  settings.max_batch = 1;
  start();
  auto rival = send(one_event("prd_a", 0));
  consume_messages();
  collect(rival);
  // Decided on an empty stream, sent together: the second fits behind the rival's event, but does not build on it.
  auto first = one_event("prd_a", 0);
  auto second = one_event("prd_a", 1);
  first.group = second.group = 7;
  auto request = send(first);
  auto behind = send(second);
  auto stranger = send(one_event("prd_b", 0));
  consume_messages();
  collect(request);
  collect(behind);
  collect(stranger);
  CHECK_EQ(failed.size(), 2u);
  CHECK_EQ(done.size(), 2u);
  CHECK_EQ(database.log().size(), 2u);
}

SCENARIO("a commit whose answer is lost is not written twice") {
  start();
  database.lose_next_answer();
  auto request = send(one_event("ord_a", 0));
  consume_messages();
  CHECK_EQ(self->mailbox().size(), 0u);
  advance_time(settings.retry_first);
  consume_messages();
  collect(request);
  REQUIRE_EQ(done.size(), 1u);
  CHECK_EQ(done[0].version, 1u);
  CHECK_EQ(database.log().size(), 1u);
}

SCENARIO("G2: the second writer is refused and counted") {
  start();
  auto first = send(one_event("ord_a", 0));
  auto rival = one_event("ord_a", 0);
  rival.events[0].type = "order.confirmed"; // a copy of the first would be taken for its repetition
  auto second = send(rival);
  auto other = send(one_event("ord_b", 0));
  consume_messages();
  collect(first);
  collect(other);
  CHECK_EQ(done.size(), 2u);
  collect(second);
  REQUIRE_EQ(failed.size(), 1u);
  CHECK_EQ(failed[0], caf::make_error(ec::conflict));
  CHECK_EQ(journal_metrics{sys}.fenced_writes->value(), 1);
}

SCENARIO("the queue of appends is bounded while the database is unavailable") {
  settings.max_pending = 2;
  start();
  database.set_available(false);
  auto first = send(one_event("ord_a", 0));
  auto second = send(one_event("ord_b", 0));
  consume_messages();
  auto third = send(one_event("ord_c", 0));
  consume_messages();
  REQUIRE_EQ(self->mailbox().size(), 1u);
  collect(third);
  REQUIRE_EQ(failed.size(), 1u);
  CHECK_EQ(failed[0], caf::make_error(ec::overloaded));
  database.set_available(true);
  advance_time(settings.retry_first);
  consume_messages();
  collect(first);
  collect(second);
  CHECK_EQ(done.size(), 2u);
}

SCENARIO("G9: the queue of appends is bounded by bytes, and an append above the bound is refused at once") {
  const std::string large(300'000, 'x');
  const auto large_event = [&](const std::string& stream) {
    auto request = one_event(stream, 0);
    request.events.front().data = "{\"note\":\"" + large + "\"}";
    return request;
  };
  settings.max_pending_octets = 700'000;
  start();
  journal_metrics metrics{sys};
  // The journal is in a commit: messages wait in its mailbox.
  auto first = send(large_event("ord_a"));
  auto second = send(large_event("ord_b"));
  auto third = send(large_event("ord_c"));
  REQUIRE_EQ(self->mailbox().size(), 1u);
  collect(third);
  REQUIRE_EQ(failed.size(), 1u);
  CHECK_EQ(failed[0], caf::make_error(ec::overloaded));
  CHECK_EQ(metrics.refused_appends->value(), 1);
  CHECK_EQ(metrics.pending_appends->value(), 2);
  CHECK(metrics.pending_octets->value() > 600'000);
  // Small ones still have a place.
  auto small = send(one_event("ord_d", 0));
  consume_messages();
  collect(first);
  collect(second);
  collect(small);
  CHECK_EQ(done.size(), 3u);
  CHECK_EQ(metrics.pending_appends->value(), 0);
  CHECK_EQ(metrics.pending_octets->value(), 0);
  auto again = send(large_event("ord_c"));
  consume_messages();
  collect(again);
  CHECK_EQ(done.size(), 4u);
}

SCENARIO("an append larger than the whole bound is refused permanently, with its size") {
  settings.max_pending_octets = 100'000;
  start();
  auto request = one_event("ord_a", 0);
  request.snapshot = entity_snapshot{1, std::string(200'000, 'x'), false, {}};
  auto large = send(std::move(request));
  collect(large);
  REQUIRE_EQ(failed.size(), 1u);
  CHECK_EQ(failed[0], caf::make_error(ec::invalid_argument));
  CHECK(to_string(failed[0]).find("journal-max-bytes") != std::string::npos);
}

SCENARIO("the bytes of an append are freed after every outcome") {
  settings.max_pending = 3;
  start();
  journal_metrics metrics{sys};
  // A conflict, and the rest of its group in a later batch.
  auto placed = send(one_event("ord_a", 0));
  auto late = send(one_event("ord_a", 0));
  consume_messages();
  collect(placed);
  collect(late);
  CHECK_EQ(metrics.pending_appends->value(), 0);
  // Given up.
  database.set_available(false);
  auto lost = send(one_event("ord_b", 0));
  consume_messages();
  CHECK_EQ(metrics.pending_appends->value(), 1);
  wait_for_answer();
  collect(lost);
  CHECK_EQ(metrics.pending_appends->value(), 0);
  // At the end.
  auto last = send(one_event("ord_c", 0));
  consume_messages();
  caf::anon_send_exit(journal, caf::exit_reason::user_shutdown);
  consume_messages();
  collect(last);
  CHECK_EQ(metrics.pending_appends->value(), 0);
  CHECK_EQ(metrics.pending_octets->value(), 0);
}

SCENARIO("a database that stays unavailable too long is reported, and the journal continues when it is back") {
  start();
  database.set_available(false);
  auto early = send(one_event("ord_a", 0));
  consume_messages();
  wait_for_answer();
  collect(early);
  REQUIRE_EQ(failed.size(), 1u);
  CHECK_EQ(failed[0], caf::make_error(ec::unavailable));
  database.set_available(true);
  auto late = send(one_event("ord_a", 0));
  advance_time(settings.retry_longest);
  consume_messages();
  collect(late);
  CHECK_EQ(done.size(), 1u);
}

SCENARIO("a journal that ends writes the waiting appends") {
  start();
  auto request = send(one_event("ord_a", 0));
  consume_message();
  caf::anon_send_exit(journal, caf::exit_reason::user_shutdown);
  consume_messages();
  collect(request);
  CHECK_EQ(done.size(), 1u);
}

SCENARIO("a journal that ends while the database is unavailable answers that it is shutting down") {
  start();
  database.set_available(false);
  auto request = send(one_event("ord_a", 0));
  consume_messages();
  caf::anon_send_exit(journal, caf::exit_reason::user_shutdown);
  consume_messages();
  collect(request);
  REQUIRE_EQ(failed.size(), 1u);
  CHECK_EQ(failed[0], caf::make_error(ec::shutting_down));
}

SCENARIO("listeners get one notice for a commit with events") {
  int hints = 0;
  auto listener =
    sys.spawn([&hints]() -> log_listeners::listener::behavior_type { return {[&hints](log_advanced) { ++hints; }}; });
  listeners->subscribe(listener);
  start();
  auto first = send(one_event("ord_a", 0));
  auto second = send(one_event("ord_b", 0));
  consume_messages();
  CHECK_EQ(hints, 1);
  append nothing;
  nothing.stream = "ord_a";
  nothing.expected_version = 1;
  auto third = send(nothing);
  consume_messages();
  CHECK_EQ(hints, 1);
  collect(first);
  collect(second);
  collect(third);
  CHECK_EQ(done.size(), 3u);
}

END_FIXTURE_SCOPE()

SCENARIO("a detached journal commits together the appends that arrived during a commit") {
  test::memory_database database;
  std::mutex mutex;
  std::condition_variable changed;
  bool blocked = false;
  bool open = false;
  std::vector<std::size_t> batches;
  database.before_commit([&](std::span<const append> batch) {
    std::unique_lock lock{mutex};
    batches.push_back(batch.size());
    blocked = true;
    changed.notify_all();
    changed.wait(lock, [&] { return open; });
  });
  caf::actor_system_config config;
  caf::actor_system sys{config};
  auto journal = spawn_journal(sys, database.open_journal(), {}, {});
  caf::scoped_actor self{sys};
  std::vector<decltype(self->request(journal, caf::infinite, append{}))> requests;
  requests.push_back(self->request(journal, caf::infinite, one_event("ord_first", 0)));
  {
    std::unique_lock lock{mutex};
    changed.wait(lock, [&] { return blocked; });
  }
  for (int i = 0; i < 100; ++i)
    requests.push_back(self->request(journal, caf::infinite, one_event("ord_" + std::to_string(i), 0)));
  {
    const std::lock_guard guard{mutex};
    open = true;
    changed.notify_all();
  }
  for (auto& request : requests)
    request.receive([](const appended& version) { CHECK_EQ(version.version, 1u); },
                    [](const caf::error& reason) { CAF_FAIL("refused: " << reason); });
  CHECK_EQ(batches, (std::vector<std::size_t>{1, 100}));
  caf::anon_send_exit(journal, caf::exit_reason::user_shutdown);
}
