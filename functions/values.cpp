#include "functions/values.hpp"

#include "functions/call_state.hpp"

#include "domain/json/json_writer.hpp"
#include "domain/json/utf8.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace waybill::sandbox {

namespace json = boost::json;

namespace {

/// Its address is the key of the metatable of arrays.
constexpr char array_mark = 0;

void push_text(lua_State* lua, std::string_view text) {
  lua_pushlstring(lua, text.data(), text.size());
}

bool is_marked_array(lua_State* lua, int index) {
  if (lua_getmetatable(lua, index) == 0)
    return false;
  lua_rawgetp(lua, LUA_REGISTRYINDEX, &array_mark);
  const bool same = lua_rawequal(lua, -1, -2) != 0;
  lua_pop(lua, 2);
  return same;
}

/// Writes what lies on the stack of Lua. Uses no function of Lua that raises errors.
class value_writer {
public:
  value_writer(lua_State* lua, call_state& call) : lua_{lua}, call_{call} {}

  /// The value at `index`; false once `why` is not empty.
  bool write(int index, std::string& out, int depth) {
    written_ += 2;
    switch (lua_type(lua_, index)) {
      case LUA_TNIL: return put(out, "null");
      case LUA_TBOOLEAN: return put(out, lua_toboolean(lua_, index) != 0 ? "true" : "false");
      case LUA_TNUMBER: return write_number(index, out);
      case LUA_TSTRING: return write_text(text_at(index), out);
      case LUA_TTABLE: return write_table(index, out, depth);
      case LUA_TLIGHTUSERDATA: return put(out, "null");
      default: return fail(std::string{"a "} + lua_typename(lua_, lua_type(lua_, index)) + " is no value of JSON");
    }
  }

  std::string why;

private:
  using member = std::pair<std::string_view, std::string>;

  bool fail(std::string reason) {
    if (why.empty())
      why = std::move(reason);
    return false;
  }

  bool put(std::string& out, std::string_view text) {
    out += text;
    written_ += text.size();
    if (written_ > call_.allowed.result)
      return fail("it has more than " + std::to_string(call_.allowed.result) + " octets");
    return true;
  }

  std::string_view text_at(int index) {
    std::size_t size = 0;
    const char* text = lua_tolstring(lua_, index, &size);
    return {text, size};
  }

  bool write_text(std::string_view text, std::string& out) {
    if (!is_utf8(text))
      return fail("a text in it is not UTF-8");
    std::string quoted;
    append_json_string(quoted, text);
    return put(out, quoted);
  }

  bool write_number(int index, std::string& out) {
    std::array<char, 40> digits{};
    auto* const last = digits.data() + digits.size();
    std::to_chars_result end{};
    if (lua_isinteger(lua_, index) != 0) {
      end = std::to_chars(digits.data(), last, static_cast<std::int64_t>(lua_tointeger(lua_, index)));
    } else {
      const auto number = static_cast<double>(lua_tonumber(lua_, index));
      if (!std::isfinite(number))
        return fail("a number in it is infinite or not a number");
      end = std::to_chars(digits.data(), last, number);
    }
    return put(out, {digits.data(), static_cast<std::size_t>(end.ptr - digits.data())});
  }

  /// Walks over the table at `index` and tells `each` of the keys and values, whose places are -2 and -1.
  template <class Function>
  bool walk(int index, Function each) {
    lua_pushnil(lua_);
    while (lua_next(lua_, index) != 0) {
      const bool go_on = each();
      lua_pop(lua_, go_on ? 1 : 2);
      if (!go_on)
        return false;
    }
    return true;
  }

  bool write_table(int index, std::string& out, int depth) {
    if (depth == max_nesting)
      return fail("it has more than " + std::to_string(max_nesting) + " levels, or a table holds itself");
    // A table may be in it often, and cost much each time: that it is nearly empty now does not make it small.
    if (!call_.work.look())
      return fail("writing it took too long");
    lua_Integer count = 0;
    lua_Integer highest = 0;
    bool has_names = false;
    const bool keys_are_good = walk(index, [&] {
      ++count;
      has_names = has_names || lua_type(lua_, -2) == LUA_TSTRING;
      if (lua_isinteger(lua_, -2) != 0)
        highest = std::max(highest, lua_tointeger(lua_, -2) < 1 ? std::numeric_limits<lua_Integer>::max()
                                                                : lua_tointeger(lua_, -2));
      else if (lua_type(lua_, -2) != LUA_TSTRING)
        return fail("a table has a key that is neither a text nor a whole number");
      return true;
    });
    if (!keys_are_good)
      return false;
    const bool is_array = is_marked_array(lua_, index);
    if (has_names && (is_array || highest > 0))
      return fail("a table has both texts and numbers as keys");
    if (!has_names && (is_array || count > 0))
      return write_array(index, count, highest, out, depth);
    return write_object(index, out, depth);
  }

