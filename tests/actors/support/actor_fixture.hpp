#pragma once

#include "actors/entity/entity_support.hpp"
#include "actors/entity/services.hpp"
#include "messages/actors.hpp"
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
  actor_fixture();

  timestamp time() const;

  /// Lets the time pass, with all that happens in it. Returns how many messages that were.
  std::size_t pass(caf::timespan duration);

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

  /// Sends a request and returns at once; the answer appears in the returned object.
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
  entity_services spawn_services();

  journal_actor spawn_journal(memory_database& target, std::shared_ptr<append_sequence> sequence = nullptr);

  reader_actor spawn_reader(const memory_database& source);

  /// Makes the node `test` own all shards of a region.
  template <class Region>
  static void place_all(const Region& region) {
    caf::anon_send(region, placement{1, "test", {{"test", caf::actor_cast<caf::strong_actor_ptr>(region)}}});
  }

private:
  const timestamp epoch_ = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
};

} // namespace waybill::test
