#pragma once

#include "actors/entity/entity_support.hpp"
#include "actors/entity/services.hpp"
#include "messages/actors.hpp"
#include "persistence/journal/journal_actor.hpp"
#include "persistence/readers/reader_actor.hpp"
#include "tests/support/memory_store.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include <caf/test/bdd_dsl.hpp>

namespace waybill::test {

/// Actors on the deterministic scheduler, over a database in memory. The time of day is the scheduler's.
class actor_fixture : public ::test_coordinator_fixture<> {
public:
  actor_fixture() {
    database.set_clock([this] { return time(); });
  }

  timestamp time() const {
    return epoch_
           + std::chrono::duration_cast<std::chrono::microseconds>(sched.clock().current_time.time_since_epoch());
  }

  /// Lets the time pass, with all that happens in it. Returns how many messages that were.
  std::size_t pass(caf::timespan duration) {
    auto& clock = sched.clock();
    std::size_t messages = 0;
    const auto until = clock.current_time + duration;
    for (;;) {
      if (consume_message()) {
        ++messages;
        continue;
      }
      if (clock.schedule.empty() || clock.schedule.begin()->first > until)
        break;
      trigger_timeout();
    }
    clock.current_time = until;
    return messages;
  }

  /// Runs until `condition` holds, timers included. Fails the test when nothing is left to run.
  template <class Condition>
  void run_to(const char* expected, Condition condition) {
    constexpr int most_steps = 1'000'000;
    for (int i = 0; i < most_steps; ++i) {
      if (condition())
        return;
      if (!consume_message() && !trigger_timeout())
        break;
    }
    if (!condition())
      CAF_FAIL("this never happened: " << expected);
  }

  template <class Answer>
  using pending = std::shared_ptr<std::optional<result<Answer>>>;

  /// Sends a request and returns at once; the answer turns up in what is returned.
  template <class Answer, class Handle, class Request>
  pending<Answer> send(const Handle& receiver, Request request) {
    auto answer = std::make_shared<std::optional<result<Answer>>>();
    sys.spawn([answer, receiver, request](caf::event_based_actor* asking) {
      asking->request(receiver, caf::infinite, request)
        .then([answer](Answer& value) { *answer = std::move(value); },
              [answer](const caf::error& reason) { *answer = to_failure(reason); });
    });
    return answer;
  }

  /// Sends a request and runs until it is answered.
  template <class Answer, class Handle, class Request>
  result<Answer> ask(const Handle& receiver, Request request) {
    auto answer = send<Answer>(receiver, std::move(request));
    run_to("an answer", [&] { return answer->has_value(); });
    return **answer;
  }

  memory_database database;

protected:
  /// The services of the node `test`, with a journal and a reader of its own.
  entity_services spawn_services() {
    entity_services services;
    services.node = "test";
    services.clock = [this] { return time(); };
    services.sequence = std::make_shared<append_sequence>();
    services.journals = {spawn_journal(database, services.sequence)};
    services.reader = spawn_reader(database);
    return services;
  }

  journal_actor spawn_journal(memory_database& target, std::shared_ptr<append_sequence> sequence = nullptr) {
    return sys.spawn<journal_impl::stateful_impl<journal_state>>(target.open_journal(), journal_settings{},
                                                                 journal_links{.sequence = std::move(sequence)});
  }

  reader_actor spawn_reader(const memory_database& source) {
    return sys.spawn<reader_actor::stateful_impl<reader_state>>(source.open_query(),
                                                                std::make_shared<std::atomic<std::size_t>>(1U << 30U));
  }

  /// Makes the node `test` own all shards of a region.
  template <class Region>
  static void place_all(const Region& region) {
    caf::anon_send(region, placement{1, "test", {{"test", caf::actor_cast<caf::strong_actor_ptr>(region)}}});
  }

private:
  const timestamp epoch_ = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
};

} // namespace waybill::test
