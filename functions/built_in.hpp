#pragma once

#include <span>
#include <string_view>

namespace waybill::sandbox {

/// A function that is always there and cannot be changed: an example to read, and of use to everybody.
struct built_in {
  std::string_view name;
  std::string_view source;
};

/// Sorted by name.
std::span<const built_in> built_ins() noexcept;

/// Null for another name.
const built_in* find_built_in(std::string_view name) noexcept;

} // namespace waybill::sandbox
