#include "functions/allocation.hpp"

#include "functions/call_state.hpp"

#include <cstdlib>

namespace waybill::sandbox {

namespace {

/// Each refusal makes Lua walk through all that it holds.
constexpr std::uint32_t most_refusals = 8;

void* refuse(call_state& call, std::size_t size) noexcept {
  const bool again = call.refused == size;
  call.refused = size;
  if (again || ++call.refusals > most_refusals)
    note_end(call, exhausted::memory);
  return nullptr;
}

} // namespace

void* allocate(void* ud, void* block, std::size_t old_size, std::size_t new_size) noexcept {
  auto& call = *static_cast<call_state*>(ud);
  // Of a new block `old_size` is the type of what it is for.
  const auto had = block != nullptr ? old_size : 0;
  if (new_size == 0) {
    std::free(block);
    call.held -= had;
    return nullptr;
  }
  if (new_size > had) {
    const bool is_text = block == nullptr && old_size == LUA_TSTRING;
    constexpr std::size_t header = 64;
    const auto longest = is_text ? call.allowed.text + header : call.allowed.block;
    if (new_size > longest || call.held - had + new_size > call.allowed.memory)
      return refuse(call, new_size);
    if (!call.work.spend(steps_for(new_size - had))) {
      note_end(call, call.work.why());
      return nullptr;
    }
    call.refused = 0;
  }
  auto* made = std::realloc(block, new_size);
  if (made == nullptr)
    // To make a block smaller must not fail.
    return new_size <= had ? block : refuse(call, new_size);
  call.held += new_size - had;
  return made;
}

} // namespace waybill::sandbox
