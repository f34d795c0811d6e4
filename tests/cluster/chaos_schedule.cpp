#include "tests/cluster/chaos/requests.hpp"
#include "tests/cluster/chaos/schedule.hpp"

#include <algorithm>
#include <map>
#include <set>

#define CAF_SUITE cluster.chaos_schedule
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::chaos;
using namespace std::chrono_literals;

namespace {

std::string text_of(const std::vector<fault>& schedule) {
  std::string text;
  for (const auto& fault : schedule)
    text += std::to_string(fault.at.count()) + " " + describe(fault) + "\n";
  return text;
}

std::string text_of(const request_plan& plan) {
  std::string text;
  for (const auto& request : plan.requests)
    text += std::to_string(request.at.count()) + " " + std::string{word_of(request.kind)} + " "
            + std::to_string(request.order) + " " + std::to_string(request.gateway) + " "
            + std::to_string(request.reader) + " " + std::to_string(request.copies) + "\n";
  for (const auto& order : plan.orders)
    text += body_of(order, {"a", "b", "c", "d"}) + "\n";
  return text;
}

std::vector<fault> schedule_of(std::uint64_t seed, milliseconds duration = 10min) {
  schedule_settings settings;
  settings.seed = seed;
  settings.duration = duration;
  return make_schedule(settings);
}

} // namespace

SCENARIO("the same seed gives the same schedule and the same requests, another one gives others") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CHECK_EQ(text_of(schedule_of(seed)), text_of(schedule_of(seed)));
    CHECK_NE(text_of(schedule_of(seed)), text_of(schedule_of(seed + 1)));
    const auto requests = [](std::uint64_t number) { return text_of(make_requests({number, 20s, 10, 2})); };
    CHECK_EQ(requests(seed), requests(seed));
    CHECK_NE(requests(seed), requests(seed + 1));
  }
}

SCENARIO("a long schedule has every kind of fault about equally often, at every node") {
  std::map<fault_kind, std::size_t> kinds;
  std::set<std::string> targets;
  const auto schedule = schedule_of(1, 120min);
  for (const auto& fault : schedule) {
    ++kinds[fault.kind];
    targets.insert(fault.target);
  }
  CHECK_EQ(kinds.size(), all_faults().size());
  const auto rounds = schedule.size() / kinds.size();
  for (const auto& [kind, number] : kinds)
    CHECK(number == rounds || number == rounds + 1);
  for (const auto& member : standard_members())
    CHECK(targets.contains(member.name));
}

SCENARIO("thirty minutes have at least a hundred faults") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    CHECK(schedule_of(seed, 30min).size() >= 100);
}

SCENARIO("a stopped node stays stopped for longer than its lease, and no two faults hit one node at once") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto schedule = schedule_of(seed);
    for (std::size_t i = 0; i < schedule.size(); ++i) {
      const auto& fault = schedule[i];
      if (fault.kind == fault_kind::stop || fault.kind == fault_kind::stop_between)
        CHECK(fault.lasts > schedule_settings{}.lease);
      if (fault.kind == fault_kind::cut)
        CHECK_NE(fault.target, fault.peer);
      if (i > 0)
        CHECK(schedule[i - 1].at <= fault.at);
      if (i > 0 && schedule[i - 1].at + schedule[i - 1].lasts > fault.at)
        CHECK_NE(schedule[i - 1].target, fault.target);
    }
  }
}

SCENARIO("faults that are aimed at a role hit its nodes only") {
  schedule_settings settings;
  settings.duration = 10min;
  settings.kinds = {fault_kind::kill, fault_kind::stop, fault_kind::isolate};
  settings.roles = {"payment"};
  const auto schedule = make_schedule(settings);
  CHECK(!schedule.empty());
  for (const auto& fault : schedule)
    CHECK(fault.target.starts_with("payment-"));
}

SCENARIO("rights are revoked without another fault, and checked when their streams must have ended") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto schedule = schedule_of(seed);
    for (std::size_t i = 0; i < schedule.size(); ++i) {
      const auto& fault = schedule[i];
      if (fault.kind != fault_kind::revoke)
        continue;
      CHECK(fault.lasts > schedule_settings{}.revoked_within);
      for (std::size_t other = 0; other < schedule.size(); ++other)
        if (other != i)
          CHECK(schedule[other].at >= fault.at + fault.lasts || schedule[other].at + schedule[other].lasts <= fault.at);
    }
  }
}

SCENARIO("stops between two messages often hit the node that answers reads from its cache") {
  std::ptrdiff_t all = 0;
  std::ptrdiff_t met = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (const auto& fault : schedule_of(seed, 120min)) {
      all += fault.kind == fault_kind::stop_between ? 1 : 0;
      met += fault.kind == fault_kind::stop_between && fault.target == "shop-1" ? 1 : 0;
    }
  CHECK(met * 3 > all);
  CHECK(met < all);
}

SCENARIO("a member has each role of its list, and no role by a part of a word") {
  const member both{"shop-1", "gateway,order"};
  CHECK(has_role(both, "gateway"));
  CHECK(has_role(both, "order"));
  CHECK(!has_role(both, "gate"));
  CHECK(!has_role(both, "payment"));
}

SCENARIO("a kill with another fault around it does not stand alone") {
  fault kill;
  kill.kind = fault_kind::kill;
  kill.at = 10s;
  kill.lasts = 2s;
  fault cut;
  cut.kind = fault_kind::cut;
  cut.lasts = 3s;
  for (const auto& [at, alone] :
       {std::pair{1s, true}, std::pair{6s, false}, std::pair{15s, false}, std::pair{16s, true}}) {
    cut.at = at;
    CHECK_EQ(stands_alone({cut, kill}, 1), alone);
  }
}

SCENARIO("afterwards every order is read at both gateways, and those with a key are placed again under it") {
  const auto plan = make_requests({1, 10s, 10, 2});
  const auto asked = make_verification(plan, 2);
  const auto keyed = std::ranges::count_if(plan.orders, [](const planned_order& order) { return order.keyed; });
  CHECK(keyed > 0);
  CHECK_EQ(asked.requests.size(), 2 * plan.orders.size() + static_cast<std::size_t>(keyed));
}
