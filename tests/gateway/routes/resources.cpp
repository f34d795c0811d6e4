#include "tests/gateway/support/support.hpp"

#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "messages/products.hpp"

#define CAF_SUITE gateway.resources
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

/// Answers when the test says so.
struct scripted_scenarios : scenario_service {
  std::string list() override {
    return R"([{"scenario":1,"name":"a story","summary":"Nothing happens.","needs_chaos":false}])";
  }
  void run(int number, scenario_run run, std::function<void(result<std::string>)> done) override {
    last = std::move(run);
    if (number == 1)
      done(std::string{R"({"scenario":1,"name":"a story","verdict":"pass","order_ids":["ord_00000000000000000001"],)"
                       R"("steps":[{"at_ms":1,"event":"order.placed","detail":""}],)"
                       R"("expectations":[{"text":"it ends","ok":true}],"duration_ms":2})"});
    else
      done(failure{ec::not_found, "there is no such scenario"});
  }
  scenario_run last;
};

} // namespace

SCENARIO("a product is created, changed, counted and withdrawn") {
  fixture f;
  const std::string body = R"({"sku":"s1","name":"Tea","price":{"amount":250,"currency":"EUR"},"on_hand":4})";
  const auto made = f.send("POST", "/v1/products", body);
  CHECK_EQ(made.status, 201u);
  CHECK_EQ(made.json().at("available").as_int64(), 4);
  const auto path = made.header("Location");
  const auto twin = f.send("POST", "/v1/products", body);
  CHECK_EQ(twin.status, 409u);
  CHECK_EQ(twin.text("code"), "conflict");
  CHECK_EQ(f.send("PATCH", path, R"({"name":"Coffee"})", {{"If-Match", "\"1\""}}).text("name"), "Coffee");
  CHECK_EQ(f.send("PATCH", path, R"({"name":"Cocoa"})", {{"If-Match", "\"1\""}}).status, 412u);
  CHECK_EQ(f.send("PUT", path, R"({"name":"Cocoa"})").status, 422u);
  CHECK_EQ(f.send("POST", path + "/stock", R"({"delta":-3,"reason":"broken"})").json().at("on_hand").as_int64(), 1);
  const auto short_of = f.send("POST", path + "/stock", R"({"delta":-3,"reason":"broken"})");
  CHECK_EQ(short_of.status, 409u);
  CHECK_EQ(short_of.text("code"), "insufficient_stock");
  CHECK_EQ(f.send("DELETE", path).status, 204u);
  CHECK_EQ(f.send("GET", path).status, 404u);
}

SCENARIO("a price in a currency that does not exist is refused") {
  fixture f;
  for (const auto* code : {"ZZZ", "XXX", "XTS", "eur", "EU"}) {
    const auto answer = f.send("POST", "/v1/products",
                               R"({"sku":"s1","name":"Tea","price":{"amount":250,"currency":")" + std::string{code}
                                 + R"("},"on_hand":4})");
    CHECK_EQ(answer.status, 422u);
    CHECK_EQ(answer.json().at("errors").at(0).at("pointer").as_string(), "/price/currency");
  }
}

SCENARIO("G3: an adjustment of the stock under an idempotency key is done once and gets the same answer") {
  fixture f;
  const auto made =
    f.send("POST", "/v1/products", R"({"sku":"s1","name":"Tea","price":{"amount":250,"currency":"EUR"},"on_hand":4})");
  const auto path = made.header("Location") + "/stock";
  const auto adjust = [&](const std::string& body, const std::string& key) {
    return f.send("POST", path, body, {{"Idempotency-Key", key}});
  };
  const auto first = adjust(R"({"delta":3,"reason":"found"})", "k1");
  CHECK_EQ(first.status, 200u);
  CHECK_EQ(first.header("Idempotent-Replayed"), "");
  const auto again = adjust(R"({"reason":"found","delta":3})", "\"k1\"");
  CHECK_EQ(again.status, 200u);
  CHECK_EQ(again.body, first.body);
  CHECK_EQ(again.header("ETag"), first.header("ETag"));
  CHECK_EQ(again.header("Idempotent-Replayed"), "true");
  const auto other = adjust(R"({"delta":4,"reason":"found"})", "k1");
  CHECK_EQ(other.status, 422u);
  CHECK_EQ(other.text("code"), "idempotency_key_reused");
  const auto early = adjust(R"({"delta":4,"reason":"in progress"})", "k2");
  CHECK_EQ(early.status, 409u);
  CHECK_EQ(early.text("code"), "idempotency_in_progress");
  CHECK_EQ(adjust(R"({"delta":-40,"reason":"broken"})", "k3").text("code"), "insufficient_stock");
  CHECK_EQ(adjust(R"({"delta":1,"reason":"found"})", "a b").status, 400u);
  CHECK_EQ(adjust(R"({"delta":1,"reason":"found"})", "k4").json().at("on_hand").as_int64(), 8);
  CHECK_EQ(f.send("POST", path, R"({"delta":1,"reason":"found"})").header("Idempotent-Replayed"), "");
}

