#define CAF_SUITE actors.catch_up
#include "actors/feed/catch_up_queue.hpp"
#include "actors/feed/event_feed.hpp"
#include "domain/base/errors.hpp"
#include "tests/actors/support/actor_fixture.hpp"
#include "tests/actors/support/scripted_log.hpp"

#include <algorithm>
#include <string>

#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

/// No other reads have this limit.
constexpr std::uint32_t tail_page = 10;
const event_filter nothing_comes{{"a.b"}, {}, {}, {}};

struct fixture : actor_fixture {
  fixture()
    : reader(spawn_reader(database)), scripted(spawn_scripted_log(sys, database, script, reader)),
      feed(spawn_event_feed(sys, {.tail_size = 40, .page_size = tail_page, .catch_up_reads = 2}, scripted)) {}

  ~fixture() override {
    caf::anon_send_exit(feed, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(scripted, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(reader, caf::exit_reason::user_shutdown);
    consume_messages();
  }

  /// Adds events to the log as another node does: no actor here is told.
  void log_events(int count) {
    auto journal = database.open_journal();
    for (int i = 0; i < count; ++i) {
      append entry;
      entry.stream = "ord_" + std::to_string(++streams);
      entry.at = time();
      entry.events.push_back({"order.placed", 1, "{}"});
      CAF_REQUIRE(journal->commit({&entry, 1}).value().front().has_value());
    }
  }

  log_position end() const { return {0, database.log().size()}; }

  /// A request that can be abandoned.
  struct question {
    pending<feed_page> answer = std::make_shared<std::optional<result<feed_page>>>();
    caf::actor asker;
    std::shared_ptr<std::uint64_t> number = std::make_shared<std::uint64_t>(0);
  };

  question ask_for(read_feed wanted) {
    question made;
    made.asker =
      sys.spawn([wanted, to = feed, answer = made.answer, number = made.number](caf::event_based_actor* self) {
        auto request = self->request(to, caf::infinite, wanted);
        *number = request.id().request_id().integer_value();
        std::move(request).then([answer](feed_page& page) { *answer = std::move(page); },
                                [answer](const caf::error& reason) { *answer = to_failure(reason); });
        return caf::behavior{[self, to, number](caf::tick_atom) { self->send(to, abandon_request{*number}); }};
      });
    consume_messages();
    return made;
  }

  void abandon(const question& asked) {
    caf::anon_send(asked.asker, caf::tick_atom_v);
    consume_messages();
    caf::anon_send_exit(asked.asker, caf::exit_reason::user_shutdown);
    consume_messages();
  }

  static read_feed search(const std::string& asker, const std::string& customer = {}) {
    auto filter = nothing_comes;
    filter.customer = customer;
    return {{}, filter, 5, 15s, true, asker};
  }

  /// Reads from `after` on until there is nothing new.
  std::size_t count_from(log_position after) {
    std::size_t count = 0;
    for (;;) {
      auto page = ask<feed_page>(feed, read_feed{after, {}, 7, 200ms});
      CAF_REQUIRE(page.has_value());
      if (page->events.empty())
        return count;
      for (const auto& event : page->events)
        CHECK_EQ(event->position.sequence, ++after.sequence);
      count += page->events.size();
    }
  }

  std::ptrdiff_t tail_reads() const {
    return std::ranges::count_if(script->asked, [](const read_log& query) { return query.limit == tail_page; });
  }

  /// A live event arrives after a few reads of the log, however many events are in between.
  void check_live() {
    script->asked.clear();
    auto live = send<feed_page>(feed, read_feed{end(), {}, 5, 1h});
    pass(1ms);
    const auto before = end();
    log_events(1);
    caf::anon_send(feed, log_advanced{});
    run_to("a live event", [&] { return live->has_value(); });
    CAF_REQUIRE((*live)->has_value());
    CHECK((*live)->value().events.front()->position > before);
    CHECK(tail_reads() <= 6);
  }

  int streams = 0;
  std::shared_ptr<scripted_log> script = std::make_shared<scripted_log>();
  reader_actor reader;
  reader_actor scripted;
  event_feed_actor feed;
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("`latest` means now after a quiet time, and a subscriber that resumes misses no event of that time") {
  log_events(3);
  check_live();
  const auto seen = end();
  pass(1min);
  log_events(1'000);
  check_live();
  CHECK_EQ(count_from(seen), 1'001u);
}

SCENARIO("`latest` means now at the first read, also while other subscribers catch up") {
  log_events(1'000);
  const auto resumes = send<feed_page>(feed, read_feed{{0, 10}, nothing_comes, 5, 1h});
  check_live();
}

SCENARIO("`latest` means now after the process stood still, and subscribers that waited meanwhile get all events") {
  log_events(3);
  const auto seen = end();
  auto waits = send<feed_page>(feed, read_feed{seen, {}, 5, 1h});
  auto waits_in_vain = send<feed_page>(feed, read_feed{seen, nothing_comes, 5, 1h});
  pass(1s);
  log_events(1'000);
  sched.clock().current_time += 10min;
  check_live();
  CAF_REQUIRE(waits->has_value() && (*waits)->has_value());
  CHECK_EQ((*waits)->value().events.front()->position.sequence, seen.sequence + 1);
  CHECK_EQ(count_from((*waits)->value().next), 1'001u - 5u);
  CHECK(!waits_in_vain->has_value());
}

SCENARIO("a few missed events are read once for all waiting subscribers") {
  log_events(3);
  std::vector<pending<feed_page>> waiting;
  for (int i = 0; i < 10; ++i)
    waiting.push_back(send<feed_page>(feed, read_feed{end(), {}, 5, 1h}));
  pass(1s);
  log_events(4);
  sched.clock().current_time += 10min;
  script->asked.clear();
  pass(1s);
  CHECK(std::ranges::all_of(waiting, [](const auto& answer) { return answer->has_value(); }));
  CHECK(tail_reads() <= 3);
  CHECK_EQ(static_cast<std::ptrdiff_t>(script->asked.size()), tail_reads());
}

SCENARIO("a read of the log ends when its caller ends") {
  log_events(1'000);
  script->holds = true;
  const auto first = ask_for(search("ada"));
  const auto second = ask_for(search("ada"));
  REQUIRE_EQ(script->held.size(), 1u);
  abandon(second);
  abandon(first);
  script->answer_next();
  pass(20s);
  CHECK_EQ(script->asked.size(), 1u);
  // Neither has anybody else's place been lost.
  script->holds = false;
  CHECK_EQ(count_from({0, 990}), 10u);
}

SCENARIO("a subscriber that waits at the end of the log and leaves is forgotten, and the others are served") {
  log_events(3);
  const auto leaves = ask_for({end(), {}, 5, 1h, false, "ada"});
  auto stays = send<feed_page>(feed, read_feed{end(), {}, 5, 1h, false, "bob"});
  pass(1s);
  abandon(leaves);
  log_events(1);
  caf::anon_send(feed, log_advanced{});
  run_to("an event for the other", [&] { return stays->has_value(); });
  CHECK(!leaves.answer->has_value() || !(*leaves.answer)->has_value());
}

SCENARIO("each caller has one read under way, so that a new caller does not wait behind the queue of another") {
  log_events(1'000);
  script->holds = true;
  std::vector<question> many;
  for (int i = 0; i < 50; ++i)
    many.push_back(ask_for(search("ada", "a")));
  CHECK_EQ(script->held.size(), 1u);
  const auto other = ask_for(search("bob", "b"));
  REQUIRE_EQ(script->held.size(), 2u);
  CHECK_EQ(script->held.back().first.filter.customer, "b");
  const auto third = ask_for(search("eve", "e"));
  CHECK_EQ(script->held.size(), 2u);
  script->answer_next();
  consume_messages();
  CHECK_EQ(script->held.back().first.filter.customer, "e");
  for (const auto& each : many)
    abandon(each);
  abandon(other);
  abandon(third);
  while (!script->held.empty()) {
    script->answer_next();
    consume_messages();
  }
}

END_FIXTURE_SCOPE()

namespace {

feed_waiter waiter_of(const std::string& asker, std::uint64_t number) {
  feed_waiter made;
  made.request.asker = asker;
  made.id = {1, number};
  return made;
}

} // namespace

SCENARIO("a caller's turn depends on the time of its reads, not on their number") {
  catch_up_queue queue;
  std::uint64_t number = 0;
  for (int i = 0; i < 100; ++i) {
    queue.add(waiter_of("slow", ++number));
    queue.add(waiter_of("quick", ++number));
  }
  int slow = 0;
  int quick = 0;
  for (int i = 0; i < 44; ++i) {
    const auto next = queue.take();
    CAF_REQUIRE(next.has_value());
    const bool is_slow = next->request.asker == "slow";
    (is_slow ? slow : quick) += 1;
    queue.finish(next->request.asker, is_slow ? 10'000 : 1'000);
  }
  CHECK(slow >= 4 && slow <= 5);
  CHECK(quick >= 39);
  // A newcomer has not paid for what others did before.
  queue.add(waiter_of("new", ++number));
  auto next = queue.take();
  const auto another = queue.take();
  CHECK(next->request.asker == "new" || another->request.asker == "new");
}

SCENARIO("a read that is removed from the queue never runs") {
  catch_up_queue queue;
  queue.add(waiter_of("ada", 1));
  queue.add(waiter_of("ada", 2));
  CHECK(queue.remove({1, 1}));
  CHECK(!queue.remove({1, 1}));
  CHECK_EQ(queue.take()->id.request, 2u);
  CHECK(!queue.take().has_value());
  queue.finish("ada", 5);
  CHECK_EQ(queue.size(), 0u);
}
