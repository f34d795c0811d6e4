#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "domain/order/order.hpp"
#include "tests/domain/story.hpp"
#include "tests/gateway/support/tokens.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#define CAF_SUITE gateway.order_explained
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

// The requests of an operator's page about one order, and the filters of the list.

namespace {

const std::string id = "ord_00000000000000000001";
const std::string path = "/v1/orders/" + id;

/// The order with its log: placed at 0 s, stock reserved at 10 s, held once it was confirmed at 20 s, at 30 s.
testing::order_story held_order() {
  testing::order_story story;
  story.options.grace = 60s;
  auto placed = testing::a_place_command();
  placed.order = order_id{id};
  placed.customer = customer_id{"cus_00000000000000000001"};
  placed.lines[0].product = product_id{"prd_00000000000000000001"};
  placed.lines[1].product = product_id{"prd_00000000000000000002"};
  story.tell(placed);
  for (const auto& command : std::vector<order::command>{order::record_stock_reserved{},
                                                         order::record_payment_authorized{testing::euros(1300)},
                                                         order::hold{{"operator", "usr_1"}, "look at it"}}) {
    story.wait(10s);
    story.tell(command);
  }
  return story;
}

void store(world& state, const testing::order_story& story) {
  const std::lock_guard guard{state.mutex};
  state.orders[id] = story.state;
  std::uint64_t version = 0;
  for (const auto& [at, event] : story.log) {
    const auto encoded = encode_event(event);
    stored_event stored;
    stored.position = position(++version);
    stored.stream = stored.order = id;
    stored.version = version;
    stored.type = encoded.type;
    stored.schema = encoded.schema;
    stored.data = encoded.data;
    stored.at = at;
    stored.customer = story.state.customer.value;
    state.log.push_back(std::move(stored));
  }
}

std::string problems(const answer& refused) {
  std::string pointers;
  const auto json = refused.json();
  for (const auto& error : json.at("errors").as_array())
    pointers += std::string{error.at("pointer").as_string()} + " ";
  return pointers;
}

} // namespace

SCENARIO("a passivated order shows what it waits for, since when, and its owner") {
  fixture f;
  const auto story = held_order();
  store(*f.state, story);
  const auto shown = f.send("GET", path + "/progress");
  REQUIRE_EQ(shown.status, 200u);
  const auto json = shown.json();
  CHECK_EQ(shown.text("waits_for"), "release");
  CHECK_EQ(shown.text("since"), to_rfc3339(story.now));
  CHECK_EQ(shown.text("status"), "confirmed");
  CHECK_EQ(json.at("version").as_int64(), static_cast<std::int64_t>(story.state.version));
  CHECK_EQ(shown.text("deadline"), to_rfc3339(*story.state.step_by));
  CHECK(!json.at("in_memory").as_bool());
  CHECK(!json.at("retrying").as_bool());
  CHECK_EQ(shown.text("node"), "order-1");
  CHECK(json.at("shard").is_int64());
  CHECK(json.at("steps").as_array().empty());
  CHECK_EQ(f.send("GET", "/v1/orders/ord_00000000000000000009/progress").status, 404u);
  CHECK_EQ(f.send("GET", "/v1/orders/nonsense/progress").status, 404u);
}

SCENARIO("an order in memory shows the steps of its actor") {
  fixture f;
  auto story = held_order();
  story.tell(order::release{{"operator", "usr_1"}, "fine"});
  store(*f.state, story);
  order_progress progress{true, "order-2", story.state, {}, story.now + 3s};
  progress.steps.push_back({order::step::request_delivery, 3, false, story.now, story.now + 2s, "no answer in time"});
  f.state->progress[id] = progress;
  const auto shown = f.send("GET", path + "/progress");
  REQUIRE_EQ(shown.status, 200u);
  const auto json = shown.json();
  CHECK_EQ(shown.text("waits_for"), "dispatch");
  CHECK(json.at("in_memory").as_bool());
  CHECK(json.at("retrying").as_bool());
  CHECK_EQ(shown.text("node"), "order-2");
  CHECK_EQ(shown.text("next_timer_at"), to_rfc3339(story.now + 3s));
  const auto& step = json.at("steps").at(0).as_object();
  CHECK_EQ(step.at("step").as_string(), "request_delivery");
  CHECK_EQ(step.at("attempts").as_int64(), 3);
  CHECK_EQ(step.at("next_at").as_string(), to_rfc3339(story.now + 2s));
  CHECK_EQ(step.at("last_failure").as_string(), "no answer in time");
}

