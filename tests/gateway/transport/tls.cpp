#include "gateway/transport/server_tls.hpp"
#include "tests/gateway/support/tls_client.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>

#define CAF_SUITE gateway.tls
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using std::chrono::hours;
using std::chrono::milliseconds;

namespace {

struct files {
  files() { put(authority.issue("shop")); }

  void put(const certificate_and_key& own) const {
    write_file(folder / "site.pem", own.certificate);
    write_file(folder / "site.key", own.key);
  }
  server_tls_settings settings() const { return {folder / "site.pem", folder / "site.key", {}}; }
  std::shared_ptr<ssl_ctx_st> context() const { return server_tls::load(settings()).value().context(); }

  std::string refusal(const server_tls_settings& with) const {
    const auto loaded = server_tls::load(with);
    if (!loaded.has_error())
      return {};
    CAF_MESSAGE(loaded.error().detail);
    CAF_CHECK_EQUAL(std::ranges::count(loaded.error().detail, '\n'), 0);
    return loaded.error().detail;
  }
  std::string refusal() const { return refusal(settings()); }

  temp_folder folder;
  test_authority authority{"clients trust this"};
};

/// A gateway that speaks HTTPS.
struct secure : files, fixture {
  explicit secure(std::function<void(gateway_config&)> change = {})
    : fixture{std::move(change), [this](gateway_services& known) { known.tls = context(); }} {}

  tls_wishes wishes() const {
    tls_wishes made;
    made.authority = authority.certificate();
    return made;
  }
};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string metric(tls_client& over, std::string_view name) {
  const auto text = over.send("GET", "/metrics").body;
  const auto at = text.find('\n' + std::string{name} + ' ');
  const auto begin = at + name.size() + 2;
  return at == std::string::npos ? std::string{} : text.substr(begin, text.find('\n', begin) - begin);
}

} // namespace

