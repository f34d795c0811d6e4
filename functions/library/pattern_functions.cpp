#include "functions/call_state.hpp"
#include "functions/library/pattern.hpp"
#include "functions/library/text_functions.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

// string.find, match, gmatch and gsub. No object here may need a destructor: an error of Lua leaves by longjmp.

namespace waybill::sandbox {

namespace {

std::string_view text_argument(lua_State* lua, int index) {
  std::size_t size = 0;
  const char* text = luaL_checklstring(lua, index, &size);
  return {text, size};
}

/// The argument `index`, a place in `text` (negative: from its end), from 0; beyond its end: no place is there.
std::size_t start_argument(lua_State* lua, int index, std::string_view text) {
  const auto size = static_cast<lua_Integer>(text.size());
  auto place = luaL_optinteger(lua, index, 1);
  if (place < 0)
    place = place < -size ? 1 : size + place + 1;
  return static_cast<std::size_t>(std::max<lua_Integer>(place, 1) - 1);
}

/// Raises what has ended the work of `matcher`, if anything has.
void require_good(lua_State* lua, const pattern_matcher& matcher) {
  if (matcher.problem() != nullptr)
    luaL_error(lua, "%s", matcher.problem());
  charge(lua, 0);
}

void push_capture(lua_State* lua, const pattern_matcher& matcher, std::string_view text, int index) {
  const auto& capture = matcher.at(index);
  if (capture.is_place())
    lua_pushinteger(lua, capture.first - text.data() + 1);
  else if (capture.size < 0)
    luaL_error(lua, "the pattern has a '(' without its ')'");
  else
    lua_pushlstring(lua, capture.first, static_cast<std::size_t>(capture.size));
}

/// All captures, or the whole match when there are none and `first` is not null.
int push_captures(lua_State* lua, const pattern_matcher& matcher, std::string_view text, const char* first,
                  const char* end) {
  if (matcher.captures() == 0 && first != nullptr) {
    lua_pushlstring(lua, first, static_cast<std::size_t>(end - first));
    return 1;
  }
  luaL_checkstack(lua, matcher.captures(), "too many captures");
  for (int i = 0; i < matcher.captures(); ++i)
    push_capture(lua, matcher, text, i);
  return matcher.captures();
}

bool has_specials(std::string_view pattern) {
  return pattern.find_first_of("^$*+?.([%-") != std::string_view::npos;
}

int find_plain(lua_State* lua, std::string_view text, std::string_view wanted, std::size_t start) {
  charge(lua, steps_for(text.size() - start) + steps_for(wanted.size()));
  const auto* from = text.data() + start;
  const auto* place = wanted.empty() ? from : memmem(from, text.size() - start, wanted.data(), wanted.size());
  if (place == nullptr) {
    lua_pushnil(lua);
    return 1;
  }
  const auto offset = static_cast<const char*>(place) - text.data();
  lua_pushinteger(lua, offset + 1);
  lua_pushinteger(lua, offset + static_cast<lua_Integer>(wanted.size()));
  return 2;
}

int search(lua_State* lua, bool wants_places) {
  const auto text = text_argument(lua, 1);
  auto pattern = text_argument(lua, 2);
  const auto start = start_argument(lua, 3, text);
  if (start > text.size()) {
    lua_pushnil(lua);
    return 1;
  }
  if (wants_places && (lua_toboolean(lua, 4) != 0 || !has_specials(pattern)))
    return find_plain(lua, text, pattern, start);
  const bool is_anchored = pattern.starts_with('^');
  if (is_anchored)
    pattern.remove_prefix(1);
  pattern_matcher matcher{text, pattern, state_of(lua).work};
  for (const char* s = text.data() + start; s <= text.data() + text.size(); ++s) {
    const char* end = matcher.match_at(s);
    require_good(lua, matcher);
    if (end != nullptr && wants_places) {
      lua_pushinteger(lua, s - text.data() + 1);
      lua_pushinteger(lua, end - text.data());
      return 2 + push_captures(lua, matcher, text, nullptr, end);
    }
    if (end != nullptr)
      return push_captures(lua, matcher, text, s, end);
    if (is_anchored)
      break;
  }
  lua_pushnil(lua);
  return 1;
}

/// Upvalues: the text, the pattern, where to go on, where the last match ended (from 1; 0: there was none).
int next_match(lua_State* lua) {
  const auto text = text_argument(lua, lua_upvalueindex(1));
  const auto pattern = text_argument(lua, lua_upvalueindex(2));
  const auto* const begin = text.data();
  const auto* s = begin + lua_tointeger(lua, lua_upvalueindex(3));
  const auto last = lua_tointeger(lua, lua_upvalueindex(4));
  pattern_matcher matcher{text, pattern, state_of(lua).work};
  for (; s <= begin + text.size(); ++s) {
    const char* end = matcher.match_at(s);
    require_good(lua, matcher);
    if (end == nullptr || end - begin + 1 == last)
      continue;
    lua_pushinteger(lua, end - begin);
    lua_replace(lua, lua_upvalueindex(3));
    lua_pushinteger(lua, end - begin + 1);
    lua_replace(lua, lua_upvalueindex(4));
    return push_captures(lua, matcher, text, s, end);
  }
  return 0;
}

/// The replacement text with `%1` and so on filled in.
void add_replacement_text(lua_State* lua, luaL_Buffer& buffer, const pattern_matcher& matcher, std::string_view text,
                          const char* s, const char* end) {
  std::size_t size = 0;
  const char* replacement = lua_tolstring(lua, 3, &size);
  charge(lua, 1 + size);
  for (std::size_t i = 0; i < size; ++i) {
    if (replacement[i] != pattern_escape) {
      luaL_addchar(&buffer, replacement[i]);
      continue;
    }
    const char name = ++i < size ? replacement[i] : '\0';
    if (name == pattern_escape) {
      luaL_addchar(&buffer, name);
    } else if (name == '0' || (name == '1' && matcher.captures() == 0)) {
      luaL_addlstring(&buffer, s, static_cast<std::size_t>(end - s));
    } else if (name >= '1' && name <= '9' && name - '1' < matcher.captures()) {
      push_capture(lua, matcher, text, name - '1');
      luaL_tolstring(lua, -1, nullptr);
      lua_remove(lua, -2);
      luaL_addvalue(&buffer);
    } else {
      luaL_error(lua, "invalid use of '%%' in the replacement: it names no capture");
    }
  }
}

/// What a table or a function has for the match.
void add_looked_up(lua_State* lua, luaL_Buffer& buffer, const pattern_matcher& matcher, std::string_view text,
                   const char* s, const char* end) {
  if (lua_type(lua, 3) == LUA_TFUNCTION) {
    lua_pushvalue(lua, 3);
    const auto count = push_captures(lua, matcher, text, s, end);
    lua_callk(lua, count, 1, 0, nullptr);
  } else {
    if (matcher.captures() == 0)
      lua_pushlstring(lua, s, static_cast<std::size_t>(end - s));
    else
      push_capture(lua, matcher, text, 0);
    lua_rawget(lua, 3);
  }
  if (lua_toboolean(lua, -1) == 0) {
    lua_pop(lua, 1);
    lua_pushlstring(lua, s, static_cast<std::size_t>(end - s));
  } else if (lua_isstring(lua, -1) == 0) {
    luaL_error(lua, "invalid replacement value (a %s)", luaL_typename(lua, -1));
  }
  luaL_addvalue(&buffer);
}

} // namespace

int find_pattern(lua_State* lua) {
  return search(lua, true);
}

int match_pattern(lua_State* lua) {
  return search(lua, false);
}

int all_matches(lua_State* lua) {
  const auto text = text_argument(lua, 1);
  static_cast<void>(text_argument(lua, 2));
  const auto start = std::min(start_argument(lua, 3, text), text.size() + 1);
  lua_settop(lua, 2);
  lua_pushinteger(lua, static_cast<lua_Integer>(start));
  lua_pushinteger(lua, 0);
  lua_pushcclosure(lua, next_match, 4);
  return 1;
}

int replace_pattern(lua_State* lua) {
  const auto text = text_argument(lua, 1);
  auto pattern = text_argument(lua, 2);
  const auto type = lua_type(lua, 3);
  luaL_argcheck(lua, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TTABLE || type == LUA_TFUNCTION, 3,
                "string, function or table expected");
  const auto most = luaL_optinteger(lua, 4, static_cast<lua_Integer>(text.size()) + 1);
  const bool is_anchored = pattern.starts_with('^');
  if (is_anchored)
    pattern.remove_prefix(1);
  const bool is_text = type == LUA_TNUMBER || type == LUA_TSTRING;
  pattern_matcher matcher{text, pattern, state_of(lua).work};
  const char* s = text.data();
  const char* const text_end = text.data() + text.size();
  const char* last = nullptr;
  lua_Integer count = 0;
  luaL_Buffer buffer;
  luaL_buffinit(lua, &buffer);
  while (count < most) {
    const char* end = matcher.match_at(s);
    require_good(lua, matcher);
    if (end != nullptr && end != last) {
      ++count;
      if (is_text)
        add_replacement_text(lua, buffer, matcher, text, s, end);
      else
        add_looked_up(lua, buffer, matcher, text, s, end);
      s = last = end;
    } else if (s < text_end) {
      luaL_addchar(&buffer, *s++);
    } else {
      break;
    }
    if (is_anchored)
      break;
  }
  luaL_addlstring(&buffer, s, static_cast<std::size_t>(text_end - s));
  luaL_pushresult(&buffer);
  lua_pushinteger(lua, count);
  return 2;
}

} // namespace waybill::sandbox
