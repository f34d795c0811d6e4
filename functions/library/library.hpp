#pragma once

#include <lua.hpp>

/// What a function may call. Everything that could work for long without coming back to Lua, where steps are counted,
/// counts steps itself; nothing reaches out of its call.
namespace waybill::sandbox {

/// Defines all of it as globals: `null`, `array`, `format_money`, the basic functions, `string`, `table`, `math`,
/// `utf8`. May raise an error of Lua, for want of memory.
void open_library(lua_State* lua);

/// Pushes the tables `string` and `table`.
void push_text_functions(lua_State* lua);
void push_table_functions(lua_State* lua);

} // namespace waybill::sandbox