  bool write_array(int index, lua_Integer count, lua_Integer highest, std::string& out, int depth) {
    if (highest != count)
      return fail("a table has numbers as keys that are not 1 to " + std::to_string(count));
    bool good = put(out, "[");
    for (lua_Integer i = 1; good && i <= count; ++i) {
      good = i == 1 || put(out, ",");
      lua_rawgeti(lua_, index, i);
      good = good && write(lua_gettop(lua_), out, depth + 1);
      lua_pop(lua_, 1);
    }
    return good && put(out, "]");
  }

  /// Lua keeps no order of keys: they are sorted, so that the same result is the same text.
  bool write_object(int index, std::string& out, int depth) {
    std::vector<member> members;
    const bool good = walk(index, [&] {
      auto& added = members.emplace_back(text_at(-2), std::string{});
      return write(lua_gettop(lua_), added.second, depth + 1);
    });
    if (!good)
      return false;
    std::ranges::sort(members, {}, &member::first);
    out += '{';
    for (const auto& [name, value] : members) {
      if (&name != &members.front().first)
        out += ',';
      if (!write_text(name, out))
        return false;
      (out += ':') += value;
    }
    out += '}';
    return true;
  }

  lua_State* lua_;
  call_state& call_;
  /// Octets of all that was written, or will be put together from it.
  std::size_t written_ = 0;
};

} // namespace

void push_null(lua_State* lua) {
  lua_pushlightuserdata(lua, nullptr);
}

void mark_array(lua_State* lua, int index) {
  const auto table = lua_absindex(lua, index);
  if (lua_rawgetp(lua, LUA_REGISTRYINDEX, &array_mark) == LUA_TNIL) {
    lua_pop(lua, 1);
    lua_newtable(lua);
    lua_pushvalue(lua, -1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &array_mark);
  }
  lua_setmetatable(lua, table);
}

// No object here may need a destructor: an error of Lua leaves by longjmp.
void push_json(lua_State* lua, const json::value& value) {
  luaL_checkstack(lua, 4, nullptr);
  switch (value.kind()) {
    case json::kind::null: return push_null(lua);
    case json::kind::bool_: return lua_pushboolean(lua, value.get_bool() ? 1 : 0);
    case json::kind::int64: return lua_pushinteger(lua, value.get_int64());
    case json::kind::uint64: return lua_pushinteger(lua, static_cast<lua_Integer>(value.get_uint64()));
    case json::kind::double_: return lua_pushnumber(lua, value.get_double());
    case json::kind::string: return push_text(lua, value.get_string());
    case json::kind::array: {
      const auto& items = value.get_array();
      lua_createtable(lua, static_cast<int>(items.size()), 0);
      mark_array(lua, -1);
      for (std::size_t i = 0; i < items.size(); ++i) {
        push_json(lua, items[i]);
        lua_rawseti(lua, -2, static_cast<lua_Integer>(i + 1));
      }
      return;
    }
    case json::kind::object: {
      const auto& members = value.get_object();
      lua_createtable(lua, 0, static_cast<int>(members.size()));
      for (const auto* each = members.begin(); each != members.end(); ++each) {
        push_text(lua, each->key());
        push_json(lua, each->value());
        lua_rawset(lua, -3);
      }
      return;
    }
  }
}

std::string append_value(lua_State* lua, std::string& out) {
  constexpr int slots_per_level = 4;
  if (lua_checkstack(lua, slots_per_level * (max_nesting + 2)) == 0)
    return "there is no memory left to write it";
  value_writer writer{lua, state_of(lua)};
  writer.write(lua_gettop(lua), out, 0);
  return writer.why;
}

} // namespace waybill::sandbox
