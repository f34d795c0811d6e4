#include "functions/library/pattern.hpp"
#include "functions/sandbox.hpp"

#include <string>

#define CAF_SUITE functions.pattern
#include <caf/test/bdd_dsl.hpp>

using namespace waybill::sandbox;

namespace {

std::string value_of(const std::string& expression) {
  const auto done = run("return array{" + expression + "}", "null");
  return done.error ? to_text(*done.error) : done.result;
}

} // namespace

// The expected values are those of Lua 5.4's own matcher.

SCENARIO("characters, classes and sets") {
  CHECK_EQ(value_of("('hello world'):find('o w')"), "[5,7]");
  CHECK_EQ(value_of("('a1B2'):match('%a%d%u%d')"), R"(["a1B2"])");
  CHECK_EQ(value_of("('key = 7'):match('^(%w+)%s*=%s*(%w+)$')"), R"(["key","7"])");
  CHECK_EQ(value_of("('x]y'):match('[]]')"), R"(["]"])");
  CHECK_EQ(value_of("('x^y'):match('[%^x]+')"), R"(["x^"])");
  CHECK_EQ(value_of("('abc-9'):match('[a-c%-9]+')"), R"(["abc-9"])");
  CHECK_EQ(value_of("('abc'):match('[^b]+', 3)"), R"(["c"])");
  CHECK_EQ(value_of("('a-'):match('[a-]+')"), R"(["a-"])");
  CHECK_EQ(value_of("('a.b'):find('.', 1, true)"), "[2,2]");
  CHECK_EQ(value_of("('tab\\there'):match('%S+$')"), R"(["here"])");
}

SCENARIO("repetitions") {
  CHECK_EQ(value_of("('aaab'):match('a*b')"), R"(["aaab"])");
  CHECK_EQ(value_of("('aaab'):match('a-b')"), R"(["aaab"])");
  CHECK_EQ(value_of("('aaab'):match('a-')"), R"([""])");
  CHECK_EQ(value_of("('ab'):match('ac?b')"), R"(["ab"])");
  CHECK_EQ(value_of("('<a><b>'):match('<(.-)>')"), R"(["a"])");
  CHECK_EQ(value_of("('<a><b>'):match('<(.+)>')"), R"(["a><b"])");
}

SCENARIO("captures, places, balance and frontiers") {
  CHECK_EQ(value_of("('abc'):match('()b()')"), "[2,3]");
  CHECK_EQ(value_of("('abcabc'):match('(abc)%1')"), R"(["abc"])");
  CHECK_EQ(value_of("('f(a(b)c)d'):match('%b()')"), R"_(["(a(b)c)"])_");
  CHECK_EQ(value_of("('THE (quick) fox'):find('%f[%a]%a+%f[%A]', 5)"), "[6,10]");
  CHECK_EQ(value_of("('((a)(b))'):match('(%((.)%))')"), R"_(["(a)","a"])_");
}

SCENARIO("all matches and replacements") {
  CHECK_EQ(value_of("('hello world'):gsub('o', '0')"), R"(["hell0 w0rld",2])");
  CHECK_EQ(value_of("('hello world'):gsub('(%w+)', '<%1>')"), R"(["<hello> <world>",2])");
  CHECK_EQ(value_of("('hello world'):gsub('%w+', '%0 %0', 1)"), R"(["hello hello world",1])");
  CHECK_EQ(value_of("('abc'):gsub('', '-')"), R"(["-a-b-c-",4])");
  CHECK_EQ(value_of("('abc'):gsub('%w*', 'x')"), R"(["x",1])");
  CHECK_EQ(value_of("('$name is $age'):gsub('%$(%w+)', {name = 'Ada', age = 36})"), R"(["Ada is 36",2])");
  CHECK_EQ(value_of("('abc'):gsub('%w', function(c) if c == 'b' then return 'B' end end)"), R"(["aBc",3])");
  CHECK_EQ(value_of("('a,b,,c'):gsub(',', ';', 0)"), R"(["a,b,,c",0])");
  CHECK_EQ(value_of("('abab'):gsub('^a', 'x')"), R"(["xbab",1])");
  const auto words = run("local out = array{} for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do out[#out + 1] = k .. v "
                         "end for w in ('abc'):gmatch('') do out[#out + 1] = w end return out",
                         "null");
  CHECK_EQ(words.result, R"(["a1","b2","","","",""])");
}

SCENARIO("a pattern that is wrong is an error") {
  for (const auto* pattern :
       {"%", "[", "[a", "[^", "[%", "(", "(()", "a)", "%1", "(%1)", "%f", "%b", "%bx", "[]", "[^]"}) {
    const auto done = run("return ('aaa'):match(input)", '"' + std::string{pattern} + '"');
    REQUIRE(done.error.has_value());
    CHECK_EQ(done.error->kind, error_kind::raised);
  }
  CHECK_EQ(value_of("('a'):gsub('a', '%2')"), "line 1: invalid use of '%' in the replacement: it names no capture");
}

SCENARIO("a matcher whose work is used up finds nothing") {
  meter work{100, waybill::milliseconds{10'000}};
  const std::string text(1'000, 'a');
  pattern_matcher matcher{text, ".-.-b", work};
  CHECK(matcher.match_at(text.data()) == nullptr);
  CHECK(work.why() == exhausted::steps);
  CHECK(matcher.problem() == nullptr);
}
