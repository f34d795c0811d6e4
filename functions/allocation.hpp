#pragma once

#include <cstddef>

namespace waybill::sandbox {

/// Lua's allocator (lua_Alloc) over a call_state: a block beyond the limits is refused. When it is still refused after
/// Lua has collected its garbage, or that has happened a few times, the call ends.
void* allocate(void* call, void* block, std::size_t old_size, std::size_t new_size) noexcept;

} // namespace waybill::sandbox
