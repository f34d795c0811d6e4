#define CAF_SUITE actors.webhook_restore
#include "tests/actors/webhooks/webhook_node.hpp"

#include <set>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

BEGIN_FIXTURE_SCOPE(webhook_node)

SCENARIO("G11: after a restore an endpoint continues from its position in the restored database") {
  const auto id = make_endpoint();
  for (int i = 0; i < 3; ++i)
    log_event();
  pass(10s);
  CHECK_EQ(posts.size(), 3u);
  const auto backup = database.save();
  for (int i = 0; i < 10; ++i)
    log_event();
  pass(10s);
  CHECK_EQ(posts.size(), 13u);
  posts.clear();
  database.restore(*backup);
  for (int i = 0; i < 4; ++i)
    log_event();
  pass(60s);
  // The events before the backup were sent: none of them comes again.
  CHECK_EQ(posts.size(), 4u);
  CHECK_EQ(deliveries_of(id, webhook::delivery_status::delivered).size(), 7u);
}

SCENARIO("G11: a replay that is under way when the log is replaced ends with all of its events sent") {
  const auto id = make_endpoint();
  for (int i = 0; i < 5; ++i)
    log_event();
  pass(10s);
  posts.clear();
  replay_webhook again;
  again.id = id;
  CAF_REQUIRE(ask<webhook_view>(again).has_value());
  const auto backup = database.save();
  database.restore(*backup);
  restart();
  pass(60s);
  std::set<std::string> sent;
  for (const auto& post : posts)
    sent.insert(post.message);
  CHECK_EQ(sent.size(), 5u);
  CHECK(!view_of(id).state.replay);
}

END_FIXTURE_SCOPE()
