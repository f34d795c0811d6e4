#pragma once

#include "domain/base/time.hpp"

#include <cstddef>
#include <cstdint>

namespace waybill::sandbox {

/// What one call may use.
struct limits {
  /// Instructions of Lua. Work within library functions counts too: each comparison of a pattern or of a sort, each
  /// element that is moved, each 64 octets that are allocated.
  std::uint64_t steps = 20'000'000;
  milliseconds time{1'000};
  /// Octets of everything that Lua holds at once.
  std::size_t memory = 16 * 1024 * 1024;
  /// Octets of one block: the array of a table, or the stack.
  std::size_t block = 2 * 1024 * 1024;
  /// Octets of one string.
  std::size_t text = 256 * 1024;
  /// Calls within calls.
  int depth = 1'000;
  /// Octets of the result as JSON.
  std::size_t result = 256 * 1024;
};

/// Octets of a source, at most.
inline constexpr std::size_t max_source = 64 * 1024;

/// Levels of arrays and objects in a result, at most; as parse_json for the input.
inline constexpr int max_nesting = 32;

} // namespace waybill::sandbox
