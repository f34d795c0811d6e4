#define CAF_SUITE nodes.cluster
#include "tests/nodes/cluster/support/cluster_node.hpp"

using namespace waybill;
using namespace waybill::test::cluster;
using namespace std::chrono_literals;

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a node that is alone places everything on itself") {
  const auto cluster = node("a");
  CHECK(seen->empty());
  update(cluster, {entry("a")});
  REQUIRE_EQ(seen->size(), 1u);
  CHECK_EQ(last(), "a");
  CHECK_EQ(seen->back().self, "a");
}

SCENARIO("of two nodes the one whose name sorts first connects") {
  const auto other = peer("b");
  const auto cluster = node("a", other);
  update(cluster, {entry("b"), entry("a")});
  CHECK_EQ(*asked, 1);
  CHECK_EQ(last(), "ab");
}

SCENARIO("the node whose name sorts later waits to be greeted and greets back") {
  const auto other = peer("a");
  const auto cluster = node("b", other);
  update(cluster, {entry("a"), entry("b")});
  CHECK_EQ(*asked, 0);
  CHECK_EQ(last(), "(a)b");
  greet(other, cluster);
  CHECK_EQ(last(), "ab");
}

SCENARIO("a node that greets before the table lists it gets its shards as soon as it is listed") {
  const auto other = peer("a");
  const auto cluster = node("b", other);
  greet(other, cluster);
  update(cluster, {entry("b")});
  CHECK_EQ(last(), "b");
  update(cluster, {entry("a"), entry("b")});
  CHECK_EQ(last(), "ab");
}

SCENARIO("a placement goes out only when something has changed, with a higher epoch each time") {
  const auto other = peer("b");
  const auto cluster = node("a", other);
  update(cluster, {entry("a"), entry("b")});
  const auto count = seen->size();
  update(cluster, {entry("a"), entry("b")});
  CHECK_EQ(seen->size(), count);
  update(cluster, {entry("a")});
  REQUIRE_EQ(seen->size(), count + 1);
  CHECK_EQ(last(), "a");
  for (std::size_t i = 1; i < seen->size(); ++i)
    CHECK(seen->at(i).epoch > seen->at(i - 1).epoch);
}

SCENARIO("a node that cannot be reached keeps its shards until the table says otherwise") {
  auto other = peer("b");
  const auto cluster = node("a", other);
  update(cluster, {entry("a"), entry("b")});
  CHECK_EQ(last(), "ab");
  anon_send_exit(other, caf::exit_reason::kill);
  consume_messages();
  CHECK_EQ(last(), "a(b)");
  const auto reborn = peer("b", 2);
  greet(reborn, cluster);
  // The table still shows the dead process.
  CHECK_EQ(last(), "a(b)");
  update(cluster, {entry("a"), entry("b", 2)});
  CHECK_EQ(last(), "ab");
}

SCENARIO("a node that cannot be reached is tried again with every read of the table") {
  const auto cluster = node("a");
  update(cluster, {entry("a"), entry("b")});
  update(cluster, {entry("a"), entry("b")});
  CHECK_EQ(*asked, 2);
  CHECK_EQ(last(), "a(b)");
}

SCENARIO("another node that answers at the address gets no shards") {
  const auto cluster = node("a", peer("c"));
  update(cluster, {entry("a"), entry("b")});
  CHECK_EQ(last(), "a(b)");
}

SCENARIO("a node of another protocol version is refused") {
  const auto cluster = node("a");
  auto answer = self->request(cluster, caf::infinite, node_hello{"b", protocol_version + 1});
  consume_messages();
  caf::error reason;
  answer.receive([](const node_welcome&) {}, [&](const caf::error& err) { reason = err; });
  CHECK_EQ(reason, ec::incompatible_peer);
}

SCENARIO("a node that is not in the table places no shards") {
  const auto cluster = node("a");
  update(cluster, {entry("a")});
  update(cluster, {});
  CHECK_EQ(last(), "");
}

SCENARIO("a joining node connects to the others, writes that it is up, tells them, and then takes its shards") {
  const auto other = peer("b");
  const auto cluster = node("a", other);
  work_with_table("a", cluster, {joining("a"), entry("b")});
  CHECK_EQ(table->written, std::vector<std::string>{"up"});
  CHECK(*told);
  CHECK_EQ(last(), "ab");
  CHECK_EQ(seen->front().peers.size(), 1u);
}

SCENARIO("a node that cannot reach another one becomes `up` after a while nevertheless") {
  const auto cluster = node("a");
  work_with_table("a", cluster, {joining("a"), entry("b")});
  CHECK(table->written.empty());
  CHECK_EQ(last(), "(b)");
  advance_time(2s);
  look();
  CHECK_EQ(table->written.front(), "up");
  CHECK_EQ(last(), "a(b)");
}

SCENARIO("a leaving node gives its shards away, tells the others, and then answers") {
  const auto other = peer("b");
  const auto cluster = node("a", other);
  work_with_table("a", cluster, {entry("a"), entry("b")});
  CHECK_EQ(last(), "ab");
  auto answer = self->request(cluster, caf::infinite, caf::leave_atom_v);
  consume_messages();
  bool answered = false;
  answer.receive([&] { answered = true; }, [](const caf::error&) {});
  CHECK(answered);
  CHECK(*told);
  CHECK_EQ(table->written, std::vector<std::string>{"leaving"});
  CHECK_EQ(last(), "b");
  REQUIRE_EQ(seen->back().leaving.size(), 1u);
  CHECK_EQ(seen->back().leaving.front().node, "a");
  CHECK(!seen->back().fenced);
}

