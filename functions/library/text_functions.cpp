#include "functions/library/text_functions.hpp"

#include "functions/call_state.hpp"
#include "functions/library/library.hpp"
#include "functions/values.hpp"

#include <array>
#include <cstring>

namespace waybill::sandbox {

namespace {

/// As Lua's `string.rep`, which makes the text before anybody sees how long it gets.
int repeat_text(lua_State* lua) {
  std::size_t size = 0;
  std::size_t between = 0;
  const char* text = luaL_checklstring(lua, 1, &size);
  const auto count = luaL_checkinteger(lua, 2);
  const char* separator = luaL_optlstring(lua, 3, "", &between);
  if (count <= 0) {
    lua_pushliteral(lua, "");
    return 1;
  }
  const auto longest = state_of(lua).allowed.text;
  const auto times = static_cast<std::uint64_t>(count);
  if (size + between > 0 && times > longest / (size + between))
    return luaL_error(lua, "the text that string.rep makes would have more than %d octets", static_cast<int>(longest));
  if (size + between == 0) {
    lua_pushliteral(lua, "");
    return 1;
  }
  const auto total = size * times + between * (times - 1);
  charge(lua, steps_for(total) + times);
  luaL_Buffer buffer;
  char* to = luaL_buffinitsize(lua, &buffer, total);
  for (std::uint64_t i = 0; i < times; ++i) {
    std::memcpy(to, text, size);
    to += size;
    if (i + 1 < times)
      std::memcpy(to, separator, between);
    to += i + 1 < times ? between : 0;
  }
  luaL_pushresultsize(&buffer, total);
  return 1;
}

/// Counts the work of a function of Lua that walks over the text it gets, then calls it. It is the upvalue.
int counted(lua_State* lua) {
  charge(lua, 1 + lua_rawlen(lua, 1) / 8);
  return lua_tocfunction(lua, lua_upvalueindex(1))(lua);
}

/// Lua's `string.format` (the upvalue) without addresses in what it makes.
int format_text(lua_State* lua) {
  std::size_t size = 0;
  const char* format = luaL_checklstring(lua, 1, &size);
  charge(lua, 1 + size);
  for (std::size_t i = 0; i + 1 < size; ++i) {
    if (format[i] != '%')
      continue;
    constexpr const char* between = "-+ #0123456789.";
    std::size_t at = i + 1;
    while (at < size && format[at] != '\0' && std::strchr(between, format[at]) != nullptr)
      ++at;
    if (at < size && format[at] == 'p')
      return luaL_argerror(lua, 1, "%p is not allowed: it would show an address");
    i = at;
  }
  for (int index = 2; index <= lua_gettop(lua); ++index) {
    const auto type = lua_type(lua, index);
    if (type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TBOOLEAN || type == LUA_TNIL)
      continue;
    push_text_of(lua, index);
    lua_replace(lua, index);
  }
  return lua_tocfunction(lua, lua_upvalueindex(1))(lua);
}

void set_function(lua_State* lua, const char* name, lua_CFunction function) {
  lua_pushcfunction(lua, function);
  lua_setfield(lua, -2, name);
}

/// Puts `wrapper` around the function `name` of Lua's library at -2, into the table on top.
void wrap(lua_State* lua, const char* name, lua_CFunction wrapper) {
  lua_getfield(lua, -2, name);
  lua_pushcclosure(lua, wrapper, 1);
  lua_setfield(lua, -2, name);
}

} // namespace

void push_text_of(lua_State* lua, int index) {
  switch (lua_type(lua, index)) {
    case LUA_TNUMBER:
    case LUA_TSTRING:
    case LUA_TBOOLEAN:
    case LUA_TNIL: luaL_tolstring(lua, index, nullptr); return;
    case LUA_TLIGHTUSERDATA: lua_pushliteral(lua, "null"); return;
    default: lua_pushstring(lua, luaL_typename(lua, index)); return;
  }
}

void push_text_functions(lua_State* lua) {
  lua_pushcfunction(lua, luaopen_string);
  lua_callk(lua, 0, 1, 0, nullptr);
  lua_newtable(lua);
  for (const auto* name : {"byte", "char", "len", "lower", "reverse", "sub", "upper"})
    wrap(lua, name, counted);
  wrap(lua, "format", format_text);
  set_function(lua, "rep", repeat_text);
  set_function(lua, "find", find_pattern);
  set_function(lua, "match", match_pattern);
  set_function(lua, "gmatch", all_matches);
  set_function(lua, "gsub", replace_pattern);
  lua_remove(lua, -2);
  // `("x"):rep(3)`. Lua's own table would let texts be added as numbers, at the cost of reading them.
  lua_pushliteral(lua, "");
  lua_createtable(lua, 0, 1);
  lua_pushvalue(lua, -3);
  lua_setfield(lua, -2, "__index");
  lua_setmetatable(lua, -2);
  lua_pop(lua, 1);
}

} // namespace waybill::sandbox
