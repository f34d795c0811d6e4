#include "actors/entity/timers/timer_wheel.hpp"

#include <algorithm>
#include <random>
#include <vector>

#define CAF_SUITE actors.timer_wheel
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace std::chrono_literals;

namespace {

struct fixture {
  std::vector<int> due(timestamp now) {
    auto owners = timers.take_due(now);
    std::ranges::sort(owners);
    return owners;
  }

  timer_wheel<int> timers;
  const timestamp start{1'000'000s};
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a timer fires when its time has come, not before, and once") {
  CHECK(timers.add(start + 50ms, start, 1));
  CHECK(!timers.add(start + 41ms, start, 2));
  CHECK(due(start + 40ms).empty());
  CHECK_EQ(due(start + 41ms), std::vector{2});
  CHECK_EQ(due(start + 50ms), std::vector{1});
  CHECK(timers.empty());
  CHECK(due(start + 1h).empty());
  CHECK(timers.add(start + 2h, start + 1h, 3));
}

SCENARIO("a time that has passed already is due at the next look") {
  timers.add(start - 1h, start, 1);
  CHECK_EQ(due(start), std::vector{1});
}

SCENARIO("a time beyond the ring is kept") {
  timers.add(start + 1h, start, 1);
  for (auto time = start; time < start + 1h; time += 1s)
    CHECK(due(time).empty());
  CHECK_EQ(due(start + 1h), std::vector{1});
}

SCENARIO("a long pause between two looks hides no timer") {
  for (int i = 0; i < 300; ++i)
    timers.add(start + i * 100ms, start, i);
  CHECK_EQ(due(start + 300 * 100ms).size(), 300u);
}

SCENARIO("when the clock was set back, new timers do not wait for the old time") {
  timers.add(start + 100ms, start, 1);
  timers.add(start - 1h + 30ms, start - 1h, 2);
  CHECK_EQ(due(start - 1h + 30ms), std::vector{2});
  timers.add(start - 2h + 30ms, start - 2h, 3);
  CHECK(due(start - 2h).empty());
  CHECK_EQ(due(start - 2h + 30ms), std::vector{3});
  CHECK_EQ(due(start + 100ms), std::vector{1});
}

SCENARIO("timers at any times fire each at the first look behind their time") {
  std::minstd_rand random{7};
  std::vector<timestamp> times;
  auto now = start;
  for (int round = 0; round < 2'000; ++round) {
    now += milliseconds{random() % 40};
    times.push_back(now + milliseconds{random() % 7'000});
    timers.add(times.back(), now, static_cast<int>(times.size()) - 1);
    now += milliseconds{random() % 40};
    for (const auto owner : timers.take_due(now)) {
      auto& time = times[static_cast<std::size_t>(owner)];
      CHECK(time <= now);
      time = timestamp::max();
    }
    for (const auto time : times)
      if (time <= now)
        FAIL("a timer that was due did not fire");
  }
}

END_FIXTURE_SCOPE()
