#pragma once

#include <boost/json/fwd.hpp>

#include <lua.hpp>

#include <string>

/// JSON and Lua. An object is a table with texts as keys. An array is a table with the keys 1 to n that is marked as an
/// array, so that an empty one stays one; `array{}` marks one. JSON's null is `null`, which is no value of Lua's own: a
/// member that is null is there. Whole numbers are Lua's integers and stay exact; others are floats.
namespace waybill::sandbox {

/// Pushes `value`. May raise an error of Lua, for want of memory.
void push_json(lua_State* lua, const boost::json::value& value);

/// Pushes JSON's null.
void push_null(lua_State* lua);

/// Marks the table at `index` as an array. May raise an error of Lua.
void mark_array(lua_State* lua, int index);

/// Adds the value on top of the stack to `out`, the members of an object in the order of their names. Returns why it
/// cannot be: not a number of JSON (NaN, infinity), a function, a table with gaps or with both kinds of keys, text that
/// is not UTF-8, too deep, too large, too long in the making; empty when it could. Raises nothing.
std::string append_value(lua_State* lua, std::string& out);

} // namespace waybill::sandbox
