#include "functions/call_state.hpp"

#include <cstdlib>

namespace waybill::sandbox {

namespace {

/// More levels than C functions can lie between a Lua function and what it calls (LUAI_MAXCCALLS).
constexpr int most_levels = 250;

} // namespace

std::uint32_t current_line(lua_State* lua) noexcept {
  lua_Debug frame{};
  for (int level = 0; level < most_levels && lua_getstack(lua, level, &frame) != 0; ++level)
    if (lua_getinfo(lua, "l", &frame) != 0 && frame.currentline > 0)
      return static_cast<std::uint32_t>(frame.currentline);
  return 0;
}

void note_end(call_state& call, exhausted why) noexcept {
  if (call.lua == nullptr || call.line != 0)
    return call.work.end(why);
  lua_Debug frame{};
  // Whoever calls without an end runs out of stack before anything else.
  const bool is_deep = lua_getstack(call.lua, call.allowed.depth, &frame) != 0;
  call.work.end(why == exhausted::memory && is_deep ? exhausted::depth : why);
  call.line = current_line(call.lua);
}

void raise_end(lua_State* lua) {
  auto& call = state_of(lua);
  note_end(call, call.work.why());
  lua_pushlightuserdata(lua, &call);
  lua_error(lua);
  std::abort();
}

} // namespace waybill::sandbox