SCENARIO("requests, large answers and kept connections work over both versions of TLS") {
  secure f;
  const auto product = f.add_product();
  for (const auto version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto wishes = f.wishes();
    wishes.lowest = wishes.highest = version;
    wishes.protocol = "http/1.1";
    tls_client client{f.port(), wishes};
    REQUIRE(client.shake_hands());
    CHECK_EQ(client.subject(), "shop");
    CHECK_EQ(client.protocol(), "http/1.1");
    const auto made = client.send("POST", "/v1/orders", order_body(product));
    CHECK_EQ(made.status, 201u);
    CHECK_EQ(made.header("Strict-Transport-Security"), "max-age=31536000");
    CHECK_EQ(client.send("GET", made.header("Location")).status, 200u);
    CHECK_EQ(client.send("GET", "/").status, 200u);
    // Larger than a record, in many of them.
    const auto large = client.send("POST", "/v1/orders", std::string(100'000, ' ') + "{}");
    CHECK_EQ(large.status, 422u);
    CHECK_EQ(client.send("GET", "/v1/products/" + product.value, {}, {{"Connection", "close"}}).status, 200u);
    CHECK(client.ended_in_order());
  }
}

SCENARIO("events arrive over TLS, as a stream and over a WebSocket, while both sides send") {
  secure f;
  tls_client stream{f.port(), f.wishes()};
  REQUIRE(stream.shake_hands());
  stream.write("GET /v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  stream.read_until("retry:");
  tls_client socket{f.port(), f.wishes()};
  REQUIRE(socket.shake_hands());
  socket.write("GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
  socket.read_until("\r\n\r\n");
  const auto send = [&](std::string_view text) {
    socket.write(std::string{'\x81', static_cast<char>(0x80 | text.size())} + std::string(4, '\0') + std::string{text});
  };
  send(R"({"type":"subscribe","id":"a"})");
  socket.read_until("subscribed");
  for (int i = 0; i < 200; ++i)
    f.log_event("order.placed", "ord_" + std::to_string(i));
  send(R"({"type":"ping"})");
  CHECK(contains(stream.read_until("ord_199"), "order.placed"));
  socket.read_until("ord_199");
  send(R"({"type":"ping"})");
  socket.read_until("pong");
}

SCENARIO("old versions and weak ciphers are refused") {
  secure f;
  for (const auto version : {TLS1_VERSION, TLS1_1_VERSION}) {
    auto old = f.wishes();
    old.lowest = old.highest = version;
    CHECK(!tls_client(f.port(), old).shake_hands());
  }
  // Without forward secrecy, without authenticated encryption, with the weakest of all.
  for (const auto* ciphers : {"AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ALL:eNULL:!ECDHE"}) {
    auto weak = f.wishes();
    weak.highest = TLS1_2_VERSION;
    weak.ciphers = ciphers;
    CHECK(!tls_client(f.port(), weak).shake_hands());
  }
  auto other = f.wishes();
  other.protocol = "h2";
  CHECK(!tls_client(f.port(), other).shake_hands());
  tls_client good{f.port(), f.wishes()};
  REQUIRE(good.shake_hands());
  CHECK_EQ(good.version(), "TLSv1.3");
  CHECK_EQ(metric(good, "waybill_http_tls_handshakes_total{result=\"failed\"}"), "6");
}

SCENARIO("a new certificate is used for new connections, and open ones continue") {
  secure f;
  tls_client before{f.port(), f.wishes()};
  REQUIRE(before.shake_hands());
  CHECK_EQ(before.send("GET", "/healthz").status, 200u);
  f.put(f.authority.issue("new shop"));
  f.server->replace_tls(f.context());
  CHECK_EQ(before.send("GET", "/healthz").status, 200u);
  CHECK_EQ(before.subject(), "shop");
  tls_client after{f.port(), f.wishes()};
  REQUIRE(after.shake_hands());
  CHECK_EQ(after.subject(), "new shop");
  CHECK_EQ(after.send("GET", "/healthz").status, 200u);
}

SCENARIO("a client without TLS, or with malformed TLS, gets nothing, and the next client is served") {
  secure f;
  for (const auto& octets : {std::string{"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"},
                             std::string(4'096, '\xaa'), std::string{"\x16\x03\x01\xff\xff", 5} + "x"}) {
    tls_client stranger{f.port()};
    stranger.write_raw(octets);
    stranger.end_writing_raw();
    CHECK(!contains(stranger.read_raw_to_end(), "HTTP"));
    tls_client next{f.port(), f.wishes()};
    REQUIRE(next.shake_hands());
    CHECK_EQ(next.send("GET", "/healthz").status, 200u);
  }
}

SCENARIO("an unfinished handshake is given up, and many of them do not keep the next client out") {
  secure f{[](gateway_config& config) {
    config.handshake_timeout = milliseconds{300};
    config.max_handshakes = 1'000;
  }};
  tls_client silent{f.port()};
  tls_client half{f.port()};
  half.write_raw(std::string_view{"\x16\x03\x01\x02\x00\x01", 6});
  CHECK_EQ(silent.read_raw_to_end(), "");
  CHECK_EQ(half.read_raw_to_end(), "");

  secure few{[](gateway_config& config) {
    config.handshake_timeout = hours{1};
    config.max_handshakes = 3;
  }};
  std::vector<std::unique_ptr<tls_client>> crowd;
  for (int i = 0; i < 10; ++i)
    crowd.push_back(std::make_unique<tls_client>(few.port()));
  tls_client honest{few.port(), few.wishes()};
  REQUIRE(honest.shake_hands());
  CHECK_EQ(honest.send("GET", "/healthz").status, 200u);
  CHECK_EQ(crowd.front()->read_raw_to_end(), "");
  CHECK_EQ(metric(honest, "waybill_http_refused_total{reason=\"handshakes\"}"), "8");
}

SCENARIO("plain HTTP is redirected to HTTPS, with the method, the path and the query") {
  secure f{[](gateway_config& config) { config.redirect = listen_address{}; }};
  const auto plain = f.server->ports().redirect;
  const auto port = std::to_string(f.port());
  const auto moved = connection{plain}.send("POST", "/v1/orders?a=b%20c", "{}");
  CHECK_EQ(moved.status, 308u);
  CHECK_EQ(moved.header("Location"), "https://localhost:" + port + "/v1/orders?a=b%20c");
  // A browser must not take this word over a connection that anybody can change.
  CHECK_EQ(moved.header("Strict-Transport-Security"), "");
  const auto ask = [&](std::string_view head) {
    connection client{plain};
    client.write(head);
    return client.read();
  };
  CHECK_EQ(ask("GET / HTTP/1.1\r\nHost: shop.example:80\r\n\r\n").header("Location"),
           "https://shop.example:" + port + "/");
  CHECK_EQ(ask("GET http://shop.example/x HTTP/1.1\r\nHost: shop.example\r\n\r\n").header("Location"),
           "https://shop.example:" + port + "/x");
  const std::string to_shop = " HTTP/1.1\r\nHost: shop.example\r\n\r\n";
  const std::string shop = "https://shop.example:" + port;
  CHECK_EQ(ask("GET http://shop.example?a=/b" + to_shop).header("Location"), shop + "/?a=/b");
  CHECK_EQ(ask("GET http://shop.example" + to_shop).header("Location"), shop + "/");
  CHECK_EQ(ask("GET nonsense" + to_shop).status, 400u);
  CHECK_EQ(ask("OPTIONS *" + to_shop).status, 204u);
  CHECK_EQ(ask("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n").header("Location"), "https://[::1]:" + port + "/");
  for (const auto* host : {"evil.example/\\@shop", "shop.example, evil", "a b", "x%0d%0aSet-Cookie"})
    CHECK_EQ(ask("GET / HTTP/1.1\r\nHost: " + std::string{host} + "\r\n\r\n").status, 400u);
  CHECK_EQ(ask("GET / HTTP/1.0\r\n\r\n").status, 400u);
}

SCENARIO("the port that clients are redirected to can be another one than the gateway's own") {
  secure f{[](gateway_config& config) {
    config.redirect = listen_address{};
    config.redirect_port = 443;
  }};
  CHECK_EQ(connection{f.server->ports().redirect}.send("GET", "/x").header("Location"), "https://localhost/x");
}

SCENARIO("an unusable certificate is refused at the start with a line that names it") {
  files f;
  CHECK_EQ(f.refusal(), "");
  CHECK_EQ(f.refusal({}), "");
  CHECK(contains(f.refusal({f.folder / "site.pem", {}, {}}), "http-tls-key: missing"));
  CHECK(contains(f.refusal({{}, f.folder / "site.key", {}}), "http-tls-certificate: missing"));
  CHECK(contains(f.refusal({{}, {}, "secret"}), "http-tls-certificate, http-tls-key: missing"));
  CHECK(contains(f.refusal({f.folder / "none.pem", f.folder / "site.key", {}}), "none.pem cannot be read"));
  CHECK(contains(f.refusal({f.folder / "site.key", f.folder / "site.key", {}}), "holds no PEM certificate"));
  CHECK(contains(f.refusal({f.folder / "site.pem", f.folder / "site.pem", {}}), "holds no PEM private key"));
  f.put({f.authority.issue("shop").certificate, f.authority.issue("shop").key});
  CHECK(contains(f.refusal(), "is not the key of"));
  f.put(f.authority.issue("shop", {.begins = hours{-48}, .ends = hours{-24}}));
  CHECK(contains(f.refusal(), "has expired"));
  f.put(f.authority.issue("shop", {.begins = hours{24}, .ends = hours{48}}));
  CHECK(contains(f.refusal(), "is not valid yet"));
  f.put(f.authority.issue("shop", {.usage = "clientAuth"}));
  CHECK(contains(f.refusal(), "may not be used for a server"));
  const auto own = f.authority.issue("shop");
  f.put({own.certificate, encrypted(own.key, "open sesame")});
  CHECK(contains(f.refusal(), "http-tls-passphrase: missing"));
  CHECK(
    contains(f.refusal({f.folder / "site.pem", f.folder / "site.key", "wrong"}), "http-tls-passphrase: it does not"));
  CHECK_EQ(f.refusal({f.folder / "site.pem", f.folder / "site.key", "open sesame"}), "");
}

SCENARIO("a draining gateway closes idle TLS connections in order, and answers the first request of a new one") {
  secure f{[](gateway_config& config) { config.drain_delay = milliseconds{0}; }};
  tls_client idle{f.port(), f.wishes()};
  REQUIRE(idle.shake_hands());
  CHECK_EQ(idle.send("GET", "/healthz").status, 200u);
  tls_client fresh{f.port(), f.wishes()};
  REQUIRE(fresh.shake_hands());
  tls_client asking{f.port(), f.wishes()};
  REQUIRE(asking.shake_hands());
  CHECK_EQ(metric(asking, "waybill_http_tls_handshakes_total{result=\"ok\"}"), "3");
  f.server->request_stop();
  CHECK(idle.ended_in_order());
  CHECK_EQ(fresh.send("GET", "/healthz").header("Connection"), "close");
  CHECK(fresh.ended_in_order());
}
