#include "outbound/address_policy.hpp"

#include "domain/base/errors.hpp"
#include "outbound/http_client.hpp"

#include "tests/support/scripted_server.hpp"

#include <future>
#include <memory>
#include <string>

#define CAF_SUITE outbound.address_policy
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::outbound;

namespace {

bool public_text(const std::string& text) {
  return is_public(boost::asio::ip::make_address(text));
}

} // namespace

SCENARIO("addresses that are not of the public internet are told apart from those that are") {
  for (const auto* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.1",
                           "10.255.255.255",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.254",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.1.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.7",
                           "203.0.113.7",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "192.31.196.1",
                           "192.175.48.1",
                           "::",
                           "::1",
                           "::ffff:8.8.8.8",
                           "::ffff:127.0.0.1",
                           "::8.8.8.8",
                           "64:ff9b::8.8.8.8",
                           "64:ff9b:1::1",
                           "100::1",
                           "2001::1",
                           "2001:2::1",
                           "2001:10::1",
                           "2001:db8::1",
                           "2002:7f00:1::1",
                           "3fff::1",
                           "3fff:fff::1",
                           "5f00::1",
                           "fc00::1",
                           "fdff::1",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1",
                           "ff0e::1",
                           "2620:4f:8000::1"}) {
    if (public_text(text))
      MESSAGE(text);
    CHECK(!public_text(text));
  }
  for (const auto* text :
       {"1.1.1.1",     "8.8.8.8",      "9.255.255.255", "11.0.0.1",   "100.63.255.255",  "100.128.0.1",
        "126.255.0.1", "128.0.0.1",    "169.253.0.1",   "172.15.0.1", "172.32.0.1",      "192.0.1.1",
        "192.167.0.1", "192.169.0.1",  "198.17.0.1",    "198.20.0.1", "223.255.255.255", "2001:4860:4860::8888",
        "2003::1",     "2606:4700::1", "2a00::1",       "3ffe::1"}) {
    if (!public_text(text))
      MESSAGE(text);
    CHECK(public_text(text));
  }
}

SCENARIO("a URL that the policy forbids is refused before anything is sent") {
  const auto allowed = [](const std::string& url) {
    return check_target(parse_http_url(url).value(), target_policy::public_only).has_value();
  };
  CHECK(allowed("https://receiver.example/hook"));
  CHECK(allowed("https://1.1.1.1/"));
  CHECK(!allowed("http://receiver.example/hook"));
  CHECK(!allowed("https://127.0.0.1/"));
  CHECK(!allowed("https://[::1]/"));
  CHECK(!allowed("https://169.254.169.254/latest/meta-data"));
  CHECK(check_target(parse_http_url("http://127.0.0.1/").value(), target_policy::any).has_value());
}

SCENARIO("an address is recognised in every form that resolvers accept, and a private name before its look-up") {
  const auto allowed = [](const std::string& url) {
    return check_target(parse_http_url(url).value(), target_policy::public_only).has_value();
  };
  for (const auto* host :
       {"0", "127.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]"})
    CHECK(!allowed("https://" + std::string{host} + "/"));
  CHECK(allowed("https://0x01010101/"));
  for (const auto* name :
       {"localhost",      "LOCALHOST",        "localhost.",    "a.localhost", "printer.local",
        "db.internal",    "router.home.arpa", "intranet",      "x.test",      "x.invalid",
        "x.onion",        "printer.lan",      "intranet.corp", "nas.home",    "kubernetes.default.svc",
        "a.in-addr.arpa", "a.ip6.arpa",       "x.alt",         "x.example",   "x.intranet",
        "x.private",      "mx.mail",          "PRINTER.LAN."})
    CHECK(is_private_name(name));
  for (const auto* name : {"receiver.example.com", "internal.example.com", "local.example.com.", "localhost.shop",
                           "my-local.com", "lan.com", "svc.io", "corp.example.com", "xn--home-example.com"})
    CHECK(!is_private_name(name));
}

SCENARIO("no connection is made to a name with a private address, unless that is allowed") {
  testing::scripted_server server{[](const testing::scripted_request&) { return testing::scripted_answer{}; }};
  const auto port = server.url().substr(server.url().rfind(':'));
  const auto send = [&](const std::string& url, target_policy policy) {
    http_client_options options;
    options.targets = policy;
    const auto client = http_client::make(options).value();
    http_request request;
    request.url = parse_http_url(url).value();
    std::promise<http_result> told;
    client->send(std::move(request), [&](http_result answer) { told.set_value(std::move(answer)); });
    return told.get_future().get();
  };
  const auto refused = send("https://localhost" + port + "/", target_policy::public_only);
  CHECK_EQ(int(refused.error().code), int(ec::invalid_argument));
  CHECK(!refused.error().sent);
  CHECK_EQ(refused.error().detail, "the address of localhost is not one of the public internet");
  CHECK_EQ(server.connections(), 0);
  CHECK(send("http://localhost" + port + "/", target_policy::any).has_value());
}
