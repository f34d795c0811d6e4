#define CAF_SUITE actors.function_trigger
#include "actors/feed/event_feed.hpp"
#include "actors/functions/function_region.hpp"
#include "domain/base/enum_name.hpp"
#include "domain/base/errors.hpp"
#include "functions/sandbox.hpp"
#include "messages/failures.hpp"
#include "tests/actors/support/actor_fixture.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

constexpr auto tells = "return {notification = {text = 'Hi'}}";
constexpr auto fails_on_poison = "if input.event.data.poison then\n  error('bad', 0)\nend\n"
                                 "return {notification = {text = 'Hi'}}";

/// A node with functions that are called for events; its runner is on the deterministic scheduler.
struct fixture : actor_fixture {
  fixture() { open(); }
  ~fixture() override { close(); }

  void open() {
    services = spawn_services();
    feed = spawn_event_feed(sys, {.poll_interval = 1s}, services.reader);
    runner = sys.spawn([this](function_runner_actor::pointer) -> function_runner_actor::behavior_type {
      return {[](const check_source&) { return source_checked{}; },
              [this](const run_source& question) -> caf::result<function_ran> {
                if (full)
                  return to_error({ec::overloaded, "too many"});
                ++runs;
                auto done = sandbox::run(question.source, question.input);
                if (done.error)
                  return function_ran{
                    {}, function_error{std::string{name_of(done.error->kind)}, done.error->message, done.error->line}};
                return function_ran{done.result, {}};
              }};
    });
    functions = spawn_function_region(sys, services, {}, runner, feed);
    place_all(functions);
  }

  /// Ends all actors at once, as a crash would; the database stays.
  void close() {
    for (const auto& actor :
         {caf::actor_cast<caf::actor>(services.journals.front()), caf::actor_cast<caf::actor>(services.reader),
          caf::actor_cast<caf::actor>(feed), caf::actor_cast<caf::actor>(runner)})
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    caf::anon_send_exit(caf::actor_cast<caf::actor>(functions), caf::exit_reason::user_shutdown);
    consume_messages();
  }

  void restart() {
    close();
    open();
  }

  trigger_view put(const std::string& source, std::vector<std::string> triggers = {"order.delivered"}) {
    put_function wanted{function::id_of("f"), "f", source, 0, {}};
    wanted.triggers = std::move(triggers);
    const auto saved = ask<function_saved>(functions, wanted);
    CAF_REQUIRE(saved.has_value());
    return saved->trigger.value_or(trigger_view{});
  }

  std::optional<trigger_view> trigger() {
    return ask<function_view>(functions, get_function{function::id_of("f")})->trigger;
  }

  /// Puts an event of an order of its own, and of a customer of its own, into the log, without an actor.
  std::string log_event(const std::string& data = "{}", const std::string& type = "order.delivered") {
    append entry;
    ++streams;
    const auto number = std::to_string(streams);
    const auto suffix = std::string(20 - number.size(), '0') + number;
    entry.stream = entry.order = "ord_" + suffix;
    entry.customer = "cus_" + suffix;
    entry.at = time();
    entry.events.push_back({type, 1, data});
    CAF_REQUIRE(database.open_journal()->commit({&entry, 1}).value().front().has_value());
    return entry.customer;
  }

  std::vector<stored_notification> told(const std::string& customer) const {
    return database.open_query()->run(list_notifications{customer, false, {}, 100})->notifications;
  }

  std::size_t count_of(const std::string& type) const {
    const auto log = database.log();
    return static_cast<std::size_t>(
      std::count_if(log.begin(), log.end(), [&](const stored_event& event) { return event.type == type; }));
  }

