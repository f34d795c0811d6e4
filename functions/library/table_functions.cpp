#include "functions/call_state.hpp"
#include "functions/library/library.hpp"
#include "functions/values.hpp"

#include <algorithm>
#include <array>

namespace waybill::sandbox {

namespace {

lua_Integer checked_length(lua_State* lua, int index) {
  luaL_checktype(lua, index, LUA_TTABLE);
  return static_cast<lua_Integer>(lua_rawlen(lua, index));
}

/// `table.insert(list, [place,] value)`.
int insert_value(lua_State* lua) {
  const auto behind = checked_length(lua, 1) + 1;
  if (lua_gettop(lua) == 2) {
    lua_rawseti(lua, 1, behind);
    return 0;
  }
  if (lua_gettop(lua) != 3)
    return luaL_error(lua, "wrong number of arguments to 'insert'");
  const auto place = luaL_checkinteger(lua, 2);
  luaL_argcheck(lua, place >= 1 && place <= behind, 2, "position out of bounds");
  charge(lua, static_cast<std::uint64_t>(behind - place) + 1);
  for (auto i = behind; i > place; --i) {
    lua_rawgeti(lua, 1, i - 1);
    lua_rawseti(lua, 1, i);
  }
  lua_rawseti(lua, 1, place);
  return 0;
}

/// `table.remove(list [, place])`.
int remove_value(lua_State* lua) {
  const auto size = checked_length(lua, 1);
  auto place = luaL_optinteger(lua, 2, size);
  if (size == 0 && (place == 0 || place == 1)) {
    lua_rawgeti(lua, 1, place);
    return 1;
  }
  luaL_argcheck(lua, place >= 1 && place <= size + 1, 2, "position out of bounds");
  lua_rawgeti(lua, 1, place);
  charge(lua, static_cast<std::uint64_t>(std::max<lua_Integer>(size - place, 0)) + 1);
  for (; place < size; ++place) {
    lua_rawgeti(lua, 1, place + 1);
    lua_rawseti(lua, 1, place);
  }
  lua_pushnil(lua);
  lua_rawseti(lua, 1, place);
  return 1;
}

/// `table.concat(list [, separator [, first [, last]]])`.
int concatenate(lua_State* lua) {
  const auto size = checked_length(lua, 1);
  std::size_t between = 0;
  const char* separator = luaL_optlstring(lua, 2, "", &between);
  const auto first = luaL_optinteger(lua, 3, 1);
  const auto last = luaL_optinteger(lua, 4, size);
  luaL_Buffer buffer;
  luaL_buffinit(lua, &buffer);
  for (auto i = first; i <= last; ++i) {
    charge(lua, 1);
    lua_rawgeti(lua, 1, i);
    if (lua_isstring(lua, -1) == 0)
      return luaL_error(lua, "invalid value (at index %I) in table for 'concat'", static_cast<LUAI_UACINT>(i));
    luaL_addvalue(&buffer);
    if (i == last)
      break;
    luaL_addlstring(&buffer, separator, between);
  }
  luaL_pushresult(&buffer);
  return 1;
}

/// `table.unpack(list [, first [, last]])`.
int unpack_values(lua_State* lua) {
  const auto size = checked_length(lua, 1);
  const auto first = luaL_optinteger(lua, 2, 1);
  const auto last = luaL_optinteger(lua, 3, size);
  if (first > last)
    return 0;
  constexpr lua_Unsigned most = 10'000;
  const auto count = static_cast<lua_Unsigned>(last) - static_cast<lua_Unsigned>(first) + 1;
  if (count == 0 || count > most)
    return luaL_error(lua, "too many results to unpack");
  charge(lua, count);
  luaL_checkstack(lua, static_cast<int>(count), "too many results to unpack");
  for (lua_Unsigned i = 0; i < count; ++i)
    lua_rawgeti(lua, 1, first + static_cast<lua_Integer>(i));
  return static_cast<int>(count);
}

int pack_values(lua_State* lua) {
  const auto count = lua_gettop(lua);
  lua_createtable(lua, count, 1);
  lua_insert(lua, 1);
  for (int i = count; i >= 1; --i)
    lua_rawseti(lua, 1, i);
  lua_pushinteger(lua, count);
  lua_setfield(lua, 1, "n");
  return 1;
}

// -- sorting ----------------------------------------------------------------------------------------------------------

/// Whether the value at `x` comes before the one at `y`; both are indices from the top.
bool comes_before(lua_State* lua, int x, int y) {
  const auto left = lua_absindex(lua, x);
  const auto right = lua_absindex(lua, y);
  const auto is_text = lua_type(lua, left) == LUA_TSTRING && lua_type(lua, right) == LUA_TSTRING;
  charge(lua, 1 + (is_text ? std::min(lua_rawlen(lua, left), lua_rawlen(lua, right)) / 8 : 0));
  if (lua_isnil(lua, 2))
    return lua_compare(lua, left, right, LUA_OPLT) != 0;
  lua_pushvalue(lua, 2);
  lua_pushvalue(lua, left);
  lua_pushvalue(lua, right);
  lua_callk(lua, 2, 1, 0, nullptr);
  const bool before = lua_toboolean(lua, -1) != 0;
  lua_pop(lua, 1);
  return before;
}

/// Lets the value at `from` sink to its place in the heap of the first `size` values of the list.
void sink(lua_State* lua, lua_Integer from, lua_Integer size) {
  lua_rawgeti(lua, 1, from);
  while (2 * from <= size) {
    auto child = 2 * from;
    lua_rawgeti(lua, 1, child);
    if (child < size) {
      lua_rawgeti(lua, 1, child + 1);
      if (comes_before(lua, -2, -1)) {
        ++child;
        lua_remove(lua, -2);
      } else {
        lua_pop(lua, 1);
      }
    }
    if (!comes_before(lua, -2, -1)) {
      lua_pop(lua, 1);
      break;
    }
    lua_rawseti(lua, 1, from);
    from = child;
  }
  lua_rawseti(lua, 1, from);
}

/// `table.sort(list [, comes_before])`, by a heap: no order of the values and no comparison, however wrong, makes it
/// take longer than n log n.
int sort_values(lua_State* lua) {
  const auto size = checked_length(lua, 1);
  if (!lua_isnoneornil(lua, 2))
    luaL_checktype(lua, 2, LUA_TFUNCTION);
  lua_settop(lua, 2);
  luaL_checkstack(lua, 10, nullptr);
  for (auto i = size / 2; i >= 1; --i)
    sink(lua, i, size);
  for (auto last = size; last > 1; --last) {
    lua_rawgeti(lua, 1, 1);
    lua_rawgeti(lua, 1, last);
    lua_rawseti(lua, 1, 1);
    lua_rawseti(lua, 1, last);
    sink(lua, 1, last - 1);
  }
  return 0;
}

constexpr std::array<luaL_Reg, 7> functions{{{"concat", concatenate},
                                             {"insert", insert_value},
                                             {"pack", pack_values},
                                             {"remove", remove_value},
                                             {"sort", sort_values},
                                             {"unpack", unpack_values},
                                             {nullptr, nullptr}}};

} // namespace

void push_table_functions(lua_State* lua) {
  lua_createtable(lua, 0, static_cast<int>(functions.size()));
  luaL_setfuncs(lua, functions.data(), 0);
}

} // namespace waybill::sandbox
