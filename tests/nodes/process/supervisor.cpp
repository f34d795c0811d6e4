#include "nodes/process/supervisor.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <stdexcept>
#include <string>
#include <vector>

#define CAF_SUITE nodes.supervisor
#include <caf/test/bdd_dsl.hpp>
#include <caf/test/dsl.hpp>

using namespace waybill;

namespace {

struct worker_state {
  static inline const char* name = "waybill.worker";
};

/// Fails at 0, ends at 1.
caf::behavior worker(caf::stateful_actor<worker_state>* self) {
  return {[self](int order) {
    if (order == 0)
      throw std::runtime_error{"the disk is on fire"};
    self->quit();
  }};
}

struct fixture : test_coordinator_fixture<> {
  caf::actor spawn() {
    const auto actor = sys.spawn(worker);
    consume_messages();
    return actor;
  }

  template <class Message>
  void tell(const caf::actor& actor, Message message) {
    caf::anon_send(actor, message);
    consume_messages();
  }

  void kill(const caf::actor& actor) {
    caf::anon_send_exit(actor, caf::exit_reason::kill);
    consume_messages();
  }

  std::vector<std::string> deaths;
  supervisor watch{
    [this](const std::string& name, const std::string& reason) { deaths.push_back(name + ": " + reason); }};
};

using lines = std::vector<std::string>;

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("the end of a watched actor is reported with its name and reason") {
  const auto failing = spawn();
  const auto ending = spawn();
  const auto killed = spawn();
  for (const auto& actor : {failing, ending, killed})
    watch.watch(actor);
  CHECK_EQ(watch.watched().size(), 3u);
  CHECK_EQ(deaths, lines{});
  tell(failing, 0);
  tell(ending, 1);
  kill(killed);
  CHECK_EQ(deaths, (lines{"waybill.worker: it failed: the disk is on fire", "waybill.worker: it ended by itself",
                          "waybill.worker: it was killed"}));
}

SCENARIO("an actor that has already ended is reported at once, and a null handle is ignored") {
  const auto actor = spawn();
  kill(actor);
  watch.watch(actor);
  watch.watch(nullptr);
  CHECK_EQ(deaths, lines{"waybill.worker: it was killed"});
}

SCENARIO("a task may end by itself when its work is done, but not otherwise") {
  const auto done = spawn();
  const auto failing = spawn();
  watch.watch_task(done);
  watch.watch_task(failing);
  tell(done, 1);
  CHECK_EQ(deaths, lines{});
  tell(failing, 0);
  CHECK_EQ(deaths, lines{"waybill.worker: it failed: the disk is on fire"});
}

SCENARIO("once the node shuts down, the end of its actors is not reported") {
  const auto actor = spawn();
  watch.watch(actor);
  watch.release();
  kill(actor);
  CHECK_EQ(deaths, lines{});
}

END_FIXTURE_SCOPE()
