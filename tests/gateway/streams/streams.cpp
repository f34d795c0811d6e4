#include "tests/gateway/support/support.hpp"

#define CAF_SUITE gateway.streams
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

std::string start_text() {
  return to_string(log_position{});
}

std::string position_of(const boost::json::value& frame) {
  return std::string{frame.at("event").at("position").as_string()};
}

std::string type_of(const boost::json::value& frame) {
  return std::string{frame.at("type").as_string()};
}

} // namespace

SCENARIO("the log is read page by page, and a page leads to the next") {
  fixture f;
  for (int i = 0; i < 3; ++i)
    f.log_event("order.placed", "ord_1");
  f.log_event("stock.low");
  const auto first = f.send("GET", "/v1/events?limit=2&type=order.*");
  CHECK_EQ(first.json().at("items").as_array().size(), 2u);
  CHECK_EQ(first.text("next_cursor"), to_string(position(2)));
  CHECK_EQ(first.header("Link"),
           "</v1/events?limit=2&type=order.%2A&after=" + to_string(position(2)) + ">; rel=\"next\"");
  const auto second = f.send("GET", "/v1/events?type=order.*&after=" + first.text("next_cursor"));
  CHECK_EQ(second.json().at("items").as_array().size(), 1u);
  CHECK_EQ(second.json().at("items").at(0).at("id").as_string(), "evt_ord_1.3");
  const auto last = f.send("GET", "/v1/events?after=" + to_string(position(2)));
  CHECK_EQ(last.json().at("items").as_array().size(), 2u);
  CHECK(last.json().at("next_cursor").is_null());
}

SCENARIO("a stream of Server-Sent Events continues after Last-Event-ID") {
  fixture f;
  for (int i = 0; i < 3; ++i)
    f.log_event("order.placed", "ord_1");
  connection client{f.port()};
  client.write("GET /v1/events/stream?after=" + start_text()
               + " HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: " + to_string(position(2)) + "\r\n\r\n");
  const auto replayed = client.read_until("evt_ord_1.3");
  CHECK(replayed.find("text/event-stream") != std::string::npos);
  CHECK_EQ(replayed.find("evt_ord_1.2"), std::string::npos);
  f.log_event("order.confirmed", "ord_1");
  CHECK(client.read_until("evt_ord_1.4").find("id: " + to_string(position(4))) != std::string::npos);
}

SCENARIO("a stream from `latest` shows only new events") {
  fixture f;
  f.log_event("order.placed", "ord_1");
  connection client{f.port()};
  client.write("GET /v1/events/stream?after=latest HTTP/1.1\r\nHost: localhost\r\n\r\n");
  client.read_until("retry:");
  f.log_event("order.confirmed", "ord_1");
  CHECK_EQ(client.read_until("evt_ord_1.2").find("evt_ord_1.1\""), std::string::npos);
}

SCENARIO("a stream says where to resume from before its first event, and when nothing fits its filter for long") {
  fixture f{[](gateway_config& config) { config.heartbeat = std::chrono::milliseconds{50}; }};
  f.log_event("order.placed", "ord_1");
  connection latest{f.port()};
  latest.write("GET /v1/events/stream?after=latest&type=user.* HTTP/1.1\r\nHost: localhost\r\n\r\n");
  latest.read_until("id: " + to_string(position(1)) + "\nretry:");
  f.log_event("order.confirmed", "ord_1");
  latest.read_until("id: " + to_string(position(2)) + "\n: alive");
  connection whole{f.port()};
  whole.write("GET /v1/events/stream?after=earliest&type=user.* HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK_EQ(whole.read_until("retry:").find("id: "), std::string::npos);
}

SCENARIO("a subscription replays from its position and then continues live, without a gap") {
  fixture f;
  for (int i = 0; i < 250; ++i)
    f.log_event(i % 2 == 0 ? "order.placed" : "stock.low", "ord_1");
  web_socket client{f.port()};
  client.send(R"({"type":"subscribe","id":"s","filter":{"types":["order.*"],"order":"ord_1"},"after":")" + start_text()
              + "\"}");
  const auto subscribed = client.read();
  CHECK_EQ(type_of(subscribed), "subscribed");
  CHECK_EQ(subscribed.at("position").as_string(), start_text());
  for (std::uint64_t i = 1; i < 250; i += 2)
    CHECK_EQ(position_of(client.read()), to_string(position(i)));
  f.log_event("order.confirmed", "ord_2");
  f.log_event("order.confirmed", "ord_1");
  const auto live = client.read();
  CHECK_EQ(live.at("id").as_string(), "s");
  CHECK_EQ(position_of(live), to_string(position(252)));
}

SCENARIO("a socket carries several subscriptions, and an ended one gets no more events") {
  fixture f{[](gateway_config& config) { config.max_subscriptions = 2; }};
  web_socket client{f.port()};
  client.send(R"({"type":"subscribe","id":"a","filter":{"types":["order.placed"]}})");
  CHECK_EQ(type_of(client.read()), "subscribed");
  client.send(R"({"type":"subscribe","id":"b","after":"latest"})");
  CHECK_EQ(type_of(client.read()), "subscribed");
  client.send(R"({"type":"subscribe","id":"c"})");
  CHECK_EQ(client.read().at("code").as_string(), "overloaded");
  client.send(R"({"type":"unsubscribe","id":"b"})");
  CHECK_EQ(type_of(client.read()), "unsubscribed");
  f.log_event("stock.low");
  f.log_event("order.placed");
  CHECK_EQ(client.read().at("id").as_string(), "a");
  client.send(R"({"type":"ping"})");
  CHECK_EQ(type_of(client.read()), "pong");
}

