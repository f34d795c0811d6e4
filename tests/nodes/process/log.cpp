#include "nodes/process/log.hpp"

#include <boost/json/parse.hpp>

#define CAF_SUITE nodes.log
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace std::chrono_literals;

namespace {

/// The message as a reader of the log sees it.
std::string read_back(std::string_view message) {
  const auto line = to_json_line({}, "info", "a", message);
  CHECK(line.find('\n') == std::string::npos);
  boost::json::parse_options strict;
  const auto value = boost::json::parse(line, {}, strict);
  return std::string{value.at("message").as_string()};
}

} // namespace

SCENARIO("every message becomes one line of JSON, which gives it back unchanged") {
  for (const std::string message :
       {"plain", "a \"quoted\" \\ word", "two\nlines\r\n", "tab\tbell\a", "Zürich ☕ 𝄞", "\x7f", "</script>"})
    CHECK_EQ(read_back(message), message);
  CHECK_EQ(read_back({"nul\0byte", 8}), (std::string{"nul\0byte", 8}));
}

SCENARIO("bytes that are not UTF-8 become replacement characters") {
  CHECK_EQ(read_back("a\xff"
                     "b"),
           "a\uFFFDb");
  CHECK_EQ(read_back("cut \xe2\x82"), "cut \uFFFD\uFFFD");
  CHECK_EQ(read_back("\xc0\xaf"), "\uFFFD\uFFFD");
  CHECK_EQ(read_back("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");
}

SCENARIO("a line of JSON has the time, the level and the node") {
  CHECK_EQ(to_json_line(std::chrono::system_clock::time_point{1s}, "warning", "n\"1", "hello"),
           R"({"time":"1970-01-01T00:00:01.000000Z","level":"warning","node":"n\"1","message":"hello"})");
}

SCENARIO("a message cannot control the terminal") {
  CHECK_EQ(to_text("red \x1b[31m\nnext"), "red \\x1b[31m\\x0anext");
}

SCENARIO("a repeated failure is logged once a period, with its number meanwhile") {
  failure_log failures{10s};
  const failure_log::clock::time_point start{};
  CHECK_EQ(failures.report("db", start).value(), "");
  CHECK(!failures.report("db", start + 1s));
  CHECK(!failures.report("db", start + 9s));
  CHECK_EQ(failures.report("peer", start + 9s).value(), "");
  CHECK_EQ(failures.report("db", start + 10s).value(), " (2 more times since it was last said)");
  CHECK(!failures.report("db", start + 11s));
  CHECK(failures.forget("db"));
  CHECK(!failures.forget("db"));
  CHECK_EQ(failures.report("db", start + 12s).value(), "");
}
