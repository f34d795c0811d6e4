#pragma once

#include "functions/limits.hpp"
#include "functions/meter.hpp"

#include <lua.hpp>

#include <cstddef>
#include <cstdint>

namespace waybill::sandbox {

/// What belongs to one call; its Lua state knows where it is.
struct call_state {
  explicit call_state(const limits& bounds) noexcept : allowed{bounds}, work{bounds.steps, bounds.time} {}

  limits allowed;
  meter work;
  lua_State* lua = nullptr;
  /// Octets that Lua holds.
  std::size_t held = 0;
  /// Of the last block that was refused; Lua collects its garbage then and asks once more.
  std::size_t refused = 0;
  std::uint32_t refusals = 0;
  /// The line in which the call was stopped; zero: unknown.
  std::uint32_t line = 0;
};

/// Of the state `lua`.
inline call_state& state_of(lua_State* lua) noexcept {
  return **static_cast<call_state**>(lua_getextraspace(lua));
}

/// Notes why the call must end, and where. Allocates nothing.
void note_end(call_state& call, exhausted why) noexcept;

/// The line of the source that is being carried out; zero when there is none. Allocates nothing.
std::uint32_t current_line(lua_State* lua) noexcept;

/// Raises the error that ends a call whose limit is reached. `pcall` of the sandbox does not hold it up.
[[noreturn]] void raise_end(lua_State* lua);

/// Counts steps of library functions; raises raise_end once there are too many.
inline void charge(lua_State* lua, std::uint64_t steps) {
  if (!state_of(lua).work.spend(steps))
    raise_end(lua);
}

/// What work on a text of so many octets costs.
constexpr std::uint64_t steps_for(std::size_t octets) noexcept {
  return 1 + octets / 64;
}

} // namespace waybill::sandbox
