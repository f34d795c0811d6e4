// G9: what one caller abandons costs the others nothing: a read ends with its asker.

#include "tests/gateway/support/support.hpp"
#include "tests/support/eventually.hpp"

#include <optional>

#define CAF_SUITE gateway.abandoned_reads
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

/// A gateway that waits for ever for a feed that finds nothing.
struct patient : fixture {
  patient()
    : fixture{[](gateway_config& config) {
        config.attempt_timeout = config.request_timeout = 30min;
        config.heartbeat = 30min;
      }} {
    log_event("order.placed");
    state->silent_feed = true;
  }

  /// The feed reads for so many.
  [[nodiscard]] bool reads(std::size_t count) const {
    return eventually([&] { return state->open_reads == count; });
  }
};

std::string search(const std::string& id) {
  return R"({"type":"subscribe","id":")" + id + R"(","after":"earliest","filter":{"types":["a.b"]}})";
}

std::string_view type_of(const boost::json::value& frame) {
  const auto& text = frame.at("type").as_string();
  return {text.data(), text.size()};
}

} // namespace

SCENARIO("a read ends when its subscription is given up") {
  patient f;
  web_socket client{f.port()};
  client.send(search("a"));
  client.send(search("b"));
  CHECK(f.reads(2));
  client.send(R"({"type":"unsubscribe","id":"a"})");
  CHECK(f.reads(1));
  client.send(R"({"type":"unsubscribe","id":"b"})");
  CHECK(f.reads(0));
}

SCENARIO("subscriptions that are given up at once leave nothing behind") {
  patient f;
  web_socket client{f.port()};
  for (int i = 0; i < 300; ++i) {
    client.send(search("s"));
    client.send(R"({"type":"unsubscribe","id":"s"})");
  }
  for (int i = 0; i < 300;)
    i += type_of(client.read()) == "unsubscribed";
  CHECK(f.reads(0));
}

SCENARIO("a read ends when the client of a WebSocket or of Server-Sent Events has gone") {
  patient f;
  {
    web_socket socket{f.port()};
    socket.send(search("a"));
    connection stream{f.port()};
    stream.write("GET /v1/events/stream?after=earliest&type=a.b HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(f.reads(2));
  }
  CHECK(f.reads(0));
}

SCENARIO("a read ends when the client of a page has gone, not when the client only closed its sending side") {
  patient f;
  {
    connection page{f.port()};
    page.write("GET /v1/events?type=a.b HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(f.reads(1));
  }
  CHECK(f.reads(0));
  f.state->silent_feed = false;
  connection half{f.port()};
  half.write("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  half.end_writing();
  CHECK_EQ(half.read().status, 200u);
}

SCENARIO("a read ends when it is no longer waited for") {
  fixture f{[](gateway_config& config) { config.attempt_timeout = config.request_timeout = 100ms; }};
  f.state->silent_feed = true;
  CHECK_EQ(f.send("GET", "/v1/events?type=a.b").status, 503u);
  CHECK(eventually([&] { return f.state->open_reads == 0 && f.state->abandoned > 0; }));
}
