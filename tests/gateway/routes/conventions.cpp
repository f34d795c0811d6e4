#include "domain/json/codec.hpp"
#include "domain/order/order.hpp"
#include "tests/gateway/support/support.hpp"

#define CAF_SUITE gateway.conventions
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

/// A request that must be refused, and how.
struct bad_input {
  std::string about;
  std::string method;
  std::string target;
  std::string body;
  header_list headers;
  unsigned status;
  std::string code;
  /// Of the first error; empty when there are none.
  std::string pointer;
};

std::string product_with(std::string_view members) {
  return R"({"sku":"a","name":"b","price":{"amount":1,"currency":"EUR"},"on_hand":1)" + std::string{members} + '}';
}

std::string first_pointer(const answer& from) {
  const auto json = from.json();
  const auto* errors = json.as_object().if_contains("errors");
  return errors ? std::string{errors->at(0).at("pointer").as_string()} : std::string{};
}

} // namespace

SCENARIO("every bad input gets its problem and nothing else") {
  fixture f;
  const std::string order = "/v1/orders/ord_00000000000000000000";
  const std::string deep = std::string(40, '[') + std::string(40, ']');
  const std::string big = "{\"a\":\"" + std::string(300'000, 'x') + "\"}";
  const std::vector<bad_input> table{
    {"no JSON", "POST", "/v1/orders", "{", {}, 400, "invalid_json", ""},
    {"trailing octets", "POST", "/v1/orders", "{} {}", {}, 400, "invalid_json", ""},
    {"a name twice", "POST", "/v1/products", product_with(R"(,"sku":"c")"), {}, 400, "invalid_json", ""},
    {"an escaped name twice", "POST", "/v1/products", product_with(R"(,"s\u006bu":"c")"), {}, 400, "invalid_json", ""},
    {"the empty name twice", "POST", "/v1/products", R"({"":1,"":2})", {}, 400, "invalid_json", ""},
    {"too deep", "POST", "/v1/orders", deep, {}, 400, "invalid_json", ""},
    {"not UTF-8", "POST", "/v1/orders", "{\"a\":\"\xC0\x80\"}", {}, 400, "invalid_json", ""},
    {"no body", "POST", "/v1/orders", "", {{"Content-Type", "application/json"}}, 400, "invalid_json", ""},
    {"null", "POST", "/v1/orders", "null", {}, 422, "validation_failed", ""},
    {"an array", "POST", "/v1/products", "[]", {}, 422, "validation_failed", ""},
    {"another type", "POST", "/v1/orders", "a=b", {{"Content-Type", "text/plain"}}, 415, "unsupported_media_type", ""},
    {"compressed", "POST", "/v1/orders", "{}", {{"Content-Encoding", "gzip"}}, 415, "unsupported_media_type", ""},
    {"too large", "POST", "/v1/orders", big, {}, 413, "payload_too_large", ""},
    {"unknown field", "POST", "/v1/products", product_with(R"(,"x/y":1)"), {}, 422, "validation_failed", "/x~1y"},
    {"missing field",
     "POST",
     "/v1/products",
     R"({"sku":"a","name":"b","on_hand":1})",
     {},
     422,
     "validation_failed",
     "/price"},
    {"wrong type",
     "POST",
     "/v1/products/prd_00000000000000000000/stock",
     R"({"delta":"1","reason":"x"})",
     {},
     422,
     "validation_failed",
     "/delta"},
    {"a fraction",
     "POST",
     "/v1/products/prd_00000000000000000000/stock",
     R"({"delta":1.5,"reason":"x"})",
     {},
     422,
     "validation_failed",
     "/delta"},
    {"out of range",
     "POST",
     "/v1/products/prd_00000000000000000000/stock",
     R"({"delta":99999999999999999999,"reason":"x"})",
     {},
     422,
     "validation_failed",
     "/delta"},
    {"a NUL",
     "POST",
     "/v1/products/prd_00000000000000000000/stock",
     R"({"delta":1,"reason":"a\u0000"})",
     {},
     422,
     "validation_failed",
     "/reason"},
    {"an empty order",
     "POST",
     "/v1/orders",
     R"({"lines":[],"payment":{"method":"m","token":"t"},"delivery":{"name":"n","address":"a"}})",
     {},
     422,
     "validation_failed",
     "/lines"},
    {"too many of one",
     "POST",
     "/v1/orders",
     order_body(product_id{"prd_00000000000000000000"}, 10'001),
     {},
     422,
     "validation_failed",
     "/lines/0/quantity"},
    {"unknown product",
     "POST",
     "/v1/orders",
     order_body(product_id{"prd_00000000000000000000"}),
     {},
     422,
     "validation_failed",
     "/lines/0/product_id"},
    {"an empty key", "POST", "/v1/orders", "{}", {{"Idempotency-Key", "\"\""}}, 400, "validation_failed", ""},
    {"a long key",
     "POST",
     "/v1/orders",
     "{}",
     {{"Idempotency-Key", std::string(256, 'k')}},
     400,
     "validation_failed",
     ""},
    {"no such path", "GET", "/v1/nothing", "", {}, 404, "not_found", ""},
    {"a trailing slash", "GET", "/v1/orders/", "", {}, 404, "not_found", ""},
    {"no such order", "GET", order, "", {}, 404, "not_found", ""},
    {"not an id", "GET", "/v1/orders/prd_1", "", {}, 404, "not_found", ""},
    {"bad escape", "GET", "/v1/orders/%zz", "", {}, 400, "validation_failed", ""},
    {"NUL in the path", "GET", "/v1/orders/%00", "", {}, 400, "validation_failed", ""},
    {"limit too small", "GET", "/v1/orders?limit=0", "", {}, 400, "validation_failed", "/limit"},
    {"limit too large", "GET", "/v1/products?limit=201", "", {}, 400, "validation_failed", "/limit"},
    {"limit no number", "GET", "/v1/products?limit=1x", "", {}, 400, "validation_failed", "/limit"},
    {"a bad cursor", "GET", "/v1/orders?cursor=abc", "", {}, 400, "validation_failed", "/cursor"},
    {"unknown status", "GET", "/v1/orders?status=lost", "", {}, 400, "validation_failed", "/status"},
    {"no time", "GET", "/v1/orders?created_after=yesterday", "", {}, 400, "validation_failed", "/created_after"},
    {"unknown parameter", "GET", "/v1/orders?statsu=placed", "", {}, 400, "validation_failed", "/statsu"},
    {"a parameter twice", "GET", "/v1/orders?limit=1&limit=2", "", {}, 400, "validation_failed", "/limit"},
    {"a bad position", "GET", "/v1/events?after=7", "", {}, 400, "validation_failed", "/after"},
    {"a bad position", "GET", "/v1/events/stream?after=7", "", {}, 400, "validation_failed", "/after"},
    {"a bad type", "GET", "/v1/events?type=Order", "", {}, 400, "validation_failed", "/type"},
    {"no reason", "POST", order + "/cancel", "{}", {}, 422, "validation_failed", "/reason"},
    {"a foreign ETag", "DELETE", order, "", {{"If-Match", "\"abc\""}}, 412, "version_mismatch", ""},
    {"no upgrade", "GET", "/v1/ws", "", {}, 426, "validation_failed", ""},
    {"no scenarios", "GET", "/v1/scenarios", "", {}, 404, "not_found", ""},
    {"a long target", "GET", "/" + std::string(9'000, 'a'), "", {}, 414, "payload_too_large", ""},
    {"a large head", "GET", "/", "", {{"X-Large", std::string(20'000, 'a')}}, 431, "payload_too_large", ""},
  };
  for (const auto& row : table) {
    MESSAGE(row.about);
    const auto got = f.send(row.method, row.target, row.body, row.headers);
    CHECK_EQ(got.status, row.status);
    CHECK_EQ(got.header("Content-Type"), "application/problem+json");
    CHECK_EQ(got.text("code"), row.code);
    CHECK_EQ(got.text("request_id"), got.header("X-Request-Id"));
    CHECK_EQ(first_pointer(got), row.pointer);
    CHECK(got.json().at("status").as_int64() == row.status && !got.text("title").empty() && !got.text("type").empty());
  }
  CHECK(f.state->orders.empty());
}

SCENARIO("C5: a whole number may be written as JSON Schema has it, and is exact") {
  fixture f;
  const auto priced = [&](const std::string& amount) {
    return f.send("POST", "/v1/products",
                  R"({"sku":"s)" + amount + R"(","name":"b","price":{"amount":)" + amount
                    + R"(,"currency":"EUR"},"on_hand":1})");
  };
  CHECK_EQ(priced("100.0").json().at("price").at("amount").as_int64(), 100);
  CHECK_EQ(priced("1e2").json().at("price").at("amount").as_int64(), 100);
  CHECK_EQ(priced("-0.0").json().at("price").at("amount").as_int64(), 0);
  for (const std::string wrong : {"100.5", "1e-2", "1e30", "9007199254740993.0", "1e400"})
    CHECK(priced(wrong).status == 422u || priced(wrong).status == 400u);
}

SCENARIO("C5: a parameter with an empty value counts as one that was left out, whichever it is") {
  fixture f;
  for (const std::string target :
       {"/v1/orders?status=&customer_id=&created_after=&created_before=&sort=&limit=&cursor=",
        "/v1/products?q=&cursor=", "/v1/notifications?unread=&limit=&customer_id=&id=",
        "/v1/events?after=&type=&stream=", "/v1/deliveries?status="})
    CHECK_EQ(f.send("GET", target).status, 200u);
  f.send("GET", "/v1/orders?status=");
  CHECK(f.state->order_lists.back().statuses.empty());
  // Unknown parameters stay errors.
  CHECK_EQ(f.send("GET", "/v1/orders?statsu=").status, 400u);
}

SCENARIO("C5: a cursor is valid for its own list, and for no other") {
  fixture f;
  f.state->page.more = true;
  f.state->page.states = {encode(placed_order("ord_00000000000000000001"))};
  const auto cursor_of = [&](const std::string& query) {
    return f.send("GET", "/v1/orders" + query).text("next_cursor");
  };
  const auto placed = cursor_of("?status=placed");
  const auto ask = [&](const std::string& query) { return f.send("GET", "/v1/orders" + query); };
  CHECK_EQ(ask("?status=placed&cursor=" + placed).status, 200u);
  CHECK_EQ(ask("?cursor=" + placed + "&status=placed&limit=3").status, 200u);
  for (const std::string other : {"", "status=completed&", "status=placed&sort=created_at&",
                                  "status=placed&created_after=2026-01-01T00:00:00Z&"}) {
    const auto refused = ask("?" + other + "cursor=" + placed);
    CHECK_EQ(refused.status, 400u);
    CHECK_EQ(first_pointer(refused), "/cursor");
  }
  CHECK_EQ(ask("?cursor=" + cursor_of("")).status, 200u);
}

SCENARIO("octets that are not HTTP get 400 and the end of the connection") {
  fixture f;
  for (std::string_view octets :
       {"nonsense\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/9.1\r\nHost: localhost\r\n\r\n"}) {
    connection client{f.port()};
    client.write(octets);
    const auto got = client.read();
    CHECK_EQ(got.status, 400u);
    CHECK_EQ(got.text("code"), "validation_failed");
  }
}

SCENARIO("an unsupported method of a path is 405 with the supported ones") {
  fixture f;
  const auto refused = f.send("PUT", "/v1/orders");
  CHECK_EQ(refused.status, 405u);
  CHECK_EQ(refused.text("code"), "method_not_allowed");
  CHECK_EQ(refused.header("Allow"), "POST, GET, HEAD, OPTIONS");
  CHECK_EQ(f.send("OPTIONS", "/v1/orders").status, 204u);
  CHECK_EQ(f.send("OPTIONS", "/v1/orders").header("Allow"), "POST, GET, HEAD, OPTIONS");
}

SCENARIO("HEAD gives the headers of GET without the body") {
  fixture f;
  connection client{f.port()};
  const auto get = client.send("GET", "/version");
  const auto head = client.send("HEAD", "/version");
  CHECK_EQ(head.status, 200u);
  CHECK_EQ(head.header("Content-Length"), std::to_string(get.body.size()));
  CHECK(head.body.empty());
  CHECK_EQ(client.send("GET", "/version").body, get.body);
}

SCENARIO("C2: HEAD of a stream, or of a route without a page, answers as GET") {
  fixture f;
  const auto stream = f.send("HEAD", "/v1/events/stream");
  CHECK_EQ(stream.status, 200u);
  CHECK_EQ(stream.header("Content-Type"), "text/event-stream");
  CHECK_EQ(stream.header("Content-Length"), "");
  CHECK_EQ(f.send("HEAD", "/v1/ws").status, 426u);
  CHECK_EQ(f.send("HEAD", "/v1/ws").header("Upgrade"), "websocket");
  CHECK_EQ(f.send("HEAD", "/v1/ws").header("Sec-WebSocket-Version"), "13");
  CHECK_EQ(stream.header("X-Accel-Buffering"), "no");
  for (const auto* wrong : {"after=garbage", "type=BAD!", "foo=1"})
    CHECK_EQ(f.send("HEAD", std::string{"/v1/events/stream?"} + wrong).status, 400u);
}

SCENARIO("every answer has the security headers, a request id and a trace") {
  fixture f;
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  for (std::string target : {"/", "/v1/nothing", "/version"}) {
    const auto got = f.send("GET", target, {}, {{"X-Request-Id", "abc-1"}, {"traceparent", trace}});
    CHECK_EQ(got.header("X-Request-Id"), "abc-1");
    CHECK_EQ(got.header("traceparent"), trace);
    CHECK_EQ(got.header("X-Content-Type-Options"), "nosniff");
    CHECK_EQ(got.header("X-Frame-Options"), "DENY");
    CHECK_EQ(got.header("Referrer-Policy"), "no-referrer");
    CHECK_EQ(got.header("Content-Security-Policy").find("unsafe"), std::string::npos);
    CHECK(!got.header("Content-Security-Policy").empty() && !got.header("Date").empty());
  }
  CHECK_EQ(f.send("GET", "/v1/nothing").header("Cache-Control"), "no-store");
  CHECK(f.send("GET", "/version", {}, {{"X-Request-Id", "a b"}}).header("X-Request-Id").starts_with("req_"));
}

SCENARIO("pages of other origins are refused unless they are on the list") {
  fixture f{[](gateway_config& config) { config.allowed_origins = {"https://shop.example"}; }};
  const auto good = f.send("OPTIONS", "/v1/orders", {}, {{"Origin", "https://shop.example"}});
  CHECK_EQ(good.header("Access-Control-Allow-Origin"), "https://shop.example");
  CHECK_EQ(good.header("Access-Control-Allow-Methods"), "POST, GET, HEAD, OPTIONS");
  const auto bad = f.send("OPTIONS", "/v1/orders", {}, {{"Origin", "https://evil.example"}});
  CHECK_EQ(bad.header("Access-Control-Allow-Origin"), "");
}

SCENARIO("a foreign host name that resolves to this machine is refused") {
  fixture f;
  for (std::string_view name : {"evil.example", "evil.example:4000", "10.0.0.1", "127.0.0.1.evil.example"}) {
    connection client{f.port()};
    client.write("GET /v1/orders HTTP/1.1\r\nHost: " + std::string{name} + "\r\n\r\n");
    CHECK_EQ(client.read().text("code"), "forbidden");
  }
  for (std::string_view name : {"localhost:4000", "127.0.0.1", "[::1]:4000"}) {
    connection client{f.port()};
    client.write("GET /healthz HTTP/1.1\r\nHost: " + std::string{name} + "\r\n\r\n");
    CHECK_EQ(client.read().status, 200u);
  }
}

SCENARIO("pipelined requests on one connection are answered in their order") {
  fixture f;
  connection client{f.port()};
  client.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /v1/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"
               "GET /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  CHECK_EQ(client.read().status, 200u);
  CHECK_EQ(client.read().status, 404u);
  CHECK_EQ(client.read().text("node"), "test-node");
  CHECK(client.ended());
}

SCENARIO("a request with Expect: 100-continue gets 100 Continue") {
  fixture f;
  connection client{f.port()};
  client.write("POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
               "Expect: 100-continue\r\n\r\n");
  client.read_until("HTTP/1.1 100 Continue\r\n\r\n");
  client.write("{}");
  CHECK_EQ(client.read().status, 422u);
}

SCENARIO("requests above the limit are refused at once, except those for health and metrics") {
  fixture f{[](gateway_config& config) {
    config.max_in_flight = 1;
    config.attempt_timeout = config.request_timeout = std::chrono::seconds{3};
  }};
  f.state->silent_orders = true;
  connection first{f.port()};
  first.write("GET /v1/orders/ord_00000000000000000000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  connection second{f.port()};
  answer metrics;
  do
    metrics = second.send("GET", "/metrics");
  while (metrics.body.find("waybill_http_requests_in_flight 2") == std::string::npos);
  const auto refused = second.send("GET", "/v1/products");
  CHECK_EQ(refused.status, 503u);
  CHECK_EQ(refused.text("code"), "overloaded");
  CHECK_EQ(refused.header("Retry-After"), "1");
  CHECK_EQ(second.send("GET", "/healthz").status, 200u);
  CHECK_EQ(first.read().text("code"), "unavailable");
  f.state->silent_orders = false;
  CHECK_EQ(second.send("GET", "/v1/products").status, 200u);
}

SCENARIO("a connection above the limit gets an answer that says so") {
  fixture f{[](gateway_config& config) { config.max_connections = 1; }};
  connection first{f.port()};
  CHECK_EQ(first.send("GET", "/healthz").status, 200u);
  connection second{f.port()};
  const auto refused = second.read();
  CHECK_EQ(refused.status, 503u);
  CHECK_EQ(refused.text("code"), "overloaded");
}

SCENARIO("a request that does not end in time is 408, an idle connection just ends") {
  fixture f{[](gateway_config& config) {
    config.header_timeout = std::chrono::milliseconds{50};
    config.idle_timeout = std::chrono::seconds{2};
  }};
  connection slow{f.port()};
  slow.write("GET / HT");
  CHECK_EQ(slow.read().status, 408u);
  connection idle{f.port()};
  CHECK(idle.ended());
}

SCENARIO("only loopback is served without authentication") {
  gateway_config config;
  CHECK_EQ(config.validate(), "");
  config.address = "0.0.0.0";
  CHECK_NE(config.validate(), "");
  config.insecure = true;
  CHECK_EQ(config.validate(), "");
  config.insecure = false;
  config.auth_required = true;
  CHECK_EQ(config.validate(), "");
  config.address = "localhost";
  CHECK_NE(config.validate(), "");
}
