#define CAF_SUITE actors.webhook

#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "domain/webhook/signature.hpp"
#include "tests/actors/webhooks/webhook_node.hpp"

#include <algorithm>
#include <map>
#include <set>

using namespace waybill;
using namespace waybill::test;
using enum webhook::delivery_status;

namespace {

constexpr std::size_t many = 25;

webhook_answer answer_with(std::uint32_t status, std::string retry_after = {}) {
  return {status, std::move(retry_after), {}, {}};
}

/// The ids that the messages about the matching events of the log must have.
std::set<std::string> expected_ids(const memory_database& database, const std::string& prefix = "order.") {
  std::set<std::string> ids;
  for (const auto& event : database.log())
    if (event.type.starts_with(prefix))
      ids.insert(webhook::message_of(event_id(event)).value);
  return ids;
}

std::set<std::string> ids_of(const std::vector<post_webhook>& posts) {
  std::set<std::string> ids;
  for (const auto& post : posts)
    ids.insert(post.message);
  return ids;
}

bool is_signed_by(const post_webhook& post, const std::string& secret) {
  const auto keys = webhook_signature::read_keys(secret).value();
  const auto seconds = std::stoll(post.timestamp);
  return webhook_signature::verify(keys, {post.message, post.timestamp, post.signatures}, post.body,
                                   timestamp{std::chrono::seconds{seconds}}, std::chrono::seconds{1})
         == webhook_signature::verdict::good;
}

/// Everything up to the stored cursor that the endpoint wants is in its delivery log.
void check_cursor(const webhook_node& node, const webhook_id& id) {
  const auto row = node.row_of(id);
  if (!row)
    return;
  std::set<log_position> recorded;
  for (const auto& delivery : node.deliveries_of(id))
    recorded.insert(delivery.position);
  for (const auto& event : node.database.log())
    if (event.type.starts_with("order.") && event.position <= row->progress.cursor)
      CAF_CHECK(recorded.contains(event.position));
  for (const auto& delivery : node.deliveries_of(id, pending))
    CAF_CHECK(row->progress.needed_after < delivery.position);
}

} // namespace

