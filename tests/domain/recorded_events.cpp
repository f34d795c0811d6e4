// Events as earlier versions of the program wrote them. They stay here for ever: add lines, never change one.

#include "domain/bulk/bulk_action.hpp"
#include "domain/function/function.hpp"
#include "domain/user.hpp"
#include "domain/sink/sink.hpp"
#include "domain/webhook/endpoint.hpp"
#include "tests/domain/story.hpp"

#include <array>
#include <set>

#define CAF_SUITE domain.recorded_events
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

struct recorded {
  std::string_view type;
  std::uint16_t schema;
  std::string_view data;
};

constexpr std::array order_events{
  recorded{
    "order.placed", 1,
    R"({"order":"ord_1","customer":"cus_1","lines":[{"product":"prd_1","sku":"TEA","name":"Tea","quantity":2,"unit_price":{"amount":500,"currency":"EUR"}}],"total":{"amount":1000,"currency":"EUR"},"payment":{"method":"card","token":"tok_ok"},"delivery":{"name":"Ada","address":"1 Main Street"},"note":"ring twice","fingerprint":"abc","step_by":"2026-11-21T04:00:30.000000Z"})"},
  recorded{"order.stock_reserved", 1, R"({"step_by":"2026-11-21T04:01:00.000000Z"})"},
  recorded{"order.payment_unknown", 1, "{}"},
  recorded{"order.payment_authorized", 1, R"({"amount":{"amount":1000,"currency":"EUR"}})"},
  recorded{"order.confirmed", 1, R"({"step_by":"2026-11-21T04:02:00.000000Z"})"},
  recorded{"order.fulfillment_started", 1, R"({"delivery":"dlv_1","step_by":"2026-11-21T04:32:00.000000Z"})"},
  recorded{"order.delivered", 1, R"({"courier":"cur_1","step_by":"2026-11-21T04:37:00.000000Z"})"},
  recorded{"order.payment_captured", 1, R"({"amount":{"amount":1000,"currency":"EUR"}})"},
  recorded{"order.completed", 1, "{}"},
  recorded{"order.stock_rejected", 1,
           R"({"product":"prd_1","requested":2,"available":1,"step_by":"2026-11-21T04:05:00.000000Z"})"},
  recorded{"order.payment_declined", 1, R"({"reason":"card_declined","step_by":"2026-11-21T04:05:00.000000Z"})"},
  recorded{"order.rejected", 1, R"({"reason":"out_of_stock"})"},
  recorded{"order.cancel_requested", 1,
           R"({"reason":"too slow","undeliverable":false,"step_by":"2026-11-21T04:05:00.000000Z"})"},
  recorded{"order.cancel_refused", 1,
           R"({"delivery":"dlv_1","reason":"a courier is under way","step_by":"2026-11-21T04:35:00.000000Z"})"},
  recorded{"order.compensated", 1,
           R"({"voided":{"amount":1000,"currency":"EUR"},"refunded":{"amount":0,"currency":"EUR"}})"},
  recorded{"order.cancelled", 1, R"({"reason":"too slow"})"},
  recorded{"order.needs_attention", 1, R"({"step":"capture_payment","reason":"provider_refused"})"},
  recorded{
    "order.retried", 1,
    R"({"to":"fulfilling","step":"capture_payment","reason":"the bank is back","intent":"abc","step_by":"2026-11-21T04:42:00.000000Z"})"},
  recorded{
    "order.resolved", 1,
    R"({"outcome":"completed","reason":"paid in cash","payment":"voided","voided":{"amount":1000,"currency":"EUR"},"captured":{"amount":0,"currency":"EUR"},"fulfillment":"delivered"})"},
  recorded{"order.confirmed", 1,
           R"({"step_by":"2026-11-21T04:02:20.000000Z","dispatch_at":"2026-11-21T04:01:20.000000Z"})"},
  recorded{
    "order.refund_requested", 1,
    R"({"refund":"rfd_1","amount":{"amount":300,"currency":"EUR"},"whole":false,"reason":"one is broken","by":{"kind":"operator","id":"usr_1"}})"},
  recorded{"order.refunded", 1, R"({"refund":"rfd_1","amount":{"amount":300,"currency":"EUR"}})"},
  recorded{"order.refund_declined", 1, R"({"refund":"rfd_2","reason":"account_closed"})"},
  recorded{"order.held", 1,
           R"({"by":{"kind":"operator","id":"usr_1"},"reason":"looks odd","until":"2026-11-21T05:40:00.000000Z"})"},
  recorded{"order.released", 1,
           R"({"by":{"kind":"operator","id":"usr_1"},"reason":"all is well","step_by":"2026-11-21T04:12:00.000000Z"})"},
  recorded{"order.changed", 1, R"({"delivery":{"name":"Ada","address":"2 Main Street"}})"},
  recorded{"order.changed", 1, R"({"note":"ring once"})"},
  recorded{
    "order.revision_requested", 1,
    R"({"number":1,"lines":[{"product":"prd_1","sku":"TEA","name":"Tea","quantity":3,"unit_price":{"amount":500,"currency":"EUR"}}],"total":{"amount":1500,"currency":"EUR"},"pays":true,"note":"ring once","intent":"abc","step_by":"2026-11-21T04:13:00.000000Z"})"},
  recorded{
    "order.revised", 1,
    R"({"number":1,"lines":[{"product":"prd_1","sku":"TEA","name":"Tea","quantity":3,"unit_price":{"amount":500,"currency":"EUR"}}],"total":{"amount":1500,"currency":"EUR"},"step_by":"2026-11-21T04:18:00.000000Z"})"},
  recorded{
    "order.revision_refused", 1,
    R"({"number":2,"because":"out_of_stock","detail":"of prd_1 1 are available","step_by":"2026-11-21T04:18:00.000000Z"})"},
  recorded{"order.revision_closed", 1, R"({"number":1,"step_by":"2026-11-21T04:19:00.000000Z"})"},
  recorded{
    "order.payment_provided", 1,
    R"({"payment":{"method":"card","token":"tok_ok"},"intent":"abc","fingerprint":"def","by":{"kind":"customer","id":"usr_1"},"step_by":"2026-11-21T04:20:00.000000Z"})"},
  recorded{
    "order.placed", 1,
    R"({"order":"ord_1","customer":"cus_1","lines":[{"product":"prd_1","sku":"TEA","name":"Tea","quantity":2,"unit_price":{"amount":500,"currency":"EUR"}}],"total":{"amount":1000,"currency":"EUR"},"payment":{"method":"deferred","token":""},"delivery":{"name":"Ada","address":"1 Main Street"},"note":"","fingerprint":"abc","step_by":"2026-11-21T04:00:30.000000Z","pays_later":true})"},
  recorded{
    "order.placed", 1,
    R"({"order":"ord_1","customer":"cus_1","lines":[{"product":"prd_1","sku":"TEA","name":"Tea","quantity":2,"unit_price":{"amount":500,"currency":"EUR"}}],"total":{"amount":1000,"currency":"EUR"},"payment":{"method":"card","token":"tok_ok"},"delivery":{"name":"Ada","address":"1 Main Street"},"note":"","fingerprint":"abc","step_by":"2026-11-21T04:00:30.000000Z","metadata":{"shop.id":"7","tier":"gold"}})"},
};

