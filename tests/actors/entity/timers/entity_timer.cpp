#include "actors/entity/timers/entity_timer.hpp"

#include <memory>
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

  std::vector<std::shared_ptr<entity_link>> due(timestamp now) { return shared->timers.take_due(now); }

  std::shared_ptr<region_shared> shared = std::make_shared<region_shared>();
  int ticking = 0;
  std::shared_ptr<entity_link> link = std::make_shared<entity_link>();
  entity_timer timer{shared, link};
  const timestamp start{};
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("the region is told of its first timer and gets the entity when the time has come") {
  timer.arm(start + 10ms, start);
  CHECK_EQ(ticking, 1);
  CHECK(timer.is_armed());
  CHECK(due(start + 9ms).empty());
  CHECK_EQ(due(start + 10ms), std::vector{link});
  CHECK(timer.fire(start + 10ms));
  CHECK(!timer.is_armed());
}

SCENARIO("a later time changes nothing, an earlier one replaces it") {
  timer.arm(start + 20ms, start);
  timer.arm(start + 30ms, start);
  timer.arm(start + 10ms, start);
  CHECK_EQ(due(start + 10ms).size(), 1u);
  CHECK(timer.fire(start + 10ms));
  // The entry that was replaced is still in the wheel; the entity has armed its timer again meanwhile.
  timer.arm(start + 50ms, start + 10ms);
  CHECK_EQ(due(start + 20ms).size(), 1u);
  CHECK(!timer.fire(start + 20ms));
  CHECK_EQ(due(start + 50ms).size(), 1u);
  CHECK(timer.fire(start + 50ms));
}

SCENARIO("a time far ahead wakes the entity earlier, so that no entry stays long in the wheel") {
  timer.arm(start + 1h, start);
  CHECK_EQ(due(start + 5s).size(), 1u);
  CHECK(timer.fire(start + 5s));
}

END_FIXTURE_SCOPE()
