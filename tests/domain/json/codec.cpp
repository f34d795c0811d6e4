#include "domain/json/codec.hpp"

#include "domain/base/errors.hpp"
#include "tests/domain/story.hpp"

#include <boost/json.hpp>

#define CAF_SUITE domain.codec
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

enum class colour : std::uint8_t { red, green };
BOOST_DESCRIBE_ENUM(colour, red, green)

struct everything {
  order_id order;
  timestamp at;
  colour tint = colour::red;
  std::optional<money> price;
  std::vector<std::int64_t> numbers;
  std::uint32_t small = 7;
  std::uint64_t large = 0;
  bool flag = false;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(everything, (), (order, at, tint, price, numbers, small, large, flag, text))

struct noted {
  std::map<std::string, std::string> texts;
  std::optional<std::map<std::string, std::string>> more;
};
BOOST_DESCRIBE_STRUCT(noted, (), (texts, more))

/// Version 2 calls `amount` what version 1 called `total`.
struct renamed {
  static constexpr std::string_view type = "test.renamed";
  static constexpr std::uint16_t schema = 2;
  std::int64_t amount = 0;

  static void upcast(boost::json::object& data, std::uint16_t from) {
    if (from < 2)
      data["amount"] = data["total"];
  }
};
BOOST_DESCRIBE_STRUCT(renamed, (), (amount))
using test_event = std::variant<renamed, product::withdrawn>;

std::string why_not(std::string_view json) {
  const auto read = decode<everything>(json);
  if (read)
    return "it is readable";
  return read.error().code == ec::unreadable ? read.error().detail : "another error";
}

std::string reread(const std::string& text) {
  everything x;
  x.text = text;
  const auto read = decode<everything>(encode(x));
  return read ? read->text : "unreadable: " + read.error().detail;
}

} // namespace

SCENARIO("a struct is an object with its members in order") {
  everything x{order_id{"ord_1"}, timestamp{}, colour::green, money{5, "EUR"}, {1, -2}, 3, 4, true, "hi"};
  CHECK_EQ(encode(x), R"({"order":"ord_1","at":"1970-01-01T00:00:00.000000Z","tint":"green",)"
                      R"("price":{"amount":5,"currency":"EUR"},"numbers":[1,-2],"small":3,"large":4,"flag":true,)"
                      R"("text":"hi"})");
  const auto read = decode<everything>(encode(x));
  REQUIRE(read.has_value());
  CHECK_EQ(encode(*read), encode(x));
}

SCENARIO("an empty optional is left out and reads back as empty") {
  CHECK_EQ(encode(everything{}).find("price"), std::string::npos);
  CHECK(!decode<everything>(encode(everything{}))->price.has_value());
  CHECK(!decode<everything>(R"({"price":null})")->price.has_value());
}

SCENARIO("a map of texts is an object, whatever its keys are") {
  noted x;
  CHECK_EQ(encode(x), R"({"texts":{}})");
  x.texts = {{"", "empty"}, {"a\"b", "1"}, {"z", ""}};
  const auto read = decode<noted>(encode(x));
  REQUIRE(read.has_value());
  CHECK(read->texts == x.texts);
  CHECK(!read->more.has_value());
  CHECK_EQ(decode<noted>(R"({"texts":{"a":1}})").error().detail, "texts.a must be a string");
  CHECK_EQ(decode<noted>(R"({"texts":[]})").error().detail, "texts must be an object");
  x.more.emplace();
  CHECK(decode<noted>(encode(x))->more.has_value());
}

SCENARIO("the largest and smallest 64-bit numbers are read back unchanged") {
  everything x;
  x.large = std::numeric_limits<std::uint64_t>::max();
  x.numbers = {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  const auto read = decode<everything>(encode(x));
  REQUIRE(read.has_value());
  CHECK_EQ(read->large, x.large);
  CHECK_EQ(read->numbers, x.numbers);
}

SCENARIO("any text is read back unchanged") {
  std::string all;
  for (char c = 0; c < 127; ++c)
    all += c;
  CHECK_EQ(reread(all), all);
  CHECK_EQ(reread("\"\\/"), "\"\\/");
  CHECK_EQ(reread("Zo\xC3\xAB \xE2\x82\xAC \xF0\x9F\x8D\xB5"), "Zo\xC3\xAB \xE2\x82\xAC \xF0\x9F\x8D\xB5");
}

SCENARIO("bytes that are not UTF-8 become replacement characters, so that the log stays readable") {
  const std::string mark = "\xEF\xBF\xBD";
  CHECK_EQ(reread("a\xFF"
                  "b"),
           "a" + mark + "b");
  CHECK_EQ(reread("\xC3"), mark);
  CHECK_EQ(reread("\xC0\xAF"), mark + mark);
  CHECK_EQ(reread("\xED\xA0\x80"), mark + mark + mark);
}

SCENARIO("missing members keep their default and unknown ones are ignored") {
  const auto read = decode<everything>(R"({"new":{"x":[1]},"flag":true})");
  REQUIRE(read.has_value());
  CHECK(read->flag);
  CHECK_EQ(read->small, 7u);
}

SCENARIO("an unreadable text is refused with the name of the wrong member") {
  CHECK_EQ(why_not(R"({"text":1})"), "text must be a string");
  CHECK_EQ(why_not(R"({"order":[]})"), "order must be a string");
  CHECK_EQ(why_not(R"({"tint":"blue"})"), "tint is an unknown word");
  CHECK_EQ(why_not(R"({"at":"yesterday"})"), "at must be an RFC 3339 time");
  CHECK_EQ(why_not(R"({"price":{"amount":1.5}})"), "price.amount must be an integer");
  CHECK_EQ(why_not(R"({"numbers":[1,"2"]})"), "numbers[1] must be an integer");
  CHECK_EQ(why_not(R"({"small":4294967296})"), "small is out of range");
  CHECK_EQ(why_not(R"({"small":-1})"), "small is out of range");
  CHECK_EQ(why_not(R"({"flag":null})"), "flag must be true or false");
  CHECK_EQ(why_not("[]"), "the text must be an object");
  CHECK_NE(why_not("{"), "it is readable");
  CHECK_NE(why_not(""), "it is readable");
}

SCENARIO("an older event is turned into its present form") {
  const auto old = decode_event<test_event>("test.renamed", 1, R"({"total":12})");
  REQUIRE(old.has_value());
  CHECK_EQ(std::get<renamed>(*old).amount, 12);
  CHECK_EQ(encode_event(*old).schema, 2u);
  CHECK_EQ(encode_event(*old).data, R"({"amount":12})");
}

SCENARIO("an event newer than the program or of an unknown type is unreadable") {
  const auto newer = decode_event<test_event>("test.renamed", 3, "{}");
  REQUIRE(!newer.has_value());
  CHECK(newer.error().code == ec::unreadable);
  const auto unknown = decode_event<test_event>("test.other", 1, "{}");
  REQUIRE(!unknown.has_value());
  CHECK_EQ(unknown.error().detail, "unknown event type test.other");
}

SCENARIO("an event without members is an empty object") {
  const auto encoded = encode_event(test_event{product::withdrawn{}});
  CHECK_EQ(encoded.type, "product.withdrawn");
  CHECK_EQ(encoded.data, "{}");
  CHECK(decode_event<test_event>(encoded.type, encoded.schema, encoded.data).has_value());
}