SCENARIO("without a node of the role `order` the stored state is explained") {
  fixture f;
  store(*f.state, held_order());
  f.state->order_failure = ec::unavailable;
  const auto shown = f.send("GET", path + "/progress");
  CHECK_EQ(shown.status, 200u);
  CHECK_EQ(shown.text("waits_for"), "release");
  CHECK(shown.json().at("node").is_null());
}

SCENARIO("customers learn what their order waits for, and nothing of nodes and attempts") {
  const token_maker maker;
  const auto gateway = guarded_gateway(maker);
  store(*gateway->state, held_order());
  const auto mine =
    gateway->send("GET", path + "/progress", {}, bearer(maker.token("usr_00000000000000000001", {"customer"})));
  CHECK_EQ(mine.status, 200u);
  CHECK_EQ(mine.text("waits_for"), "release");
  for (const auto* member : {"node", "shard", "in_memory", "steps", "retrying", "next_timer_at"})
    CHECK(!mine.json().as_object().contains(member));
  const auto others = bearer(maker.token("usr_00000000000000000002", {"customer"}));
  CHECK_EQ(gateway->send("GET", path + "/progress", {}, others).status, 404u);
  CHECK_EQ(gateway->send("GET", path + "/history/1", {}, others).status, 404u);
}

SCENARIO("an order is shown as it was after each of its events, and such an answer never changes") {
  fixture f;
  const auto story = held_order();
  store(*f.state, story);
  const auto first = f.send("GET", path + "/history/1");
  REQUIRE_EQ(first.status, 200u);
  CHECK_EQ(first.text("status"), "placed");
  CHECK_EQ(first.header("ETag"), "\"1\"");
  CHECK_EQ(first.json().at("version").as_int64(), 1);
  const auto last = std::to_string(story.state.version);
  CHECK_EQ(f.send("GET", path + "/history/" + last).body, f.send("GET", path).body);
  CHECK(!f.send("GET", path + "/history/3").json().as_object().contains("hold"));
  CHECK_EQ(f.send("GET", path + "/history/1", {}, {{"If-None-Match", "\"1\""}}).status, 304u);
}

SCENARIO("an unknown version is 404, and one of an order whose first events were removed is 410") {
  fixture f;
  store(*f.state, held_order());
  for (const auto* version : {"0", "6", "99999999999999999999", "-1", "1x", "x"})
    CHECK_EQ(f.send("GET", path + "/history/" + std::string{version}).status, 404u);
  CHECK_EQ(f.send("GET", "/v1/orders/ord_00000000000000000009/history/1").status, 404u);
  CHECK_EQ(f.send("GET", "/v1/orders/nonsense/history/1").status, 404u);
  {
    const std::lock_guard guard{f.state->mutex};
    f.state->log.erase(f.state->log.begin());
  }
  const auto gone = f.send("GET", path + "/history/3");
  CHECK_EQ(gone.status, 410u);
  CHECK_EQ(gone.text("code"), "cursor_expired");
  // The present state is known; the beginning of its wait is not.
  CHECK(f.send("GET", path + "/progress").json().at("since").is_null());
}

SCENARIO("the history of an order with very many events is read only in part") {
  fixture f;
  auto story = held_order();
  story.state.version = 5'001;
  store(*f.state, story);
  const auto refused = f.send("GET", path + "/history/5001");
  CHECK_EQ(refused.status, 404u);
  CHECK_EQ(refused.text("detail"), "only the first 5000 versions of an order can be shown");
  const auto shown = f.send("GET", path + "/progress");
  CHECK_EQ(shown.text("waits_for"), "release");
  CHECK(shown.json().at("since").is_null());
}

