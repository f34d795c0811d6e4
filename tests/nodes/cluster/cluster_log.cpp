#include "nodes/cluster/cluster_log.hpp"

#include "domain/json/codec.hpp"
#include "persistence/journal/journal_actor.hpp"
#include "persistence/readers/reader_actor.hpp"
#include "tests/support/memory_store.hpp"

#include <caf/actor_cast.hpp>

#define CAF_SUITE nodes.cluster_log
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

node_change change(const char* type, const std::string& node, std::uint64_t incarnation) {
  return {type, node, incarnation, {role::order}, "because"};
}

cluster_history history_of(const std::vector<node_change>& events) {
  cluster_history history;
  for (const auto& event : events)
    apply(history, event);
  return history;
}

std::vector<std::string> types_of(const std::vector<node_change>& events) {
  std::vector<std::string> types;
  for (const auto& event : events)
    types.emplace_back(event.type);
  return types;
}

using words = std::vector<std::string>;

struct fixture : test_coordinator_fixture<> {
  ~fixture() {
    for (const auto& actor : started)
      anon_send_exit(actor, caf::exit_reason::user_shutdown);
    consume_messages();
  }

  cluster_log_actor log_of(const std::string& node) {
    entity_services services;
    services.node = node;
    services.journals = {sys.spawn<journal_impl::stateful_impl<journal_state>>(
      database.open_journal(node), journal_settings{}, journal_links{})};
    services.reader = sys.spawn<reader_actor::stateful_impl<reader_state>>(
      database.open_query(), std::make_shared<std::atomic<std::size_t>>(1U << 30U));
    auto log = spawn_cluster_log(sys, services);
    for (const auto& actor : {caf::actor_cast<caf::actor>(log), caf::actor_cast<caf::actor>(services.reader),
                              caf::actor_cast<caf::actor>(services.journals.front())})
      started.push_back(actor);
    return log;
  }

  words written() const {
    words types;
    for (const auto& event : database.log())
      types.push_back(event.type);
    return types;
  }

  memory_database database;
  std::vector<caf::actor> started;
};

} // namespace

SCENARIO("G11: the log records each of its generations once, however many nodes detect it") {
  const node_change change{cluster_event::log_replaced, "a", 1'700, {}, "because"};
  CHECK_EQ(types_of(decide({}, change)), words{"cluster.log_replaced"});
  const auto told = history_of({change});
  CHECK(decide(told, {cluster_event::log_replaced, "b", 1'700, {}, "because"}).empty());
  CHECK(decide(told, {cluster_event::log_replaced, "b", 1'600, {}, "because"}).empty());
  CHECK_EQ(types_of(decide(told, {cluster_event::log_replaced, "b", 1'701, {}, "because"})),
           words{"cluster.log_replaced"});
}

SCENARIO("a node joins, is suspected, is fenced and leaves once under each incarnation") {
  const auto joined = change(cluster_event::joined, "a", 1);
  CHECK_EQ(types_of(decide({}, joined)), words{"cluster.node_joined"});
  auto history = history_of({joined});
  CHECK(decide(history, joined).empty());
  for (const auto* type : {cluster_event::suspected, cluster_event::fenced, cluster_event::left}) {
    const auto next = change(type, "a", 1);
    CHECK_EQ(types_of(decide(history, next)), words{type});
    apply(history, next);
    CHECK(decide(history, next).empty());
  }
}

SCENARIO("a change of a node that never joined, or of an earlier incarnation, is dropped") {
  CHECK(decide({}, change(cluster_event::left, "a", 1)).empty());
  const auto history = history_of({change(cluster_event::joined, "a", 2)});
  CHECK(decide(history, change(cluster_event::left, "a", 1)).empty());
  CHECK(decide(history, change(cluster_event::joined, "a", 1)).empty());
}

SCENARIO("a node that returns before its death was seen is recorded as left first") {
  const auto history = history_of({change(cluster_event::joined, "a", 1)});
  const auto events = decide(history, change(cluster_event::joined, "a", 2));
  CHECK_EQ(types_of(events), (words{"cluster.node_left", "cluster.node_joined"}));
  CHECK_EQ(events.front().incarnation, 1u);
}

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a death that two nodes report at once is written once") {
  const auto first = log_of("a");
  const auto second = log_of("b");
  anon_send(first, change(cluster_event::joined, "c", 1));
  consume_messages();
  for (int i = 0; i < 3; ++i)
    for (const auto& log : {first, second})
      anon_send(log, change(cluster_event::left, "c", 1));
  consume_messages();
  CHECK_EQ(written(), (words{"cluster.node_joined", "cluster.node_left"}));
  const auto event = database.log().back();
  CHECK_EQ(event.stream, "cluster");
  CHECK_EQ(event.data, R"({"node":"c","incarnation":1,"roles":["order"],"reason":"because"})");
}

SCENARIO("two different changes that are reported at once are both written") {
  const auto first = log_of("a");
  const auto second = log_of("b");
  anon_send(first, change(cluster_event::joined, "a", 1));
  anon_send(second, change(cluster_event::joined, "b", 1));
  consume_messages();
  CHECK_EQ(written(), (words{"cluster.node_joined", "cluster.node_joined"}));
}

END_FIXTURE_SCOPE()