  entity_services services;
  event_feed_actor feed;
  function_runner_actor runner;
  function_region_actor functions;
  bool full = false;
  int runs = 0;
  int streams = 0;
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a customer is told of each event that the function was made for, and of none before") {
  const auto before = log_event();
  put(tells);
  const auto first = log_event();
  const auto other = log_event("{}", "order.placed");
  const auto second = log_event();
  run_to("both are told", [&] { return !told(first).empty() && !told(second).empty(); });
  pass(10s);
  CHECK_EQ(told(first).size(), 1u);
  CHECK_EQ(told(first)[0].row.text, "Hi");
  CHECK_EQ(told(first)[0].row.kind, "order.delivered");
  CHECK_EQ(told(first)[0].row.order, "ord_" + first.substr(4));
  CHECK(told(before).empty());
  CHECK(told(other).empty());
  CHECK_EQ(count_of("notification.sent"), 2u);
  // The customer's own pages hear of it.
  for (const auto& customer : {first, second}) {
    const event_filter own{{"notification.sent"}, {}, {}, customer};
    const auto seen = database.open_query()->run(read_log{{}, own, 100}).value().events;
    REQUIRE_EQ(seen.size(), 1u);
    CHECK_EQ(seen[0].order, "ord_" + customer.substr(4));
  }
  CHECK_EQ(runs, 2);
  const auto shown = trigger();
  REQUIRE(shown.has_value());
  CHECK_EQ(shown->progress.handled, 2u);
  CHECK_EQ(shown->progress.notified, 2u);
  CHECK(shown->lag == 0ms);
}

SCENARIO("an event that the function fails on is skipped after three attempts, and is seen") {
  put(fails_on_poison);
  const auto poisoned = log_event(R"({"poison":true})");
  const auto good = log_event();
  run_to("the good one", [&] { return !told(good).empty(); });
  pass(10s);
  CHECK_EQ(runs, 4);
  CHECK(told(poisoned).empty());
  CHECK_EQ(count_of("function.event_skipped"), 1u);
  const auto shown = trigger();
  REQUIRE(shown->progress.last_failure.has_value());
  const auto& skipped = shown->progress.last_failure->skipped;
  CHECK_EQ(skipped.event, "evt_ord_" + poisoned.substr(4) + ".1");
  CHECK_EQ(skipped.about, "order.delivered");
  CHECK_EQ(skipped.message, "bad");
  CHECK_EQ(skipped.line, 2u);
  CHECK_EQ(skipped.attempts, 3u);
  CHECK_EQ(shown->progress.skipped, 1u);
  // It is forgotten by nobody, and not tried again.
  restart();
  const auto later = log_event();
  run_to("the later one", [&] { return !told(later).empty(); });
  CHECK_EQ(runs, 5);
  CHECK_EQ(trigger()->progress.skipped, 1u);
}

SCENARIO("what a function answers that means nothing is a failure") {
  put("return {text = 'Hi'}");
  log_event();
  pass(10s);
  CHECK_EQ(runs, 3);
  CHECK_EQ(trigger()->progress.last_failure->skipped.kind, "answer");
  CHECK_EQ(services.troubles->sentences().size(), 1u);
  // Nobody is told of what is about no order.
  put(tells, {"user.*"});
  append entry;
  entry.stream = "usr_1";
  entry.at = time();
  entry.events.push_back({"user.registered", 1, "{}"});
  CAF_REQUIRE(database.open_journal()->commit({&entry, 1}).value().front().has_value());
  pass(10s);
  CHECK_EQ(trigger()->progress.skipped, 2u);
  CHECK_EQ(count_of("notification.sent"), 0u);
}

SCENARIO("a call that could not be made is no attempt") {
  put(tells);
  full = true;
  const auto customer = log_event();
  pass(1min);
  CHECK_EQ(count_of("function.event_skipped"), 0u);
  CHECK(trigger()->lag >= 30s);
  full = false;
  pass(5s);
  CHECK_EQ(told(customer).size(), 1u);
  CHECK_EQ(runs, 1);
}

