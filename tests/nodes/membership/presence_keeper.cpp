#include "nodes/membership/presence_keeper.hpp"

#include "persistence/store.hpp"
#include "tests/support/temp_folder.hpp"

#define CAF_SUITE nodes.presence_keeper
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace std::chrono_literals;

namespace {

struct fixture {
  fixture() {
    migrate(store).value();
    keeper.look().value();
  }

  /// The judgement on a step that began at the first look and has a minute.
  std::optional<fair_deadline> minute() const { return time->judge(start + 60s, start, {role::order, role::payment}); }

  test::temp_folder folder;
  store_config store{"sqlite:" + folder / "shop.db"};
  timestamp clock = now();
  const timestamp start = clock;
  bool serves = true;
  std::shared_ptr<cluster_time> time = std::make_shared<cluster_time>(1h);
  presence_keeper keeper{open_presence_table(store),
                         {.roles = {role::gateway, role::order, role::payment},
                          .serves = [this] { return serves; },
                          .clock = [this] { return clock; }},
                         time};
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("G10: a clock that is set ahead by two hours ends no step") {
  clock += 2h;
  CHECK(time->now() < start + 60s);
  keeper.look().value();
  CHECK(time->now() >= start + 2h);
  CHECK(minute()->at > time->now());
}

SCENARIO("G5, G10: a clock that is set back by two hours delays no deadline") {
  clock -= 2h;
  keeper.look().value();
  CHECK(time->now() >= start);
  CHECK(time->now() < start + 60s);
  CHECK(minute()->at == start + 60s);
}

SCENARIO("G10: the absence while a node was down is known after its first read") {
  auto later = std::make_shared<cluster_time>(1h);
  presence_keeper again{open_presence_table(store),
                        {.roles = {role::gateway, role::order, role::payment}, .clock = [this] { return start + 24h; }},
                        later};
  CHECK(!later->judge(start + 60s, start, {role::order}));
  again.look().value();
  CHECK(later->judge(start + 60s, start, {role::order})->at == start + 24h + 60s);
}

SCENARIO("G10: a node without a lease serves nothing, and its roles are absent until it has one again") {
  serves = false;
  clock += 30s;
  keeper.look().value();
  CHECK(!minute());
  serves = true;
  clock += 30s;
  keeper.look().value();
  CHECK(minute()->at == start + 120s);
}

END_FIXTURE_SCOPE()
