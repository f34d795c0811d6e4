#include "nodes/membership/membership.hpp"

#include "domain/base/errors.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>

#define CAF_SUITE nodes.membership
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace std::chrono_literals;

namespace {

/// A table in memory that can be made to fail.
struct fake_table final : membership_table {
  result<std::uint64_t> join(const std::string&) override {
    if (joining != ec::none)
      return failure{joining, "made to fail"};
    return ++incarnation;
  }

  result<void> announce(const node_entry& self) override {
    ++announcements;
    if (announcing != ec::none)
      return failure{announcing, "made to fail"};
    row = self;
    return {};
  }

  result<void> renew(const node_entry& self) override {
    ++renewals;
    if (state != ec::none)
      return failure{state, "made to fail"};
    row = self;
    during_renewal();
    return {};
  }

  result<membership_view> look() override { return seen; }

  result<void> leave(const std::string&, std::uint64_t) override {
    left = true;
    return {};
  }

  ec state = ec::none;
  ec joining = ec::none;
  ec announcing = ec::none;
  std::uint64_t incarnation = 1;
  int announcements = 0;
  int renewals = 0;
  bool left = false;
  node_entry row;
  std::function<void()> during_renewal = [] {};
  membership_view seen{{}, 4s, {}};
};

struct told {
  std::vector<node_list> updates;
  std::vector<std::uint64_t> incarnations;
  std::vector<caf::actor_clock::time_point> renewed_at;
  std::vector<std::string> resets;
};

membership_observer_actor::behavior_type fake_observer(membership_observer_actor::pointer, std::shared_ptr<told> seen) {
  return {
    [seen](caf::update_atom, const node_list& nodes, std::uint64_t incarnation, steady_reading renewed_at) {
      seen->updates.push_back(nodes);
      seen->incarnations.push_back(incarnation);
      seen->renewed_at.push_back(to_steady_time(renewed_at));
    },
    [seen](caf::reset_atom, const std::string& reason) { seen->resets.push_back(reason); },
  };
}

struct fixture : test_coordinator_fixture<> {
  fixture() {
    table->seen.nodes.push_back(
      {.node = "a", .incarnation = 1, .address = {}, .http = {}, .roles = {}, .lease_until = {}, .reachable = false});
    observer = sys.spawn(fake_observer, seen);
    membership = spawn_undetached_membership(sys, table, {.lease = 4s, .renewal = 1s}, table->seen.nodes.front(),
                                             observer, [this] { evicted = true; });
    consume_messages();
  }

  ~fixture() {
    anon_send_exit(membership, caf::exit_reason::user_shutdown);
    anon_send_exit(observer, caf::exit_reason::user_shutdown);
    consume_messages();
  }

  void pass(caf::timespan time) {
    advance_time(time);
    consume_messages();
  }

