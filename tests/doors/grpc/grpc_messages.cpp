#include "doors/grpc/binding.hpp"
#include "doors/grpc/message_json.hpp"
#include "doors/grpc/services.hpp"
#include "doors/grpc/status.hpp"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <waybill/v1/delivery_service.pb.h>
#include <waybill/v1/event_service.pb.h>
#include <waybill/v1/notification_service.pb.h>
#include <waybill/v1/options.pb.h>
#include <waybill/v1/order_service.pb.h>
#include <waybill/v1/payment_service.pb.h>

#include <google/protobuf/descriptor.h>

#include <limits>
#include <map>
#include <set>
#include <stdexcept>

#define CAF_SUITE doors.grpc_messages
#include <caf/test/bdd_dsl.hpp>

using namespace waybill::grpc_door;
namespace v1 = waybill::v1;

namespace {

const google::protobuf::MethodDescriptor& method(const std::string& name) {
  for (const auto* known : all_methods())
    if (known->name() == name)
      return *known;
  throw std::out_of_range{name};
}

http_request request_of(const std::string& name, const google::protobuf::Message& message) {
  http_request made;
  http_answer refusal;
  if (!binding{method(name)}.make_request(message, made, refusal))
    made.target = "refused: " + refusal.body;
  return made;
}

std::map<std::string, std::string> headers_of(const http_request& made) {
  return {made.headers.begin(), made.headers.end()};
}

v1::PlaceOrderRequest two_teas() {
  v1::PlaceOrderRequest order;
  auto& line = *order.add_lines();
  line.set_product_id("prd_1");
  line.set_quantity(2);
  order.mutable_payment()->set_method("card");
  order.mutable_payment()->set_token("tok_ok");
  order.mutable_delivery()->set_name("Ada \"A\"");
  order.mutable_delivery()->set_address("1 Main Street");
  return order;
}

google::rpc::Status rich(const ::grpc::Status& status) {
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  return details;
}

template <class Message>
Message details_of(const ::grpc::Status& status) {
  Message wanted;
  const auto all = rich(status);
  for (const auto& any : all.details())
    if (any.Is<Message>())
      any.UnpackTo(&wanted);
  return wanted;
}

} // namespace

SCENARIO("a message becomes the body of its route, with the API's names and numbers") {
  auto order = two_teas();
  const auto made = request_of("PlaceOrder", order);
  CHECK_EQ(made.method + ' ' + made.target, "POST /v1/orders");
  CHECK_EQ(made.body, R"({"lines":[{"product_id":"prd_1","quantity":2}],"payment":{"method":"card","token":"tok_ok"},)"
                      R"("delivery":{"name":"Ada \"A\"","address":"1 Main Street"}})");
  CHECK_EQ(headers_of(made), (std::map<std::string, std::string>{{"Content-Type", "application/json"}}));
  order.set_note("");
  order.mutable_lines(0)->set_quantity(0);
  const auto zero = request_of("PlaceOrder", order);
  // What has no absence is said also when it is empty: the route judges it.
  CHECK(zero.body.find(R"("quantity":0)") != std::string::npos);
  CHECK(zero.body.find(R"("note":"")") != std::string::npos);
}

