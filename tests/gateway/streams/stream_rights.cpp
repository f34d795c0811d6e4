#include "domain/octets/octets.hpp"
#include "tests/gateway/support/tokens.hpp"

#define CAF_SUITE gateway.stream_rights
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

const std::string ada = "usr_00000000000000000001";
const std::string bob = "usr_00000000000000000002";
constexpr unsigned unauthorized = 3000;

std::string type_of(const boost::json::value& frame) {
  const auto* object = frame.if_object();
  return object && object->contains("type") ? std::string{object->at("type").as_string()} : std::string{};
}

std::string auth_frame(const std::string& token) {
  return R"({"type":"auth","token":")" + token + R"("})";
}

/// An event of an order of Ada's.
void log_of_ada(fixture& gateway) {
  gateway.log_event("order.placed", "ord_1");
  {
    const std::lock_guard guard{gateway.state->mutex};
    gateway.state->log.back().customer = "cus" + ada.substr(3);
  }
  gateway.log_event("stock.low");
}

std::string subscribe_frame() {
  return R"({"type":"subscribe","id":"s","after":")" + to_string(log_position{}) + R"("})";
}

/// A gateway that looks often whether callers still may.
std::unique_ptr<fixture> attentive_gateway(const token_maker& maker) {
  return std::make_unique<fixture>(
    [](gateway_config& config) {
      config.auth_required = true;
      config.key_memory = 100ms;
    },
    [&](gateway_services& services) { services.keys = maker.ring; });
}

void set_account(fixture& gateway, const std::string& id, std::optional<std::string> roles) {
  const std::lock_guard guard{gateway.state->mutex};
  gateway.state->accounts[id] = std::move(roles);
}

std::string stream_request(const std::string& token) {
  return "GET /v1/events/stream?after=" + to_string(log_position{})
         + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\n\r\n";
}

/// A token that holds for `left` more.
std::string short_token(const token_maker& maker, milliseconds left) {
  return maker.token(ada, {"customer"}, now() - maker.rules.lifetime - maker.rules.leeway + left);
}

} // namespace

SCENARIO("a WebSocket serves nothing before a token, and closes with 3000 after another frame or a wrong token") {
  token_maker maker;
  auto gateway = guarded_gateway(maker);
  log_of_ada(*gateway);
  for (const auto& first : {subscribe_frame(), std::string{R"({"type":"ping"})"}, auth_frame("nonsense"),
                            auth_frame(token_maker{}.token(ada, {"admin"}))}) {
    web_socket client{gateway->port()};
    client.send(first);
    const auto frame = client.read();
    CHECK_EQ(type_of(frame), "error");
    CHECK_EQ(frame.at("code").as_string(), "unauthenticated");
    CHECK_EQ(client.read_close_code(), unauthorized);
  }
}

SCENARIO("a WebSocket takes its token from the header or the first frame, and shows the caller's events only") {
  token_maker maker;
  auto gateway = guarded_gateway(maker);
  log_of_ada(*gateway);
  const auto hers = maker.token(ada, {"customer"});
  {
    web_socket client{gateway->port(), bearer(hers)};
    client.send(subscribe_frame());
    CHECK_EQ(type_of(client.read()), "subscribed");
    CHECK_EQ(client.read().at("event").at("type").as_string(), "order.placed");
  }
  web_socket client{gateway->port()};
  client.send(auth_frame(maker.token(bob, {"customer"})));
  CHECK_EQ(type_of(client.read()), "authenticated");
  client.send(subscribe_frame());
  CHECK_EQ(type_of(client.read()), "subscribed");
  // The next event is neither Ada's nor one of the stock.
  client.send(R"({"type":"ping"})");
  CHECK_EQ(type_of(client.read()), "pong");
  web_socket staff{gateway->port(), bearer(maker.token(bob, {"operator"}))};
  staff.send(subscribe_frame());
  CHECK_EQ(type_of(staff.read()), "subscribed");
  CHECK_EQ(staff.read().at("event").at("type").as_string(), "order.placed");
  CHECK_EQ(staff.read().at("event").at("type").as_string(), "stock.low");
}

SCENARIO("a WebSocket ends when its token expires, and continues with a newer token of the same user") {
  token_maker maker;
  auto gateway = guarded_gateway(maker);
  web_socket ends{gateway->port(), bearer(short_token(maker, 2s))};
  CHECK_EQ(ends.read_close_code(), unauthorized);
  web_socket goes_on{gateway->port(), bearer(short_token(maker, 6s))};
  goes_on.send(subscribe_frame());
  CHECK_EQ(type_of(goes_on.read()), "subscribed");
  goes_on.send(auth_frame(maker.token(ada, {"customer"})));
  CHECK_EQ(type_of(goes_on.read()), "authenticated");
  // Past the end of the first token.
  web_socket watch{gateway->port(), bearer(short_token(maker, 8s))};
  CHECK_EQ(watch.read_close_code(), unauthorized);
  log_of_ada(*gateway);
  CHECK_EQ(goes_on.read().at("event").at("type").as_string(), "order.placed");
}

SCENARIO("a subscriber cannot switch to another user's token") {
  token_maker maker;
  auto gateway = guarded_gateway(maker);
  web_socket client{gateway->port(), bearer(maker.token(ada, {"customer"}))};
  client.send(subscribe_frame());
  CHECK_EQ(type_of(client.read()), "subscribed");
  client.send(auth_frame(maker.token(bob, {"admin"})));
  CHECK_EQ(type_of(client.read()), "error");
  CHECK_EQ(client.read_close_code(), unauthorized);
}

