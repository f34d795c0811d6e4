#include "domain/json/utf8.hpp"
#include "domain/octets/octets.hpp"
#include "gateway/events/history_cursor.hpp"
#include "gateway/http/conditions.hpp"
#include "gateway/http/cursor.hpp"
#include "gateway/http/json_body.hpp"
#include "gateway/http/request.hpp"
#include "gateway/http/text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#define CAF_SUITE gateway.unit
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::http;

SCENARIO("well-formed JSON is read as it was written") {
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

SCENARIO("one pass reports all errors") {
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

SCENARIO("a cursor is read back unchanged, and only for its own list") {
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

SCENARIO("C1: entity tags are compared as RFC 9110 says, weak ones and those with odd characters too") {
  for (const std::string_view tags : {R"("1")", R"(  "x" , "1")", R"("a,b", "1")", R"("\", "1")", R"(, "1",)"})
    CHECK(tag_list{tags}.fits_strongly(R"("1")"));
  for (const std::string_view none : {R"("11")", R"(W/"1")", R"("1)", "1", R"("1"x)", "", R"("1,")", R"("*")"})
    CHECK(!tag_list{none}.fits_strongly(R"("1")"));
  CHECK(tag_list{" * "}.fits_strongly(R"("1")"));
  CHECK(tag_list{R"(W/"1")"}.fits_weakly(R"("1")"));
  CHECK(tag_list{R"("1")"}.fits_weakly(R"(W/"1")"));
  CHECK(!tag_list{R"(w/"1")"}.fits_weakly(R"("1")"));
  CHECK(!tag_list{"x"}.fits_weakly(""));
  CHECK_EQ(version_in(R"("7")").value_or(0), 7u);
  for (const std::string_view other : {R"("07")", R"("0")", R"("7x")", R"("")", "7"})
    CHECK(!version_in(other));
}

SCENARIO("C1: a page is sent to clients that accept HTML and do not prefer JSON; q=0 counts, case does not") {
  const auto html = [](std::string_view accept) {
    request req;
    req.headers.add("Accept", accept);
    return accepts_html(req);
  };
  for (const std::string_view page :
       {"text/html", "TEXT/HTML", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/*",
        "text/html;q=0.001", "application/json;q=0.5, text/html;level=1;q=0.7", "text/html;Q=1.000"})
    CHECK(html(page));
  for (const std::string_view other :
       {"", "*/*", "application/json", "text/html;q=0", "text/html;q=0.000, application/json", "text/html; Q=0, text/*",
        "text/html;q=0.5, application/json", "text/html;q=0.1, */*;q=0.9", "text/htmlx", "text/plain"})
    CHECK(!html(other));
}

SCENARIO("for gzip, a named entry counts before *") {
  const auto gzip = [](std::string_view accept) {
    request req;
    req.headers.add("Accept-Encoding", accept);
    return accepts_gzip(req);
  };
  for (const std::string_view takes : {"gzip", "GZIP", "br, gzip;q=0.1", "*", "x-gzip", "*;q=0.5"})
    CHECK(gzip(takes));
  for (const std::string_view refuses : {"", "br", "gzip;q=0", "gzip;q=0, *", "gzip ; Q=0.00", "*;q=0"})
    CHECK(!gzip(refuses));
}

SCENARIO("lists are split at commas outside of quoted strings, in linear time") {
  const auto items = [](std::string_view list) {
    std::vector<std::string> all;
    for_each_item(list, [&](std::string_view item) { all.emplace_back(item); });
    return all;
  };
  CHECK_EQ(items(R"(a;x="1,2" , b,, c)"), (std::vector<std::string>{R"(a;x="1,2")", "b", "c"}));
  CHECK_EQ(items(R"(a="\",", b)"), (std::vector<std::string>{R"(a="\",")", "b"}));
  CHECK_EQ(items(R"(", b, c)"), (std::vector<std::string>{"\"", "b", "c"}));
  std::string quotes;
  for (int i = 0; i < 200'000; ++i)
    quotes += "\\\"";
  CHECK_EQ(items(quotes).size(), 1u);
}

SCENARIO("D2: texts hold no control characters of Unicode, and names are not blank") {
  const length name{1, 200};
  for (const std::string_view bad : {"a\u009b31m", "a\u0085", "\u202egnp.exe", "\ufeff", "\u2028"})
    CHECK_EQ(check_text(bad, name), "must not contain control characters");
  for (const std::string_view blank : {" ", "\u00a0\u2003", "\u200b", "\u200d", "\u3164"})
    CHECK_EQ(check_text(blank, name), "must not be blank");
  for (const std::string_view good : {"a", "\u05d0\u200f", "\u0646\u200c\u062e", " x "})
    CHECK_EQ(check_text(good, name), "");
  CHECK_EQ(check_text(" ", {0, 10}), "");
}

SCENARIO("a cursor of an order's events is read as it was written, and only for that order") {
  const std::string order = "ord_06gzz7tp6rwesnq9raaz";
  const history_cursor cursor{{7, 9, 3, 5}, {{order, 12}, {"pay_06gzz7tp6rwesnq9raaz.1", 3}}};
  const auto text = to_string(cursor);
  const auto parsed = parse_history_cursor(text, order);
  REQUIRE(parsed.has_value());
  CHECK(parsed->position == cursor.position);
  CHECK(parsed->seen == cursor.seen);
  CHECK(!parse_history_cursor(text, "ord_06gzz7tp6rwesnq9raay"));
  // A position alone is one, for any order.
  CHECK(parse_history_cursor(to_string(cursor.position), order)->seen.empty());
  for (const std::string wrong : {"", ".", ".1x", ".-1", ".18446744073709551615", ".1~", ".1~.1", "x.1"})
    CHECK(!parse_history_cursor(to_string(cursor.position) + '~' + order + wrong, order));
  CHECK(!parse_history_cursor("~" + order + ".1", order));
  std::string many;
  for (int i = 0; i < 201; ++i)
    many += "~" + order + ".1";
  CHECK(!parse_history_cursor(to_string(cursor.position) + many, order));
}
