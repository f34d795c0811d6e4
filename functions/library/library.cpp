#include "functions/library/library.hpp"

#include "functions/call_state.hpp"
#include "functions/library/text_functions.hpp"
#include "functions/values.hpp"

#include "domain/base/currency.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace waybill::sandbox {

namespace {

// -- basic functions --------------------------------------------------------------------------------------------------

/// As Lua's, but what ends the call is not held up.
int protected_call(lua_State* lua) {
  luaL_checkany(lua, 1);
  const auto status = lua_pcall(lua, lua_gettop(lua) - 1, LUA_MULTRET, 0);
  if (state_of(lua).work.why() != exhausted::nothing)
    raise_end(lua);
  lua_pushboolean(lua, status == LUA_OK ? 1 : 0);
  lua_insert(lua, 1);
  return lua_gettop(lua);
}

/// Without the addresses that Lua's has in it.
int text_of_value(lua_State* lua) {
  luaL_checkany(lua, 1);
  push_text_of(lua, 1);
  return 1;
}

int marked_array(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  lua_settop(lua, 1);
  mark_array(lua, 1);
  return 1;
}

/// `format_money(2800, "EUR")`: the text `28.00 EUR`.
int money_as_text(lua_State* lua) {
  const auto amount = luaL_checkinteger(lua, 1);
  std::size_t size = 0;
  const char* currency = luaL_checklstring(lua, 2, &size);
  std::array<char, 64> text{};
  constexpr std::size_t code = 3;
  if (size != code)
    luaL_argerror(lua, 2, "a currency has three letters");
  // An error of Lua must not find the string alive.
  {
    const auto written = to_text(money{amount, std::string(currency, size)});
    std::copy_n(written.data(), std::min(written.size(), text.size() - 1), text.data());
  }
  lua_pushstring(lua, text.data());
  return 1;
}

/// The functions of Lua that are taken as they are.
constexpr std::array plain{"assert", "error", "ipairs", "next", "pairs", "select", "tonumber", "type"};

/// Pushes a table with the named functions of the table on top, which it replaces.
template <std::size_t Size>
void choose(lua_State* lua, const std::array<const char*, Size>& names) {
  lua_createtable(lua, 0, static_cast<int>(Size));
  for (const auto* name : names) {
    lua_getfield(lua, -2, name);
    lua_setfield(lua, -2, name);
  }
  lua_remove(lua, -2);
}

/// Takes functions of Lua's own library `open`, under `name`.
template <std::size_t Size>
void take_library(lua_State* lua, const char* name, lua_CFunction open, const std::array<const char*, Size>& names) {
  lua_pushcfunction(lua, open);
  lua_callk(lua, 0, 1, 0, nullptr);
  choose(lua, names);
  lua_setglobal(lua, name);
}

constexpr std::array mathematics{"abs", "ceil", "exp",  "floor", "fmod",      "huge", "log", "max", "maxinteger",
                                 "min", "modf", "mininteger", "pi",   "sqrt", "tointeger", "type", "ult"};
constexpr std::array code_points{"char", "charpattern", "codepoint", "len", "offset"};

} // namespace

void open_library(lua_State* lua) {
  // The library's own globals are made in a table that is let go again.
  lua_pushcfunction(lua, luaopen_base);
  lua_callk(lua, 0, 1, 0, nullptr);
  choose(lua, plain);
  lua_pushcfunction(lua, protected_call);
  lua_setfield(lua, -2, "pcall");
  lua_pushcfunction(lua, text_of_value);
  lua_setfield(lua, -2, "tostring");
  lua_pushcfunction(lua, marked_array);
  lua_setfield(lua, -2, "array");
  lua_pushcfunction(lua, money_as_text);
  lua_setfield(lua, -2, "format_money");
  push_null(lua);
  lua_setfield(lua, -2, "null");
  lua_pushvalue(lua, -1);
  lua_setfield(lua, -2, "_G");
  lua_rawseti(lua, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  take_library(lua, "math", luaopen_math, mathematics);
  take_library(lua, "utf8", luaopen_utf8, code_points);
  push_text_functions(lua);
  lua_setglobal(lua, "string");
  push_table_functions(lua);
  lua_setglobal(lua, "table");
}

} // namespace waybill::sandbox
