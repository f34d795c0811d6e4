#define CAF_SUITE actors.guard_keeper
#include "actors/functions/guard_keeper.hpp"

#include "domain/json/codec.hpp"
#include "messages/failures.hpp"
#include "tests/actors/support/actor_fixture.hpp"
#include "tests/actors/support/detour.hpp"

#include <caf/send.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

struct fixture : actor_fixture {
  fixture() {
    services = spawn_services();
  }
  ~fixture() override {
    for (const auto& actor :
         {caf::actor_cast<caf::actor>(services.journals.front()), caf::actor_cast<caf::actor>(services.reader),
          caf::actor_cast<caf::actor>(keeper)})
      if (actor)
        caf::anon_send_exit(actor, caf::exit_reason::kill);
    consume_messages();
  }

  void begin() { keeper = spawn_guard_keeper(sys, {}, services.reader, board); }

  /// Stores a function, as its entity does.
  void store(const std::string& name, std::optional<function::guard_failure> guard) {
    auto& state = states[name];
    function::put wanted{name, "return " + std::to_string(state.version), {}};
    if (guard)
      wanted.guard = function::guard{*guard};
    const auto events = function::decide(state, wanted).value();
    append entry;
    entry.kind = entity_kind::function;
    entry.stream = function::id_of(name).value;
    entry.expected_version = state.version;
    entry.at = time();
    for (const auto& event : events) {
      apply(state, event, time());
      entry.events.push_back({"function.registered", 1, encode_event(event).data});
    }
    entry.snapshot = entity_snapshot{1, encode(state), false, std::nullopt};
    CAF_REQUIRE(database.open_journal()->commit({&entry, 1}).value().front().has_value());
  }

  /// The names of the guards, or `unknown`.
  std::string known() const {
    const auto all = board->all();
    if (!all)
      return "unknown";
    std::string text;
    for (const auto& guard : *all)
      text += guard.name + (guard.on_failure == function::guard_failure::allow ? "? " : " ");
    return text;
  }

  bool refresh() {
    auto done = std::make_shared<std::optional<bool>>();
    sys.spawn([done, target = keeper](caf::event_based_actor* asking) {
      asking->request(target, caf::infinite, refresh_guards{})
        .then([done] { *done = true; }, [done](const caf::error&) { *done = false; });
    });
    run_to("an answer", [&] { return done->has_value(); });
    return **done;
  }

  entity_services services;
  guard_keeper_actor keeper;
  std::shared_ptr<order_guards> board = std::make_shared<order_guards>();
  std::map<std::string, function::state> states;
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("guards are known soon after the start, and a second after each change, also of the last one that goes") {
  store("b", function::guard_failure::refuse);
  store("plain", std::nullopt);
  CHECK_EQ(known(), "unknown");
  begin();
  run_to("the first look", [&] { return known() != "unknown"; });
  CHECK_EQ(known(), "b ");
  store("a", function::guard_failure::allow);
  pass(1s);
  CHECK_EQ(known(), "a? b ");
  store("b", std::nullopt);
  pass(1s);
  CHECK_EQ(known(), "a? ");
  store("a", std::nullopt);
  pass(1s);
  CHECK_EQ(known(), "");
}

SCENARIO("who has made a change knows when it is known here") {
  begin();
  run_to("the first look", [&] { return known() != "unknown"; });
  store("a", function::guard_failure::refuse);
  CHECK(refresh());
  CHECK_EQ(known(), "a ");
}

SCENARIO("while no function changes, their list is not read again") {
  store("a", function::guard_failure::refuse);
  std::size_t lists = 0;
  const auto counting =
    spawn_detour(sys, caf::actor_cast<caf::strong_actor_ptr>(services.reader), [&](const caf::message& message) {
      lists += message.match_elements<list_functions>() ? 1 : 0;
      return fate{};
    });
  keeper = spawn_guard_keeper(sys, {}, caf::actor_cast<reader_actor>(counting), board);
  pass(10min);
  CHECK_EQ(known(), "a ");
  CHECK_EQ(lists, 1u);
  caf::anon_send_exit(counting, caf::exit_reason::kill);
}

SCENARIO("while the database is away the guards stay as they were") {
  store("a", function::guard_failure::refuse);
  begin();
  run_to("the first look", [&] { return known() != "unknown"; });
  database.set_available(false);
  CHECK(!refresh());
  CHECK_EQ(known(), "a ");
  database.set_available(true);
  store("b", function::guard_failure::refuse);
  pass(2s);
  CHECK_EQ(known(), "a b ");
}

END_FIXTURE_SCOPE()
