#include "persistence/rows/further_events.hpp"

#include <stdexcept>

#define CAF_SUITE persistence.further_events
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

std::string to_array(const std::vector<further_event>& events) {
  std::string array;
  for (const auto& event : events)
    add_further(array, event);
  close_further(array);
  return array;
}

} // namespace

SCENARIO("the further events of a row are read as they were written") {
  const std::string data = R"({"note":"a } \" ] \\","list":[1,{"x":"{["}],"empty":{},"number":-7})";
  const std::string meta = R"({"correlation":"req_\u00e9"})";
  further_event plain;
  plain.type = "order.confirmed";
  plain.data = "{}";
  further_event other;
  other.type = "stock.reserved";
  other.schema = 2;
  other.later = std::chrono::microseconds{-3};
  other.order = "ord_\"1\"";
  other.customer = "";
  other.meta = meta;
  other.data = data;
  const auto array = to_array({plain, other, plain});
  const auto read = parse_further(array);
  REQUIRE_EQ(read.size(), 3u);
  for (const auto* same : {&read[0], &read[2]}) {
    CHECK_EQ(same->type, "order.confirmed");
    CHECK_EQ(same->schema, 1u);
    CHECK_EQ(same->later.count(), 0);
    CHECK(!same->order && !same->customer && !same->meta);
    CHECK_EQ(same->data, "{}");
  }
  CHECK_EQ(read[1].type, "stock.reserved");
  CHECK_EQ(read[1].schema, 2u);
  CHECK_EQ(read[1].later.count(), -3);
  CHECK_EQ(*read[1].order, "ord_\"1\"");
  CHECK_EQ(*read[1].customer, "");
  CHECK_EQ(*read[1].meta, meta);
  CHECK_EQ(read[1].data, data);
  CHECK(parse_further("").empty());
}

SCENARIO("members that a newer program added are ignored") {
  const auto read = parse_further(R"([{"type":"a","new":{"x":[1]},"schema":3,"data":{"y":1}}])");
  REQUIRE_EQ(read.size(), 1u);
  CHECK_EQ(read[0].schema, 3u);
  CHECK_EQ(read[0].data, R"({"y":1})");
}

SCENARIO("a text that was cut or has another form is refused") {
  further_event event;
  event.type = "order.confirmed";
  event.order = "ord_1";
  event.data = R"({"note":"a\\\"b","list":[1]})";
  const auto array = to_array({event, event});
  for (std::size_t size = 1; size < array.size(); ++size)
    CHECK_THROWS_AS(parse_further(array.substr(0, size)), std::runtime_error);
  for (const auto* text :
       {"{}", "[", "]", "[]x", "[{}]", R"([{"type":"a"}])", R"([{"data":{}}])", R"([{"type":1,"data":{}}])",
        R"([{"type":"a","schema":"1","data":{}}])", R"([{"type":"a","schema":1 ,"data":{}}])", "[null]", "x"})
    CHECK_THROWS_AS(parse_further(text), std::runtime_error);
}