constexpr std::array product_events{
  recorded{"product.created", 1,
           R"({"product":"prd_1","sku":"TEA","name":"Tea","price":{"amount":500,"currency":"EUR"},"on_hand":10})"},
  recorded{"product.changed", 1, R"({"sku":"TEA","name":"Green tea","price":{"amount":550,"currency":"EUR"}})"},
  recorded{"product.withdrawn", 1, "{}"},
  recorded{"stock.adjusted", 1, R"({"delta":-3,"reason":"lost"})"},
  recorded{"stock.adjusted", 1, R"({"delta":2,"reason":"found","adjustment":"adj_1"})"},
  recorded{
    "stock.reserved", 1,
    R"({"order":"ord_1","quantity":2,"expires_at":"2026-11-21T06:00:00.000000Z","reserve_by":"2026-11-21T04:00:30.000000Z"})"},
  recorded{"stock.rejected", 1,
           R"({"order":"ord_2","quantity":9,"available":5,"reserve_by":"2026-11-21T04:00:30.000000Z"})"},
  recorded{"stock.released", 1, R"({"order":"ord_3","quantity":0,"reserve_by":"2026-11-21T04:00:30.000000Z"})"},
  recorded{"stock.committed", 1, R"({"order":"ord_1","quantity":2})"},
  recorded{"stock.expired", 1, R"({"order":"ord_4","quantity":1})"},
  recorded{"stock.low", 1, R"({"available":4})"},
};

