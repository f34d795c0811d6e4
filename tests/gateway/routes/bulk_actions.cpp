#include "domain/json/codec.hpp"
#include "tests/gateway/support/tokens.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#define CAF_SUITE gateway.bulk_actions
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

const std::string first = "ord_00000000000000000001";
const std::string second = "ord_00000000000000000002";
const std::string two_orders = R"("orders":[")" + first + R"(",")" + second + R"("])";

std::string body_of(const std::string& members, const std::string& action = "hold") {
  return R"({"action":")" + action + R"(","reason":"why not",)" + members + "}";
}

answer start(fixture& f, const std::string& body, const header_list& headers = {}) {
  return f.send("POST", "/v1/bulk-actions", body, headers);
}

std::string pointers_of(const answer& refused) {
  std::string pointers;
  const auto json = refused.json();
  for (const auto& error : json.at("errors").as_array())
    pointers += std::string{error.at("pointer").as_string()} + " ";
  return pointers;
}

bulk::state& only_action(fixture& f) {
  return f.state->bulk_actions.begin()->second;
}

} // namespace

SCENARIO("a bulk action is accepted with the address of its status") {
  fixture f;
  const auto accepted = start(f, body_of(two_orders));
  REQUIRE_EQ(accepted.status, 202u);
  const auto location = accepted.header("Location");
  CHECK_EQ(location, "/v1/bulk-actions/" + accepted.text("id"));
  CHECK_EQ(accepted.text("status"), "running");
  const auto counts = accepted.json().at("counts").as_object();
  CHECK_EQ(counts.at("total").as_int64(), 2);
  CHECK_EQ(counts.at("pending").as_int64(), 2);
  const auto& command = f.state->bulk_starts.back();
  CHECK(command.action == bulk::action::hold);
  CHECK_EQ(command.orders, (std::vector<order_id>{order_id{first}, order_id{second}}));
  CHECK_EQ(command.origin.by_kind, "admin");
  const auto shown = f.send("GET", location);
  CHECK_EQ(shown.status, 200u);
  CHECK_EQ(shown.body, accepted.body);
  CHECK_EQ(f.send("GET", location, {}, {{"If-None-Match", shown.header("ETag")}}).status, 304u);
  CHECK_EQ(f.send("GET", "/v1/bulk-actions/blk_00000000000000000009").status, 404u);
  CHECK_EQ(f.send("GET", "/v1/bulk-actions/nonsense").status, 404u);
}

SCENARIO("each order shows its result, a refused one with its problem") {
  fixture f;
  const auto location = start(f, body_of(two_orders)).header("Location");
  {
    const std::lock_guard guard{f.state->mutex};
    auto& action = only_action(f);
    action.items[0].status = bulk::item_status::done;
    action.items[1] = {order_id{second}, bulk::item_status::refused, 4, "illegal_transition", "it is completed"};
    action.status = bulk::status::finished;
  }
  const auto json = f.send("GET", location).json();
  CHECK_EQ(json.at("items").at(0).at("status").as_string(), "done");
  const auto& refused = json.at("items").at(1).as_object();
  CHECK_EQ(refused.at("status").as_string(), "refused");
  CHECK_EQ(refused.at("code").as_string(), "illegal_transition");
  CHECK_EQ(refused.at("title").as_string(), "Conflict");
  CHECK_EQ(refused.at("detail").as_string(), "it is completed");
  CHECK_EQ(json.at("counts").at("refused").as_int64(), 1);
}

SCENARIO("an idempotency key starts one bulk action, even when its filter selects other orders later") {
  fixture f;
  const header_list key{{"Idempotency-Key", "k1"}};
  const auto body = body_of(R"("filter":{"status":["needs_attention"]})", "retry");
  f.state->page = {{encode(placed_order(first))}, false};
  const auto accepted = start(f, body, key);
  REQUIRE_EQ(accepted.status, 202u);
  CHECK_EQ(accepted.header("Idempotent-Replayed"), "");
  f.state->page = {{encode(placed_order(second))}, false};
  const auto again = start(f, body, key);
  CHECK_EQ(again.status, 202u);
  CHECK_EQ(again.header("Idempotent-Replayed"), "true");
  CHECK_EQ(again.text("id"), accepted.text("id"));
  CHECK_EQ(again.json().at("items").at(0).at("order_id").as_string(), first);
  const auto other = start(f, body_of(two_orders), key);
  CHECK_EQ(other.status, 422u);
  CHECK_EQ(other.text("code"), "idempotency_key_reused");
  CHECK_EQ(start(f, body).header("Idempotent-Replayed"), "");
  CHECK_EQ(f.state->bulk_actions.size(), 2u);
}

