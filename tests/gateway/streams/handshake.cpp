// The opening handshake of a WebSocket: a refusal looks as everywhere, and a success has our headers.

#include "tests/gateway/support/support.hpp"

#define CAF_SUITE gateway.handshake
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

constexpr auto key = "dGhlIHNhbXBsZSBub25jZQ==";

header_list upgrade_with(const header_list& more) {
  header_list all{{"Connection", "keep-alive, Upgrade"}, {"Upgrade", "WebSocket"}};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

void check_refused(const fixture& f, const header_list& headers, unsigned status) {
  connection client{f.port()};
  const auto refused = client.send("GET", "/v1/ws", {}, headers);
  CHECK_EQ(refused.status, status);
  CHECK_EQ(refused.header("Content-Type"), "application/problem+json");
  CHECK_EQ(refused.text("code"), "validation_failed");
  CHECK_EQ(refused.header("X-Content-Type-Options"), "nosniff");
  CHECK(!refused.header("X-Request-Id").empty());
  CHECK(refused.header("Server").empty());
  CHECK(refused.header("Sec-WebSocket-Protocol").empty());
  if (status != 426)
    return;
  CHECK_EQ(refused.header("Upgrade"), "websocket");
  CHECK_EQ(refused.header("Sec-WebSocket-Version"), "13");
}

} // namespace

SCENARIO("a handshake without an upgrade, or with another version, is answered with the needed headers") {
  fixture f;
  check_refused(f, {}, 426);
  check_refused(f, {{"Upgrade", "websocket"}}, 426);
  check_refused(f, {{"Connection", "Upgrade"}, {"Upgrade", "h2c"}}, 426);
  check_refused(f, upgrade_with({{"Sec-WebSocket-Key", key}}), 426);
  check_refused(f, upgrade_with({{"Sec-WebSocket-Key", key}, {"Sec-WebSocket-Version", "8"}}), 426);
  check_refused(f, upgrade_with({{"Sec-WebSocket-Key", key}, {"Sec-WebSocket-Version", "13, 8"}}), 426);
  check_refused(
    f, upgrade_with({{"Sec-WebSocket-Key", key}, {"Sec-WebSocket-Version", "13"}, {"Sec-WebSocket-Version", "13"}}),
    400);
}

SCENARIO("a key that is not 16 octets in Base64 is refused") {
  fixture f;
  check_refused(f, upgrade_with({{"Sec-WebSocket-Version", "13"}}), 400);
  for (const auto* wrong : {"", "x", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25j",
                            "dGhlIHNhbXBsZSBub25jZSE=", "dGhlIHNhbXBsZSBub25jZSEh", "dGhlIHNhbXBsZSBub25jZQ==dGhl",
                            "dGhlIHNhbXBsZSBub25jZ_==", "dGhlIHNhbXBsZSBub25j Q=="})
    check_refused(f, upgrade_with({{"Sec-WebSocket-Version", "13"}, {"Sec-WebSocket-Key", wrong}}), 400);
  check_refused(
    f, upgrade_with({{"Sec-WebSocket-Version", "13"}, {"Sec-WebSocket-Key", key}, {"Sec-WebSocket-Key", key}}), 400);
}

SCENARIO("the answer to a handshake has the headers of every response") {
  fixture f;
  connection client{f.port()};
  client.write("GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
               "Sec-WebSocket-Protocol: other, waybill.v1\r\nX-Request-Id: my-request\r\n\r\n");
  const auto answer = client.read_until("\r\n\r\n");
  CHECK_EQ(answer.substr(0, 12), "HTTP/1.1 101");
  // The example of RFC 6455, section 1.3.
  for (const auto* line :
       {"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", "Sec-WebSocket-Protocol: waybill.v1\r\n",
        "X-Request-Id: my-request\r\n", "X-Content-Type-Options: nosniff\r\n", "X-Frame-Options: DENY\r\n",
        "traceparent: ", "Date: ", "Cache-Control: no-store\r\n"})
    CHECK(answer.find(line) != std::string::npos);
  CHECK_EQ(answer.find("Beast"), std::string::npos);
}