SCENARIO("Server-Sent Events end when their token expires, and show the caller's events only") {
  token_maker maker;
  auto gateway = guarded_gateway(maker);
  log_of_ada(*gateway);
  const auto request = [&](const std::string& token) {
    return "GET /v1/events/stream?after=" + to_string(log_position{})
           + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\n\r\n";
  };
  connection hers{gateway->port()};
  connection his{gateway->port()};
  hers.write(request(short_token(maker, 4s)));
  his.write(request(maker.token(bob, {"customer"}, now() - maker.rules.lifetime - maker.rules.leeway + 4s)));
  const auto seen = hers.read_to_end();
  CHECK_NE(seen.find("order.placed"), std::string::npos);
  CHECK_EQ(seen.find("stock.low"), std::string::npos);
  const auto nothing = his.read_to_end();
  CHECK_NE(nothing.find("text/event-stream"), std::string::npos);
  CHECK_EQ(nothing.find("order.placed"), std::string::npos);
}

SCENARIO("where no token is needed a WebSocket serves at once, and an empty auth frame does no harm") {
  fixture gateway;
  log_of_ada(gateway);
  web_socket client{gateway.port()};
  client.send(R"({"type":"auth","token":""})");
  client.send(subscribe_frame());
  CHECK_EQ(type_of(client.read()), "subscribed");
}

SCENARIO("a stream ends when its account is disabled or its key revoked, and other streams stay open") {
  token_maker maker;
  auto gateway = attentive_gateway(maker);
  service_key_row key;
  key.id = "key_00000000000000000001";
  key.token_hash = sha256_hex("wbk_operator");
  key.roles = "operator";
  {
    const std::lock_guard guard{gateway->state->mutex};
    gateway->state->keys[key.token_hash] = key;
  }
  log_of_ada(*gateway);
  web_socket hers{gateway->port(), bearer(maker.token(ada, {"customer"}))};
  hers.send(subscribe_frame());
  CHECK_EQ(type_of(hers.read()), "subscribed");
  CHECK_EQ(type_of(hers.read()), "event");
  for (const auto& [id, token] :
       {std::pair{key.id, std::string{"wbk_operator"}}, {bob, maker.token(bob, {"operator"})}}) {
    web_socket client{gateway->port(), bearer(token)};
    client.send(subscribe_frame());
    CHECK_EQ(type_of(client.read()), "subscribed");
    CHECK_EQ(type_of(client.read()), "event");
    CHECK_EQ(type_of(client.read()), "event");
    connection stream{gateway->port()};
    stream.write(stream_request(token));
    stream.read_until("stock.low");
    set_account(*gateway, id, std::nullopt);
    CHECK_EQ(client.read().at("code").as_string(), "unauthenticated");
    CHECK_EQ(client.read_close_code(), unauthorized);
    stream.read_to_end();
    // Nor does a new one live long while the token is still known.
    connection late{gateway->port()};
    late.write(stream_request(token));
    late.read_to_end();
  }
  hers.send(R"({"type":"ping"})");
  CHECK_EQ(type_of(hers.read()), "pong");
}

SCENARIO("a user who loses a role keeps the socket, and no longer gets the events of that role") {
  token_maker maker;
  auto gateway = attentive_gateway(maker);
  web_socket client{gateway->port(), bearer(maker.token(bob, {"operator", "customer"}))};
  client.send(subscribe_frame());
  CHECK_EQ(type_of(client.read()), "subscribed");
  connection stream{gateway->port()};
  stream.write(stream_request(maker.token(bob, {"operator", "customer"})));
  stream.read_until("retry:");
  set_account(*gateway, bob, "customer");
  const auto ended = client.read();
  CHECK_EQ(type_of(ended), "error");
  CHECK_EQ(ended.at("id").as_string(), "s");
  CHECK_EQ(ended.at("code").as_string(), "forbidden");
  stream.read_to_end();
  log_of_ada(*gateway);
  client.send(subscribe_frame());
  CHECK_EQ(type_of(client.read()), "subscribed");
  // The next event is neither Ada's nor one of the stock.
  client.send(R"({"type":"ping"})");
  CHECK_EQ(type_of(client.read()), "pong");
}

SCENARIO("a newer token with fewer rights ends the events that only the older one allowed") {
  token_maker maker;
  auto gateway = guarded_gateway(maker);
  web_socket client{gateway->port(), bearer(maker.token(bob, {"operator"}))};
  client.send(subscribe_frame());
  CHECK_EQ(type_of(client.read()), "subscribed");
  client.send(auth_frame(maker.token(bob, {"customer"})));
  const auto ended = client.read();
  CHECK_EQ(type_of(ended), "error");
  CHECK_EQ(ended.at("code").as_string(), "forbidden");
  CHECK_EQ(type_of(client.read()), "authenticated");
  log_of_ada(*gateway);
  client.send(R"({"type":"ping"})");
  CHECK_EQ(type_of(client.read()), "pong");
  // And one with more rights ends nothing.
  client.send(subscribe_frame());
  CHECK_EQ(type_of(client.read()), "subscribed");
  client.send(auth_frame(maker.token(bob, {"customer", "operator"})));
  CHECK_EQ(type_of(client.read()), "authenticated");
  client.send(R"({"type":"unsubscribe","id":"s"})");
  CHECK_EQ(type_of(client.read()), "unsubscribed");
}

SCENARIO("a key that cannot be looked up now is answered as unavailable, with 1013, not as a wrong key") {
  token_maker maker;
  auto gateway = guarded_gateway(maker);
  gateway->state->no_key_lookups = true;
  web_socket client{gateway->port()};
  client.send(auth_frame("wbk_operator"));
  const auto refused = client.read();
  CHECK_EQ(type_of(refused), "error");
  CHECK_EQ(refused.at("code").as_string(), "unavailable");
  CHECK_EQ(client.read_close_code(), 1013u);
}
