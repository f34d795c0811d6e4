#include "shell/views/render.hpp"

#include "domain/base/errors.hpp"

#include <boost/json/parse.hpp>

#define CAF_SUITE shell.render
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::shell;

namespace {

entity_description some_order() {
  return {.id = "ord_1",
          .node = "a",
          .version = 3,
          .state = R"({"status":"placed","lines":[{"quantity":2}],"tags":[]})",
          .waits_for = "the answer of the stock"};
}

stored_event some_event() {
  stored_event event;
  event.position = {1, 2};
  event.stream = "ord_1";
  event.version = 1;
  event.type = "order.placed";
  event.node = "a";
  event.data = R"({"note":"two\nlines"})";
  return event;
}

} // namespace

SCENARIO("the columns of a table line up, by characters and not by bytes") {
  CHECK_EQ(render_table({{"NAME", "N"}, {"Zürich", "1"}, {"Bern", "22"}}), "NAME    N\nZürich  1\nBern    22\n");
}

SCENARIO("a cell cannot control the terminal") {
  CHECK_EQ(render_table({{"a\x1b[31m\nb"}}), "a?[31m?b\n");
}

SCENARIO("the nodes are shown as a table and as JSON") {
  node_list list;
  list.nodes.push_back({.node = "a",
                        .incarnation = 7,
                        .address = "127.0.0.1:4100",
                        .http = {},
                        .roles = {role::order, role::payment},
                        .lease_until = timestamp::max(),
                        .reachable = true});
  CHECK_EQ(render(list, output_format::table),
           "NODE  ROLES          ADDRESS         HTTP  STATE  REACHABLE  LEASE UNTIL\n"
           "a     order,payment  127.0.0.1:4100  -     up     yes        -\n");
  CHECK_EQ(render(list, output_format::json),
           R"({"nodes":[{"node":"a","incarnation":7,"address":"127.0.0.1:4100","http":"",)"
           R"("roles":["order","payment"],"lease_until":null,"reachable":true,"state":"up"}]})"
           "\n");
}

SCENARIO("a truncated list of actors says so") {
  const actor_list list{{{"order", "ord_1", "a", 4, 9}}, 12};
  CHECK(render(list, output_format::table).ends_with("1 of 12 actors\n"));
  CHECK_EQ(render(list, output_format::json),
           R"({"actors":[{"type":"order","id":"ord_1","node":"a","mailbox":4,"handled":9}],"total":12,"missing":[]})"
           "\n");
}

SCENARIO("a list of actors names the nodes that did not answer") {
  const actor_list list{{{"order", "ord_1", "a", 4, 9}}, 1, {"b", "c"}};
  CHECK(render(list, output_format::table).ends_with("\nno answer from: b, c\n"));
  CHECK(render(list, output_format::json)
          .ends_with(R"("total":1,"missing":["b","c"]})"
                     "\n"));
}

SCENARIO("an entity's state is part of the JSON and indented for people") {
  const inspect_command command{"order", "ord_1"};
  const auto value = boost::json::parse(render(command, some_order(), output_format::json));
  CHECK_EQ(value.at("state").at("lines").at(0).at("quantity").as_int64(), 2);
  CHECK_EQ(value.at("version").as_int64(), 3);
  const auto text = render(command, some_order(), output_format::table);
  CHECK(text.find("waits for  the answer of the stock\n") != std::string::npos);
  CHECK(text.find("  \"lines\": [\n    {\n      \"quantity\": 2\n    }\n  ],\n") != std::string::npos);
}

SCENARIO("a state that is not JSON is shown as text") {
  auto broken = some_order();
  broken.state = "{";
  const auto value = boost::json::parse(render({"order", "ord_1"}, broken, output_format::json));
  CHECK_EQ(value.at("state").as_string(), "{");
}

SCENARIO("an order is shown with its status, its reason to wait, its owner and its events") {
  const auto value = boost::json::parse(render_order(some_order(), {some_event()}, output_format::json));
  CHECK_EQ(value.at("status").as_string(), "placed");
  CHECK_EQ(value.at("waits_for").as_string(), "the answer of the stock");
  CHECK_EQ(value.at("node").as_string(), "a");
  CHECK_EQ(value.at("events").at(0).at("type").as_string(), "order.placed");
  CHECK(render_order(some_order(), {some_event()}, output_format::table).find("order.placed") != std::string::npos);
}

