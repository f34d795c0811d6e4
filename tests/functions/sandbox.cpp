#include "functions/sandbox.hpp"

#include "domain/base/enum_name.hpp"

#include <string>

#define CAF_SUITE functions.sandbox
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::sandbox;

namespace {

/// The result, or `kind line: message`.
std::string ran(std::string_view source, std::string_view input = "null", const limits& allowed = {}) {
  const auto done = run(source, input, allowed);
  if (!done.error)
    return done.result;
  return std::string{name_of(done.error->kind)} + " " + std::to_string(done.error->line) + ": " + done.error->message;
}

/// `kind line` of an error; the result when there is none.
std::string ended(std::string_view source, const limits& allowed = {}) {
  const auto done = run(source, "null", allowed);
  if (!done.error)
    return done.result;
  return std::string{name_of(done.error->kind)} + " " + std::to_string(done.error->line);
}

/// Enough for a test, and soon over.
limits small() {
  limits allowed;
  allowed.steps = 2'000'000;
  allowed.memory = 4 * 1024 * 1024;
  allowed.block = 1024 * 1024;
  return allowed;
}

/// A bomb harms nobody: the call after it works.
void check_bomb(const std::string& source, const std::string& expected) {
  CHECK_EQ(ended(source, small()), expected);
  CHECK_EQ(ran("return 1 + 1"), "2");
}

} // namespace

SCENARIO("a function returns what it makes of its input") {
  CHECK_EQ(ran("return input.a + 1", R"({"a":41})"), "42");
  CHECK_EQ(ran("local n = 0 for _, x in ipairs(input) do n = n + x end return n", "[1,2,3]"), "6");
  CHECK_EQ(ran("return input.name:upper()", R"({"name":"ada"})"), R"("ADA")");
  CHECK_EQ(ran(""), "null");
}

SCENARIO("an error has the line in which it was raised") {
  CHECK_EQ(ran("\nlocal x = input.a\nreturn x.b", "{}"), "raised 3: attempt to index a nil value (local 'x')");
  CHECK_EQ(ran("\n\nerror('no stock')"), "raised 3: no stock");
  CHECK_EQ(ran("error('no stock', 0)"), "raised 1: no stock");
  CHECK_EQ(ran("local function f()\nerror({})\nend\nf()"), "raised 2: it raised an error that has no message");
  CHECK_EQ(ran("\nreturn '10' + 1"), "raised 2: attempt to perform arithmetic on a string value (constant '10')");
}

SCENARIO("a source that does not compile is refused with its line") {
  CHECK_EQ(ran("local x = 1\nreturn x +"), "source 2: unexpected symbol near <eof>");
  REQUIRE(check("return (").has_value());
  CHECK_EQ(check("\nreturn (")->line, 2u);
  CHECK(!check("return 1").has_value());
  CHECK_EQ(check(std::string(max_source + 1, ' '))->kind, error_kind::source);
}

SCENARIO("bytecode is never loaded") {
  const std::string bytecode{"\x1bLua\x54\x00\x19\x93\r\n\x1a\n", 12};
  CHECK_EQ(check(bytecode)->kind, error_kind::source);
}

SCENARIO("nothing reaches out of a function") {
  for (const auto* name : {"io", "os", "debug", "package", "require", "load", "loadstring", "loadfile", "dofile",
                           "collectgarbage", "coroutine", "print", "setmetatable", "getmetatable", "rawset",
                           "string.dump", "math.random", "string.pack"})
    CHECK_EQ(ran(std::string{"return "} + name), "null");
}

SCENARIO("a call leaves nothing for the next one") {
  CHECK_EQ(ran("string.rep = nil\nshared = 7\nreturn shared"), "7");
  CHECK_EQ(ran("return {shared == nil, string.rep('a', 2)}"), R"([true,"aa"])");
}

SCENARIO("no address is shown") {
  CHECK_EQ(ran("return tostring({})"), R"("table")");
  CHECK_EQ(ran("return string.format('%s %s', print, string.rep)"), R"("nil function")");
  CHECK_EQ(ended("return string.format('%10p', {})"), "raised 1");
}

SCENARIO("an endless loop ends") {
  check_bomb("local n = 0\nwhile true do\nn = n + 1\nend", "steps 3");
  check_bomb("while true do pcall(function() while true do end end) end", "steps 1");
  check_bomb("::again::\ngoto again", "steps 2");
  check_bomb("table.sort({3, 1, 2}, function() while true do end end)", "steps 1");
}

SCENARIO("a function ends when its time is over, however few steps it takes") {
  limits allowed;
  allowed.time = milliseconds{20};
  allowed.steps = std::uint64_t{1} << 60;
  CHECK_EQ(ended("while true do end", allowed), "time 1");
}