SCENARIO("a new version goes on where the one before was") {
  put("return nil");
  const auto first = log_event();
  pass(5s);
  put(tells);
  const auto second = log_event();
  pass(5s);
  CHECK(told(first).empty());
  CHECK_EQ(told(second).size(), 1u);
  // While it does nothing by itself, nothing is kept for it.
  put(tells, {});
  CHECK(!trigger().has_value());
  const auto third = log_event();
  pass(5s);
  put(tells);
  const auto fourth = log_event();
  pass(5s);
  CHECK(told(third).empty());
  CHECK_EQ(told(fourth).size(), 1u);
  CHECK_EQ(trigger()->progress.handled, 1u);
}

SCENARIO("a version that mends the function gets the events that were not skipped yet") {
  put(tells);
  full = true;
  const auto customer = log_event();
  pass(3s);
  put("return {notification = {text = 'Mended'}}");
  full = false;
  pass(5s);
  REQUIRE_EQ(told(customer).size(), 1u);
  CHECK_EQ(told(customer)[0].row.text, "Mended");
}

SCENARIO("the position survives a restart, and what happens meanwhile is not missed") {
  put(tells);
  const auto first = log_event();
  pass(5s);
  close();
  const auto second = log_event();
  open();
  pass(5s);
  CHECK_EQ(told(first).size(), 1u);
  CHECK_EQ(told(second).size(), 1u);
  CHECK_EQ(runs, 2);
}

SCENARIO("each customer is told once, wherever the node dies") {
  put(tells);
  std::vector<std::string> customers;
  for (int i = 0; i < 40; ++i) {
    customers.push_back(log_event());
    // Another place each time: the page is being read, the function runs, the append is under way, it is answered.
    for (int step = 0; step < i % 23; ++step)
      if (!consume_message())
        trigger_timeout();
    if (i % 2 == 1)
      restart();
  }
  const auto all_told = [&] {
    return std::all_of(customers.begin(), customers.end(), [&](const auto& each) { return !told(each).empty(); });
  };
  run_to("all are told", all_told);
  pass(10s);
  for (const auto& customer : customers)
    CHECK_EQ(told(customer).size(), 1u);
  CHECK_EQ(count_of("notification.sent"), customers.size());
  CHECK_EQ(trigger()->progress.notified, customers.size());
}

SCENARIO("an event that is handled again, because nobody knew that it was, tells once") {
  put(tells);
  const auto customer = log_event();
  pass(5s);
  REQUIRE_EQ(told(customer).size(), 1u);
  const auto id = told(customer)[0].row.id;
  // As if another owner of the function had never heard of it.
  append forgotten;
  forgotten.kind = entity_kind::trigger;
  forgotten.stream = "trg_f";
  forgotten.expected_version = 1;
  forgotten.at = time();
  forgotten.events.push_back({"test.forgotten", 1, "{}"});
  forgotten.snapshot = entity_snapshot{1, R"({"began_after":""})", false, std::nullopt};
  CAF_REQUIRE(database.open_journal()->commit({&forgotten, 1}).value().front().has_value());
  restart();
  pass(5s);
  CHECK_EQ(runs, 2);
  REQUIRE_EQ(told(customer).size(), 1u);
  CHECK_EQ(told(customer)[0].row.id, id);
}

SCENARIO("what functions tell calls no function") {
  put(tells, {"*"});
  const auto customer = log_event();
  pass(1min);
  CHECK_EQ(told(customer).size(), 1u);
  CHECK_EQ(count_of("notification.sent"), 1u);
}

SCENARIO("a function that was removed is called no more") {
  put(tells);
  auto removed = std::make_shared<bool>(false);
  sys.spawn([=, target = functions](caf::event_based_actor* asking) {
    asking->request(target, caf::infinite, remove_function{function::id_of("f"), 0, {}}).then([removed] {
      *removed = true;
    });
  });
  run_to("the removal", [&] { return *removed; });
  const auto customer = log_event();
  pass(1min);
  CHECK(told(customer).empty());
  CHECK_EQ(runs, 0);
  CHECK_EQ(ask<actor_list>(functions, list_actors{})->total, 0u);
}

END_FIXTURE_SCOPE()
