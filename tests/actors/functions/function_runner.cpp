#include "actors/functions/function_runner.hpp"

#include "domain/base/errors.hpp"
#include "messages/failures.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include <string>

#define CAF_SUITE actors.function_runner
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

function_run_settings settings_of(std::size_t max_waiting) {
  function_run_settings settings;
  settings.threads = 1;
  settings.max_waiting = max_waiting;
  settings.patience = milliseconds{60'000};
  settings.limits.steps = 2'000'000;
  settings.limits.time = milliseconds{60'000};
  return settings;
}

struct fixture {
  fixture() : runner{spawn_function_runner(sys, settings_of(4))} {}
  ~fixture() { caf::anon_send_exit(runner, caf::exit_reason::user_shutdown); }

  std::int64_t counted(const std::string& outcome) {
    auto* family = sys.metrics().counter_family("waybill.function", "calls", {"outcome"}, "", "1", true);
    return family->get_or_add({{"outcome", outcome}})->value();
  }

  caf::actor_system_config config;
  caf::actor_system sys{config};
  caf::scoped_actor self{sys};
  function_runner_actor runner;
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("sources are checked and run, and each outcome is counted") {
  self->request(runner, caf::infinite, check_source{"return ("})
    .receive([](const source_checked& checked) { CHECK(checked.error.has_value()); },
             [](const caf::error& reason) { CAF_FAIL(caf::to_string(reason)); });
  for (const auto* source : {"return input", "error('no')", "while true do end"})
    self->request(runner, caf::infinite, run_source{source, "7"})
      .receive([](const function_ran& ran) { CHECK(ran.error || ran.result == "7"); },
               [](const caf::error& reason) { CAF_FAIL(caf::to_string(reason)); });
  CHECK_EQ(counted("done"), 1);
  CHECK_EQ(counted("raised"), 1);
  CHECK_EQ(counted("steps"), 1);
}

SCENARIO("when too many wait, more are refused, and those that wait are run") {
  int ran = 0;
  int refused = 0;
  // One actor asks for all, so that the requests arrive before the first one is through.
  auto asking = sys.spawn([&](caf::event_based_actor* asker) {
    for (int i = 0; i < 10; ++i)
      asker->request(runner, caf::infinite, run_source{"while true do end", "null"})
        .then([&](const function_ran&) { ++ran; },
              [&](const caf::error& reason) {
                CHECK(waybill::to_failure(reason).code == ec::overloaded);
                ++refused;
              });
  });
  self->wait_for(asking);
  CHECK_EQ(ran + refused, 10);
  CHECK(ran >= 4);
  CHECK(refused > 0);
  CHECK_EQ(counted("refused"), refused);
  self->request(runner, caf::infinite, run_source{"return 1", "null"})
    .receive([](const function_ran& answer) { CHECK_EQ(answer.result, "1"); },
             [](const caf::error& reason) { CAF_FAIL(caf::to_string(reason)); });
}

SCENARIO("a call in a hurry waits for no other, and ends in its time") {
  int ran = 0;
  int ran_before = -1;
  auto asking = sys.spawn([&](caf::event_based_actor* asker) {
    for (int i = 0; i < 4; ++i)
      asker->request(runner, caf::infinite, run_source{"while true do end", "null"})
        .then([&](const function_ran&) { ++ran; }, [](const caf::error& reason) { CAF_FAIL(caf::to_string(reason)); });
    asker->request(runner, caf::infinite, run_source{"return 1", "null", milliseconds{30'000}})
      .then([&](const function_ran&) { ran_before = ran; },
            [](const caf::error& reason) { CAF_FAIL(caf::to_string(reason)); });
  });
  self->wait_for(asking);
  CHECK_EQ(ran, 4);
  CHECK(ran_before >= 0);
  CHECK(ran_before < 4);
  self->request(runner, caf::infinite, run_source{"while true do end", "null", milliseconds{1}})
    .receive([](const function_ran& answer) { CHECK(answer.error && answer.error->kind == "time"); },
             [](const caf::error& reason) { CHECK(waybill::to_failure(reason).code == ec::timed_out); });
}

END_FIXTURE_SCOPE()