SCENARIO("operators list orders by what they wait for, product, words and several statuses") {
  fixture f;
  const auto asked = [&](const std::string& query) {
    CHECK_EQ(f.send("GET", "/v1/orders?" + query).status, 200u);
    return f.state->order_lists.back();
  };
  CHECK_EQ(asked("status=placed,confirmed&status=placed").statuses, (std::vector<std::string>{"confirmed", "placed"}));
  const auto waiting = asked("waits_for=release");
  CHECK(waiting.search.reason == order::waiting::release);
  CHECK_EQ(waiting.statuses, std::vector<std::string>{"confirmed"});
  CHECK_EQ(asked("waits_for=compensation&status=cancelling").statuses, std::vector<std::string>{"cancelling"});
  CHECK_EQ(asked("product_id=prd_00000000000000000001").search.product, "prd_00000000000000000001");
  CHECK_EQ(asked("q=Main%20ADA").search.words, (std::vector<std::string>{"main", "ada"}));
  CHECK_EQ(asked("q=ord_000000000").id_prefix, "ord_000000000");
  const auto lists = f.state->order_lists.size();
  CHECK(f.send("GET", "/v1/orders?waits_for=release&status=placed").json().at("items").as_array().empty());
  CHECK_EQ(f.state->order_lists.size(), lists);
}

SCENARIO("a search for an account's e-mail address finds its orders, other addresses are searched as text") {
  fixture f;
  user_view ada;
  ada.email = "ada@example.com";
  f.state->users["usr_00000000000000000007"] = ada;
  CHECK_EQ(f.send("GET", "/v1/orders?q=ADA@example.com").status, 200u);
  CHECK_EQ(f.state->order_lists.back().customer, "cus_00000000000000000007");
  CHECK(f.state->order_lists.back().search.words.empty());
  CHECK_EQ(f.send("GET", "/v1/orders?q=bob@example.com").status, 200u);
  CHECK_EQ(f.state->order_lists.back().search.words, std::vector<std::string>{"bob@example.com"});
}

SCENARIO("retrying orders are listed by their owners, and read from the database") {
  fixture f;
  const auto order = placed_order(id);
  f.state->retrying = {{{order.created_at, id}}, true};
  f.state->page = {{encode(order)}, false};
  const auto first = f.send("GET", "/v1/orders?retrying=true&sort=created_at&limit=1&status=placed");
  REQUIRE_EQ(first.status, 200u);
  CHECK_EQ(first.json().at("items").as_array().size(), 1u);
  CHECK(f.state->retrying_lists.back().everywhere && f.state->retrying_lists.back().oldest_first);
  CHECK(f.state->order_lists.back().ids == std::vector<std::string>{id});
  CHECK_EQ(f.state->order_lists.back().statuses, std::vector<std::string>{"placed"});
  const auto link = first.header("Link");
  f.state->retrying = {};
  const auto last = f.send("GET", link.substr(1, link.find('>') - 1));
  CHECK(last.json().at("next_cursor").is_null());
  CHECK(f.state->retrying_lists.back().after_time == order.created_at);
  CHECK_EQ(f.state->retrying_lists.back().after_id, id);
  // A cursor of other filters is none of this list.
  CHECK_EQ(f.send("GET", "/v1/orders?sort=created_at&status=placed&cursor=" + first.text("next_cursor")).status, 400u);
}

SCENARIO("a page with few matches continues after the last order that was examined") {
  fixture f;
  f.state->page = {{}, true, list_place{now(), "ord_00000000000000000005"}};
  const auto first = f.send("GET", "/v1/orders?q=nobody");
  CHECK(first.json().at("items").as_array().empty());
  const auto link = first.header("Link");
  f.send("GET", link.substr(1, link.find('>') - 1));
  CHECK_EQ(f.state->order_lists.back().cursor_id, "ord_00000000000000000005");
}

SCENARIO("an unsupported filter is refused by its name, and an operators' filter for other callers") {
  fixture f;
  const auto refused =
    f.send("GET", "/v1/orders?status=placed,lost&waits_for=refund&product_id=x&q=ord_1&retrying=yes");
  CHECK_EQ(refused.status, 400u);
  CHECK_EQ(problems(refused), "/status /waits_for /product_id /q /retrying ");
  const token_maker maker;
  const auto gateway = guarded_gateway(maker);
  const auto customer = bearer(maker.token("usr_00000000000000000001", {"customer"}));
  for (const auto* query : {"waits_for=stock", "retrying=true", "q=ada", "product_id=prd_00000000000000000001"})
    CHECK_EQ(gateway->send("GET", "/v1/orders?" + std::string{query}, {}, customer).status, 403u);
  CHECK_EQ(gateway->send("GET", "/v1/orders?status=placed,confirmed", {}, customer).status, 200u);
  CHECK_EQ(gateway->state->order_lists.back().customer, "cus_00000000000000000001");
}
