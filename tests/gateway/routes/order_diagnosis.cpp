#include "domain/diagnosis/replay.hpp"
#include "tests/domain/support/whole_story.hpp"
#include "tests/gateway/support/tokens.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#define CAF_SUITE gateway.order_diagnosis
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

// Where the time of an order went, what a version changed, and all of it in a file.

namespace {

const std::string id = "ord_00000000000000000001";
const std::string path = "/v1/orders/" + id;

struct order_streams {
  std::string order = id;
  std::string payment = "pay_00000000000000000001";
  std::string delivery = "dlv_00000000000000000001";
};

/// An order whose delivery was requested, with its payment and its log.
testing::whole_story dispatched_order() {
  const order_streams streams;
  testing::whole_story story;
  auto placed = testing::a_place_command();
  placed.order = order_id{id};
  placed.customer = customer_id{"cus_00000000000000000001"};
  placed.payment.token = "tok_secret";
  const auto then = [&](const auto& command) {
    story.wait(10ms);
    CAF_REQUIRE_NOT_EQUAL(story.tell(command), "nothing");
  };
  then(order::command{placed});
  then(order::command{order::record_stock_reserved{}});
  then(payment::command{payment::authorize{payment_id{streams.payment}, placed.order, placed.customer,
                                           testing::euros(1300), "card", "tok_secret"}});
  then(payment::command{payment::record_approved{"ch_1"}});
  then(order::command{order::record_payment_authorized{testing::euros(1300)}});
  then(delivery::command{
    delivery::request{delivery_id{streams.delivery}, placed.order, placed.customer, "Ada", "1 Main Street"}});
  then(order::command{order::record_fulfillment_started{delivery_id{streams.delivery}}});
  for (auto& event : story.record)
    event.stream = event.stream == "ord_1"   ? streams.order
                   : event.stream == "pay_1" ? streams.payment
                                             : streams.delivery;
  return story;
}

void store(world& state, const testing::whole_story& story) {
  const std::lock_guard guard{state.mutex};
  const order_streams streams;
  state.orders[id] = story.order.state;
  state.payments[streams.payment] = story.payment.state;
  state.deliveries[streams.delivery] = story.delivery.state;
  std::uint64_t place = 0;
  for (const auto& event : story.record) {
    stored_event stored;
    stored.position = position(++place);
    stored.stream = event.stream;
    stored.version = event.version;
    stored.type = event.type;
    stored.schema = event.schema;
    stored.at = event.at;
    stored.order = id;
    stored.customer = story.order.state.customer.value;
    stored.data = event.data;
    state.log.push_back(std::move(stored));
  }
}

double number(const boost::json::value& value) {
  return value.to_number<double>();
}

} // namespace

SCENARIO("the timeline of an order has its steps, and their durations add up to the whole") {
  fixture f;
  store(*f.state, dispatched_order());
  const auto shown = f.send("GET", path + "/timeline");
  REQUIRE_EQ(shown.status, 200u);
  const auto json = shown.json();
  CHECK_EQ(shown.text("order_id"), id);
  CHECK_EQ(shown.text("status"), "fulfilling");
  CHECK(json.at("complete").as_bool());
  const auto& steps = json.at("steps").as_array();
  REQUIRE_EQ(steps.size(), 4u);
  CHECK_EQ(steps[1].at("step").as_string(), "payment");
  CHECK_EQ(number(steps[1].at("outside_ms")), 10.0);
  double sum = 0;
  for (const auto& step : steps)
    sum += number(step.at("ms"));
  CHECK(std::abs(sum - number(json.at("ms"))) < 1e-3);
  // The order of the story was placed long ago, and still waits for a courier.
  CHECK(!steps[3].at("ended").as_bool());
}

SCENARIO("a timeline of very many events is cut, and says so") {
  fixture f;
  auto story = dispatched_order();
  const auto last = story.record.back().at;
  for (int i = 0; i < 5'000; ++i) {
    auto more = story.record[7];
    more.version = static_cast<std::uint64_t>(6 + i);
    more.type = "order.changed";
    more.data = R"({"note":"again"})";
    story.record.push_back(more);
  }
  store(*f.state, story);
  const auto shown = f.send("GET", path + "/timeline");
  REQUIRE_EQ(shown.status, 200u);
  CHECK(!shown.json().at("complete").as_bool());
  const std::chrono::duration<double, std::milli> most = last - story.record[0].at;
  CHECK(number(shown.json().at("ms")) <= most.count());
  CHECK_EQ(f.send("GET", path + "/export").status, 409u);
}

SCENARIO("the difference of two versions names every value that changed") {
  fixture f;
  store(*f.state, dispatched_order());
  const auto shown = f.send("GET", path + "/diff?from=1&to=2");
  REQUIRE_EQ(shown.status, 200u);
  const auto json = shown.json();
  CHECK_EQ(json.at("from").at("version").as_int64(), 1);
  CHECK_EQ(json.at("to").at("version").as_int64(), 2);
  std::map<std::string, std::pair<std::string, std::string>> changes;
  for (const auto& change : json.at("changes").as_array())
    changes[std::string{change.at("pointer").as_string()}] = {boost::json::serialize(change.at("before")),
                                                              boost::json::serialize(change.at("after"))};
  CHECK_EQ(changes.at("/version").first, "1");
  CHECK_EQ(changes.at("/version").second, "2");
  CHECK(changes.contains("/updated_at"));
  CHECK(!changes.contains("/status"));
  // Backwards as well.
  const auto back = f.send("GET", path + "/diff?from=4&to=1").json();
  bool has_status = false;
  for (const auto& change : back.at("changes").as_array())
    has_status =
      has_status || (change.at("pointer").as_string() == "/status" && change.at("after").as_string() == "placed");
  CHECK(has_status);
  CHECK(f.send("GET", path + "/diff?from=2&to=2").json().at("changes").as_array().empty());
}

