#include "shell/views/trace_story.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

#define CAF_SUITE shell.trace_story
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::shell;
using namespace std::chrono_literals;

namespace {

const std::string traced_order = "ord_00000000000000000001";
const std::string sold_product = "prd_000000000000005t9qra";
constexpr auto patience = 500ms;

timestamp at(int second) {
  return parse_rfc3339("2026-11-30T04:00:00Z").value() + std::chrono::seconds{second};
}

traced_message message(int second, const std::string& name, const std::string& from, const std::string& to) {
  traced_message made;
  made.at = at(second);
  made.name = name;
  made.from = from;
  made.to = to;
  return made;
}

noted_messages noted(const std::string& node, std::uint64_t before, std::vector<traced_message> messages) {
  return {node, "process of " + node, at(0), before, std::move(messages)};
}

std::vector<std::string> names(const std::vector<trace_line>& lines) {
  std::vector<std::string> all;
  for (const auto& line : lines)
    all.push_back(line.name);
  return all;
}

struct fixture {
  trace_story story{patience};
  trace_story::time_point now{};
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("what several nodes and the log say stands in the order of time") {
  story.add({{noted("order-1", 0, {message(3, "third", {}, traced_order)}),
              noted("inventory-1", 0, {message(1, "first", traced_order, sold_product)})},
             {}},
            now);
  stored_event event;
  event.at = at(2);
  event.stream = traced_order;
  event.type = "order.stock_reserved";
  event.node = "order-1";
  story.add(event, now);
  // Some that are older may still come.
  CHECK(story.take_due(now).empty());
  story.add({{noted("payment-1", 0, {message(0, "before all", traced_order, {})})}, {}}, now + patience / 2);
  CHECK_EQ(names(story.take_due(now + patience)),
           (std::vector<std::string>{"before all", "first", "order.stock_reserved", "third"}));
  CHECK(story.take_all().empty());
}

SCENARIO("lines wait for those that may be older, but not for later ones, and what is left comes in the end") {
  story.add(trace_line{at(1), "step", "early", {}}, now);
  story.add(trace_line{at(2), "step", "late", {}}, now + patience / 2);
  CHECK_EQ(names(story.take_due(now + patience)), std::vector<std::string>{"early"});
  CHECK_EQ(names(story.take_all()), std::vector<std::string>{"late"});
}

SCENARIO("the next question says what was seen of each node") {
  story.add({{noted("a", 0, {message(1, "x", {}, traced_order), message(2, "y", {}, traced_order)}), //
              noted("b", 0, {})},
             {}},
            now);
  story.add({{noted("a", 2, {message(3, "z", {}, traced_order)})}, {}}, now);
  REQUIRE_EQ(story.seen().size(), 2u);
  CHECK_EQ(story.seen()[0].node, "a");
  CHECK_EQ(story.seen()[0].count, 3u);
  CHECK_EQ(story.seen()[1].count, 0u);
  CHECK_EQ(names(story.take_all()), (std::vector<std::string>{"x", "y", "z"}));
}

SCENARIO("messages that a node has dropped are counted, and a node that was started anew has dropped none") {
  story.add({{noted("a", 0, {message(1, "x", {}, traced_order)})}, {}}, now);
  story.add({{noted("a", 41, {message(2, "y", {}, traced_order)})}, {}}, now);
  auto lines = story.take_all();
  CHECK_EQ(names(lines), (std::vector<std::string>{"x", "40 messages", "y"}));
  CHECK_EQ(lines[1].kind, "dropped");
  CHECK_EQ(lines[1].node, "a");
  auto again = noted("a", 0, {message(3, "z", {}, traced_order)});
  again.since = at(3);
  story.add({{again}, {}}, now);
  CHECK_EQ(names(story.take_all()), std::vector<std::string>{"z"});
  CHECK_EQ(story.seen().front().count, 1u);
}

SCENARIO("a message from another node names that node, whichever of the two answers first") {
  auto from_elsewhere = message(1, "reserve_stock", {}, sold_product);
  from_elsewhere.from_process = "process of order-1";
  auto from_nowhere = message(2, "get_order", {}, traced_order);
  from_nowhere.from_process = "process of nobody";
  story.add({{noted("inventory-1", 0, {from_elsewhere, from_nowhere}), noted("order-1", 0, {})}, {}}, now);
  const auto lines = story.take_all();
  REQUIRE_EQ(lines.size(), 2u);
  CHECK_EQ(lines[0].from_node, "order-1");
  CHECK_EQ(lines[0].node, "inventory-1");
  CHECK_EQ(lines[1].from_node, "unknown");
}

SCENARIO("a node that is left out is named once for each reason") {
  const message_trace lacking{{}, {{"a", "it cannot be reached"}}};
  CHECK_EQ(story.add(lacking, now).size(), 1u);
  CHECK_EQ(story.add(lacking, now).size(), 0u);
  CHECK_EQ(story.add({{}, {{"a", "it traces 8 orders already"}}}, now).size(), 1u);
}

SCENARIO("in a table what belongs to the order goes by its kind, and the columns line up") {
  trace_line line{at(1), "answer", "reserve_stock", "reserved", "order-1"};
  line.from = sold_product;
  line.to = traced_order;
  line.outcome = "ok";
  const auto text = render(line, traced_order, output_format::table);
  const auto heading = trace_heading(output_format::table);
  CHECK_EQ(text, "04:00:01.000000  answer   product 5t9qra  order           reserve_stock             order-1     "
                 "ok: reserved\n");
  for (const auto& [column, cell] :
       {std::pair{"FROM", "product"}, {"TO", "order "}, {"NODE", "order-1"}, {"RESULT", "ok"}})
    CHECK_EQ(heading.find(column), text.find(cell));
  line.from.clear();
  line.from_node = "gateway-1";
  line.to = "pay_00000000000000000001.2";
  CHECK(render(line, traced_order, output_format::table).find("node gateway-1  payment 2 ") != std::string::npos);
  line.to = "dlv_00000000000000000001";
  CHECK(render(line, traced_order, output_format::table).find("  delivery  ") != std::string::npos);
}

SCENARIO("JSON and CSV have all of a line, with whole ids") {
  trace_line line{at(1), "message", "reserve_stock", {}, "inventory-1"};
  line.from = traced_order;
  line.from_node = "order-1";
  line.to = sold_product;
  const auto json = boost::json::parse(render(line, traced_order, output_format::jsonl));
  CHECK_EQ(json.at("at").as_string(), "2026-11-30T04:00:01.000000Z");
  CHECK_EQ(json.at("kind").as_string(), "message");
  CHECK_EQ(json.at("to").as_string(), sold_product);
  CHECK_EQ(json.at("from_node").as_string(), "order-1");
  CHECK(json.at("outcome").is_null());
  CHECK_EQ(render(line, traced_order, output_format::json), render(line, traced_order, output_format::jsonl));
  CHECK_EQ(trace_heading(output_format::csv), "at,kind,name,node,from,from_node,to,outcome,detail\n");
  CHECK_EQ(render(line, traced_order, output_format::csv),
           "2026-11-30T04:00:01.000000Z,message,reserve_stock,inventory-1," + traced_order + ",order-1," + sold_product
             + ",,\n");
  CHECK(trace_heading(output_format::json).empty());
}

END_FIXTURE_SCOPE()
