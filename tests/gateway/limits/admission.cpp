#include "gateway/limits/admission.hpp"

#include <deque>

#define CAF_SUITE gateway.admission
#include <caf/test/bdd_dsl.hpp>

using namespace waybill::http;
using namespace std::chrono_literals;

namespace {

using clock_type = admission::clock;

/// A machine that answers so many requests in a second, one after the other, in a time of its own.
class machine {
public:
  explicit machine(const admission::settings& how) : requests(how) {}

  /// For `length`, so many requests come in each millisecond; gives how many were let in.
  std::size_t offer(int each_millisecond, double rate, std::chrono::milliseconds length) {
    std::size_t let_in = 0;
    for (const auto end = now + length; now < end; now += 1ms) {
      for (int i = 0; i < each_millisecond; ++i)
        if (requests.enter()) {
          ++let_in;
          waiting.push_back(now);
        }
      capacity += rate / 1'000;
      for (; capacity >= 1 && !waiting.empty(); capacity -= 1) {
        slowest = std::max<clock_type::duration>(slowest, now - waiting.front());
        requests.leave(now - waiting.front(), now);
        waiting.pop_front();
      }
      // Unused capacity is lost.
      if (waiting.empty())
        capacity = 0;
    }
    return let_in;
  }

  admission requests;
  clock_type::time_point now{1h};
  std::deque<clock_type::time_point> waiting;
  double capacity = 0;
  clock_type::duration slowest{};
};

constexpr admission::settings usual{.most = 2'000, .first = 200, .least = 20, .target = 500ms};

} // namespace

SCENARIO("at ten times the possible load, admitted requests are answered in about the target time") {
  for (const double rate : {100., 500., 2'000.}) {
    machine busy{usual};
    const auto flood = static_cast<int>(rate / 100);
    busy.offer(flood, rate, 30s);
    busy.slowest = {};
    const auto let_in = busy.offer(flood, rate, 20s);
    MESSAGE("rate " << rate << ": limit " << busy.requests.limit() << ", slowest "
                    << std::chrono::duration_cast<std::chrono::milliseconds>(busy.slowest).count() << " ms");
    CHECK(busy.slowest < 1s);
    // No capacity of the machine stays unused.
    CHECK(static_cast<double>(let_in) > 0.95 * rate * 20);
  }
}

SCENARIO("after the overload every request is admitted again") {
  machine busy{usual};
  busy.offer(10, 200, 30s);
  CHECK(busy.requests.limit() < 150u);
  busy.offer(1, 5'000, 5s);
  CHECK(busy.requests.limit() >= 200u);
  CHECK_EQ(busy.offer(200, 5'000, 1ms), 200u);
}

SCENARIO("the limit grows with the demand while answers are quick, and not without demand") {
  machine idle{usual};
  idle.offer(1, 10'000, 20s);
  CHECK_EQ(idle.requests.limit(), 200u);
  // Bursts of a thousand, which the machine is through with in a tenth of a second.
  for (int i = 0; i < 50; ++i) {
    idle.offer(1'000, 10'000, 1ms);
    idle.offer(0, 10'000, 150ms);
  }
  CHECK_EQ(idle.offer(1'000, 10'000, 1ms), 1'000u);
}

SCENARIO("without a target the limit stays where it was set") {
  machine busy{{.most = 100, .target = 0ms}};
  busy.offer(10, 50, 10s);
  busy.offer(1'000, 0, 1ms);
  CHECK_EQ(busy.requests.limit(), 100u);
  CHECK_EQ(busy.requests.inside(), 100u);
  CHECK(busy.requests.is_full());
}

SCENARIO("a permit is given back once, when the work is done or the request ends") {
  admission requests{{.most = 1, .target = 0ms}};
  {
    request_permit first{requests};
    CHECK(static_cast<bool>(first));
    CHECK(!request_permit{requests});
    first.done();
    const request_permit second{requests};
    CHECK(static_cast<bool>(second));
  }
  CHECK_EQ(requests.inside(), 0u);
}
