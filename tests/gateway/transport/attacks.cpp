#include "tests/gateway/support/support.hpp"

#include <algorithm>

#define CAF_SUITE gateway.attacks
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

/// A table of attacks, each on a real server: it gets exactly the one answer in the table, and the connection ends;
/// then the next client is served.
namespace {

struct attack {
  std::string name;
  std::string octets;
  /// Zero: the connection ends without an answer.
  unsigned status;
};

std::string get(std::string_view target, std::string_view more = "Host: localhost\r\n") {
  return "GET " + std::string{target} + " HTTP/1.1\r\nConnection: close\r\n" + std::string{more} + "\r\n";
}

/// A POST whose framing is the attack; a server that reads the framing otherwise would see a second request after the
/// body.
std::string post(std::string_view framing, std::string_view body) {
  return "POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + std::string{framing}
         + "\r\n" + std::string{body};
}

const std::string smuggled = "GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n";

std::string many(std::size_t count, std::string_view each) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += each;
  return text;
}

/// How many answers there are in what came.
std::size_t answers(std::string_view text) {
  std::size_t count = 0;
  constexpr std::string_view line = "HTTP/1.1 ";
  for (auto at = text.find(line); at != std::string_view::npos; at = text.find(line, at + 1))
    count += at + line.size() < text.size() && text[at + line.size()] >= '1' && text[at + line.size()] <= '5';
  return count;
}

unsigned status_of(std::string_view text) {
  return text.size() < 12 ? 0 : static_cast<unsigned>(std::stoul(std::string{text.substr(9, 3)}));
}

void check(const fixture& f, const attack& attack) {
  CAF_MESSAGE("attack: " << attack.name);
  connection client{f.port()};
  std::string got;
  try {
    client.write(attack.octets);
    got = client.read_to_end();
  } catch (const std::exception& error) {
    // A reset after the answer loses it; nothing else may happen.
    CAF_CHECK_EQUAL(std::string_view{error.what()}, "");
  }
  CAF_CHECK_EQUAL(status_of(got), attack.status);
  CAF_CHECK_EQUAL(answers(got), attack.status == 0 ? 0u : 1u);
  connection next{f.port()};
  CAF_CHECK_EQUAL(next.send("GET", "/healthz").status, 200u);
}

using table = std::vector<attack>;

} // namespace

