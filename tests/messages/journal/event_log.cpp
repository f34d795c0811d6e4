#include "messages/journal/event_log.hpp"

#include "domain/order/order_streams.hpp"

#define CAF_SUITE messages.event_log
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

stored_event an_event(std::string stream, std::string type, std::string data = "{}") {
  stored_event event;
  event.stream = std::move(stream);
  event.type = std::move(type);
  event.customer = "cus_1";
  event.data = std::move(data);
  return event;
}

} // namespace

SCENARIO("an order's filter selects its own events and those of its payments and its delivery") {
  const event_filter filter{.types = {}, .stream = {}, .order = "ord_0a", .customer = {}};
  for (const auto* stream : {"ord_0a", "pay_0a", "pay_0a.1", "pay_0a.12", "dlv_0a"})
    CHECK(matches(filter, an_event(stream, "any")));
  for (const auto* stream : {"ord_0b", "pay_0ab", "dlv_0a.1", "ord_0a.1", "prd_0a", "ord_"})
    CHECK(!matches(filter, an_event(stream, "any")));
  CHECK_EQ(further_payments_of("ord_0a"), "pay_0a.");
  CHECK_EQ(further_payments_of("prd_0a"), "");
}

SCENARIO("a type is exact, or a prefix and a star") {
  const event_filter filter{.types = {"order.*", "stock.low"}, .stream = {}, .order = {}, .customer = {}};
  CHECK(matches(filter, an_event("ord_1", "order.placed")));
  CHECK(matches(filter, an_event("prd_1", "stock.low")));
  CHECK(!matches(filter, an_event("prd_1", "stock.reserved")));
  CHECK(!matches(filter, an_event("ord_1", "orders")));
}

SCENARIO("a courier's filter selects their stream and the deliveries that name them, and no similar text") {
  const event_filter filter{.types = {}, .stream = {}, .order = {}, .customer = {}, .courier = "cur_1"};
  CHECK(matches(filter, an_event("cur_1", "courier.changed")));
  CHECK(matches(filter, an_event("dlv_1", "delivery.offered", R"({"attempt":1,"courier":"cur_1"})")));
  CHECK(!matches(filter, an_event("dlv_1", "delivery.offered", R"({"attempt":1,"courier":"cur_2"})")));
  CHECK(!matches(filter,
                 an_event("dlv_1", "delivery.declined", R"({"courier":"cur_2","reason":"\"courier\":\"cur_1\""})")));
}

SCENARIO("G11: a position keeps its generation and its digest in its text, and the texts sort by generation") {
  const log_position old{9, 9};
  const log_position replaced{1, 2, 1'700'000'000'000, 0xabcdef01};
  CHECK(old < replaced);
  CHECK_LT(to_string(old), to_string(replaced));
  CHECK_EQ(to_string(replaced), "g018bcfe5680000000000000010000000000002abcdef01");
  const auto read = parse_log_position(to_string(replaced));
  REQUIRE(read.has_value());
  CHECK_EQ(read->generation, replaced.generation);
  CHECK_EQ(read->check, replaced.check);
  CHECK(*read == replaced);
  CHECK_EQ(to_string(replaced.bare()), "00000000000010000000000002");
  // Each position has exactly one text.
  CHECK(!parse_log_position("g0000000000000000000000001000000000000200000000"));
  CHECK(!parse_log_position(to_string(replaced) + "0"));
  CHECK(!parse_log_position(to_string(replaced).substr(0, 46)));
  CHECK(!parse_log_position("g"));
}

SCENARIO("G11: events have digests of their own, and none is zero") {
  const auto at = timestamp{std::chrono::seconds{1'700'000'000}};
  const auto check = event_check("ord_1", 1, at);
  CHECK_NE(check, 0u);
  CHECK_NE(check, event_check("ord_2", 1, at));
  CHECK_NE(check, event_check("ord_1", 2, at));
  CHECK_NE(check, event_check("ord_1", 1, at + std::chrono::microseconds{1}));
  CHECK_EQ(check, event_check("ord_1", 1, at));
}

SCENARIO("positions sort as their texts do, and other texts are refused") {
  const log_position early{1, 2};
  const log_position late{1, 16};
  CHECK(early < late);
  CHECK_LT(to_string(early), to_string(late));
  CHECK(parse_log_position(to_string(late)) == late);
  for (const auto* text :
       {"", "1", "0000000000001000000000000G", "000000000000100000000000010", "000000000000A0000000000002"})
    CHECK(!parse_log_position(text));
}
