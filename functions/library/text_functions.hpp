#pragma once

#include <lua.hpp>

namespace waybill::sandbox {

/// Pushes the value at `index` as text: numbers, texts and truth values as Lua does, others by their type alone,
/// because an address says where things are in the memory of the process. May raise an error of Lua, for want of
/// memory.
void push_text_of(lua_State* lua, int index);

/// `string.find`, `match`, `gmatch` and `gsub`, with the same meaning as Lua's (reference manual, section 6.4).
int find_pattern(lua_State* lua);
int match_pattern(lua_State* lua);
int all_matches(lua_State* lua);
int replace_pattern(lua_State* lua);

} // namespace waybill::sandbox