  std::shared_ptr<fake_table> table = std::make_shared<fake_table>();
  std::shared_ptr<told> seen = std::make_shared<told>();
  bool evicted = false;
  membership_observer_actor observer;
  membership_actor membership;
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a reported lease begins before the request to the database, however long that took") {
  table->during_renewal = [this] { sched.clock().current_time += 3s; };
  advance_time(1s);
  const auto asked = sched.clock().now();
  consume_messages();
  CHECK(sched.clock().now() == asked + 3s);
  CHECK(seen->renewed_at.back() == asked);
}

SCENARIO("a node renews its lease at once and then in every period, and reports the live nodes") {
  CHECK_EQ(table->renewals, 1);
  pass(1s);
  pass(1s);
  CHECK_EQ(table->renewals, 3);
  REQUIRE_EQ(seen->updates.size(), 3u);
  CHECK_EQ(seen->updates.back().nodes.size(), 1u);
}

SCENARIO("the table is read again as soon as a lease expires") {
  table->seen.first_lease_ends_in = 200ms;
  pass(1s);
  const auto before = seen->updates.size();
  pass(210ms);
  CHECK_EQ(seen->updates.size(), before + 1);
}

SCENARIO("without a renewal nothing is reported, so that the lease expires; later it continues by itself") {
  table->state = ec::unavailable;
  pass(1s);
  CHECK_EQ(seen->updates.size(), 1u);
  CHECK(!evicted);
  table->state = ec::none;
  pass(1s);
  CHECK_EQ(seen->updates.size(), 2u);
  CHECK(seen->resets.empty());
}

SCENARIO("a node whose lease has run out says so before anything else and joins anew under a higher incarnation") {
  table->state = ec::conflict;
  pass(1s);
  table->state = ec::none;
  CHECK(!evicted);
  CHECK_EQ(seen->resets.size(), 1u);
  CHECK_EQ(table->announcements, 1);
  CHECK_EQ(table->row.incarnation, 2u);
  CHECK(table->row.state == node_state::joining);
  CHECK_EQ(seen->incarnations.back(), 2u);
  pass(1s);
  CHECK_EQ(seen->resets.size(), 1u);
  CHECK_EQ(table->row.incarnation, 2u);
}

SCENARIO("a node that lost its lease while the database is unavailable keeps trying to join") {
  table->state = ec::conflict;
  table->joining = ec::unavailable;
  pass(1s);
  pass(1s);
  CHECK_EQ(seen->resets.size(), 1u);
  CHECK_EQ(seen->updates.size(), 1u);
  table->joining = table->state = ec::none;
  pass(1s);
  CHECK_EQ(seen->incarnations.back(), 2u);
}

SCENARIO("a node whose lease expires before it is announced again joins once more") {
  table->state = ec::conflict;
  table->announcing = ec::unavailable;
  pass(1s);
  CHECK_EQ(table->incarnation, 2u);
  table->announcing = ec::conflict;
  pass(1s);
  CHECK(!evicted);
  table->state = table->announcing = ec::none;
  pass(1s);
  CHECK(!evicted);
  CHECK(seen->incarnations.back() > 2u);
  CHECK_EQ(seen->incarnations.back(), table->row.incarnation);
}

SCENARIO("after a join whose answer was lost, the node waits for its own lease to expire") {
  table->state = ec::conflict;
  table->joining = ec::unavailable;
  pass(1s);
  table->joining = ec::conflict;
  pass(4s);
  CHECK(!evicted);
  table->joining = table->state = ec::none;
  pass(1s);
  CHECK_EQ(seen->incarnations.back(), 2u);
}

SCENARIO("a node whose address another node has taken meanwhile, or that speaks another protocol, ends") {
  for (const auto code : {ec::duplicate, ec::incompatible_peer}) {
    fixture f;
    f.table->state = ec::conflict;
    f.table->announcing = code;
    f.pass(1s);
    CHECK(f.evicted);
  }
}

SCENARIO("a node whose name another process has taken reports that it owns nothing and ends") {
  table->state = table->joining = ec::conflict;
  pass(1s);
  CHECK(evicted);
  CHECK(!seen->resets.empty());
  CHECK_EQ(seen->updates.size(), 1u);
  pass(5s);
  CHECK_EQ(table->renewals, 2);
}

SCENARIO("a node whose clock is far off gives its lease back, and joins again when the clock is right") {
  table->seen.clock_ahead = std::chrono::hours{2};
  table->joining = ec::invalid_argument;
  pass(1s);
  CHECK_EQ(seen->resets.size(), 1u);
  CHECK(table->left);
  CHECK(!evicted);
  pass(5s);
  CHECK_EQ(seen->updates.size(), 1u);
  table->seen.clock_ahead = -10s;
  table->joining = ec::none;
  pass(1s);
  CHECK_EQ(seen->incarnations.back(), 2u);
}

SCENARIO("G11: a node whose log was replaced drops its entities, gives its lease back and joins again") {
  anon_send(membership, caf::reset_atom_v, std::string{"another log"});
  consume_messages();
  CHECK_EQ(seen->resets.size(), 1u);
  CHECK(table->left);
  CHECK(!evicted);
  CHECK_EQ(seen->incarnations.back(), 2u);
}

SCENARIO("G11: a node waits for its own lease in a restored database to expire") {
  table->joining = ec::conflict;
  anon_send(membership, caf::reset_atom_v, std::string{"another log"});
  pass(1s);
  CHECK(!evicted);
  table->joining = ec::none;
  pass(1s);
  CHECK_EQ(seen->incarnations.back(), 2u);
}

SCENARIO("the state that the cluster actor reports for this node is written at once") {
  anon_send(membership, caf::put_atom_v, node_state::leaving, std::uint64_t{1});
  anon_send(membership, caf::put_atom_v, std::set<std::string>{"b", "c"});
  consume_messages();
  CHECK(table->row.state == node_state::leaving);
  CHECK_EQ(table->row.suspects, (std::vector<std::string>{"b", "c"}));
  CHECK_EQ(seen->updates.size(), 3u);
}

SCENARIO("a state reported before the node joined again is not written") {
  anon_send(membership, caf::reset_atom_v, std::string{"another log"});
  auto answer = self->request(membership, caf::infinite, caf::put_atom_v, node_state::up, std::uint64_t{1});
  consume_messages();
  caf::error reason;
  answer.receive([] {}, [&](const caf::error& problem) { reason = problem; });
  CHECK_EQ(reason, ec::conflict);
  CHECK(table->row.state == node_state::joining);
  anon_send(membership, caf::put_atom_v, node_state::up, std::uint64_t{2});
  consume_messages();
  CHECK(table->row.state == node_state::up);
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
