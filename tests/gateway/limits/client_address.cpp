#include "gateway/limits/client_address.hpp"

#define CAF_SUITE gateway.client_address
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::http;

namespace {

ip_address ip(const char* text) {
  return boost::asio::ip::make_address(text);
}

trusted_proxies networks(const std::vector<std::string>& texts) {
  trusted_proxies made;
  CAF_CHECK(made.add(texts));
  return made;
}

std::string client(const char* peer, std::string_view header, const std::vector<std::string>& trusted,
                   forwarded_header kind = forwarded_header::x_forwarded_for) {
  return client_address(ip(peer), header, kind, networks(trusted)).to_string();
}

} // namespace

SCENARIO("a network contains its addresses, in IPv4 and IPv6") {
  const auto some = networks({"10.0.0.0/8", "192.0.2.7", "2001:db8::/33", "172.16.0.0/12"});
  for (const auto* inside :
       {"10.0.0.1", "10.255.255.255", "192.0.2.7", "2001:db8:7fff::1", "::ffff:10.1.2.3", "172.31.255.255"})
    CHECK(some.contains(plain(ip(inside))));
  for (const auto* outside : {"11.0.0.1", "192.0.2.8", "2001:db8:8000::1", "::1", "172.32.0.0", "::a00:1"})
    CHECK(!some.contains(plain(ip(outside))));
  CHECK(networks({"0.0.0.0/0"}).contains(ip("203.0.113.9")));
  CHECK(!networks({"0.0.0.0/0"}).contains(ip("2001:db8::1")));
  CHECK(!trusted_proxies{}.contains(ip("127.0.0.1")));
}

SCENARIO("a text that is not a network is refused") {
  for (const auto* text :
       {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "localhost", "10.0"}) {
    trusted_proxies made;
    CHECK(!made.add({text}));
  }
}

SCENARIO("the rightmost untrusted address is the client's") {
  CHECK_EQ(client("10.0.0.1", "198.51.100.1, 192.0.2.1", {"10.0.0.0/8"}), "192.0.2.1");
  CHECK_EQ(client("10.0.0.1", "198.51.100.1, 192.0.2.1, 10.0.0.2", {"10.0.0.0/8"}), "192.0.2.1");
  CHECK_EQ(client("10.0.0.1", "192.0.2.1", {}), "10.0.0.1");
  CHECK_EQ(client("192.0.2.9", "10.0.0.5", {"10.0.0.0/8"}), "192.0.2.9");
  CHECK_EQ(client("10.0.0.1", "", {"10.0.0.0/8"}), "10.0.0.1");
  CHECK_EQ(client("10.0.0.1", "10.0.0.3, 10.0.0.2", {"10.0.0.0/8"}), "10.0.0.3");
  CHECK_EQ(client("::ffff:10.0.0.1", "192.0.2.1", {"10.0.0.0/8"}), "192.0.2.1");
}

SCENARIO("addresses of proxies may have ports and brackets; an unreadable one makes the proxy the client") {
  CHECK_EQ(client("10.0.0.1", "192.0.2.1:4711", {"10.0.0.0/8"}), "192.0.2.1");
  CHECK_EQ(client("10.0.0.1", "[2001:db8::1]:4711", {"10.0.0.0/8"}), "2001:db8::1");
  CHECK_EQ(client("10.0.0.1", "2001:db8::1", {"10.0.0.0/8"}), "2001:db8::1");
  CHECK_EQ(client("10.0.0.1", "192.0.2.1, unknown", {"10.0.0.0/8"}), "10.0.0.1");
  CHECK_EQ(client("10.0.0.1", "192.0.2.1, [::", {"10.0.0.0/8"}), "10.0.0.1");
  CHECK_EQ(client("10.0.0.1", "1.2.3", {"10.0.0.0/8"}), "10.0.0.1");
}

SCENARIO("Forwarded is read as RFC 7239 writes it, and only when it is the configured one") {
  const auto forwarded = forwarded_header::forwarded;
  CHECK_EQ(client("10.0.0.1", "for=198.51.100.1, for=192.0.2.1;proto=http;by=10.0.0.1", {"10.0.0.0/8"}, forwarded),
           "192.0.2.1");
  CHECK_EQ(client("10.0.0.1", "proto=https; For=\"[2001:db8::17]:4711\"", {"10.0.0.0/8"}, forwarded), "2001:db8::17");
  CHECK_EQ(client("10.0.0.1", "for=192.0.2.1, for=_hidden", {"10.0.0.0/8"}, forwarded), "10.0.0.1");
  CHECK_EQ(client("10.0.0.1", "proto=https", {"10.0.0.0/8"}, forwarded), "10.0.0.1");
  CHECK_EQ(client("10.0.0.1", "192.0.2.1", {"10.0.0.0/8"}, forwarded), "10.0.0.1");
}

SCENARIO("B4: a quoted text in Forwarded is one value, and a client's open quote hides no proxy's entry") {
  const auto from = [](std::string_view header) {
    return client("10.0.0.1", header, {"10.0.0.0/8"}, forwarded_header::forwarded);
  };
  CHECK_EQ(from(R"(host=";for=8.8.8.8;";for=203.0.113.13)"), "203.0.113.13");
  CHECK_EQ(from(R"(for="192.0.2.1";host="a,for=8.8.8.8,b")"), "192.0.2.1");
  CHECK_EQ(from(R"(for=8.8.8.8, host="a\",for=9.9.9.9";for=203.0.113.13)"), "203.0.113.13");
  CHECK_EQ(from(R"(for="\1\9\2.0.2.1")"), "192.0.2.1");
  for (const std::string_view open : {R"(for=")", R"(for=8.8.8.8;host=")", R"(host="\)", R"(=")"}) {
    CHECK_EQ(from(std::string{open} + ", for=203.0.113.13"), "203.0.113.13");
    CHECK_EQ(from(std::string{open} + R"(, for="203.0.113.13")"), "203.0.113.13");
    CHECK_EQ(from(std::string{open} + R"(, for=203.0.113.13;by="x")"), "203.0.113.13");
  }
  // Two of them in one element: whose word is it?
  CHECK_EQ(from("for=8.8.8.8;for=203.0.113.13"), "10.0.0.1");
  CHECK_EQ(from(R"(for=8.8.8.8, for="203.0.113.13"x)"), "10.0.0.1");
}

SCENARIO("B4: a quotation mark in X-Forwarded-For has no meaning") {
  CHECK_EQ(client("10.0.0.1", "\", 203.0.113.8", {"10.0.0.0/8"}), "203.0.113.8");
  CHECK_EQ(client("10.0.0.1", "\"1.1.1.1, 203.0.113.8\", 203.0.113.9", {"10.0.0.0/8"}), "203.0.113.9");
  CHECK_EQ(client("10.0.0.1", " , 9.9.9.1,, 203.0.113.8", {"10.0.0.0/8"}), "203.0.113.8");
}

SCENARIO("an IPv6 network of 64 bits counts as one client, an IPv4 address too, in either spelling") {
  CHECK_EQ(network_of(ip("2001:db8::1")), network_of(ip("2001:db8::ffff:ffff:ffff:ffff")));
  CHECK_NE(network_of(ip("2001:db8::1")), network_of(ip("2001:db8:0:1::1")));
  CHECK_EQ(network_of(ip("192.0.2.1")), network_of(ip("::ffff:192.0.2.1")));
  CHECK_NE(network_of(ip("192.0.2.1")), network_of(ip("192.0.2.2")));
  CHECK_NE(network_of(ip("192.0.2.1")), network_of(ip("::1")));
}