SCENARIO("a 64-bit amount is a number, not a text") {
  v1::RefundOrderRequest refund;
  refund.set_order_id("ord_1");
  refund.mutable_amount()->set_amount(9'007'199'254'740'993);
  refund.mutable_amount()->set_currency("EUR");
  refund.set_reason("torn");
  const auto made = request_of("RefundOrder", refund);
  CHECK_EQ(made.target, "/v1/orders/ord_1/refunds");
  CHECK_EQ(made.body, R"({"amount":{"amount":9007199254740993,"currency":"EUR"},"reason":"torn"})");
}

SCENARIO("fields with a header go into it") {
  v1::RefundOrderRequest refund;
  refund.set_order_id("ord_1");
  refund.set_idempotency_key("k 1");
  refund.set_expected_version(7);
  const auto headers = headers_of(request_of("RefundOrder", refund));
  CHECK_EQ(headers.at("Idempotency-Key"), "k 1");
  CHECK_EQ(headers.at("If-Match"), "\"7\"");
  auto order = two_teas();
  order.set_wait_seconds(9);
  CHECK_EQ(headers_of(request_of("PlaceOrder", order)).at("Prefer"), "wait=9");
}

SCENARIO("a field cannot lead to another path") {
  v1::GetOrderRequest get;
  get.set_order_id("../me?x=1#%");
  CHECK_EQ(request_of("GetOrder", get).target, "/v1/orders/..%2Fme%3Fx%3D1%23%25");
  v1::WatchOrderRequest watch;
  watch.set_order_id("ord_1&customer=x");
  watch.set_after("7-1");
  CHECK_EQ(request_of("WatchOrder", watch).target, "/v1/events/stream?order=ord_1%26customer%3Dx&after=7-1");
}

SCENARIO("a request without the id of its resource is refused with the name of the field") {
  const auto made = request_of("GetOrder", v1::GetOrderRequest{});
  CHECK(made.target.starts_with("refused: "));
  const auto status = to_status({422, {}, made.target.substr(9)});
  CHECK(status.error_code() == ::grpc::StatusCode::INVALID_ARGUMENT);
  CHECK_EQ(details_of<google::rpc::BadRequest>(status).field_violations(0).field(), "order_id");
}

SCENARIO("parameters say what was set; several values of one field are several parameters") {
  v1::ListOrdersRequest list;
  CHECK_EQ(request_of("ListOrders", list).target, "/v1/orders");
  list.add_status(v1::ORDER_STATUS_NEEDS_ATTENTION);
  list.add_status(v1::ORDER_STATUS_PLACED);
  list.mutable_created_after()->set_seconds(1'700'000'000);
  list.mutable_created_after()->set_nanos(5'000);
  list.set_limit(20);
  CHECK_EQ(request_of("ListOrders", list).target,
           "/v1/orders?status=needs_attention&status=placed&created_after=2023-11-14T22%3A13%3A20.000005Z&limit=20");
}

SCENARIO("what a route has in its query already stays there") {
  v1::StreamNotificationsRequest stream;
  CHECK_EQ(request_of("StreamNotifications", stream).target, "/v1/events/stream?type=notification.sent");
  stream.set_customer("cus_1&type=*");
  stream.set_after("7-1");
  CHECK_EQ(request_of("StreamNotifications", stream).target,
           "/v1/events/stream?type=notification.sent&customer=cus_1%26type%3D%2A&after=7-1");
}

SCENARIO("times out of range and words that nobody knows reach the route as what it refuses") {
  v1::ListOrdersRequest list;
  list.mutable_created_after()->set_seconds(std::numeric_limits<std::int64_t>::max());
  list.add_status(static_cast<v1::OrderStatus>(77));
  CHECK_EQ(request_of("ListOrders", list).target, "/v1/orders?status=77&created_after=out%20of%20range");
}

SCENARIO("an answer becomes the message, whatever else is in it") {
  const http_answer answer{201,
                           {{"Idempotent-Replayed", "true"}},
                           R"({"id":"ord_1","status":"needs_attention","payment_status":"from a later version",
                               "lines":[{"product_id":"prd_1","quantity":2,"total":{"amount":950,"currency":"EUR"}}],
                               "refunded":null,"note":7,"created_at":"2023-11-14T22:13:20.000005Z","version":3,
                               "new member":{"of":["a","later","version"]}})"};
  v1::PlaceOrderResponse response;
  binding{method("PlaceOrder")}.read_answer(answer, response);
  const auto& order = response.order();
  CHECK(response.idempotent_replayed());
  CHECK_EQ(order.id(), "ord_1");
  CHECK(order.status() == v1::ORDER_STATUS_NEEDS_ATTENTION);
  CHECK(order.payment_status() == v1::PAYMENT_STATUS_UNSPECIFIED);
  CHECK_EQ(order.lines(0).total().amount(), 950);
  CHECK(!order.has_refunded());
  CHECK_EQ(order.note(), "");
  CHECK_EQ(order.created_at().seconds(), 1'700'000'000);
  CHECK_EQ(order.created_at().nanos(), 5'000);
  CHECK_EQ(order.version(), 3u);
}

SCENARIO("a page has its items and no cursor at its end") {
  v1::ListOrdersResponse page;
  binding{method("ListOrders")}.read_answer(
    {200, {}, R"({"items":[{"id":"ord_1"},{"id":"ord_2"}],"next_cursor":null})"}, page);
  CHECK_EQ(page.items_size(), 2);
  CHECK(!page.has_next_cursor());
}

SCENARIO("data of events keep their form") {
  v1::ListEventsResponse page;
  binding{method("ListEvents")}.read_answer(
    {200,
     {},
     R"({"items":[{"type":"order.placed","data":{"n":7,"x":-1.5,"ok":true,"none":null,"list":[{"a":"b"}]}}]})"},
    page);
  const auto& data = page.items(0).data().fields();
  CHECK_EQ(data.at("n").number_value(), 7.0);
  CHECK_EQ(data.at("x").number_value(), -1.5);
  CHECK(data.at("ok").bool_value());
  CHECK(data.at("none").has_null_value());
  CHECK_EQ(data.at("list").list_value().values(0).struct_value().fields().at("a").string_value(), "b");
}

SCENARIO("words and values of enums belong together") {
  const auto& payment = *v1::Payment::Status_descriptor();
  CHECK_EQ(number_of(payment, "partially_refunded"), static_cast<int>(v1::Payment::STATUS_PARTIALLY_REFUNDED));
  CHECK_EQ(word_of(*payment.FindValueByName("STATUS_PARTIALLY_REFUNDED")), "partially_refunded");
  CHECK_EQ(number_of(payment, "unspecified"), 0);
  CHECK_EQ(word_of(*payment.FindValueByNumber(0)), "");
}

SCENARIO("a problem becomes a status with all that it says") {
  const auto status = to_status({422,
                                 {},
                                 R"({"code":"validation_failed","detail":"wrong values","request_id":"req_1",
                                     "errors":[{"pointer":"/lines/0/quantity","detail":"too small"}]})"});
  CHECK(status.error_code() == ::grpc::StatusCode::INVALID_ARGUMENT);
  CHECK_EQ(status.error_message(), "wrong values");
  CHECK_EQ(rich(status).code(), static_cast<int>(status.error_code()));
  CHECK_EQ(details_of<google::rpc::ErrorInfo>(status).reason(), "VALIDATION_FAILED");
  CHECK_EQ(details_of<google::rpc::RequestInfo>(status).request_id(), "req_1");
  CHECK_EQ(details_of<google::rpc::BadRequest>(status).field_violations(0).field(), "lines[0].quantity");
  const auto later = to_status({429, {{"Retry-After", "9"}}, R"({"code":"rate_limited"})"});
  CHECK_EQ(details_of<google::rpc::RetryInfo>(later).retry_delay().seconds(), 9);
  CHECK(to_status({200, {}, {}}).ok());
  CHECK(to_status({500, {}, "no JSON"}).error_code() == ::grpc::StatusCode::INTERNAL);
}

SCENARIO("codes say whether trying again may help") {
  using enum ::grpc::StatusCode;
  CHECK(code_of(409, "conflict") == ABORTED);
  CHECK(code_of(409, "idempotency_in_progress") == ABORTED);
  CHECK(code_of(409, "illegal_transition") == FAILED_PRECONDITION);
  CHECK(code_of(412, "version_mismatch") == ABORTED);
  CHECK(code_of(410, "cursor_expired") == OUT_OF_RANGE);
  CHECK(code_of(503, "overloaded") == UNAVAILABLE);
  CHECK(code_of(418, "") == INTERNAL);
}

SCENARIO("the address of a client is read from what gRPC calls its peer") {
  CHECK_EQ(address_in("ipv4:127.0.0.1:50000"), "127.0.0.1");
  CHECK_EQ(address_in("ipv6:%5B2001:db8::1%5D:50000"), "2001:db8::1");
  CHECK_EQ(address_in("ipv6:[::1]:50000"), "::1");
  CHECK_EQ(address_in("unix:/run/x"), "");
  CHECK_EQ(address_in(""), "");
}

SCENARIO("every method has a route, whose fields its request has") {
  std::set<std::string> names;
  for (const auto* known : all_methods()) {
    CHECK(names.insert(known->name()).second);
    const auto& route = known->options().GetExtension(v1::route);
    CHECK(!route.empty());
    if (known->client_streaming())
      continue;
    for (auto open = route.find('{'); open != std::string::npos; open = route.find('{', open + 1)) {
      const auto name = route.substr(open + 1, route.find('}', open) - open - 1);
      CHECK(known->input_type()->FindFieldByName(name) != nullptr);
    }
    for (int i = 0; i < known->input_type()->field_count(); ++i)
      if (const auto* field = known->input_type()->field(i); field->options().HasExtension(v1::header))
        CHECK(field->has_presence());
  }
  CHECK_EQ(names.size(), 24u);
}