SCENARIO("missing, invalid and unknown versions are refused") {
  fixture f;
  store(*f.state, dispatched_order());
  for (const auto* query : {"", "?from=1", "?from=0&to=1", "?from=x&to=1", "?from=1&to=5001", "?from=1&to=2&and=3"})
    CHECK_EQ(f.send("GET", path + "/diff" + query).status, 400u);
  CHECK_EQ(f.send("GET", path + "/diff?from=1&to=99").status, 404u);
}

SCENARIO("an export has all of an order, no secret, and is replayed without a difference") {
  fixture f;
  store(*f.state, dispatched_order());
  webhook::state endpoint;
  endpoint.id = webhook_id{"whk_00000000000000000001"};
  endpoint.types = {"order.placed"};
  webhook_delivery_row message;
  message.endpoint = endpoint.id.value;
  message.message = "msg_00000000000000000001";
  message.stream = id;
  message.type = "order.placed";
  message.version = 1;
  message.delivery.last_error = "no route to host";
  f.state->webhooks = {{{encode(endpoint), {}}}, false};
  f.state->webhook_deliveries = {{message}, false};
  const auto shown = f.send("GET", path + "/export");
  REQUIRE_EQ(shown.status, 200u);
  CHECK_EQ(shown.header("Content-Disposition"), "attachment; filename=\"" + id + ".json\"");
  CHECK(shown.body.find("tok_secret") == std::string::npos);
  CHECK(shown.body.find("fingerprint") == std::string::npos);
  const auto json = shown.json();
  CHECK_EQ(json.at("events").as_array().size(), 8u);
  CHECK_EQ(json.at("states").as_array().size(), 3u);
  const auto& operation = json.at("provider_operations").at(0).as_object();
  CHECK_EQ(operation.at("outcome").as_string(), "approved");
  // Asked for once: the endpoint wants one of the types.
  CHECK_EQ(f.state->webhook_delivery_lists.size(), 1u);
  CHECK_EQ(json.at("webhook_messages").at(0).at("delivery").at("last_error").as_string(), "no route to host");
  const auto order = diagnosis::read_export(shown.body);
  REQUIRE(order.has_value());
  for (const auto& difference : diagnosis::replay(*order))
    CAF_FAIL(difference.stream << difference.pointer << ": " << difference.exported << " is " << difference.replayed);
}

SCENARIO("the messages about an order name their endpoint") {
  fixture f;
  store(*f.state, dispatched_order());
  webhook::state endpoint;
  endpoint.id = webhook_id{"whk_00000000000000000001"};
  endpoint.types = {"order.placed", "payment.*"};
  webhook_delivery_row message;
  message.endpoint = endpoint.id.value;
  message.message = "msg_00000000000000000001";
  message.stream = id;
  message.type = "order.placed";
  message.version = 1;
  f.state->webhooks = {{{encode(endpoint), {}}}, false};
  f.state->webhook_deliveries = {{message}, false};
  const auto json = f.send("GET", path + "/webhook-deliveries").json();
  // Asked for each event that the endpoint wants, and no other.
  CHECK_EQ(json.at("items").as_array().size(), f.state->webhook_delivery_lists.size());
  CHECK(f.state->webhook_delivery_lists.size() > 1);
  CHECK(f.state->webhook_delivery_lists.size() < 8);
  CHECK_EQ(json.at("items").at(0).at("endpoint_id").as_string(), endpoint.id.value);
  CHECK_EQ(json.at("items").at(0).at("event_id").as_string(), "evt_" + id + ".1");
  CHECK(json.at("complete").as_bool());
}

SCENARIO("another customer's order is 404, and one whose first events were removed is 410") {
  const token_maker maker;
  const auto gateway = guarded_gateway(maker);
  store(*gateway->state, dispatched_order());
  const auto mine = bearer(maker.token("usr_00000000000000000001", {"customer"}));
  const auto others = bearer(maker.token("usr_00000000000000000002", {"customer"}));
  for (const auto* target : {"/timeline", "/diff?from=1&to=2"}) {
    CHECK_EQ(gateway->send("GET", path + target, {}, mine).status, 200u);
    CHECK_EQ(gateway->send("GET", path + target, {}, others).status, 404u);
  }
  CHECK_EQ(gateway->send("GET", path + "/export", {}, mine).status, 403u);
  const auto staff = bearer(maker.token("usr_00000000000000000003", {"operator"}));
  CHECK_EQ(gateway->send("GET", path + "/export", {}, staff).status, 200u);
  {
    const std::lock_guard guard{gateway->state->mutex};
    gateway->state->log.erase(gateway->state->log.begin());
  }
  for (const auto* target : {"/timeline", "/diff?from=1&to=2", "/export", "/webhook-deliveries"}) {
    const auto gone = gateway->send("GET", path + target, {}, staff);
    CHECK_EQ(gone.status, 410u);
    CHECK_EQ(gone.text("code"), "cursor_expired");
  }
  for (const auto* target : {"/timeline", "/diff?from=1&to=2", "/export"})
    CHECK_EQ(gateway->send("GET", "/v1/orders/ord_00000000000000000009" + std::string{target}, {}, staff).status, 404u);
}