SCENARIO("a request with an ambiguous end of its body is refused") {
  fixture f;
  const auto chunked = "Transfer-Encoding: chunked\r\n";
  const auto end = "0\r\n\r\n" + smuggled;
  for (const auto& attack :
       table{{"a length and chunks", post(std::string{"Content-Length: 4\r\n"} + chunked, end), 400},
             {"chunks and a length", post(std::string{chunked} + "Content-Length: 4\r\n", end), 400},
             {"two lengths", post("Content-Length: 2\r\nContent-Length: 60\r\n", "{}" + smuggled), 400},
             {"a list of lengths", post("Content-Length: 2, 60\r\n", "{}" + smuggled), 400},
             {"a signed length", post("Content-Length: +2\r\n", "{}" + smuggled), 400},
             {"a negative length", post("Content-Length: -2\r\n", "{}" + smuggled), 400},
             {"a hexadecimal length", post("Content-Length: 0x2\r\n", "{}" + smuggled), 400},
             {"a length with a blank", post("Content-Length: 2 0\r\n", "{}" + smuggled), 400},
             {"an empty length", post("Content-Length:\r\n", "{}" + smuggled), 400},
             {"a length beyond all numbers", post("Content-Length: 99999999999999999999999\r\n", "{}"), 400},
             {"a length behind a space", post("Content-Length : 2\r\n", "{}" + smuggled), 400},
             {"chunks behind a space", post("Transfer-Encoding : chunked\r\n", end), 400},
             {"chunks behind a tab", post("Transfer-Encoding\t: chunked\r\n", end), 400},
             {"an unknown coding", post("Transfer-Encoding: xchunked\r\n", end), 501},
             {"no coding", post("Transfer-Encoding: identity\r\n", end), 501},
             {"chunked, but not last", post("Transfer-Encoding: chunked, identity\r\n", end), 501},
             {"compressed chunks", post("Transfer-Encoding: gzip, chunked\r\n", end), 501},
             {"chunked twice", post("Transfer-Encoding: chunked, chunked\r\n", end), 501},
             {"two fields of codings", post(std::string{chunked} + "Transfer-Encoding: identity\r\n", end), 400},
             {"a quoted coding", post("Transfer-Encoding: \"chunked\"\r\n", end), 501},
             {"a coding behind a vertical tab",
              post("Transfer-Encoding: \x0b"
                   "chunked\r\n",
                   end),
              400},
             {"chunks in HTTP/1.0",
              "POST /v1/orders HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + end, 400}})
    check(f, attack);
}

SCENARIO("malformed lines of a head are refused") {
  fixture f;
  for (const auto& attack :
       table{{"bare line feeds", "GET /healthz HTTP/1.1\nHost: localhost\n\n", 400},
             {"a bare line feed within", "GET /healthz HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n", 400},
             {"a bare carriage return", "GET /healthz HTTP/1.1\r\nHost: localhost\rX: y\r\n\r\n", 400},
             {"a first line that is folded", "GET /healthz HTTP/1.1\r\n Host: localhost\r\n\r\n", 400},
             {"a field without a colon", get("/healthz", "Host: localhost\r\nnonsense\r\n"), 400},
             {"a field without a name", get("/healthz", "Host: localhost\r\n: x\r\n"), 400},
             {"NUL in a value", get("/healthz", std::string_view{"Host: localhost\r\nX: a\0b\r\n", 25}), 400},
             {"NUL in a name", get("/healthz", std::string_view{"Host: localhost\r\nX\0: b\r\n", 24}), 400},
             {"NUL in the target", std::string{"GET /healthz\0 HTTP/1.1\r\nHost: localhost\r\n\r\n", 44}, 400},
             {"an octet over 127 in a name", get("/healthz", "Host: localhost\r\nX\xff: b\r\n"), 400},
             {"two blanks", "GET  /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
             {"a folded value is one value, as RFC 9112 allows", get("/healthz", "Host: localhost\r\nX: a\r\n b\r\n"),
              200}})
    check(f, attack);
}

SCENARIO("malformed chunks are refused") {
  fixture f;
  const auto chunks = [](std::string_view body) { return post("Transfer-Encoding: chunked\r\n", body); };
  for (const auto& attack :
       table{{"a negative size", chunks("-1\r\n{}\r\n0\r\n\r\n"), 400},
             {"a prefix of hexadecimals", chunks("0x2\r\n{}\r\n0\r\n\r\n"), 400},
             {"a size beyond all numbers", chunks("FFFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n"), 400},
             {"a size beyond the limit", chunks("FFFFFFFF\r\n{}\r\n0\r\n\r\n"), 413},
             {"no size", chunks("\r\n{}\r\n0\r\n\r\n"), 400},
             {"data that go on", chunks("2\r\n{}x\r\n0\r\n\r\n"), 400},
             {"a bare line feed behind the size", chunks("2\n{}\r\n0\r\n\r\n"), 400},
             {"an extension without end", chunks("2;" + std::string(200'000, 'x')), 431},
             {"trailers without end", chunks("2\r\n{}\r\n0\r\n" + many(20'000, "X-Trailer: y\r\n")), 431},
             {"more than the limit in small chunks", chunks(many(70'000, "4\r\n    \r\n")), 413}})
    check(f, attack);
}

SCENARIO("trailer fields after a body do not become headers") {
  fixture f;
  connection client{f.port()};
  client.write(post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\nX-Request-Id: trailer\r\nHost: evil\r\n\r\n"));
  const auto got = client.read();
  CHECK_EQ(got.status, 422u);
  CHECK(got.header("X-Request-Id") != "trailer");
  CHECK_EQ(client.send("GET", "/healthz").status, 200u);
}

SCENARIO("a part that is too long is refused with its own status") {
  fixture f;
  for (const auto& attack :
       table{{"a target of 8,000 octets", get("/v1/orders/" + std::string(7'989, 'a')), 404},
             {"a target", get("/v1/orders/" + std::string(9'000, 'a')), 414},
             {"a target longer than a head", get("/v1/orders/" + std::string(100'000, 'a')), 431},
             {"a field", get("/healthz", "Host: localhost\r\nX: " + std::string(100'000, 'a') + "\r\n"), 431},
             {"a name", get("/healthz", "Host: localhost\r\n" + std::string(100'000, 'a') + ": x\r\n"), 431},
             {"a head of many fields", get("/healthz", "Host: localhost\r\n" + many(150, "X: y\r\n")), 431},
             {"a flood of fields", get("/healthz", "Host: localhost\r\n" + many(50'000, "X: y\r\n")), 431},
             {"a method", std::string(100'000, 'G') + " / HTTP/1.1\r\nHost: localhost\r\n\r\n", 431},
             {"a body", post("Content-Length: 1000000000\r\n", "{"), 413},
             {"parameters", get("/v1/orders?" + many(100, "a=b&")), 400},
             {"a body that is too deep",
              post("Connection: close\r\nContent-Length: 100000\r\n", std::string(100'000, '[')), 400}})
    check(f, attack);
}

SCENARIO("invalid targets, hosts and versions are refused") {
  fixture f;
  for (const auto& attack :
       table{{"an absolute target of ours", get("http://localhost/healthz"), 200},
             {"an absolute target decides, not Host", get("http://evil.example/healthz"), 403},
             {"a user in an absolute target", get("http://localhost@evil.example/healthz"), 400},
             {"a tunnel", "CONNECT localhost:80 HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n\r\n", 400},
             {"the server itself", "OPTIONS * HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n\r\n", 204},
             {"the server itself, otherwise", "GET * HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n\r\n", 400},
             {"an absolute target without a path", get("http://localhost"), 200},
             {"an absolute target with a query only", get("http://localhost?a=b"), 200},
             {"an absolute target without a host", get("http:///healthz"), 400},
             {"an absolute target with nothing", get("http://"), 400},
             {"a query only", get("?a=b"), 400},
             {"a Host with a port", get("/healthz", "Host: localhost:4000\r\n"), 200},
             {"a Host with an empty port", get("/healthz", "Host: localhost:\r\n"), 200},
             {"a Host with letters for a port", get("/healthz", "Host: localhost:abc\r\n"), 400},
             {"a Host with a port beyond all ports", get("/healthz", "Host: localhost:99999\r\n"), 400},
             {"a Host with a signed port", get("/healthz", "Host: localhost:+80\r\n"), 400},
             {"a Host with two ports", get("/healthz", "Host: localhost:80:80\r\n"), 400},
             {"a port without a Host", get("/healthz", "Host: :80\r\n"), 400},
             {"an IPv6 Host", get("/healthz", "Host: [::1]:4000\r\n"), 200},
             {"an IPv6 Host without brackets", get("/healthz", "Host: ::1\r\n"), 400},
             {"half an IPv6 Host", get("/healthz", "Host: [::1\r\n"), 400},
             {"an IPv6 Host that is none", get("/healthz", "Host: [::g]\r\n"), 400},
             {"what stands behind an IPv6 Host", get("/healthz", "Host: [::1]x\r\n"), 400},
             {"no path", get("healthz"), 400},
             {"an encoded NUL", get("/v1/orders/%00"), 400},
             {"half an encoding", get("/v1/orders/%4"), 400},
             {"an encoding that is no UTF-8", get("/v1/orders/%ff"), 400},
             {"an overlong encoding", get("/v1/orders/%c0%af"), 400},
             {"a way up", get("/assets/..%2f..%2fetc%2fpasswd"), 404},
             {"no Host", get("/healthz", ""), 400},
             {"two Hosts", get("/healthz", "Host: localhost\r\nHost: localhost\r\n"), 400},
             {"a Host with a blank", get("/healthz", "Host: localhost evil\r\n"), 400},
             {"a Host with a user", get("/healthz", "Host: evil@localhost\r\n"), 400},
             {"a Host with a path", get("/healthz", "Host: localhost/x\r\n"), 400},
             {"another Host", get("/healthz", "Host: evil.example\r\n"), 403},
             {"HTTP/0.9", "GET /healthz\r\n\r\n", 400},
             {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
             {"HTTP/1.2", "GET /healthz HTTP/1.2\r\nHost: localhost\r\n\r\n", 400},
             {"HTTP/9.9", "GET /healthz HTTP/9.9\r\nHost: localhost\r\n\r\n", 400},
             {"HTTP/11", "GET /healthz HTTP/11\r\nHost: localhost\r\n\r\n", 400},
             {"an unknown method", "BREW /healthz HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n\r\n", 405},
             {"a method of control characters", "G\x01T /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
             {"a TLS client",
              std::string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11} + std::string(600, '\x7f'), 400},
             {"noise", std::string(4'096, '\xaa'), 400}})
    check(f, attack);
}

SCENARIO("unknown expectations are refused, and unknown upgrades are ignored") {
  fixture f;
  for (const auto& attack :
       table{{"an unknown expectation", post("Expect: the-unexpected\r\nContent-Length: 2\r\n", "{}"), 417},
             {"HTTP/2 without TLS", get("/healthz", "Host: localhost\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"),
              200},
             {"a WebSocket elsewhere",
              get("/healthz", "Host: localhost\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"), 200},
             {"no WebSocket where one is", get("/v1/ws", "Host: localhost\r\n"), 426},
             {"a WebSocket without a key",
              "GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n"
              "Sec-WebSocket-Version: 13\r\n\r\n",
              400},
             {"a WebSocket of another version",
              "GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n"
              "Sec-WebSocket-Version: 7\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
              426},
             {"a WebSocket of another page",
              "GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n"
              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
              "Origin: https://evil.example\r\n\r\n",
              403}})
    check(f, attack);
}

SCENARIO("C2: one empty line in front of a request is ignored, and no more") {
  fixture f;
  for (const auto& attack : table{{"an empty line", "\r\n" + get("/healthz"), 200},
                                  {"two of them", "\r\n\r\n" + get("/healthz"), 400},
                                  {"a bare line feed", "\n" + get("/healthz"), 400}})
    check(f, attack);
  connection client{f.port()};
  CHECK_EQ(client.send("GET", "/healthz").status, 200u);
  for (const std::string_view piece : {"\r", "\n", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"})
    client.write(piece);
  CHECK_EQ(client.read().status, 200u);
}

SCENARIO("C2: no 100 Continue is sent for a body that would be refused anyway") {
  fixture f;
  const std::string asks = "Expect: 100-continue\r\nContent-Length: 2\r\n";
  const auto first = [&](const std::string& head) {
    connection client{f.port()};
    client.write(head + asks + "\r\n");
    return client.read_until("\r\n\r\n").substr(0, 12);
  };
  const std::string json = "Host: localhost\r\nContent-Type: application/json\r\n";
  CHECK_EQ(first("POST /v1/orders HTTP/1.1\r\n" + json), "HTTP/1.1 100");
  CHECK_EQ(first("POST /v1/nothing HTTP/1.1\r\n" + json), "HTTP/1.1 404");
  CHECK_EQ(first("PUT /v1/orders HTTP/1.1\r\n" + json), "HTTP/1.1 405");
  CHECK_EQ(first("POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"), "HTTP/1.1 415");
  CHECK_EQ(first("POST /v1/orders HTTP/1.1\r\nContent-Type: application/json\r\nHost: evil.example\r\n"),
           "HTTP/1.1 403");
  CHECK_EQ(first("POST /v1/orders HTTP/1.1\r\nAuthorization: Bearer x\r\n" + json), "HTTP/1.1 401");
  CHECK_EQ(first("POST /v1/orders HTTP/1.1\r\nHost: localhost\r\n"), "HTTP/1.1 415");
  CHECK_EQ(first("POST /v1/orders HTTP/1.1\r\nContent-Encoding: gzip\r\n" + json), "HTTP/1.1 415");
  CHECK_EQ(first("POST /v1/orders HTTP/1.1\r\nIdempotency-Key: \r\n" + json), "HTTP/1.1 400");
  CHECK_EQ(first("POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"), "HTTP/1.1 415");
  CHECK_EQ(first("POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Encoding: gzip\r\n"),
           "HTTP/1.1 415");
  CHECK_EQ(first("POST /v1/orders HTTP/1.1\r\nOrigin: a\r\nOrigin: b\r\n" + json), "HTTP/1.1 400");
}

SCENARIO("C2: a request with 100 Continue counts once, and HTTP/1.0 has no expectations") {
  fixture f{[](gateway_config& config) {
    config.limit_loopback = true;
    config.rates.writes = {2, std::chrono::minutes{1}};
  }};
  connection client{f.port()};
  client.write("POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
               "Expect: 100-continue\r\n\r\n");
  client.read_until("HTTP/1.1 100 Continue\r\n\r\n");
  client.write("{}");
  const auto got = client.read();
  CHECK_EQ(got.status, 422u);
  CHECK(got.header("RateLimit").starts_with("\"writes\";r=1"));
  connection old{f.port()};
  old.write("POST /v1/orders HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
            "Expect: 100-continue\r\n\r\n{}");
  CHECK_EQ(status_of(old.read_to_end()), 422u);
}

SCENARIO("many pipelined requests on one connection are answered one after the other") {
  fixture f;
  connection client{f.port()};
  constexpr std::size_t crowd = 500;
  client.write(many(crowd - 1, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n") + get("/healthz"));
  CHECK_EQ(answers(client.read_to_end()), crowd);
}

SCENARIO("a slow client is disconnected in every phase, with 408 once its request has begun") {
  fixture f{[](gateway_config& config) {
    config.idle_timeout = config.header_timeout = config.body_timeout = config.write_timeout = std::chrono::seconds{1};
  }};
  connection silent{f.port()};
  connection in_head{f.port()};
  in_head.write("GET /healthz HTTP/1.1\r\nHost: lo");
  connection in_body{f.port()};
  in_body.write(post("Content-Length: 100\r\n", "{"));
  connection in_chunks{f.port()};
  in_chunks.write(post("Transfer-Encoding: chunked\r\n", "5\r\n{"));
  connection between{f.port()};
  CHECK_EQ(between.send("GET", "/healthz").status, 200u);
  CHECK_EQ(silent.read_to_end(), "");
  CHECK_EQ(status_of(in_head.read_to_end()), 408u);
  CHECK_EQ(status_of(in_body.read_to_end()), 408u);
  CHECK_EQ(status_of(in_chunks.read_to_end()), 408u);
  CHECK_EQ(between.read_to_end(), "");
  CHECK_EQ(f.send("GET", "/healthz").status, 200u);
}

SCENARIO("a head that keeps arriving is given up at its time-out") {
  fixture f{[](gateway_config& config) { config.header_timeout = std::chrono::milliseconds{500}; }};
  connection dripping{f.port()};
  std::string got;
  try {
    dripping.write("GET /healthz HTTP/1.1\r\n");
    // Each write waits until the server has read the one before; the server's clock ends the test.
    for (int i = 0; i < 100'000; ++i)
      dripping.write("X: y\r\n");
  } catch (const std::exception&) {
    // Cut off while it still wrote.
  }
  CHECK(status_of(dripping.read_to_end()) >= 400u);
  CHECK_EQ(f.send("GET", "/healthz").status, 200u);
}

SCENARIO("a body that arrives octet by octet is read like one that arrives at once") {
  fixture f;
  connection client{f.port()};
  for (const char octet : post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"))
    client.write(std::string_view{&octet, 1});
  CHECK_EQ(client.read().status, 422u);
  CHECK_EQ(client.send("GET", "/healthz").status, 200u);
}

SCENARIO("a client that closes its sending side still gets its answer") {
  fixture f;
  connection client{f.port()};
  client.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  client.end_writing();
  CHECK_EQ(status_of(client.read_to_end()), 200u);
  connection half{f.port()};
  half.write("GET /healthz HTTP/1.1\r\nHost:");
  half.end_writing();
  CHECK_EQ(answers(half.read_to_end()), 0u);
  connection body{f.port()};
  body.write(post("Content-Length: 100\r\n", "{"));
  body.end_writing();
  CHECK_EQ(answers(body.read_to_end()), 0u);
  CHECK_EQ(f.send("GET", "/healthz").status, 200u);
}
