// Old events were removed: a read from before them is refused, in each of the three ways of reading.

#include "tests/gateway/support/support.hpp"

#define CAF_SUITE gateway.cursor_expired
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

/// Ten events, of which the first four are gone.
struct shortened : fixture {
  shortened() {
    for (int i = 0; i < 10; ++i)
      log_event("order.placed", "ord_1");
    remove_events(4);
  }
};

std::string subscribe(const std::string& id, const std::string& after) {
  return R"({"type":"subscribe","id":")" + id + R"(","after":")" + after + "\"}";
}

std::string_view word(const boost::json::value& frame, std::string_view member) {
  const auto& text = frame.at(member).as_string();
  return {text.data(), text.size()};
}

} // namespace

SCENARIO("a page of events before the horizon is 410, and one without a position begins with the oldest event") {
  shortened f;
  for (const auto number : {0u, 1u, 3u}) {
    const auto refused = f.send("GET", "/v1/events?after=" + to_string(position(number)));
    CHECK_EQ(refused.status, 410u);
    CHECK_EQ(refused.text("code"), "cursor_expired");
    CHECK(refused.text("detail").find("earliest") != std::string::npos);
    CHECK_EQ(refused.header("Content-Type"), "application/problem+json");
  }
  CHECK_EQ(f.send("GET", "/v1/events?after=" + to_string(position(4))).json().at("items").as_array().size(), 6u);
  for (const std::string target : {"/v1/events", "/v1/events?after=earliest", "/v1/events?after="}) {
    const auto page = f.send("GET", target);
    CHECK_EQ(page.status, 200u);
    CHECK_EQ(page.json().at("items").at(0).at("position").as_string(), to_string(position(5)));
  }
}

SCENARIO("a stream of Server-Sent Events from before the horizon is 410 at its beginning") {
  shortened f;
  const auto refused = f.send("GET", "/v1/events/stream", {}, {{"Last-Event-ID", to_string(position(2))}});
  CHECK_EQ(refused.status, 410u);
  CHECK_EQ(refused.text("code"), "cursor_expired");
  CHECK_EQ(f.send("GET", "/v1/events/stream?after=" + to_string(position(3))).status, 410u);
  connection client{f.port()};
  client.write("GET /v1/events/stream?after=earliest HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto replayed = client.read_until("id: " + to_string(position(10)));
  CHECK(replayed.find("id: " + to_string(position(5))) != std::string::npos);
  CHECK_EQ(replayed.find("id: " + to_string(position(4))), std::string::npos);
}

SCENARIO("a stream of Server-Sent Events whose next events are removed says so and ends") {
  fixture f;
  f.log_event("order.placed", "ord_1");
  connection client{f.port()};
  client.write("GET /v1/events/stream?after=" + to_string(position(1)) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  client.read_until("retry:");
  f.remove_events(2);
  const auto rest = client.read_to_end();
  CHECK(rest.find("event: error\ndata: {") != std::string::npos);
  CHECK(rest.find("\"code\":\"cursor_expired\"") != std::string::npos);
  CHECK(rest.find("\"instance\":\"/v1/events/stream\"") != std::string::npos);
}

SCENARIO("a subscription from before the horizon, or overtaken by it, gets an error, and the socket stays open") {
  shortened f;
  web_socket client{f.port()};
  client.send(subscribe("old", to_string(position(3))));
  auto frame = client.read();
  CHECK_EQ(word(frame, "type"), "error");
  CHECK_EQ(word(frame, "id"), "old");
  CHECK_EQ(word(frame, "code"), "cursor_expired");
  // The same id is free again.
  client.send(subscribe("old", "earliest"));
  CHECK_EQ(word(client.read(), "type"), "subscribed");
  for (unsigned i = 5; i <= 10; ++i)
    CHECK_EQ(word(client.read().at("event"), "position"), to_string(position(i)));
  f.remove_events(11);
  frame = client.read();
  CHECK_EQ(word(frame, "type"), "error");
  CHECK_EQ(word(frame, "code"), "cursor_expired");
  client.send(R"({"type":"ping"})");
  CHECK_EQ(word(client.read(), "type"), "pong");
}

SCENARIO("G11: a position of another log is refused in each way of reading, and both ends of the log always work") {
  fixture f;
  for (int i = 0; i < 3; ++i)
    f.log_event("order.placed", "ord_1");
  const auto foreign = to_string(log_position{0, 2, 1'700'000'000'000, 7});
  for (const std::string target : {"/v1/events?after=", "/v1/events/stream?after="}) {
    const auto refused = f.send("GET", target + foreign);
    CHECK_EQ(refused.status, 410u);
    CHECK_EQ(refused.text("code"), "cursor_expired");
    CHECK(refused.text("detail").find("replaced") != std::string::npos);
  }
  CHECK_EQ(f.send("GET", "/v1/events/stream", {}, {{"Last-Event-ID", foreign}}).status, 410u);
  CHECK_EQ(f.send("GET", "/v1/events?after=" + foreign.substr(1)).status, 400u);
  web_socket client{f.port()};
  client.send(subscribe("s", foreign));
  CHECK_EQ(word(client.read(), "code"), "cursor_expired");
  for (const std::string end : {"earliest", "latest"}) {
    client.send(subscribe(end, end));
    CHECK_EQ(word(client.read(), "type"), "subscribed");
    CHECK_EQ(f.send("GET", "/v1/events?after=" + end).status, 200u);
    if (end == "earliest")
      for (int i = 0; i < 3; ++i)
        CHECK_EQ(word(client.read(), "type"), "event");
  }
  // A read from `latest` gets the position to continue from.
  const auto latest = f.send("GET", "/v1/events?after=latest");
  CHECK(latest.json().at("items").as_array().empty());
  CHECK_EQ(latest.text("next_cursor"), to_string(position(3)));
}