constexpr std::array payment_events{
  recorded{
    "payment.intent_recorded", 1,
    R"({"payment":"pay_1","order":"ord_1","customer":"cus_1","operation":"authorize","key":"pay_1/authorize","amount":{"amount":1000,"currency":"EUR"},"method":"card","token":"tok_ok"})"},
  recorded{"payment.unknown", 1, R"({"operation":"authorize","key":"pay_1/authorize"})"},
  recorded{"payment.authorized", 1, R"({"amount":{"amount":1000,"currency":"EUR"},"reference":"ref_1"})"},
  recorded{"payment.declined", 1, R"({"operation":"void_authorization","reason":"expired"})"},
  recorded{"payment.captured", 1, R"({"amount":{"amount":1000,"currency":"EUR"}})"},
  recorded{"payment.voided", 1, R"({"amount":{"amount":1000,"currency":"EUR"},"payment":"pay_1"})"},
  recorded{"payment.refunded", 1, R"({"amount":{"amount":1000,"currency":"EUR"}})"},
  recorded{
    "payment.intent_recorded", 1,
    R"({"payment":"pay_1","order":"ord_1","customer":"cus_1","operation":"refund","key":"pay_1/refund/rfd_1","amount":{"amount":300,"currency":"EUR"},"method":"card","token":"tok_ok","refund":"rfd_1"})"},
  recorded{"payment.refunded", 2, R"({"amount":{"amount":300,"currency":"EUR"},"refund":"rfd_1"})"},
};

constexpr std::array delivery_events{
  recorded{
    "delivery.requested", 1,
    R"({"delivery":"dlv_1","order":"ord_1","customer":"cus_01jd0000000000000000","name":"Ada","address":"1 Main Street"})"},
  recorded{"delivery.offered", 1, R"({"attempt":1,"courier":"cur_1","step_by":"2026-11-21T04:02:02.000000Z"})"},
  recorded{"delivery.offered", 1,
           R"({"attempt":1,"courier":"cur_1","step_by":"2026-11-21T04:03:00.000000Z","to_person":true})"},
  recorded{"delivery.declined", 1, R"({"attempt":1,"courier":"cur_1","reason":"busy"})"},
  recorded{"delivery.assigned", 1, R"({"attempt":2,"courier":"cur_2","step_by":"2026-11-21T04:02:12.000000Z"})"},
  recorded{"delivery.started", 1, R"({"attempt":2,"courier":"cur_2","step_by":"2026-11-21T04:12:00.000000Z"})"},
  recorded{"delivery.aborted", 1, R"({"attempt":2,"courier":"cur_2","reason":"flat tyre"})"},
  recorded{"delivery.completed", 1, R"({"attempt":3,"courier":"cur_3"})"},
  recorded{"delivery.failed", 1, R"({"reason":"no courier completed it"})"},
  recorded{"delivery.cancelled", 1, R"({"delivery":"dlv_1"})"},
  recorded{"delivery.cancelled", 2, R"({"delivery":"dlv_1","courier":"cur_1"})"},
};

constexpr std::array bulk_action_events{
  recorded{
    "bulk_action.started", 1,
    R"({"bulk_action":"blk_1","action":"resolve","outcome":"completed","reason":"paid in cash","dry_run":false,"more":true,"by":{"kind":"operator","id":"usr_1"},"correlation":"req_1","traceparent":"","orders":["ord_1","ord_2"],"fingerprint":"abc"})"},
  recorded{"bulk_action.orders_begun", 1, R"({"orders":[{"order":"ord_1","version":7}]})"},
  recorded{
    "bulk_action.orders_ended", 1,
    R"({"results":[{"order":"ord_1","code":"","detail":""},{"order":"ord_2","code":"not_found","detail":"there is no order ord_2"}]})"},
  recorded{"bulk_action.stop_requested", 1, R"({"by":{"kind":"operator","id":"usr_2"}})"},
  recorded{"bulk_action.ended", 1, R"({"stopped":true})"},
};

