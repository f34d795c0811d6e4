#include "messages/cluster/known_troubles.hpp"

#define CAF_SUITE messages.known_troubles
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace std::chrono_literals;

namespace {

using sentences = std::vector<std::string>;

} // namespace

SCENARIO("a trouble is reported until its component clears it, and replaces the component's former trouble") {
  known_troubles troubles;
  troubles.set("database", "the database is slow");
  troubles.set("nodes", "node a cannot reach node b");
  troubles.set("database", "the database is away");
  CHECK_EQ(troubles.sentences(), (sentences{"the database is away", "node a cannot reach node b"}));
  troubles.set("database", "");
  CHECK_EQ(troubles.sentences(), sentences{"node a cannot reach node b"});
}

SCENARIO("a trouble that is never cleared expires by itself") {
  known_troubles troubles;
  troubles.tell("product", "product prd_1 is crowded", 60s);
  const auto now = known_troubles::clock::now();
  CHECK_EQ(troubles.sentences(now + 50s).size(), 1u);
  CHECK_EQ(troubles.sentences(now + 61s).size(), 0u);
}
