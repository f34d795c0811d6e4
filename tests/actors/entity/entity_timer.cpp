#include "actors/entity/entity_timer.hpp"

#include <memory>
#include <string>
#include <vector>

#define CAF_SUITE actors.entity_timer
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace std::chrono_literals;

namespace {

struct fixture {
  fixture() {
    shared->start_ticking = [this] { ++ticking; };
  }

  std::vector<std::string> due(timestamp now) { return shared->timers.take_due(now); }

  std::shared_ptr<region_shared> shared = std::make_shared<region_shared>();
  int ticking = 0;
  entity_timer timer{shared, "ord_1"};
  const timestamp start{};
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("the region is told of its first timer and gets the entity when the time has come") {
  timer.arm(start + 10ms, start);
  CHECK_EQ(ticking, 1);
  CHECK(timer.is_armed());
  CHECK(due(start + 9ms).empty());
  CHECK_EQ(due(start + 10ms), std::vector<std::string>{"ord_1"});
  CHECK(timer.fire(start + 10ms));
  CHECK(!timer.is_armed());
}

SCENARIO("a later time changes nothing, an earlier one replaces it") {
  timer.arm(start + 20ms, start);
  timer.arm(start + 30ms, start);
  timer.arm(start + 10ms, start);
  CHECK_EQ(due(start + 10ms).size(), 1u);
  CHECK(timer.fire(start + 10ms));
  // The entry that was replaced is still in the queue; the entity has armed its timer again meanwhile.
  timer.arm(start + 50ms, start + 10ms);
  CHECK_EQ(due(start + 20ms).size(), 1u);
  CHECK(!timer.fire(start + 20ms));
  CHECK_EQ(due(start + 50ms).size(), 1u);
  CHECK(timer.fire(start + 50ms));
}

SCENARIO("a time far ahead wakes the entity earlier, so that no entry stays long in the queue") {
  timer.arm(start + 1h, start);
  CHECK_EQ(due(start + 5s).size(), 1u);
  CHECK(timer.fire(start + 5s));
}

END_FIXTURE_SCOPE()
