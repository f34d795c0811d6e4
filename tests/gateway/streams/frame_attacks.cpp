#include "tests/gateway/support/support.hpp"

#include <cstdint>

#define CAF_SUITE gateway.frame_attacks
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

/// Frames that break RFC 6455, octet by octet: each is answered with a close frame of the right code, and the next
/// client is served.
namespace {

constexpr std::uint8_t fin = 0x80;
constexpr std::uint8_t text = 1;
constexpr std::uint8_t binary = 2;
constexpr std::uint8_t close_frame = 8;
constexpr std::uint8_t ping = 9;

/// A frame under the mask of zeros, which leaves the payload readable.
std::string frame(std::uint8_t head, std::string_view payload, bool masked = true) {
  std::string made{static_cast<char>(head)};
  const auto mask = static_cast<std::uint8_t>(masked ? 0x80 : 0);
  if (payload.size() < 126) {
    made += static_cast<char>(mask | payload.size());
  } else {
    made += static_cast<char>(mask | 126);
    made += static_cast<char>(payload.size() >> 8);
    made += static_cast<char>(payload.size() & 0xff);
  }
  return made + std::string(masked ? 4 : 0, '\0') + std::string{payload};
}

/// A masked head that promises `length` octets.
std::string promise(std::uint8_t head, std::uint64_t length) {
  std::string made{static_cast<char>(head), static_cast<char>(0xff)};
  for (int shift = 56; shift >= 0; shift -= 8)
    made += static_cast<char>((length >> shift) & 0xff);
  return made + std::string(4, '\0');
}

std::string many(std::size_t count, const std::string& each) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i)
    all += each;
  return all;
}

struct attack {
  std::string name;
  std::string octets;
  unsigned code;
};

/// The code of the close frame at the end of what the server sent; zero without one.
unsigned close_code(const std::string& sent) {
  unsigned code = 0;
  for (std::size_t at = sent.find("\r\n\r\n") + 4; at + 2 <= sent.size();) {
    const auto head = static_cast<std::uint8_t>(sent[at]);
    std::size_t length = static_cast<std::uint8_t>(sent[at + 1]);
    at += 2;
    if (length == 126 && at + 2 <= sent.size()) {
      length =
        (static_cast<std::size_t>(static_cast<std::uint8_t>(sent[at])) << 8) | static_cast<std::uint8_t>(sent[at + 1]);
      at += 2;
    }
    if (head == (fin | close_frame) && length >= 2 && at + 2 <= sent.size())
      code =
        (static_cast<unsigned>(static_cast<std::uint8_t>(sent[at])) << 8) | static_cast<std::uint8_t>(sent[at + 1]);
    at += length;
  }
  return code;
}

std::string upgrade(std::string_view more = {}) {
  return "GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
         + std::string{more} + "\r\n";
}

void check(const fixture& f, const attack& attack, std::string_view more = {}) {
  CAF_MESSAGE("attack: " << attack.name);
  connection client{f.port()};
  client.write(upgrade(more));
  const auto greeting = client.read_until("\r\n\r\n");
  CAF_CHECK_EQUAL(greeting.substr(9, 3), "101");
  CAF_CHECK_EQUAL(greeting.find("Sec-WebSocket-Extensions"), std::string::npos);
  client.write(attack.octets);
  // The server may wait a moment for the answer to its close frame.
  client.end_writing();
  CAF_CHECK_EQUAL(close_code(greeting + client.read_to_end()), attack.code);
  web_socket next{f.port()};
  next.send(R"({"type":"ping"})");
  CAF_CHECK_EQUAL(next.read().at("type").as_string(), "pong");
}

using table = std::vector<attack>;

} // namespace