SCENARIO("the third frame that breaks the rules ends the connection with 1008") {
  fixture f;
  web_socket client{f.port()};
  client.send("nonsense");
  CHECK_EQ(client.read().at("code").as_string(), "invalid_json");
  client.send(R"({"type":"subscribe","id":"a","filter":{"colour":"red"}})");
  const auto refused = client.read();
  CHECK_EQ(refused.at("code").as_string(), "validation_failed");
  CHECK_EQ(refused.at("id").as_string(), "a");
  client.send(R"({"type":"subscribe","id":"a","after":"yesterday"})");
  CHECK_EQ(client.read().at("code").as_string(), "validation_failed");
  CHECK_EQ(client.read_close_code(), 1008u);
}

SCENARIO("each of three bad frames gets its error before the end, however quickly they come") {
  fixture f;
  web_socket client{f.port()};
  for (const auto* frame : {"nonsense", "[]", R"({"type":"dance"})", R"({"type":"ping"})"})
    client.send(frame);
  CHECK_EQ(client.read().at("code").as_string(), "invalid_json");
  CHECK_EQ(client.read().at("code").as_string(), "validation_failed");
  CHECK_EQ(client.read().at("code").as_string(), "validation_failed");
  CHECK_EQ(client.read_close_code(), 1008u);
}

SCENARIO("unknown members are refused in every frame") {
  fixture f;
  for (const auto* frame : {R"({"type":"ping","a":1})", R"({"type":"unsubscribe","id":"s","a":1})",
                            R"({"type":"subscribe","id":"s","a":1})", R"({"type":"auth","token":"t","a":1})",
                            R"({"type":"auth","a":1})", R"({"type":"ping","type":"ping"})"}) {
    web_socket client{f.port()};
    client.send(frame);
    const auto refused = client.read();
    CHECK_EQ(type_of(refused), "error");
    CHECK(refused.at("code").as_string() == "validation_failed" || refused.at("code").as_string() == "invalid_json");
  }
}

SCENARIO("only pages of our own host may open the socket") {
  fixture f;
  web_socket own{f.port(), {{"Origin", "http://127.0.0.1:1"}}};
  own.send(R"({"type":"ping"})");
  CHECK_EQ(type_of(own.read()), "pong");
  try {
    web_socket foreign{f.port(), {{"Origin", "http://evil.example"}}};
    CAF_ERROR("a page of another origin was let in");
  } catch (const std::exception&) {
    CHECK(true);
  }
}

SCENARIO("a shutdown closes sockets with 1012 and ends streams and idle connections") {
  fixture f;
  connection idle{f.port()};
  CHECK_EQ(idle.send("GET", "/healthz").status, 200u);
  connection stream{f.port()};
  stream.write("GET /v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  stream.read_until("retry:");
  web_socket client{f.port()};
  client.send(R"({"type":"subscribe","id":"a"})");
  CHECK_EQ(type_of(client.read()), "subscribed");
  f.server->request_stop();
  CHECK_EQ(client.read_close_code(), 1012u);
  CHECK(idle.ended());
  stream.read_until("");
  CHECK(stream.ended());
  f.server->join();
}

SCENARIO("a request under way at the shutdown is still answered") {
  fixture f{[](gateway_config& config) { config.attempt_timeout = config.request_timeout = std::chrono::seconds{3}; }};
  f.state->silent_orders = true;
  connection client{f.port()};
  client.write("GET /v1/orders/ord_00000000000000000000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  connection other{f.port()};
  while (other.send("GET", "/metrics").body.find("in_flight 2") == std::string::npos) {
  }
  f.server->request_stop();
  const auto got = client.read();
  CHECK_EQ(got.status, 503u);
  CHECK_EQ(got.header("Connection"), "close");
  f.server->join();
}

SCENARIO("a subscriber that does not read is closed with 1013 and delays no other") {
  fixture f{[](gateway_config& config) { config.write_timeout = std::chrono::seconds{1}; }};
  web_socket stuck{f.port(), {}, 4096};
  stuck.send(R"({"type":"subscribe","id":"a","after":")" + start_text() + "\"}");
  web_socket lively{f.port()};
  lively.send(R"({"type":"subscribe","id":"b"})");
  CHECK_EQ(type_of(lively.read()), "subscribed");
  // More than the buffers of both ends hold; the last one is behind the time when the writer was held up.
  {
    const auto data = event_data("order.placed", "ord_1", std::string(30'000, 'x'));
    std::lock_guard guard{f.state->mutex};
    for (std::uint64_t i = 1; i <= 300; ++i) {
      stored_event event;
      event.position = position(i);
      event.stream = "ord_1";
      event.version = i;
      event.type = "order.placed";
      event.data = data;
      f.state->log.push_back(std::move(event));
    }
  }
  f.log_event("order.completed");
  while (position_of(lively.read()) != to_string(position(301))) {
  }
  const auto since = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - since < std::chrono::seconds{2})
    f.send("GET", "/healthz");
  CHECK_EQ(stuck.read_close_code(), 1013u);
}
