#include "outbound/http_url.hpp"

#define CAF_SUITE outbound.http_url
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using outbound::parse_http_url;

SCENARIO("a URL is parsed, with the default ports of the schemes") {
  const auto whole = parse_http_url("https://psp.example:8443/base/?mode=test").value();
  CHECK(whole.secure);
  CHECK_EQ(whole.host, "psp.example");
  CHECK_EQ(whole.port, 8443);
  CHECK_EQ(whole.target, "/base/?mode=test");
  CHECK_EQ(whole.authority(), "psp.example:8443");
  const auto bare = parse_http_url("https://psp.example").value();
  CHECK_EQ(bare.port, 443);
  CHECK_EQ(bare.target, "/");
  CHECK_EQ(bare.authority(), "psp.example");
  CHECK_EQ(parse_http_url("http://psp.example").value().port, 80);
  const auto v6 = parse_http_url("http://[::1]:8080/x").value();
  CHECK_EQ(v6.host, "::1");
  CHECK_EQ(v6.authority(), "[::1]:8080");
  CHECK_EQ(v6.origin(), "http://[::1]:8080");
}

SCENARIO("paths are appended to the URL's own path") {
  CHECK_EQ(parse_http_url("http://a/base/").value().below("/v1/x").target, "/base/v1/x");
  CHECK_EQ(parse_http_url("http://a").value().below("/v1/x").target, "/v1/x");
  CHECK_EQ(parse_http_url("http://a/b?c=d").value().below("/v1/x").target, "/b/v1/x");
}

SCENARIO("an invalid URL, or one with a password, is refused without showing it") {
  for (const auto* bad : {"", "psp.example", "ftp://a", "http://", "https:///x", "http://a:0", "http://a:99999",
                          "http://user:hunter2@a", "http://a/#part", "http://a b", "http://a\r\nHost: b"}) {
    const auto refused = parse_http_url(bad);
    CHECK(refused.has_error());
    CHECK(refused.has_value() || refused.error().detail.find("hunter2") == std::string::npos);
  }
}

SCENARIO("an address of IPv6 without its brackets is refused") {
  for (const auto* text :
       {"https://2002:7f00:1::/", "https://::1/", "https://fe80::1/hook", "https://1:2:3", "https://10.0.0.0x1/"})
    CHECK(parse_http_url(text).has_error());
}

SCENARIO("a segment of a path is escaped") {
  CHECK_EQ(outbound::percent_encode("pay_1/authorize"), "pay_1%2Fauthorize");
  CHECK_EQ(outbound::percent_encode("a b%?#\xc3\xa9"), "a%20b%25%3F%23%C3%A9");
  CHECK_EQ(outbound::percent_encode("A-z_0.9~"), "A-z_0.9~");
  CHECK_EQ(outbound::percent_decode("pay_1%2Fauthorize%C3%a9"), "pay_1/authorize\xc3\xa9");
  CHECK_EQ(outbound::percent_decode("100%"), "100%");
}
