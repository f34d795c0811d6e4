#define CAF_SUITE actors.function
#include "actors/functions/function_region.hpp"
#include "domain/base/enum_name.hpp"
#include "domain/base/errors.hpp"
#include "functions/sandbox.hpp"
#include "messages/failures.hpp"
#include "tests/actors/support/actor_fixture.hpp"

#include <caf/send.hpp>

#include <string>

using namespace waybill;
using namespace waybill::test;

namespace {

std::optional<function_error> told(const std::optional<sandbox::script_error>& error) {
  if (!error)
    return std::nullopt;
  return function_error{std::string{name_of(error->kind)}, error->message, error->line};
}

provenance by_admin() {
  provenance origin;
  origin.by_kind = "admin";
  origin.by_id = "usr_1";
  return origin;
}

/// A node with functions, whose runner is on the deterministic scheduler.
struct fixture : actor_fixture {
  fixture() { open(); }
  ~fixture() override { close(); }

  void open() {
    services = spawn_services();
    runner = sys.spawn([this](function_runner_actor::pointer) -> function_runner_actor::behavior_type {
      return {[](const check_source& question) { return source_checked{told(sandbox::check(question.source))}; },
              [this](const run_source& question) -> caf::result<function_ran> {
                if (full)
                  return to_error({ec::overloaded, "too many"});
                auto done = sandbox::run(question.source, question.input);
                return function_ran{done.result, told(done.error)};
              }};
    });
    functions = spawn_function_region(sys, services, {}, runner, {});
    place_all(functions);
  }

  void close() {
    caf::anon_send_exit(caf::actor_cast<caf::actor>(services.journals.front()), caf::exit_reason::kill);
    caf::anon_send_exit(caf::actor_cast<caf::actor>(services.reader), caf::exit_reason::kill);
    caf::anon_send_exit(caf::actor_cast<caf::actor>(runner), caf::exit_reason::kill);
    caf::anon_send_exit(caf::actor_cast<caf::actor>(functions), caf::exit_reason::user_shutdown);
    consume_messages();
  }

  void restart() {
    close();
    open();
  }

  result<function_saved> put(const std::string& name, const std::string& source, std::uint64_t version = 0) {
    return ask<function_saved>(functions, put_function{function::id_of(name), name, source, version, by_admin()});
  }

  void put_guard(const std::string& name, const std::string& source) {
    put_function wanted{function::id_of(name), name, source, 0, by_admin()};
    wanted.guard = function::guard{};
    CAF_REQUIRE(ask<function_saved>(functions, wanted).has_value());
  }

  /// The result, `kind line`, or the word of the failure.
  std::string invoke(const std::string& name, const std::string& input = "null") {
    const auto ran = ask<function_ran>(functions, invoke_function{function::id_of(name), input});
    if (!ran)
      return std::string{to_string(ran.error().code)};
    return ran->error ? ran->error->kind + ' ' + std::to_string(ran->error->line) : ran->result;
  }

  /// ec::none when it was removed.
  ec remove(const std::string& name, std::uint64_t version = 0) {
    auto outcome = std::make_shared<std::optional<ec>>();
    sys.spawn([=, target = functions](caf::event_based_actor* asking) {
      asking->request(target, caf::infinite, remove_function{function::id_of(name), version, by_admin()})
        .then([outcome] { *outcome = ec::none; },
              [outcome](const caf::error& reason) { *outcome = to_failure(reason).code; });
    });
    run_to("an answer", [&] { return outcome->has_value(); });
    return **outcome;
  }

  template <class Answer, class Command>
  ec refusal(Command command) {
    const auto answer = ask<Answer>(functions, std::move(command));
    return answer ? ec::none : answer.error().code;
  }