SCENARIO("a node that stays unreachable is suspected in the table, until it is reached again") {
  auto other = peer("b");
  const auto cluster = node("a", other);
  work_with_table("a", cluster, {entry("a"), entry("b")});
  anon_send_exit(other, caf::exit_reason::kill);
  consume_messages();
  CHECK(table->looks > 0);
  CHECK(table->written.empty());
  advance_time(1s);
  consume_messages();
  CHECK_EQ(table->written, std::vector<std::string>{"suspects b"});
  greet(peer("b"), cluster);
  CHECK_EQ(table->written.back(), "suspects");
  CHECK_EQ(last(), "ab");
}

SCENARIO("the reports of the other nodes are gathered, and one that cannot be reached is named") {
  const auto other = peer("b");
  const auto cluster = node("a", other);
  update(cluster, {entry("a"), entry("b")});
  update(cluster, {entry("a"), entry("b"), entry("c")});
  auto answer = self->request(cluster, caf::infinite, gather_node_reports{});
  consume_messages();
  node_reports got;
  answer.receive([&](node_reports& reports) { got = std::move(reports); }, [](const caf::error&) {});
  REQUIRE_EQ(got.nodes.size(), 1u);
  CHECK_EQ(got.nodes.front().node, "b");
  CHECK_EQ(got.missing, std::vector<std::string>{"c"});
}

SCENARIO("a node that was greeted first is asked at its node API, as one that it has greeted") {
  const auto cluster = node("b");
  greet(peer("a", 1, peer("the API of a")), cluster);
  update(cluster, {entry("a"), entry("b")});
  auto answer = self->request(cluster, caf::infinite, gather_node_reports{});
  consume_messages();
  node_reports got;
  answer.receive([&](node_reports& reports) { got = std::move(reports); }, [](const caf::error&) {});
  REQUIRE_EQ(got.nodes.size(), 1u);
  CHECK_EQ(got.nodes.front().node, "the API of a");
  CHECK(got.missing.empty());
}

SCENARIO("a node names its API to whoever greets it") {
  const auto cluster = node("a");
  const auto api = caf::actor_cast<caf::strong_actor_ptr>(peer("the API of a"));
  caf::anon_send(cluster, caf::publish_atom_v, api);
  auto answer = self->request(cluster, caf::infinite, node_hello{"", protocol_version});
  consume_messages();
  answer.receive([&](const node_welcome& welcome) { CHECK(welcome.api == api); },
                 [](const caf::error&) { CAF_FAIL("it does not answer"); });
}

SCENARIO("what the other nodes have noted of a traced order is gathered, and one that cannot be reached is named") {
  const auto other = peer("b");
  const auto cluster = node("a", other);
  update(cluster, {entry("a"), entry("b")});
  update(cluster, {entry("a"), entry("b"), entry("c")});
  auto answer = self->request(cluster, caf::infinite, trace_messages{"ord_00000000000000000001", 1, {}});
  consume_messages();
  message_trace got;
  answer.receive([&](message_trace& trace) { got = std::move(trace); }, [](const caf::error&) {});
  REQUIRE_EQ(got.nodes.size(), 1u);
  CHECK_EQ(got.nodes.front().node, "b");
  REQUIRE_EQ(got.missing.size(), 1u);
  CHECK_EQ(got.missing.front().node, "c");
}

SCENARIO("the actors of the other nodes are listed together, and one that cannot be reached is named") {
  const auto other = peer("b");
  const auto cluster = node("a", other);
  update(cluster, {entry("a"), entry("b")});
  update(cluster, {entry("a"), entry("b"), entry("c")});
  const auto list = actors_of(cluster, {});
  REQUIRE(list.has_value());
  REQUIRE_EQ(list->actors.size(), 1u);
  CHECK_EQ(list->actors.front().id, "ord_b");
  CHECK_EQ(list->total, 1u);
  CHECK_EQ(list->missing, std::vector<std::string>{"c"});
}

SCENARIO("the actors of one node are listed without those of others, and only where it can be reached") {
  const auto other = peer("b");
  const auto cluster = node("a", other);
  update(cluster, {entry("a"), entry("b")});
  update(cluster, {entry("a"), entry("b"), entry("c")});
  const auto list = actors_of(cluster, "b");
  REQUIRE(list.has_value());
  CHECK_EQ(list->total, 1u);
  CHECK(list->missing.empty());
  CHECK(!actors_of(cluster, "c").has_value());
}

SCENARIO("a node that fails to answer is named as missing, and the answer comes nevertheless") {
  const auto other = peer(unable_peer);
  const auto cluster = node("a", other);
  update(cluster, {entry("a"), entry(unable_peer)});
  const auto list = actors_of(cluster, {});
  REQUIRE(list.has_value());
  CHECK(list->actors.empty());
  CHECK_EQ(list->missing, std::vector<std::string>{unable_peer});
}

SCENARIO("a node that is told of a change answers after it has read the table") {
  const auto cluster = node("b");
  work_with_table("b", cluster, {entry("b")});
  auto answer = self->request(cluster, caf::infinite, membership_changed{});
  consume_messages();
  bool answered = false;
  answer.receive([&] { answered = true; }, [](const caf::error&) {});
  CHECK(answered);
  CHECK_EQ(table->looks, 1);
}

END_FIXTURE_SCOPE()