SCENARIO("each event that an endpoint wants is sent to it once, signed, and recorded in the delivery log") {
  webhook_node node;
  const auto id = node.make_endpoint();
  for (std::size_t i = 0; i < many; ++i)
    node.log_event(i % 5 == 0 ? "stock.low" : "order.placed");
  node.run_to("all deliveries", [&] { return node.deliveries_of(id, delivered).size() == many - 5; });
  CHECK_EQ(node.posts.size(), many - 5);
  CHECK(ids_of(node.posts) == expected_ids(node.database));
  for (const auto& post : node.posts) {
    CHECK(is_signed_by(post, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    CHECK(post.body.starts_with(R"({"type":"order.placed","timestamp":"2026-)"));
    CHECK_NE(post.body.find(R"("data":{"id":"evt_ord_)"), std::string::npos);
  }
  const auto view = node.view_of(id);
  CHECK_EQ(view.progress.backlog, 0u);
  CHECK(view.progress.last_success_at.has_value());
  check_cursor(node, id);
}

SCENARIO("secrets are in no event, in no state and in no view of operators") {
  webhook_node node;
  const auto id = node.make_endpoint();
  rotate_webhook_secret wanted{id, "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", node.time() + std::chrono::hours{1}, {}};
  CHECK(node.ask<webhook_view>(wanted).has_value());
  for (const auto& event : node.database.log())
    CHECK_EQ(event.data.find("whsec_"), std::string::npos);
  const auto stored = node.database.open_query()->run(load_entity{entity_kind::webhook, id.value}).value();
  CHECK_EQ(stored.state.find("whsec_"), std::string::npos);
  const auto shown = node.ask<entity_description>(describe_entity{id.value}).value();
  CHECK_EQ(shown.state.find("whsec_"), std::string::npos);
  CHECK_EQ(encode(node.view_of(id)).find("whsec_"), std::string::npos);
  CHECK_EQ(node.row_of(id)->secret, "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
  CHECK(node.remove(id) == ec::none);
  CHECK(!node.row_of(id).has_value());
}

SCENARIO("during the overlap messages are signed with both secrets, afterwards with the new one") {
  webhook_node node;
  const auto id = node.make_endpoint();
  const std::string old_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const std::string new_secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
  rotate_webhook_secret wanted{id, new_secret, node.time() + std::chrono::minutes{10}, {}};
  CHECK(node.ask<webhook_view>(wanted).has_value());
  // The stored state counts, not the one in memory.
  node.restart();
  node.log_event();
  node.run_to("a message", [&] { return node.posts.size() == 1; });
  CHECK(is_signed_by(node.posts[0], old_secret));
  CHECK(is_signed_by(node.posts[0], new_secret));
  node.pass(std::chrono::minutes{11});
  node.log_event();
  node.run_to("another message", [&] { return node.posts.size() == 2; });
  CHECK(!is_signed_by(node.posts[1], old_secret));
  CHECK(is_signed_by(node.posts[1], new_secret));
}

SCENARIO("G4, G5: a message is tried again along the schedule, never early, under one id, also after a restart") {
  webhook_settings settings;
  settings.delivery.schedule = {std::chrono::seconds{5}, std::chrono::minutes{5}, std::chrono::minutes{30}};
  webhook_node node{settings};
  const auto id = node.make_endpoint();
  std::vector<timestamp> times;
  node.receive = [&](const post_webhook&) {
    times.push_back(node.time());
    return times.size() < 4 ? answer_with(500) : answer_with(204);
  };
  node.log_event();
  node.run_to("the first attempt", [&] { return times.size() == 1; });
  node.pass(std::chrono::seconds{1});
  node.restart();
  node.run_to("the second attempt", [&] { return times.size() == 2; });
  node.run_to("the third attempt", [&] { return times.size() == 3; });
  node.pass(std::chrono::seconds{1});
  node.restart();
  node.run_to("the delivery", [&] { return node.deliveries_of(id, delivered).size() == 1; });
  CHECK_EQ(times.size(), 4u);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(times[i + 1] - times[i] >= settings.delivery.schedule[i]);
    CHECK(times[i + 1] - times[i] <= settings.delivery.schedule[i] * 5 / 4 + std::chrono::seconds{1});
  }
  CHECK_EQ(ids_of(node.posts).size(), 1u);
  CHECK_EQ(node.deliveries_of(id).front().delivery.attempts, 4u);
}

SCENARIO("a receiver's Retry-After is respected") {
  webhook_node node;
  const auto id = node.make_endpoint();
  std::vector<timestamp> times;
  node.receive = [&](const post_webhook&) {
    times.push_back(node.time());
    return times.size() == 1 ? answer_with(503, "600") : answer_with(200);
  };
  node.log_event();
  node.run_to("the delivery", [&] { return node.deliveries_of(id, delivered).size() == 1; });
  CHECK(times[1] - times[0] >= std::chrono::seconds{600});
}

SCENARIO("410 disables an endpoint at once; once enabled it continues with the events that it missed") {
  webhook_node node;
  const auto id = node.make_endpoint();
  node.receive = [](const post_webhook&) { return answer_with(410); };
  node.log_event();
  node.run_to("the end", [&] { return node.view_of(id).state.status == webhook::status::disabled; });
  CHECK_EQ(node.view_of(id).state.reason, "gone");
  CHECK(!node.row_of(id)->enabled);
  const auto before = node.posts.size();
  node.log_event();
  node.log_event();
  node.pass(std::chrono::hours{1});
  CHECK_EQ(node.posts.size(), before);
  node.restart();
  node.pass(std::chrono::minutes{1});
  CHECK_EQ(node.posts.size(), before);
  node.receive = [](const post_webhook&) { return answer_with(200); };
  CHECK(node.ask<webhook_view>(change_webhook{id, {}, {}, {}, true, 0, {}}).has_value());
  node.run_to("all of it", [&] { return node.deliveries_of(id, delivered).size() == 3; });
  CHECK(ids_of(node.posts) == expected_ids(node.database));
}

SCENARIO("an endpoint that was disabled for longer than the retention continues with the kept events") {
  webhook_node node;
  const auto id = node.make_endpoint();
  CHECK(node.ask<webhook_view>(change_webhook{id, {}, {}, {}, false, 0, {}}).has_value());
  node.pass(std::chrono::minutes{1});
  const auto begin = node.database.log().size();
  for (int i = 0; i < 4; ++i)
    node.log_event();
  node.database.remove_events(begin + 2);
  CHECK(node.ask<webhook_view>(change_webhook{id, {}, {}, {}, true, 0, {}}).has_value());
  node.run_to("what is left", [&] { return node.deliveries_of(id, delivered).size() == 2; });
  CHECK(node.ask<webhook_view>(replay_webhook{id, {}, {}, {}, {}}).has_value());
  node.run_to("what is left once more", [&] { return node.posts.size() == 4; });
  node.log_event();
  node.run_to("what is new", [&] { return node.posts.size() == 5; });
}

SCENARIO("a pending message whose event was removed fails, and does not delay other messages") {
  webhook_node node;
  const auto id = node.make_endpoint();
  node.receive = [](const post_webhook&) { return answer_with(410); };
  node.log_event();
  node.run_to("the end", [&] { return node.view_of(id).state.status == webhook::status::disabled; });
  node.database.remove_events(node.database.log().size());
  node.receive = [](const post_webhook&) { return answer_with(200); };
  CHECK(node.ask<webhook_view>(change_webhook{id, {}, {}, {}, true, 0, {}}).has_value());
  node.log_event();
  node.run_to("what is new", [&] { return node.deliveries_of(id, delivered).size() == 1; });
  node.run_to("the end of what is gone",
              [&] { return node.deliveries_of(id, webhook::delivery_status::failed).size() == 1; });
  CHECK_EQ(node.deliveries_of(id, webhook::delivery_status::failed).at(0).delivery.last_error,
           "the event is no longer in the log");
  CHECK(node.view_of(id).state.status == webhook::status::enabled);
}

SCENARIO("an endpoint is disabled when all messages of a whole schedule fail, not when only one fails") {
  webhook_settings settings;
  settings.delivery.schedule = {std::chrono::seconds{5}, std::chrono::minutes{5}};
  webhook_node node{settings};
  const auto id = node.make_endpoint();
  std::string bad;
  node.receive = [&](const post_webhook& post) {
    if (bad.empty())
      bad = post.message;
    return answer_with(post.message == bad ? 500 : 200);
  };
  node.log_event();
  node.log_event();
  node.run_to("a failure", [&] { return node.deliveries_of(id, failed).size() == 1; });
  node.pass(std::chrono::seconds{1});
  CHECK(node.view_of(id).state.status == webhook::status::enabled);
  CHECK_EQ(node.deliveries_of(id, delivered).size(), 1u);

  node.receive = [](const post_webhook&) { return webhook_answer{0, {}, "no answer in time", {}}; };
  node.log_event();
  node.run_to("the end", [&] { return node.view_of(id).state.status == webhook::status::disabled; });
  CHECK_EQ(node.view_of(id).state.reason, "failing");
}

SCENARIO("one failing message delays no other, and too many pause the reading, not the log") {
  webhook_settings settings;
  settings.max_backlog = 10;
  settings.page_size = 4;
  webhook_node node{settings};
  const auto id = node.make_endpoint();
  std::set<std::string> bad;
  bool well = false;
  node.receive = [&](const post_webhook& post) {
    if (!well && (bad.contains(post.message) || bad.size() < 10))
      return bad.insert(post.message), answer_with(500);
    return answer_with(200);
  };
  for (std::size_t i = 0; i < 2 * many; ++i)
    node.log_event();
  node.pass(std::chrono::seconds{4});
  CHECK_EQ(node.deliveries_of(id).size(), 10u);
  check_cursor(node, id);
  well = true;
  node.run_to("all of it", [&] { return node.deliveries_of(id, delivered).size() == 2 * many; });
  CHECK(ids_of(node.posts) == expected_ids(node.database));
}

SCENARIO("G4: whenever the node crashes, every event arrives under its id, and the cursor passes no unrecorded event") {
  // The crash happens after each possible number of messages between the actors.
  for (int steps = 1; steps < 160; steps += 3) {
    webhook_node node;
    const auto id = node.make_endpoint();
    for (std::size_t i = 0; i < 6; ++i)
      node.log_event();
    int attempt = 0;
    node.receive = [&](const post_webhook&) { return answer_with(++attempt % 3 == 0 ? 500 : 200); };
    for (int i = 0; i < steps; ++i)
      if (!node.consume_message())
        node.trigger_timeout();
    check_cursor(node, id);
    node.restart();
    check_cursor(node, id);
    node.run_to("all deliveries", [&] { return node.deliveries_of(id, delivered).size() == 6; });
    CHECK(ids_of(node.posts) == expected_ids(node.database));
    check_cursor(node, id);
  }
}

SCENARIO("a database that is away, or whose answer is lost, loses no message") {
  webhook_node node;
  const auto id = node.make_endpoint();
  for (std::size_t i = 0; i < many; ++i)
    node.log_event();
  node.database.lose_next_answer();
  node.run_to("a message", [&] { return !node.posts.empty(); });
  node.database.set_available(false);
  node.pass(std::chrono::seconds{20});
  node.database.set_available(true);
  node.run_to("all deliveries", [&] { return node.deliveries_of(id, delivered).size() == many; });
  CHECK(ids_of(node.posts) == expected_ids(node.database));
}

SCENARIO("a range of the log is sent again under the same ids, also when the node crashes meanwhile") {
  webhook_settings settings;
  settings.page_size = 5;
  webhook_node node{settings};
  const auto id = node.make_endpoint();
  for (std::size_t i = 0; i < many; ++i)
    node.log_event();
  node.run_to("all deliveries", [&] { return node.deliveries_of(id, delivered).size() == many; });
  node.pass(std::chrono::seconds{1});
  const auto log = node.database.log();
  node.posts.clear();
  replay_webhook wanted;
  wanted.id = id;
  wanted.after = log[4].position;
  wanted.before = log[20].position;
  CHECK(node.ask<webhook_view>(wanted).has_value());
  CHECK_EQ(int(node.ask<webhook_view>(replay_webhook{id, {}, {}, {}, {}}).error().code), int(ec::conflict));
  node.run_to("a part of it", [&] { return node.posts.size() >= 3; });
  node.restart();
  node.run_to("its end", [&] { return !node.view_of(id).state.replay; });
  node.run_to("all deliveries", [&] { return node.deliveries_of(id, pending).empty(); });
  std::set<std::string> expected;
  for (const auto& event : log)
    if (event.position > wanted.after && event.position < *wanted.before && event.type.starts_with("order."))
      expected.insert(webhook::message_of(event_id(event)).value);
  CHECK(ids_of(node.posts) == expected);
  CHECK_EQ(node.deliveries_of(id).size(), many);
}

SCENARIO("an operator can send one message again at once, whatever its result was") {
  webhook_node node;
  const auto id = node.make_endpoint();
  node.log_event();
  node.run_to("the delivery", [&] { return node.deliveries_of(id, delivered).size() == 1; });
  const auto message = node.posts.front().message;
  CHECK(node.ask<webhook_delivery_row>(retry_webhook_delivery{id, message, {}}).has_value());
  node.run_to("the second", [&] { return node.posts.size() == 2; });
  CHECK_EQ(node.posts[1].message, message);
  CHECK_EQ(node.posts[1].body, node.posts[0].body);
  const auto unknown = node.ask<webhook_delivery_row>(retry_webhook_delivery{id, "msg_0", {}});
  CHECK_EQ(int(unknown.error().code), int(ec::not_found));
}

SCENARIO("the delivery log drops old finished messages, and all messages of a deleted endpoint") {
  webhook_settings settings;
  settings.keep = std::chrono::hours{1};
  webhook_node node{settings};
  const auto id = node.make_endpoint();
  node.log_event();
  node.run_to("the delivery", [&] { return node.deliveries_of(id, delivered).size() == 1; });
  node.pass(std::chrono::minutes{30});
  CHECK_EQ(node.deliveries_of(id).size(), 1u);
  node.receive = [](const post_webhook&) { return answer_with(500); };
  node.log_event();
  node.pass(std::chrono::hours{1});
  // The one that is pending stays.
  CHECK_EQ(node.deliveries_of(id).size(), 1u);
  CHECK_EQ(node.deliveries_of(id, pending).size(), 1u);
  CHECK(node.remove(id) == ec::none);
  node.run_to("the rest to go", [&] { return node.deliveries_of(id).empty(); });
  node.run_to("its last event", [&] { return node.database.log().back().type == "webhook.purged"; });
  CHECK_EQ(int(node.ask<webhook_view>(get_webhook{id}).error().code), int(ec::not_found));
}

SCENARIO("a changed list of types counts for later events, and a forbidden URL is refused") {
  webhook_node node;
  const auto id = node.make_endpoint();
  node.log_event("stock.low");
  // Until it has passed the events that it does not want.
  node.pass(std::chrono::seconds{12});
  const std::vector<std::string> types{"stock.*"};
  CHECK(node.ask<webhook_view>(change_webhook{id, {}, types, {}, {}, 0, {}}).has_value());
  node.pass(std::chrono::seconds{2});
  node.log_event("stock.low");
  node.log_event("order.placed");
  node.pass(std::chrono::seconds{2});
  CHECK_EQ(node.posts.size(), 1u);
  const auto bad = node.ask<webhook_view>(change_webhook{id, "ftp://x", {}, {}, {}, 0, {}});
  CHECK_EQ(int(bad.error().code), int(ec::invalid_argument));
}
