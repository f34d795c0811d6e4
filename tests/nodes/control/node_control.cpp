#include "nodes/control/node_control.hpp"

#include "domain/base/errors.hpp"
#include "persistence/faults/refused_appends.hpp"
#include "tests/support/eventually.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#define CAF_SUITE nodes.node_control
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

struct fixture {
  ~fixture() { caf::anon_send_exit(control, caf::exit_reason::user_shutdown); }

  void start(bool chaos) {
    node_control_parts parts;
    parts.node = "order-1";
    parts.chaos = chaos;
    control = spawn_node_control(sys, parts);
  }

  /// The refusal of the fault, or none.
  caf::error refusal_of(const apply_fault& fault) {
    caf::error refusal;
    caf::scoped_actor self{sys};
    self->request(control, std::chrono::seconds{60}, fault)
      .receive([](const fault_applied&) {}, [&](caf::error& reason) { refusal = std::move(reason); });
    return refusal;
  }

  caf::actor_system_config config;
  caf::actor_system sys{config};
  node_control_actor control;
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a node without --chaos=on refuses no append on purpose, whoever asks") {
  start(false);
  CHECK_EQ(refusal_of({"order-1", node_fault::refuse_appends, {}, 60'000}), ec::conflict);
  CHECK(!refused_appends::is_on());
}

SCENARIO("a node with --chaos=on refuses appends for as long as it is told to, and then no more") {
  start(true);
  CHECK_EQ(refusal_of({"order-1", node_fault::refuse_appends, {}, 3'600'000}), caf::error{});
  CHECK(refused_appends::is_on());
  refused_appends::end();
  CHECK_EQ(refusal_of({"order-1", node_fault::refuse_appends, {}, 100}), caf::error{});
  CHECK(test::eventually([] { return !refused_appends::is_on(); }));
}

END_FIXTURE_SCOPE()