SCENARIO("a list of orders leads to its next page and carries its filters along") {
  fixture f;
  auto order = placed_order("ord_00000000000000000001");
  order.payment.token = "tok_secret";
  f.state->page = {{encode(order)}, true};
  const auto first = f.send("GET", "/v1/orders?status=placed&limit=1&sort=created_at");
  CHECK_EQ(first.status, 200u);
  CHECK_EQ(first.json().at("items").at(0).at("id").as_string(), order.id.value);
  CHECK_EQ(first.body.find("tok_secret"), std::string::npos);
  const auto link = first.header("Link");
  CHECK(link.ends_with("; rel=\"next\""));
  f.state->page.more = false;
  const auto last = f.send("GET", link.substr(1, link.find('>') - 1));
  CHECK(last.json().at("next_cursor").is_null());
  CHECK_EQ(last.header("Link"), "");
  const auto& asked = f.state->order_lists.back();
  CHECK(asked.cursor_time == order.created_at && asked.cursor_id == order.id.value);
  CHECK(asked.statuses == std::vector<std::string>{"placed"} && asked.oldest_first && asked.limit == 1);
  CHECK_EQ(f.send("GET", "/v1/orders?cursor=" + first.text("next_cursor")).status, 400u);
}

SCENARIO("notifications are listed and marked as read") {
  fixture f;
  const auto list = f.send("GET", "/v1/notifications?unread=true");
  CHECK_EQ(list.json().at("items").as_array().size(), 1u);
  CHECK_EQ(f.send("POST", "/v1/notifications/read-all").status, 200u);
  CHECK_EQ(f.send("POST", "/v1/notifications/ntf_00000000000000000001/read").status, 200u);
  CHECK_EQ(f.send("POST", "/v1/notifications/ntf_00000000000000000002/read").status, 404u);
}

SCENARIO("notifications are found by their ids") {
  fixture f;
  const std::string path = "/v1/notifications?id=";
  CHECK_EQ(f.send("GET", path + "ntf_00000000000000000001&id=ntf_00000000000000000002,ntf_00000000000000000003").status,
           200u);
  CHECK_EQ(f.state->notification_lists.back().ids.size(), 3u);
  CHECK_EQ(f.send("GET", path + "ord_00000000000000000001").status, 400u);
  std::string many = path + "ntf_00000000000000000001";
  for (std::size_t i = 1; i < max_wanted_notifications; ++i)
    many += ",ntf_00000000000000000001";
  CHECK_EQ(f.send("GET", many).status, 200u);
  CHECK_EQ(f.send("GET", many + ",ntf_00000000000000000002").status, 400u);
  CHECK_EQ(f.send("GET", "/v1/notifications?customer_id=usr_00000000000000000001").status, 400u);
}

SCENARIO("an operator tells a customer something, once for each key") {
  fixture f;
  const auto send = [&](const std::string& text, const header_list& headers) {
    return f.send("POST", "/v1/notifications", R"({"customer_id":"cus_00000000000000000001","text":")" + text + R"("})",
                  headers);
  };
  const header_list key{{"Idempotency-Key", "closed-on-monday"}};
  const auto told = send("We are closed on Monday.", key);
  CHECK_EQ(told.status, 201u);
  CHECK_EQ(told.text("kind"), "message");
  CHECK(told.json().at("order_id").is_null());
  CHECK(told.json().at("read_at").is_null());
  CHECK_EQ(told.header("Idempotent-Replayed"), "");
  const auto again = send("We are closed on Monday.", key);
  CHECK_EQ(again.status, 201u);
  CHECK_EQ(again.header("Idempotent-Replayed"), "true");
  CHECK_EQ(again.body, told.body);
  const auto other = send("We are open on Monday.", key);
  CHECK_EQ(other.status, 422u);
  CHECK_EQ(other.text("code"), "idempotency_key_reused");
  // Without a key each request is a message of its own.
  CHECK_EQ(send("Hello.", {}).status, 201u);
  CHECK_EQ(send("Hello.", {}).status, 201u);
  CHECK_EQ(f.state->pushed.size(), 3u);
  CHECK_EQ(f.state->pushes.back().origin.by_kind, "admin");
}