SCENARIO("a filter selects the oldest orders, page by page, with the parameters of the list") {
  fixture f;
  f.state->page = {{encode(placed_order(first))}, false};
  const auto accepted =
    start(f, body_of(R"("dry_run":true,"filter":{"status":"placed,confirmed","q":"Ada","customer_id":")"
                     R"(cus_00000000000000000001"})"));
  REQUIRE_EQ(accepted.status, 202u);
  CHECK(accepted.json().at("dry_run").as_bool());
  CHECK(!accepted.json().at("more").as_bool());
  const auto& asked = f.state->order_lists.back();
  CHECK(asked.oldest_first);
  CHECK_EQ(asked.limit, 200u);
  CHECK_EQ(asked.statuses, (std::vector<std::string>{"confirmed", "placed"}));
  CHECK_EQ(asked.search.words, std::vector<std::string>{"ada"});
  CHECK_EQ(asked.customer, "cus_00000000000000000001");
}

SCENARIO("of more than a thousand orders the first thousand are taken, and the answer says that there are more") {
  fixture f;
  state_page page{{}, true};
  for (int i = 100; i < 300; ++i)
    page.states.push_back(encode(placed_order("ord_00000000000000000" + std::to_string(i))));
  f.state->page = page;
  // The script gives the same page again: the entity would refuse orders that come twice.
  const auto refused = start(f, body_of(R"("filter":{"status":"placed"})"));
  CHECK_EQ(refused.status, 422u);
  CHECK_EQ(f.state->bulk_starts.back().orders.size(), 1000u);
  CHECK(f.state->bulk_starts.back().more);
  CHECK_EQ(f.state->order_lists.size(), 6u);
  CHECK_EQ(f.state->order_lists.back().cursor_id, "ord_00000000000000000299");
}

SCENARIO("a bulk action is stopped, and the orders that it has not begun are skipped") {
  fixture f;
  const auto location = start(f, body_of(two_orders)).header("Location");
  only_action(f).items[0].status = bulk::item_status::begun;
  const auto stopping = f.send("POST", location + "/stop");
  CHECK_EQ(stopping.status, 202u);
  CHECK_EQ(stopping.text("status"), "stopping");
  const auto other = start(f, body_of(two_orders)).header("Location");
  const auto stopped = f.send("POST", other + "/stop");
  CHECK_EQ(stopped.status, 200u);
  CHECK_EQ(stopped.text("status"), "stopped");
  CHECK_EQ(stopped.json().at("counts").at("skipped").as_int64(), 2);
  CHECK_EQ(stopped.json().at("items").at(0).at("status").as_string(), "skipped");
  CHECK_EQ(f.send("POST", "/v1/bulk-actions/blk_00000000000000000009/stop").status, 404u);
}

SCENARIO("errors in a bulk action are named by their JSON pointer, and nothing is started") {
  fixture f;
  const auto wrong = [&](const std::string& body) {
    const auto refused = start(f, body);
    CHECK_EQ(refused.status, 422u);
    return pointers_of(refused);
  };
  CHECK_EQ(wrong("{}"), "/action /reason /orders ");
  CHECK_EQ(wrong(body_of(two_orders, "explode")), "/action ");
  CHECK_EQ(wrong(body_of(two_orders, "resolve")), "/outcome ");
  CHECK_EQ(wrong(body_of(R"("outcome":"lost",)" + two_orders, "resolve")), "/outcome ");
  CHECK_EQ(wrong(body_of(R"("outcome":"completed",)" + two_orders)), "/outcome ");
  CHECK_EQ(wrong(body_of(R"("dry_run":"yes",)" + two_orders)), "/dry_run ");
  CHECK_EQ(wrong(body_of(R"("filter":{},)" + two_orders)), "/orders ");
  CHECK_EQ(wrong(body_of(R"("orders":[])")), "/orders ");
  CHECK_EQ(wrong(body_of(R"("orders":["x",")" + first + R"(",")" + first + R"("])")), "/orders/0 /orders/2 ");
  CHECK_EQ(wrong(body_of(R"("filter":[])")), "/filter ");
  CHECK_EQ(wrong(body_of(R"("filter":{"status":"lost","limit":"3","retrying":1})")),
           "/filter/retrying /filter/status /filter/limit ");
  CHECK_EQ(wrong(body_of(R"("filter":{"status":"placed"})")), "/filter ");
  CHECK_EQ(wrong("[]"), " ");
  CHECK(f.state->bulk_starts.empty());
}

SCENARIO("a bulk action is for operators, who are named in it") {
  const token_maker maker;
  const auto gateway = guarded_gateway(maker);
  const auto by = [&](const std::string& role) {
    return gateway->send("POST", "/v1/bulk-actions", body_of(two_orders),
                         bearer(maker.token("usr_00000000000000000004", {role})));
  };
  CHECK_EQ(by("customer").status, 403u);
  CHECK_EQ(by("courier").status, 403u);
  const auto accepted = by("operator");
  REQUIRE_EQ(accepted.status, 202u);
  CHECK_EQ(accepted.json().at("by").at("kind").as_string(), "operator");
  CHECK_EQ(accepted.json().at("by").at("id").as_string(), "usr_00000000000000000004");
}