SCENARIO("frames that break the protocol end the WebSocket") {
  fixture f;
  const auto small = R"({"type":"ping"})";
  for (const auto& attack :
       table{{"no mask", frame(fin | text, small, false), 1002},
             {"the first reserved bit", frame(fin | 0x40 | text, small), 1002},
             {"the second reserved bit", frame(fin | 0x20 | text, small), 1002},
             {"the third reserved bit", frame(fin | 0x10 | text, small), 1002},
             {"a reserved kind of data", frame(fin | 3, small), 1002},
             {"a reserved kind of control", frame(fin | 0xb, ""), 1002},
             {"a ping that is too long", frame(fin | ping, std::string(126, 'x')), 1002},
             {"a ping in pieces", frame(ping, "x"), 1002},
             {"a continuation of nothing", frame(fin | 0, small), 1002},
             {"a message within a message", frame(text, "{") + frame(fin | text, "}"), 1002},
             {"a length that could be shorter", promise(fin | text, 5) + "hello", 1002},
             {"a length beyond all numbers", promise(fin | text, ~std::uint64_t{0}), 1009},
             {"a close of one octet", frame(fin | close_frame, "x"), 1002},
             {"a close with a code that is not for frames", frame(fin | close_frame, "\x03\xed"), 1002},
             {"a close with text that is no UTF-8", frame(fin | close_frame, "\x03\xe8\xff\xff"), 1002}})
    check(f, attack);
}

SCENARIO("a close frame is answered with its code, or with 1002 when the code may not be in a frame") {
  fixture f;
  const auto close_with = [](unsigned code) {
    const char payload[] = {static_cast<char>(code >> 8U), static_cast<char>(code & 0xffU)};
    return frame(fin | close_frame, {payload, sizeof payload});
  };
  for (const auto code : {1000u, 1001u, 1011u, 3000u, 4000u, 4864u, 4999u})
    check(f, {"a close with " + std::to_string(code), close_with(code), code});
  for (const auto code : {0u, 999u, 1004u, 1005u, 1006u, 1015u, 1016u, 2999u, 5000u, 5119u, 5120u, 65'535u})
    check(f, {"a close with " + std::to_string(code), close_with(code), 1002});
  // After other frames, and not alone in the octets of one read.
  check(f,
        {"a close behind frames", frame(fin | text, R"({"type":"ping"})") + frame(text, "{") + close_with(5000), 1002});
}

SCENARIO("a close frame is read correctly in whatever pieces it arrives") {
  fixture f;
  for (const auto& [code, answer] :
       {std::pair{0x1388u, 1002u}, std::pair{0x1301u, 0x1301u}, std::pair{0xffffu, 1002u}}) {
    connection client{f.port()};
    client.write(upgrade());
    const auto greeting = client.read_until("\r\n\r\n");
    const char payload[] = {static_cast<char>(code >> 8U), static_cast<char>(code & 0xffU)};
    for (const char octet : frame(fin | close_frame, {payload, sizeof payload}))
      client.write({&octet, 1});
    client.end_writing();
    CHECK_EQ(close_code(greeting + client.read_to_end()), answer);
  }
}

SCENARIO("messages that are too large or not text end the WebSocket") {
  fixture f;
  for (const auto& attack : table{{"a message", frame(fin | text, std::string(20'000, ' ')), 1009},
                                  {"a message in small pieces", frame(text, " ") + many(20'000, frame(0, " ")), 1009},
                                  {"text that is no UTF-8", frame(fin | text, "\xc3\x28"), 1007},
                                  {"a surrogate in UTF-8", frame(fin | text, "\xed\xa0\x80"), 1007},
                                  {"text that ends within a character", frame(fin | text, "\xe2\x82"), 1007},
                                  {"what is no text, three times", many(3, frame(fin | binary, "x")), 1008},
                                  {"what is no JSON, three times", many(3, frame(fin | text, "{]")), 1008}})
    check(f, attack);
}

SCENARIO("compression is not used, whatever the client offers") {
  fixture f;
  check(f, {"a compressed frame", frame(fin | 0x40 | text, std::string{"\xaa\x56\x2a\xa9\x2c\x48\x05\x00", 8}), 1002},
        "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=15\r\n");
}

SCENARIO("a client that disconnects in the middle of a frame leaves nothing behind") {
  fixture f;
  {
    connection client{f.port()};
    client.write(upgrade());
    client.read_until("\r\n\r\n");
    client.write(promise(fin | text, 10'000) + "{");
  }
  {
    connection client{f.port()};
    client.write(upgrade());
    client.read_until("\r\n\r\n");
    client.write(frame(text, "{\"type\""));
  }
  web_socket next{f.port()};
  next.send(R"({"type":"ping"})");
  CHECK_EQ(next.read().at("type").as_string(), "pong");
}
