#include "auth/octets.hpp"
#include "domain/json/utf8.hpp"
#include "gateway/http/cursor.hpp"
#include "gateway/http/json_body.hpp"
#include "gateway/http/request.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#define CAF_SUITE gateway.unit
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::http;

SCENARIO("what is well-formed is read as it was written") {
  for (std::string text : {R"({"a":[1,-2,null,true,{"b":"\u00e4\ud83d\ude00"}],"c":{"a":1}})", "[]", "\"\"", "1.5e3"}) {
    const auto value = parse_json(text);
    REQUIRE(value.has_value());
    CHECK_EQ(boost::json::serialize(*value), boost::json::serialize(boost::json::parse(text)));
  }
}

SCENARIO("only the forms of RFC 3629 are UTF-8") {
  for (std::string_view good : {"", "a", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"})
    CHECK(is_utf8(good));
  for (std::string_view bad : {"\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80",
                               "\xF4\x90\x80\x80", "\xE2\x82", "a\xFF"})
    CHECK(!is_utf8(bad));
}

SCENARIO("thirty-two levels are read and no more") {
  CHECK(parse_json(std::string(32, '[') + std::string(32, ']')).has_value());
  CHECK(!parse_json(std::string(33, '[') + std::string(33, ']')).has_value());
}

SCENARIO("one pass finds all the errors") {
  std::vector<field_error> errors;
  const auto value = parse_json(R"({"a":1,"b":"","c":{"d":"x","e":1}})");
  object_reader from{*value, "", errors};
  from.text("a", {1, 5});
  from.text("b", {1, 5});
  auto inner = from.object("c");
  inner.integer("d", {0, 5});
  inner.finish();
  from.object("missing").text("silent", {1, 5});
  from.finish();
  std::vector<std::string> pointers;
  for (const auto& error : errors)
    pointers.push_back(error.pointer);
  CHECK_EQ(pointers, (std::vector<std::string>{"/a", "/b", "/c/d", "/c/e", "/missing"}));
}

SCENARIO("a cursor comes back as it was, and only to its own list") {
  const list_cursor at{parse_rfc3339("2026-11-21T03:40:22.000001Z"), "ord_00000000000000000001"};
  const auto text = to_cursor("orders-", at);
  const auto back = from_cursor("orders-", text);
  REQUIRE(back.has_value());
  CHECK(back->time == at.time && back->id == at.id);
  CHECK(!from_cursor("orders+", text).has_value());
  CHECK(!from_cursor("orders-", text.substr(0, 8)).has_value());
  CHECK(!from_cursor("orders-", text + "=").has_value());
}

SCENARIO("each value has one base64url text") {
  for (std::string octets : {"", "a", "ab", "abc", "\xFF\xFE\xFD\xFC"})
    CHECK_EQ(from_base64url(to_base64url(octets)), octets);
  CHECK(!from_base64url("YR").has_value());
  CHECK(!from_base64url("Y").has_value());
  CHECK(!from_base64url("Y+==").has_value());
  CHECK(!from_base64url("YQ\xB9\x88").has_value());
}

SCENARIO("Prefer is read as RFC 7240 says") {
  CHECK_EQ(preferred_wait("wait=5"), 5u);
  CHECK_EQ(preferred_wait("respond-async, WAIT=7; x=y"), 7u);
  CHECK_EQ(preferred_wait("wait=31"), 30u);
  CHECK_EQ(preferred_wait("wait=x, return=minimal"), 0u);
  CHECK_EQ(preferred_wait("await=5"), 0u);
}