SCENARIO("a memory bomb ends") {
  check_bomb("local t = {}\nwhile true do\nt[#t + 1] = {}\nend", "memory 3");
  check_bomb("local s = 'x'\nwhile true do s = s .. s end", "memory 2");
  check_bomb("local t, s = {}, ('x'):rep(1000)\nfor i = 1, 1e9 do t[i] = s .. i end", "memory 2");
  check_bomb("return ('x'):rep(1e9)", "raised 1");
  check_bomb("return ('x'):rep(1 << 62, 'y')", "raised 1");
  check_bomb("return ('%99d'):rep(100000):format(1)", "raised 1");
  check_bomb("while true do\npcall(function() local t = {} while true do t[#t + 1] = {} end end)\nend", "memory 2");
}

SCENARIO("a recursion without an end ends") {
  check_bomb("local function f(n)\nreturn 1 + f(n + 1)\nend\nreturn f(1)", "depth 2");
  check_bomb("local function f() return pcall(f) end\nreturn f()", "true");
  check_bomb("local function f() return (('x'):gsub('x', f)) end\nreturn f()", "raised 1");
  check_bomb("return " + std::string(1'000, '('), "source 0");
  check_bomb("local t = {}\nt.t = t\nreturn t", "result 0");
}

SCENARIO("a pattern bomb ends") {
  const std::string text = "local s = ('a'):rep(3000)\n";
  check_bomb(text + "return s:find('.-.-.-.-b')", "steps 2");
  check_bomb(text + "return s:match('a*a*a*a*b')", "steps 2");
  check_bomb(text + "for x in s:gmatch('.-.-.-b') do end", "steps 2");
  check_bomb(text + "return s:gsub('(.-)(.-)(.-)b', '')", "steps 2");
  check_bomb(text + "return s:find(('(a'):rep(33))", "raised 2");
  check_bomb(text + "return s:find(('a?'):rep(3000) .. ('a'):rep(3000))", "raised 2");
  check_bomb("return ('[' .. ('a'):rep(60000) .. ']'):rep(1):len()", "60002");
  check_bomb("local set = '[' .. ('b'):rep(60000) .. ']'\nreturn ('a'):rep(60000):find(set)", "steps 2");
}

SCENARIO("library functions that work for long are counted") {
  check_bomb("local t = {}\nfor i = 1, 1e9 do table.insert(t, 1, i) end", "steps 2");
  check_bomb("local t = {}\nfor i = 1, 20000 do t[i] = i end\nwhile true do table.sort(t) end", "steps 3");
  check_bomb("local s = ('a'):rep(200000)\nwhile true do local _ = s:find('b', 1, true) end", "steps 2");
  check_bomb("return table.concat({}, '', 1, 1 << 40)", "raised 1");
  check_bomb("return table.unpack({}, 1, 1 << 40)", "raised 1");
}

SCENARIO("what a function has used up cannot be won back by catching the error") {
  check_bomb("local function f() while true do end end\nfor i = 1, 100 do pcall(f) end\nreturn 1", "steps 1");
  CHECK_EQ(ran("local ok, why = pcall(error, 'no')\nreturn {ok, why}"), R"([false,"no"])");
  CHECK_EQ(ran("return select('#', pcall(function() return 1, 2 end))"), "3");
}

SCENARIO("the functions that are replaced do what Lua's do") {
  CHECK_EQ(ran("local t = {1, 2, 3} table.insert(t, 2, 9) table.insert(t, 7) return t"), "[1,9,2,3,7]");
  CHECK_EQ(ran("local t = {1, 2, 3} local x = table.remove(t, 1) return {x, #t, table.remove(t), table.remove({})}"),
           "[1,2,3]");
  CHECK_EQ(ran("local t = {5, 3, 9, 1, 3} table.sort(t) return t"), "[1,3,3,5,9]");
  CHECK_EQ(ran("local t = {5, 3, 9, 1} table.sort(t, function(a, b) return a > b end) return t"), "[9,5,3,1]");
  CHECK_EQ(ran("return table.concat({1, 'a', 2}, '-')"), R"("1-a-2")");
  CHECK_EQ(ran("return {table.unpack({1, 2, 3}, 2)}"), "[2,3]");
  CHECK_EQ(ran("return table.pack(1, nil, 3).n"), "3");
  CHECK_EQ(ran("return string.format('%05.1f %s %q', 3.14159, true, 'a')"), R"("003.1 true \"a\"")");
  CHECK_EQ(ran("return ('ab'):rep(3, ',')"), R"("ab,ab,ab")");
  CHECK_EQ(ran("return format_money(2800, 'EUR')"), R"("28.00 EUR")");
}

SCENARIO("the same source and the same input give the same text") {
  const auto* source = "local t = {} for i = 1, 20 do t['k' .. i] = i end return t";
  CHECK_EQ(ran(source), ran(source));
}
