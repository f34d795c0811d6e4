#define CAF_SUITE nodes.lease
#include "tests/nodes/cluster/support/cluster_node.hpp"

using namespace waybill;
using namespace waybill::test::cluster;
using namespace std::chrono_literals;

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a node whose lease runs out stops serving, and serves again once it has renewed") {
  const auto cluster = node("a", {}, caf::timespan{4s});
  update(cluster, {entry("a")}, 1s);
  CHECK_EQ(last(), "a");
  advance_time(2999ms);
  consume_messages();
  CHECK_EQ(last(), "a");
  advance_time(1ms);
  consume_messages();
  CHECK_EQ(last(), "");
  CHECK(seen->back().fenced);
  update(cluster, {entry("a")});
  CHECK_EQ(last(), "a");
}

SCENARIO("the lease counts from the request to the database, not from the handling of its answer") {
  const auto cluster = node("a", {}, caf::timespan{4s});
  update(cluster, {entry("a")});
  advance_time(3s);
  send_update(cluster, {entry("a")});
  // The process is stopped here: the answer is in the mailbox, and the clock continues.
  sched.clock().current_time += 5s;
  CHECK(!serving->holds());
  consume_messages();
  CHECK(!serving->holds());
  advance_time(1ms);
  consume_messages();
  CHECK(!serving->holds());
  CHECK_EQ(last(), "");
  CHECK(seen->back().fenced);
  update(cluster, {entry("a")});
  CHECK(serving->holds());
  CHECK_EQ(last(), "a");
}

SCENARIO("after the process was stopped, only the rest of its lease counts") {
  const auto cluster = node("a", {}, caf::timespan{4s});
  send_update(cluster, {entry("a")});
  sched.clock().current_time += 3s;
  consume_messages();
  CHECK(serving->holds());
  advance_time(999ms);
  consume_messages();
  CHECK(serving->holds());
  advance_time(1ms);
  consume_messages();
  CHECK(!serving->holds());
  CHECK(seen->back().fenced);
}

SCENARIO("a renewal in time keeps the node serving") {
  const auto cluster = node("a", {}, caf::timespan{4s});
  for (int i = 0; i < 10; ++i) {
    update(cluster, {entry("a")});
    advance_time(3s);
    consume_messages();
  }
  CHECK_EQ(seen->size(), 1u);
}

SCENARIO("a node that is fenced drops everything at once and serves again under a new incarnation") {
  const auto cluster = node("a", {}, caf::timespan{4s});
  update(cluster, {entry("a")});
  CHECK(serving->holds());
  anon_send(cluster, caf::reset_atom_v, std::string{"its lease has run out"});
  consume_messages();
  CHECK_EQ(last(), "");
  CHECK(seen->back().fenced);
  CHECK(!serving->holds());
  // Rows of the former incarnation in the table change nothing.
  send_update(cluster, {entry("a", 1)}, 2);
  consume_messages();
  CHECK(seen->back().fenced);
  send_update(cluster, {entry("a", 2)}, 2);
  consume_messages();
  CHECK_EQ(last(), "a");
  CHECK(!seen->back().fenced);
  CHECK(serving->holds());
}

SCENARIO("a node that is fenced before it is up becomes `up` under its new incarnation only") {
  const auto other = peer("a");
  const auto cluster = node("b", other, caf::timespan{4s});
  work_with_table("b", cluster, {entry("a"), joining("b")});
  anon_send(cluster, caf::reset_atom_v, std::string{"the event log was replaced"});
  // Now it reaches all others; but its copy of the table is from its former lease.
  greet(other, cluster);
  CHECK(table->written.empty());
  CHECK(seen->back().fenced);
  table->join_again("b");
  look();
  CHECK_EQ(table->written, std::vector<std::string>{"up"});
  CHECK(*told);
  CHECK_EQ(last(), "ab");
  CHECK(!seen->back().fenced);
}

SCENARIO("a node whose lease is lost while it becomes `up` does so under its new incarnation") {
  const auto other = peer("b");
  const auto cluster = node("a", other, caf::timespan{4s});
  table->loses_lease = true;
  work_with_table("a", cluster, {joining("a"), entry("b")});
  CHECK_EQ(table->incarnation, 2u);
  CHECK_EQ(table->written, std::vector<std::string>{"up"});
  CHECK(*told);
  CHECK_EQ(last(), "ab");
  CHECK(!seen->back().fenced);
}

END_FIXTURE_SCOPE()