SCENARIO("an order that needs attention is shown with its reason and what an operator can do") {
  auto stuck = some_order();
  stuck.state = R"({"status":"needs_attention","reason":"capture_payment: refused"})";
  stuck.waits_for.clear();
  const auto text = render_order(stuck, {}, output_format::table);
  for (const auto* part :
       {"capture_payment: refused", "an operator", "retry ord_1", "resolve ord_1 --outcome cancelled --reason \"...\""})
    CHECK(text.find(part) != std::string::npos);
  const auto value = boost::json::parse(render_order(stuck, {}, output_format::json));
  CHECK_EQ(value.at("reason").as_string(), "capture_payment: refused");
  CHECK_EQ(value.at("remedies").as_array().size(), 3u);
  CHECK_EQ(render_order(some_order(), {}, output_format::table).find("you can"), std::string::npos);
}

SCENARIO("in JSON missing values are null, and ids have the names of the API") {
  auto order = some_order();
  order.waits_for.clear();
  order.state =
    R"({"status":"placed","reason":"","customer":"cus_1","lines":[{"product":"prd_1"}],"courier":{"id":1}})";
  const auto value = boost::json::parse(render_order(order, {}, output_format::json));
  CHECK(value.at("reason").is_null());
  CHECK(value.at("waits_for").is_null());
  CHECK_EQ(value.at("order").at("customer_id").as_string(), "cus_1");
  CHECK_EQ(value.at("order").at("lines").at(0).at("product_id").as_string(), "prd_1");
  CHECK(value.at("order").at("courier").is_object());
  order.state = R"({"status":"needs_attention","reason":"-"})";
  CHECK_EQ(boost::json::parse(render_order(order, {}, output_format::json)).at("waits_for").as_string(), "an operator");
  const auto inspected = boost::json::parse(render({"order", "ord_1"}, some_order(), output_format::json));
  CHECK_EQ(inspected.at("waits_for").as_string(), "the answer of the stock");
}

SCENARIO("amounts have their currency's decimals for people, and are minor units in JSON") {
  auto order = some_order();
  order.state = R"({"status":"placed","total":{"amount":2800,"currency":"EUR"},)"
                R"("lines":[{"unit_price":{"amount":1234,"currency":"KWD"}}]})";
  auto event = some_event();
  event.data = R"({"amount":{"amount":2800,"currency":"JPY"}})";
  CHECK(render_order(order, {}, output_format::table).find("28.00 EUR") != std::string::npos);
  const auto text = render(inspect_command{"order", "ord_1"}, order, output_format::table);
  CHECK(text.find("\"unit_price\": \"1.234 KWD\"") != std::string::npos);
  CHECK(render(event, output_format::table).find(R"({"amount":"2800 JPY"})") != std::string::npos);
  const auto value = boost::json::parse(render_order(order, {event}, output_format::json));
  CHECK_EQ(value.at("order").at("total").at("amount").as_int64(), 2800);
  CHECK_EQ(value.at("events").at(0).at("data").at("amount").at("amount").as_int64(), 2800);
}

SCENARIO("the auditor's violations are a table, or one line of JSON") {
  audit_report report;
  report.events = 7;
  CHECK(render(report, output_format::table).starts_with("violations          0\n"));
  report.open.push_back({{"I2", "prd_1", "-1 are on hand"}, timestamp{}});
  report.found.push_back({"I2", 3});
  CHECK(render(report, output_format::table).find("I2         prd_1") != std::string::npos);
  const auto value = boost::json::parse(render(report, output_format::json));
  CHECK_EQ(value.at("violations").at(0).at("invariant").as_string(), "I2");
  CHECK_EQ(value.at("found").at("I2").as_int64(), 3);
  CHECK(value.at("saved_at").is_null());
}

SCENARIO("a full audit shows its violations and how much it has checked") {
  full_audit_progress done;
  done.done = true;
  done.units = 4;
  done.events = 9;
  CHECK_EQ(render(done, output_format::table), "0 violations in 4 units and 9 events\n");
  done.total_found = 1;
  done.found.push_back({"I4", "ord_1", "a gap"});
  CHECK(render(done, output_format::table).find("I4         ord_1    a gap") != std::string::npos);
  const auto value = boost::json::parse(render(done, output_format::json));
  CHECK_EQ(value.at("total").as_int64(), 1);
  CHECK_EQ(value.at("violations").as_array().size(), 1u);
}

SCENARIO("an event is one line in both formats") {
  for (const auto format : {output_format::table, output_format::json}) {
    const auto line = render(some_event(), format);
    CHECK_EQ(line.find('\n'), line.size() - 1);
  }
}

SCENARIO("each kind of failure has its exit code") {
  CHECK_EQ(exit_code_of(ec::conflict), 1);
  CHECK_EQ(exit_code_of(ec::invalid_argument), 2);
  CHECK_EQ(exit_code_of(ec::not_found), 3);
  CHECK_EQ(exit_code_of(ec::unavailable), 8);
  CHECK_EQ(exit_code_of(ec::timed_out), 8);
}
