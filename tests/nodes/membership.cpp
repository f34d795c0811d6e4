#include "nodes/membership.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>

#define CAF_SUITE nodes.membership
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace std::chrono_literals;

namespace {

/// A table in memory that can be made to fail.
struct fake_table final : membership_table {
  result<std::uint64_t> join(const std::string&) override { return std::uint64_t{1}; }

  result<void> renew(const node_entry&) override {
    ++renewals;
    if (state != ec::none)
      return failure{state, "made to fail"};
    return {};
  }

  result<node_list> live() override { return list; }

  result<void> leave(const std::string&, std::uint64_t) override {
    left = true;
    return {};
  }

  ec state = ec::none;
  int renewals = 0;
  bool left = false;
  node_list list;
};

using updates = std::shared_ptr<std::vector<node_list>>;

cluster_actor::behavior_type fake_cluster(cluster_actor::pointer, updates seen) {
  return {
    [](const node_hello&) { return node_welcome{}; },
    [](const list_nodes&) { return node_list{}; },
    [seen](caf::update_atom, const node_list& live, caf::timespan) { seen->push_back(live); },
    [](caf::tick_atom) {},
  };
}

struct fixture : test_coordinator_fixture<> {
  fixture() {
    table->list.nodes.push_back(
      {.node = "a", .incarnation = 1, .address = {}, .http = {}, .roles = {}, .lease_until = {}, .reachable = false});
    cluster = sys.spawn(fake_cluster, seen);
    membership = spawn_undetached_membership(sys, table, {.lease = 4s, .renewal = 1s}, table->list.nodes.front(),
                                             cluster, [this] { evicted = true; });
    consume_messages();
  }

  ~fixture() {
    anon_send_exit(membership, caf::exit_reason::user_shutdown);
    anon_send_exit(cluster, caf::exit_reason::user_shutdown);
    consume_messages();
  }

  void pass(caf::timespan time) {
    advance_time(time);
    consume_messages();
  }

  std::shared_ptr<fake_table> table = std::make_shared<fake_table>();
  updates seen = std::make_shared<std::vector<node_list>>();
  bool evicted = false;
  cluster_actor cluster;
  membership_actor membership;
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a node renews its lease at once and then in every period, and tells who is alive") {
  CHECK_EQ(table->renewals, 1);
  pass(1s);
  pass(1s);
  CHECK_EQ(table->renewals, 3);
  REQUIRE_EQ(seen->size(), 3u);
  CHECK_EQ(seen->back().nodes.size(), 1u);
}

SCENARIO("without a renewal nothing is told, so that the lease runs out, and it goes on by itself") {
  table->state = ec::unavailable;
  pass(1s);
  pass(1s);
  CHECK_EQ(table->renewals, 3);
  CHECK_EQ(seen->size(), 1u);
  CHECK(!evicted);
  table->state = ec::none;
  pass(1s);
  CHECK_EQ(seen->size(), 2u);
}

SCENARIO("a node whose name another process has taken tells that nobody is alive and ends") {
  table->state = ec::conflict;
  pass(1s);
  CHECK(evicted);
  REQUIRE_EQ(seen->size(), 2u);
  CHECK(seen->back().nodes.empty());
  pass(5s);
  CHECK_EQ(table->renewals, 2);
}

SCENARIO("a node that leaves gives its lease back") {
  auto answer = self->request(membership, caf::infinite, caf::leave_atom_v);
  consume_messages();
  bool answered = false;
  answer.receive([&] { answered = true; }, [](const caf::error&) {});
  CHECK(answered);
  CHECK(table->left);
}

END_FIXTURE_SCOPE()
