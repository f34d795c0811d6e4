#include "outbound/circuit_breaker.hpp"

#define CAF_SUITE outbound.circuit_breaker
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using outbound::circuit_breaker;
using state = circuit_breaker::state;
using namespace std::chrono_literals;

namespace {

struct fixture {
  circuit_breaker breaker{{.failures = 3, .open_for = 1s, .longest_open = 5s}};
  circuit_breaker::time_point now{};

  circuit_breaker::ticket admitted() {
    const auto ticket = breaker.admit(now);
    CAF_REQUIRE(ticket.has_value());
    return *ticket;
  }

  void fail() { breaker.failed(admitted(), now); }

  void fail_until_open() {
    for (int i = 0; i < 3; ++i)
      fail();
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("consecutive failures open the circuit, and a success in between resets the count") {
  fail();
  fail();
  breaker.succeeded(admitted());
  fail();
  fail();
  CHECK(breaker.current() == state::closed);
  fail();
  CHECK(breaker.current() == state::open);
  CHECK(!breaker.admit(now));
}

SCENARIO("an open circuit lets one probe through after its time, and closes when the probe succeeds") {
  fail_until_open();
  now += 999ms;
  CHECK(!breaker.admit(now));
  now += 1ms;
  const auto probe = admitted();
  CHECK(breaker.current() == state::half_open);
  CHECK(!breaker.admit(now));
  CHECK(!breaker.admit(now + 1h));
  breaker.succeeded(probe);
  CHECK(breaker.current() == state::closed);
  CHECK(breaker.admit(now).has_value());
}

SCENARIO("a failed probe opens the circuit for twice as long, up to a limit, and a success resets the time") {
  fail_until_open();
  for (const auto open : {1s, 2s, 4s, 5s, 5s}) {
    now += open - 1ms;
    CHECK(!breaker.admit(now));
    now += 1ms;
    fail();
    CHECK(breaker.current() == state::open);
  }
  now += 5s;
  breaker.succeeded(admitted());
  fail_until_open();
  now += 1s;
  CHECK(breaker.admit(now).has_value());
}

SCENARIO("a result of a request from before the last change is ignored") {
  const auto old = admitted();
  fail_until_open();
  now += 1s;
  const auto probe = admitted();
  breaker.succeeded(old);
  CHECK(breaker.current() == state::half_open);
  breaker.failed(old, now);
  CHECK(breaker.current() == state::half_open);
  breaker.succeeded(probe);
  for (int i = 0; i < 10; ++i)
    breaker.failed(old, now);
  CHECK(breaker.current() == state::closed);
}

SCENARIO("a probe that was never sent lets the next one through") {
  fail_until_open();
  now += 1s;
  breaker.abandoned(admitted(), now);
  CHECK(breaker.current() == state::open);
  CHECK(breaker.admit(now).has_value());
}

END_FIXTURE_SCOPE()