  entity_services services;
  function_runner_actor runner;
  function_region_actor functions;
  bool full = false;
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("what is called is the last version that was registered") {
  CHECK(put("double", "return 2 * input")->created);
  CHECK_EQ(invoke("double", "21"), "42");
  const auto again = put("double", "return input + input + 0.0");
  CHECK(!again->created);
  CHECK_EQ(again->function.current, 2u);
  CHECK_EQ(invoke("double", "21"), "42");
  CHECK_EQ(again->function.versions[1].by.id, "usr_1");
}

SCENARIO("a source that does not compile is told with its line, and nothing is stored") {
  const auto wrong = put("broken", "return 1\nreturn (");
  REQUIRE(wrong.has_value());
  REQUIRE(wrong->error.has_value());
  CHECK_EQ(wrong->error->line, 2u);
  CHECK_EQ(invoke("broken"), "not_found");
}

SCENARIO("a call that fails is an answer, with its line") {
  put("fails", "local x\nreturn x.y");
  CHECK_EQ(invoke("fails"), "raised 2");
  CHECK_EQ(invoke("fails"), "raised 2");
  put("loops", "while true do end");
  CHECK_EQ(invoke("loops"), "steps 1");
  CHECK_EQ(invoke("calculate-total", R"({"items":[]})"), "0");
}

SCENARIO("a version that was called before can be called again") {
  put("f", "return 1");
  put("f", "return 2");
  const auto back = ask<function_view>(functions, roll_back_function{function::id_of("f"), 1, 0, by_admin()});
  CHECK_EQ(back->function.current, 1u);
  CHECK_EQ(invoke("f"), "1");
  CHECK(refusal<function_view>(roll_back_function{function::id_of("f"), 9, 0, by_admin()}) == ec::not_found);
}

SCENARIO("a change of another version than the caller's is refused") {
  put("f", "return 1");
  CHECK(put("f", "return 2", 7).error().code == ec::version_mismatch);
  CHECK(put("new", "return 2", 1).error().code == ec::version_mismatch);
  CHECK_EQ(invoke("new"), "not_found");
  CHECK(put("f", "return 2", 1).has_value());
  CHECK(refusal<function_view>(roll_back_function{function::id_of("f"), 1, 1, {}}) == ec::version_mismatch);
  CHECK(remove("f", 1) == ec::version_mismatch);
  CHECK_EQ(invoke("f"), "2");
}

SCENARIO("a function that was removed is not found until it is registered again") {
  put("f", "return 1");
  CHECK(remove("f") == ec::none);
  CHECK_EQ(invoke("f"), "not_found");
  CHECK(refusal<function_view>(get_function{function::id_of("f")}) == ec::not_found);
  CHECK(remove("other") == ec::not_found);
  const auto again = put("f", "return 2");
  CHECK(again->created);
  CHECK_EQ(again->function.current, 2u);
}

SCENARIO("what is built in is there without being registered, and cannot be changed") {
  CHECK_EQ(invoke("calculate-total", R"({"items":[{"price":5,"quantity":2}]})"), "10");
  CHECK(put("calculate-total", "return 0").error().code == ec::conflict);
  const auto id = function::id_of("calculate-total");
  CHECK(remove("calculate-total") == ec::conflict);
  CHECK(refusal<function_view>(roll_back_function{id, 1, 0, {}}) == ec::conflict);
}

SCENARIO("functions and their versions are there after a restart") {
  put("f", "return 1");
  put("f", "return 2");
  restart();
  CHECK_EQ(invoke("f"), "2");
  const auto kept = ask<function_view>(functions, get_function{function::id_of("f")});
  CHECK_EQ(kept->function.versions.size(), 2u);
  CHECK(!kept->trigger.has_value());
  put("f", "return 3");
  CHECK_EQ(invoke("f"), "3");
}

SCENARIO("a new source for a function that is not in memory is its next version") {
  put("f", "return 1");
  restart();
  const auto next = put("f", "return 2");
  CHECK(!next->created);
  CHECK_EQ(next->function.current, 2u);
}

SCENARIO("a full runner refuses a call, and the next one works") {
  full = true;
  CHECK_EQ(invoke("calculate-total", R"({"items":[]})"), "overloaded");
  full = false;
  CHECK_EQ(invoke("calculate-total", R"({"items":[]})"), "0");
}

SCENARIO("a guard stays in memory, and is there after a restart before anybody asks") {
  put_guard("g", "return nil");
  pass(std::chrono::minutes{10});
  CHECK_EQ(ask<actor_list>(functions, list_actors{})->total, 1u);
  restart();
  pass(std::chrono::seconds{1});
  CHECK_EQ(ask<actor_list>(functions, list_actors{})->total, 1u);
  put("g", "return nil");
  pass(std::chrono::minutes{10});
  CHECK_EQ(ask<actor_list>(functions, list_actors{})->total, 0u);
}

SCENARIO("functions that nobody calls leave the memory") {
  put("f", "return 1");
  invoke("calculate-total", R"({"items":[]})");
  invoke("nothing");
  pass(std::chrono::minutes{2});
  CHECK_EQ(ask<actor_list>(functions, list_actors{})->total, 0u);
  CHECK_EQ(invoke("f"), "1");
}

END_FIXTURE_SCOPE()