constexpr std::array function_events{
  recorded{
    "function.registered", 1,
    R"({"function":"fun_discount","name":"discount","number":2,"source":"return input // 10","digest":"ab12","by":{"kind":"admin","id":"usr_1"}})"},
  recorded{"function.rolled_back", 1, R"({"number":1,"by":{"kind":"admin","id":"usr_1"}})"},
  recorded{
    "function.registered", 1,
    R"({"function":"fun_discount","name":"discount","number":3,"source":"return nil","digest":"ab12","by":{"kind":"admin","id":"usr_1"},"triggers":["order.*"],"guard":{"on_failure":"refuse"},"triggers_after":"00000000000000000000000007"})"},
  recorded{"function.rolled_back", 1,
           R"({"number":1,"by":{"kind":"admin","id":"usr_1"},"triggers_after":"00000000000000000000000007"})"},
  recorded{"function.removed", 1, R"({"by":{"kind":"admin","id":"usr_2"}})"},
};

constexpr std::array sink_events{
  recorded{
    "sink.created", 1,
    R"({"sink":"snk_1","target":{"url":"amqps://a.example","destination":"waybill.events","user":"waybill"},"types":["order.*"],"description":"ERP"})"},
  recorded{"sink.updated", 1,
           R"({"target":{"url":"redis://b","destination":"orders","user":""},"types":["*"],"description":""})"},
  recorded{"sink.password_changed", 1, "{}"},
  recorded{"sink.disabled", 1, "{}"},
  recorded{"sink.enabled", 1, "{}"},
  recorded{"sink.failing", 1, R"({"since":"2026-11-22T04:02:02.000000Z","last_error":"no connection to b:6379"})"},
  recorded{"sink.recovered", 1, "{}"},
  recorded{"sink.deleted", 1, "{}"}};

constexpr std::array webhook_events{
  recorded{"webhook.created", 1,
           R"({"webhook":"whk_1","url":"https://a.example/hook","types":["order.*"],"description":"ERP"})"},
  recorded{"webhook.updated", 1, R"({"url":"https://b.example","types":["*"],"description":""})"},
  recorded{"webhook.secret_rotated", 1, R"({"previous_until":"2026-11-22T04:02:02.000000Z"})"},
  recorded{"webhook.disabled", 1, R"({"reason":"gone"})"},
  recorded{"webhook.failing", 1, R"({"since":"2026-11-22T04:02:02.000000Z","last_error":"the receiver answered 500"})"},
  recorded{"webhook.recovered", 1, "{}"},
  recorded{"webhook.enabled", 1, "{}"},
  recorded{"webhook.replay_requested", 1,
           R"({"after":"00000000000000000000000001","before":"00000000000000000000000009","types":["order.placed"]})"},
  recorded{"webhook.replayed", 1, "{}"},
  recorded{"webhook.deleted", 1, "{}"},
  recorded{"webhook.purged", 1, "{}"},
};

constexpr std::array courier_events{
  recorded{"courier.added", 1, R"({"courier":"cur_1","user":"usr_1","name":"Ann","capacity":2})"},
  recorded{"courier.changed", 1, R"({"name":"Ann","capacity":3})"},
  recorded{"courier.went_online", 1, "{}"},
  recorded{"courier.went_offline", 1, "{}"},
  recorded{"courier.removed", 1, "{}"},
  recorded{"courier.assigned", 1, R"({"delivery":"dlv_1","attempt":2})"},
  recorded{"courier.released", 1, R"({"delivery":"dlv_1","attempt":2})"},
};

constexpr std::array user_events{
  recorded{"user.registered", 1, R"({"user":"usr_1","roles":["customer"]})"},
  recorded{"user.changed", 1, R"({"fields":["name","password"]})"},
  recorded{"user.roles_changed", 1, R"({"roles":["customer","operator"]})"},
  recorded{"user.disabled", 1, "{}"},
  recorded{"user.enabled", 1, "{}"},
  recorded{"user.session_started", 1,
           R"({"session":"ses_1","family_hash":"aa","token_hash":"bb","expires_at":"2026-12-21T04:00:00.000000Z"})"},
  recorded{"user.session_refreshed", 1,
           R"({"session":"ses_1","token_hash":"cc","expires_at":"2026-12-21T04:15:00.000000Z","retried":false})"},
  recorded{"user.session_ended", 1, R"({"session":"ses_1","reason":"logged_out"})"},
  recorded{"user.password_reset_allowed", 1, R"({"expires_at":"2026-11-21T03:40:22.000001Z"})"},
};

/// Checks that each line can be read, loses nothing by it, and that no type of event is left out.
template <class Event, std::size_t Size>
void check_readable(const std::array<recorded, Size>& lines) {
  std::set<std::size_t> seen;
  for (const auto& line : lines) {
    const auto event = decode_event<Event>(line.type, line.schema, line.data);
    CHECK_EQ(event ? "" : event.error().detail, "");
    if (!event)
      continue;
    seen.insert(event->index());
    const auto again = encode_event(*event);
    CHECK_EQ(again.type, line.type);
    if (again.schema == line.schema)
      CHECK_EQ(again.data, line.data);
  }
  CHECK_EQ(seen.size(), std::variant_size_v<Event>);
}

} // namespace

SCENARIO("every recorded event of an order is readable") {
  check_readable<order::event>(order_events);
}

SCENARIO("every recorded event of a product is readable") {
  check_readable<product::event>(product_events);
}

SCENARIO("every recorded event of a payment is readable") {
  check_readable<payment::event>(payment_events);
}

SCENARIO("every recorded event of a delivery is readable") {
  check_readable<delivery::event>(delivery_events);
}

SCENARIO("every recorded event of a courier is readable") {
  check_readable<courier::event>(courier_events);
}

SCENARIO("an older cancellation, which names no courier, gives the same delivery as before") {
  delivery::state job;
  job.status = delivery::status::assigned;
  job.courier = courier_id{"cur_1"};
  apply(job, *decode_event<delivery::event>("delivery.cancelled", 1, R"({"delivery":"dlv_1"})"), timestamp{});
  CHECK(job.tried.empty());
  CHECK(job.courier.empty());
}

SCENARIO("every recorded event of a sink is readable") {
  check_readable<sink::event>(sink_events);
}

SCENARIO("every recorded event of a webhook endpoint is readable") {
  check_readable<webhook::event>(webhook_events);
}

SCENARIO("every recorded event of a bulk action is readable") {
  check_readable<bulk::event>(bulk_action_events);
}

SCENARIO("every recorded event of a function is readable") {
  check_readable<function::event>(function_events);
}

SCENARIO("every recorded event of a user is readable") {
  check_readable<user::event>(user_events);
}

SCENARIO("the recorded events of an order give the same order as when they were recorded") {
  order::state order;
  for (std::size_t i = 0; i < 9; ++i)
    apply(order, *decode_event<order::event>(order_events[i].type, order_events[i].schema, order_events[i].data),
          *parse_rfc3339("2026-11-21T04:00:00Z"));
  CHECK_EQ(
    encode(order),
    R"({"id":"ord_1","customer":"cus_1","status":"completed","payment_status":"captured","fulfillment_status":"delivered","lines":[{"product":"prd_1","sku":"TEA","name":"Tea","quantity":2,"unit_price":{"amount":500,"currency":"EUR"}}],"total":{"amount":1000,"currency":"EUR"},"payment":{"method":"card","token":"tok_ok"},"delivery":{"name":"Ada","address":"1 Main Street"},"note":"ring twice","fingerprint":"abc","stock_reserved":false,"authorized":{"amount":1000,"currency":"EUR"},"captured":{"amount":1000,"currency":"EUR"},"refunded":{"amount":0,"currency":"EUR"},"courier":"cur_1","reason":"","created_at":"2026-11-21T04:00:00.000000Z","updated_at":"2026-11-21T04:00:00.000000Z","version":9})");
}

SCENARIO("a stored order of an older version is readable") {
  const auto order = decode<order::state>(R"({"id":"ord_1","status":"needs_attention","version":4})");
  REQUIRE(order.has_value());
  CHECK(order->status == order::status::needs_attention);
  CHECK_EQ(order->version, 4u);
}

SCENARIO("a stored order that ended before its payment was requested reads as voided now") {
  for (const auto* status : {"rejected", "cancelled"}) {
    const auto order = decode<order::state>(std::string{R"({"id":"ord_1","payment_status":"pending",)"}
                                            + R"("fulfillment_status":"none","version":4,"status":")" + status + "\"}");
    REQUIRE(order.has_value());
    CHECK(order->payment_status == order::payment_status::voided);
    CHECK(order->fulfillment_status == order::fulfillment_status::cancelled);
  }
  const auto placed = decode<order::state>(R"({"id":"ord_1","status":"placed","payment_status":"pending"})");
  CHECK(placed->payment_status == order::payment_status::pending);
}

SCENARIO("an order that an older program left in needs_attention can be retried and resolved") {
  const auto now = *parse_rfc3339("2026-11-21T04:00:00Z");
  for (const auto& [fulfillment, to] : {std::pair{"delivered", order::status::fulfilling},
                                        {"requested", order::status::fulfilling},
                                        {"failed", order::status::cancelling}}) {
    auto order = decode<order::state>(
      std::string{R"({"id":"ord_1","status":"needs_attention","reason":"stuck","version":4,"fulfillment_status":")"}
      + fulfillment + "\"}");
    REQUIRE(order.has_value());
    const auto events = decide(*order, order::retry{"", "again"}, now, {});
    REQUIRE(events.has_value());
    auto retried = *order;
    apply(retried, events->front(), now);
    CHECK(retried.status == to);
    CHECK(decide(*order, order::resolve{order::status::cancelled, "done"}, now, {}).has_value());
  }
}