SCENARIO("a message is refused with a pointer to what is wrong with it") {
  fixture f;
  const std::string customer = R"("customer_id":"cus_00000000000000000001")";
  const auto send = [&](const std::string& members) {
    return f.send("POST", "/v1/notifications", '{' + members + '}');
  };
  const auto wrong_in = [&](const std::string& members) {
    const auto answer = send(members);
    CHECK_EQ(answer.status, 422u);
    return std::string{answer.json().at("errors").at(0).at("pointer").as_string()};
  };
  const auto text = [](const std::string& value) { return R"(,"text":")" + value + '"'; };
  CHECK_EQ(wrong_in(R"("text":"Hello.")"), "/customer_id");
  CHECK_EQ(wrong_in(R"("customer_id":"usr_00000000000000000001","text":"Hello.")"), "/customer_id");
  CHECK_EQ(wrong_in(customer), "/text");
  for (const auto& bad : {std::string{}, std::string{"  "}, std::string{R"(a\u0007)"}, std::string(501, 'a')})
    CHECK_EQ(wrong_in(customer + text(bad)), "/text");
  std::string longest;
  for (int i = 0; i < 500; ++i)
    longest += "\u00e9";
  CHECK_EQ(send(customer + text(longest)).status, 201u);
  {
    const std::lock_guard guard{f.state->mutex};
    for (const auto* whose : {"1", "2"})
      f.state->orders["ord_0000000000000000000" + std::string{whose}] =
        placed_order("ord_0000000000000000000" + std::string{whose}, "cus_0000000000000000000" + std::string{whose});
  }
  const auto order = [](const std::string& id) { return R"(,"order_id":")" + id + '"'; };
  for (const std::string bad : {"ord_00000000000000000002", "ord_00000000000000000009", "x"})
    CHECK_EQ(wrong_in(customer + text("Hello.") + order(bad)), "/order_id");
  const auto told = send(customer + text("Hello.") + order("ord_00000000000000000001"));
  CHECK_EQ(told.status, 201u);
  CHECK_EQ(told.text("order_id"), "ord_00000000000000000001");
  CHECK_EQ(wrong_in(customer + text("Hello.") + R"(,"kind":"alarm")"), "/kind");
}

SCENARIO("the node answers for its liveness, its readiness, its metrics and its version") {
  fixture f;
  CHECK_EQ(f.send("GET", "/healthz").status, 200u);
  CHECK_EQ(f.send("GET", "/readyz").status, 200u);
  CHECK(f.send("GET", "/metrics").body.find("waybill_http_requests_total{route=\"GET /healthz\",status=\"2xx\"} 1")
        != std::string::npos);
  CHECK_EQ(f.send("GET", "/version").text("node"), "test-node");
}

SCENARIO("a broker that is away does not make a node unready, and is named to who asks for more") {
  fixture f;
  f.services.sources = [] {
    return std::vector<source_condition>{{"amqp://rabbit:5672/?queue=orders", true, {}},
                                         {"redis://store:6379/0?stream=orders&group=waybill", false, "nobody answers"}};
  };
  gateway_config options;
  options.port = 0;
  gateway front{f.sys, options, f.services};
  REQUIRE(front.start().has_value());
  connection client{front.port()};
  CHECK(!client.send("GET", "/readyz").json().as_object().contains("sources"));
  const auto told = client.send("GET", "/readyz?verbose");
  CHECK_EQ(told.status, 200u);
  const auto sources = told.json().at("sources").as_array();
  REQUIRE_EQ(sources.size(), 2u);
  CHECK_EQ(sources[0].at("source").as_string(), "amqp://rabbit:5672/?queue=orders");
  CHECK(sources[0].at("connected").as_bool());
  CHECK(!sources[0].as_object().contains("problem"));
  CHECK(!sources[1].at("connected").as_bool());
  CHECK_EQ(sources[1].at("problem").as_string(), "nobody answers");
}

SCENARIO("the pages load nothing from other hosts") {
  fixture f;
  for (std::string path : {"/", "/scenarios", "/assets/waybill.css", "/assets/docs.js"}) {
    const auto got = f.send("GET", path);
    CHECK_EQ(got.status, 200u);
    CHECK_EQ(got.body.find("https://"), std::string::npos);
    CHECK_EQ(got.body.find("<style"), std::string::npos);
    CHECK_EQ(got.body.find(" style="), std::string::npos);
  }
  CHECK_EQ(f.send("GET", "/assets/not_built.html").status, 404u);
}

SCENARIO("a scenario is played to its report, in one request or as a run with a status") {
  scripted_scenarios stories;
  fixture f;
  f.services.scenarios = &stories;
  gateway_config options;
  options.port = 0;
  gateway front{f.sys, options, f.services};
  REQUIRE(front.start().has_value());
  connection client{front.port()};
  CHECK_EQ(client.send("GET", "/v1/scenarios").json().at("items").as_array().size(), 1u);
  CHECK_EQ(client.send("GET", "/scenario/1").text("verdict"), "pass");
  CHECK_EQ(stories.last.base_url, "http://127.0.0.1:" + std::to_string(front.port()));
  CHECK_EQ(client.send("GET", "/scenario/9").status, 404u);
  CHECK_EQ(client.send("POST", "/v1/scenarios/9/runs").status, 404u);
  const auto started = client.send("POST", "/v1/scenarios/1/runs");
  CHECK_EQ(started.status, 202u);
  const auto run = client.send("GET", started.header("Location"));
  CHECK_EQ(run.text("status"), "completed");
  CHECK_EQ(run.text("id"), stories.last.id);
  CHECK_EQ(run.json().at("report").at("verdict").as_string(), "pass");
  CHECK_EQ(client.send("GET", "/scenario/1", {}, {{"Accept", "text/html,*/*"}}).header("Content-Type"),
           "text/html; charset=utf-8");
}
