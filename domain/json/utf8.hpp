#pragma once

#include <cstddef>
#include <string_view>

/// UTF-8 (RFC 3629; The Unicode Standard, table 3-7). Pure and thread-safe.
namespace waybill {

/// The length in octets of the well-formed sequence at the front of `text`, or zero when there is none or `text` is
/// empty.
std::size_t utf8_length(std::string_view text) noexcept;

/// Whether all of `text` is well-formed.
bool is_utf8(std::string_view text) noexcept;

/// The number of code points of a well-formed text.
std::size_t count_code_points(std::string_view text) noexcept;

} // namespace waybill
